"""Questions and changes about feeds."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Final

from sqlalchemy import ColumnElement, case, delete, func
from sqlmodel import Session, col, select

from domain.errors import NotFound
from domain.post import Fate
from store import answers, ledger
from store.entries import AGE, age_order
from store.ledger import EntryFate
from store.tables import EntryRow, Feed, Ledger, RouteFeed, Workspace

#: Longest address of a feed, in characters.
MAX_URL: Final = 2048


class Health(StrEnum):
    """How a feed does, in one word."""

    #: Never read yet.
    WAITING = "waiting"
    HEALTHY = "healthy"
    #: The last look failed; the next one is planned.
    FAILING = "failing"
    #: A person must say what to post.
    ASKS = "asks"
    #: Its owner says that it is gone for good; paused since.
    GONE = "gone"
    PAUSED = "paused"


@dataclass(frozen=True, slots=True)
class FeedLine:
    """A feed with its counts, for lists."""

    feed: Feed
    health: Health
    entries: int
    #: Entries that came after the feed was added.
    new: int
    #: Entries that wait for a person, without a post.
    held: int
    routes: int
    newest_at: datetime | None


@dataclass(frozen=True, slots=True)
class EntryLine:
    """An entry with what became of it on each route."""

    entry: EntryRow
    fates: tuple[EntryFate, ...]


@answers.remembered
def get(session: Session, workspace_id: int, feed_id: int) -> Feed:
    """The feed. Raises `NotFound` when this workspace has none by that number."""
    return _one(by_ids(session, workspace_id, [feed_id]), feed_id)


def find(session: Session, workspace_id: int, which: str) -> Feed:
    """The feed by its number, address or title.

    Raises:
        NotFound: none is called so, or several are.
    """
    named = (col(Feed.url) == which) | (col(Feed.title) == which)
    if which.isascii() and which.isdigit() and len(which) < 19:
        named |= col(Feed.id) == int(which)
    found = session.scalars(select(Feed).where(*_of(workspace_id), named)).all()
    if len(found) > 1:
        raise NotFound(f"Several feeds are called {which!r}: name one by its address or number.")
    return _one(found, which)


def _one(found: Sequence[Feed], which: object) -> Feed:
    if not found:
        raise NotFound(f"There is no feed {str(which)!r}. `tabuh feed list` shows those there are.")
    return found[0]


def by_url(session: Session, workspace_id: int, url: str) -> Feed | None:
    """The feed at exactly this address; None when the workspace does not read it."""
    found = any_by_url(session, workspace_id, url)
    return found if found is not None and found.removed_at is None else None


def any_by_url(session: Session, workspace_id: int, url: str) -> Feed | None:
    """As `by_url`; also one that was removed, since its entries stay known."""
    query = select(Feed).where(col(Feed.workspace_id) == workspace_id, col(Feed.url) == url)
    return session.scalars(query).first()


def all_by_url(session: Session, workspace_id: int) -> dict[str, Feed]:
    """All feeds of a workspace by address, removed ones too."""
    query = select(Feed).where(col(Feed.workspace_id) == workspace_id)
    return {feed.url: feed for feed in session.scalars(query)}


def by_ids(session: Session, workspace_id: int, ids: Sequence[int]) -> Sequence[Feed]:
    """Those of these feeds that are the workspace's."""
    query = select(Feed).where(*_of(workspace_id), col(Feed.id).in_(set(ids)))
    return session.scalars(query).all()


def lock(session: Session, workspace_id: int, ids: Sequence[int]) -> list[Feed]:
    """These feeds, held against all others until this transaction ends: no poll stores an entry meanwhile.

    Always in the order of their numbers, so that two who lock several do not wait for each other.

    Raises:
        NotFound: one is not in this workspace.
    """
    query = (
        select(Feed)
        .where(*_of(workspace_id), col(Feed.id).in_(set(ids)))
        .order_by(col(Feed.id))
        .with_for_update()
        .execution_options(populate_existing=True)
    )
    found = list(session.scalars(query))
    for missing in set(ids) - {feed.id for feed in found}:
        _one([], missing)
    return found


def listed(session: Session, workspace_id: int) -> Sequence[Feed]:
    """All feeds of a workspace by title, without their counts."""
    query = select(Feed).where(*_of(workspace_id))
    return sorted(session.scalars(query), key=lambda feed: (feed.title.casefold() or feed.url, feed.id))


def _of(workspace_id: int) -> tuple[ColumnElement[bool], ...]:
    """Those that a workspace has; removed ones are kept for their entries' sake only."""
    return (col(Feed.workspace_id) == workspace_id, col(Feed.removed_at).is_(None))


def next_at_because(session: Session, reason: str) -> datetime | None:
    """When the first feed comes due that waits for this reason, in all workspaces; None: none does."""
    query = select(func.min(col(Feed.next_at))).where(
        col(Feed.next_at).is_not(None), col(Feed.next_reason) == reason
    )
    return session.scalars(query).one()


def zone_of(session: Session, feed: Feed) -> str:
    """The zone of the feed's workspace, in which a day begins."""
    return session.get_one(Workspace, feed.workspace_id).zone


