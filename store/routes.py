"""Questions and changes about routes and the feeds they read."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from sqlalchemy import delete
from sqlmodel import Session, col, select

from domain.errors import NotFound
from store import answers, ledger
from store.ledger import Balance
from store.tables import ChannelRow, Feed, Route, RouteFeed

#: Characters of a route's name.
MAX_NAME: Final = 80


@dataclass(frozen=True, slots=True)
class RouteLine:
    """A route with what it joins and what became of its entries, for lists."""

    route: Route
    channel: ChannelRow
    feeds: tuple[Feed, ...]
    balance: Balance


@answers.remembered
def get(session: Session, workspace_id: int, route_id: int) -> Route:
    """The route, also one that was removed. Raises `NotFound` when this workspace has none by that number."""
    query = select(Route).where(col(Route.id) == route_id, col(Route.workspace_id) == workspace_id)
    return _one(session.scalars(query).first(), route_id)


def by_ids(session: Session, workspace_id: int, ids: Collection[int]) -> Sequence[Route]:
    """Those of these routes that are the workspace's, also ones that were removed."""
    query = select(Route).where(col(Route.id).in_(set(ids)), col(Route.workspace_id) == workspace_id)
    return session.scalars(query).all()


def listed(session: Session, workspace_id: int) -> Sequence[Route]:
    """All routes of a workspace by name, without their balances and without those that were removed."""
    query = (
        select(Route)
        .where(col(Route.workspace_id) == workspace_id, col(Route.removed_at).is_(None))
        .order_by(col(Route.name))
    )
    return session.scalars(query).all()


def names(session: Session, ids: Collection[int]) -> dict[int, str]:
    """What these routes are called, also those that were removed."""
    query = select(col(Route.id), col(Route.name)).where(col(Route.id).in_(set(ids)))
    return dict(session.exec(query).all())


def named(session: Session, workspace_id: int, name: str) -> Route:
    """The route by its name. Raises `NotFound` when this workspace has none called so."""
    query = select(Route).where(
        col(Route.name) == name, col(Route.workspace_id) == workspace_id, col(Route.removed_at).is_(None)
    )
    return _one(session.scalars(query).first(), name)


def is_taken(session: Session, workspace_id: int, name: str) -> bool:
    """Whether the workspace has a route of that name."""
    query = select(col(Route.id)).where(col(Route.name) == name, col(Route.workspace_id) == workspace_id)
    return session.scalars(query).first() is not None


def lock(session: Session, workspace_id: int, route_id: int) -> Route:
    """The route, held against all others until this transaction ends: nothing is routed on it meanwhile.

    Raises:
        NotFound: no such route in this workspace, or it was removed.
    """
    query = (
        select(Route)
        .where(
            col(Route.id) == route_id,
            col(Route.workspace_id) == workspace_id,
            col(Route.removed_at).is_(None),
        )
        .with_for_update()
        .execution_options(populate_existing=True)
    )
    return _one(session.scalars(query).first(), route_id)


def _one(found: Route | None, which: object) -> Route:
    if found is None:
        raise NotFound(f"There is no route {str(which)!r}. `tabuh route list` shows those there are.")
    return found


def reading(session: Session, feed_id: int) -> list[Route]:
    """The routes that read a feed, locked, in the order of their numbers."""
    query = (
        select(Route)
        .join(RouteFeed, col(RouteFeed.route_id) == col(Route.id))
        # The second: a route that is being removed is waited for, and then must not be read.
        .where(col(RouteFeed.feed_id) == feed_id, col(Route.removed_at).is_(None))
        .order_by(col(Route.id))
        .with_for_update(of=Route)
        .execution_options(populate_existing=True)
    )
    return list(session.scalars(query))


def platforms_reading(session: Session, feed_id: int) -> frozenset[str]:
    """The platforms to which routes lead that read a feed."""
    query = (
        select(col(ChannelRow.platform))
        .join(Route, col(Route.channel_id) == col(ChannelRow.id))
        .join(RouteFeed, col(RouteFeed.route_id) == col(Route.id))
        .where(col(RouteFeed.feed_id) == feed_id)
    )
    return frozenset(session.scalars(query))


def feeds_of(session: Session, route_id: int) -> list[Feed]:
    """The feeds that a route reads, by title."""
    query = (
        select(Feed)
        .join(RouteFeed, col(RouteFeed.feed_id) == col(Feed.id))
        .where(col(RouteFeed.route_id) == route_id)
        .order_by(col(Feed.title), col(Feed.id))
    )
    return list(session.scalars(query))


def read_feeds(session: Session, route_id: int, feed_ids: Sequence[int]) -> None:
    """Let a route read these feeds besides those that it reads already."""
    session.add_all(RouteFeed(route_id=route_id, feed_id=feed_id) for feed_id in feed_ids)
    session.flush()


def end(session: Session, route: Route, *, now: datetime) -> None:
    """Let a locked route read nothing any more, and free its name."""
    session.connection().execute(delete(RouteFeed).where(col(RouteFeed.route_id) == route.id))
    ended = f" (removed {now:%Y-%m-%d %H:%M:%S})"
    name = route.name[: MAX_NAME - len(ended)] + ended
    if is_taken(session, route.workspace_id, name):  # two of nearly one name in one second
        name = f"{route.id}{ended}"
    route.name, route.removed_at, route.next_at = name, now, None
    session.add(route)
    session.flush()


def lines(session: Session, workspace_id: int) -> list[RouteLine]:
    """All routes of a workspace with their balances, by name, without those that were removed."""
    query = (
        select(Route, ChannelRow)
        .join(ChannelRow, col(ChannelRow.id) == col(Route.channel_id))
        .where(col(Route.workspace_id) == workspace_id, col(Route.removed_at).is_(None))
        .order_by(col(Route.name))
    )
    found = session.execute(query).all()
    told = ledger.balances(session, workspace_id)
    return [
        RouteLine(route, channel, tuple(feeds_of(session, route.id)), told[route.id])
        for route, channel in found
    ]


def line(session: Session, workspace_id: int, route_id: int) -> RouteLine:
    """One route with its balance. Raises `NotFound` when this workspace has none by that number."""
    route = get(session, workspace_id, route_id)
    channel = session.get_one(ChannelRow, route.channel_id)
    told = ledger.balance(session, workspace_id, route_id)
    return RouteLine(route, channel, tuple(feeds_of(session, route_id)), told)