def stop(session: Session, feed: Feed, *, now: datetime, reason: str) -> None:
    """Poll a locked feed no more until it is resumed; a poll that is under way loses its claim."""
    feed.paused_at, feed.paused_reason = now, reason
    feed.next_at, feed.next_reason = None, ""
    feed.claim += 1
    session.add(feed)


def remove(session: Session, feed: Feed, *, now: datetime) -> None:
    """Take a locked feed away from its routes and out of all lists; its entries stay known."""
    stop(session, feed, now=now, reason="removed by hand")
    feed.removed_at, feed.credentials, feed.access, feed.ask = now, None, None, False
    session.connection().execute(delete(RouteFeed).where(col(RouteFeed.feed_id) == feed.id))
    session.add(feed)


def wake(session: Session, feed: Feed, *, now: datetime, reason: str) -> None:
    """Look at a locked feed at once."""
    feed.paused_at, feed.paused_reason = None, None
    feed.next_at, feed.next_reason = now, reason
    feed.claim += 1
    session.add(feed)


def lines(session: Session, workspace_id: int) -> list[FeedLine]:
    """All feeds of a workspace with their counts, by title."""
    return _lines(session, listed(session, workspace_id))


def line(session: Session, workspace_id: int, feed_id: int) -> FeedLine:
    """One feed with its counts. Raises `NotFound` when this workspace has none by that number."""
    [found] = _lines(session, [get(session, workspace_id, feed_id)])
    return found


def _lines(session: Session, found: Sequence[Feed]) -> list[FeedLine]:
    ids = [feed.id for feed in found]
    counts = _entry_counts(session, ids)
    held, routes = _held_counts(session, ids), _route_counts(session, ids)
    return [
        FeedLine(feed, health(feed), *counts.get(feed.id, (0, 0, None))[:2], held.get(feed.id, 0),
                 routes.get(feed.id, 0), counts.get(feed.id, (0, 0, None))[2])
        for feed in found
    ]  # fmt: skip


def _entry_counts(session: Session, ids: Sequence[int]) -> dict[int, tuple[int, int, datetime | None]]:
    newest = func.max(AGE)
    query = (
        select(
            col(EntryRow.feed_id),
            func.count(),
            func.sum(case((col(EntryRow.origin) == "new", 1), else_=0)),
            newest,
        )
        .where(col(EntryRow.feed_id).in_(ids))
        .group_by(col(EntryRow.feed_id))
    )
    rows = session.connection().execute(query)
    return {feed: (number, int(new), at) for feed, number, new, at in rows}


def _held_counts(session: Session, ids: Sequence[int]) -> dict[int, int]:
    query = (
        select(col(EntryRow.feed_id), func.count(func.distinct(col(EntryRow.id))))
        .join(Ledger, col(Ledger.entry_id) == col(EntryRow.id))
        .where(col(EntryRow.feed_id).in_(ids), col(Ledger.fate) == Fate.HELD)
        .group_by(col(EntryRow.feed_id))
    )
    return dict(session.connection().execute(query).all())


def _route_counts(session: Session, ids: Sequence[int]) -> dict[int, int]:
    query = (
        select(col(RouteFeed.feed_id), func.count())
        .where(col(RouteFeed.feed_id).in_(ids))
        .group_by(col(RouteFeed.feed_id))
    )
    return dict(session.connection().execute(query).all())


def health(feed: Feed) -> Health:
    """The feed's state in one word; ``last_error``, ``paused_reason`` and ``next_reason`` say more."""
    if feed.paused_at is not None:
        return Health.GONE if feed.gone_since is not None else Health.PAUSED
    if feed.ask:
        return Health.ASKS
    if feed.failures:
        return Health.FAILING
    return Health.HEALTHY if feed.last_success_at else Health.WAITING


def entry_lines(
    session: Session,
    workspace_id: int,
    feed_id: int | None = None,
    *,
    limit: int = 50,
    after: tuple[datetime, int] | None = None,
    held_only: bool = False,
) -> list[EntryLine]:
    """Entries of a feed, or of all feeds, newest first, with what became of each.

    Args:
        after: go on behind this place, as `place_of` tells it.
        held_only: only those that wait on some route without a post.
    """
    query = select(EntryRow).where(col(EntryRow.workspace_id) == workspace_id)
    if feed_id is not None:
        query = query.where(col(EntryRow.feed_id) == feed_id)
    if after is not None:
        age, position = AGE, col(EntryRow.position)
        query = query.where((age < after[0]) | ((age == after[0]) & (position < after[1])))
    if held_only:
        held = select(col(Ledger.entry_id)).where(col(Ledger.fate) == Fate.HELD)
        query = query.where(col(EntryRow.id).in_(held))
    rows = session.scalars(query.order_by(AGE.desc(), col(EntryRow.position).desc()).limit(limit)).all()
    fates = ledger.fates_of(session, workspace_id, [row.id for row in rows])
    return [EntryLine(row, tuple(fates.get(row.id, ()))) for row in rows]


def place_of(row: EntryRow) -> tuple[datetime, int]:
    """Where an entry stands in the list of its feed's entries."""
    return age_order(row)
