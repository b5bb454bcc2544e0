"""The ledger: one row for each entry on each route, from which every fate can be told."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from sqlalchemy import func, insert, or_, update
from sqlmodel import Session, col, select
from sqlmodel.sql.expression import SelectOfScalar

from domain.entry import EntryKey, KeyKind
from domain.post import FATE_OF, Fate, PostState
from store.entries import age_order
from store.tables import EntryKeyRow, EntryRow, Ledger, Post, Route, RouteFeed
from store.upsert import insert_or_change

#: Rows in one insert.
_BATCH: Final = 1_000
#: Kinds of key that mean the same in every feed.
_ELSEWHERE: Final = (KeyKind.LINK, KeyKind.TEXT)


@dataclass(frozen=True, slots=True)
class Balance:
    """What became of all entries that a route has seen."""

    #: Entries of the route's feeds, and those with a ledger row here whose feed it reads no longer.
    seen: int
    #: Every fate; 0 where no entry has it.
    fates: Mapping[Fate, int]

    @property
    def holds(self) -> bool:
        """Whether every entry is accounted for."""
        return self.seen == sum(self.fates.values())


@dataclass(frozen=True, slots=True)
class EntryFate:
    """What became of one entry on one route."""

    entry_id: int
    route_id: int
    route_name: str
    fate: Fate
    reason: str
    post_id: int | None


def write(
    session: Session,
    *,
    entry_id: int,
    route_id: int,
    now: datetime,
    post_id: int | None = None,
    fate: Fate | None = None,
    reason: str = "",
) -> None:
    """Set down what became of an entry: a post, or a fate with its reason. A held one may change its fate."""
    values = {"post_id": post_id, "fate": fate, "reason": reason, "at": now}
    row = {"entry_id": entry_id, "route_id": route_id, **values}
    insert_or_change(session, Ledger, row, keys=["entry_id", "route_id"], changes=values)


def write_all(
    session: Session, entry_ids: Sequence[int], *, route_id: int, fate: Fate, reason: str, now: datetime
) -> None:
    """Give one fate to many entries that have no row on this route yet."""
    for start in range(0, len(entry_ids), _BATCH):
        rows = [
            {"entry_id": entry_id, "route_id": route_id, "fate": fate, "reason": reason, "at": now}
            for entry_id in entry_ids[start : start + _BATCH]
        ]
        session.connection().execute(insert(Ledger), rows)


def close_held(session: Session, route_id: int, *, fate: Fate, reason: str, now: datetime) -> None:
    """Give one fate to all entries that a route holds without a post."""
    held = (col(Ledger.route_id) == route_id, col(Ledger.fate) == Fate.HELD)
    session.connection().execute(update(Ledger).where(*held).values(fate=fate, reason=reason, at=now))


def held_entries(
    session: Session, *, route_id: int, feed_id: int | None = None, reason: str | None = None
) -> list[EntryRow]:
    """Entries that a route holds without a post, oldest first; of one feed, for one reason if given."""
    query = (
        select(EntryRow)
        .join(Ledger, col(Ledger.entry_id) == col(EntryRow.id))
        .where(col(Ledger.route_id) == route_id, col(Ledger.fate) == Fate.HELD)
    )
    if feed_id is not None:
        query = query.where(col(EntryRow.feed_id) == feed_id)
    if reason is not None:
        query = query.where(col(Ledger.reason) == reason)
    return sorted(session.scalars(query), key=age_order)


def waiting(
    session: Session, route_id: int, reasons: Sequence[str], *, newest_first: bool = False, limit: int
) -> list[EntryRow]:
    """The first entries that a route holds for one of these reasons, oldest first if not said otherwise."""
    age = func.coalesce(col(EntryRow.published_at), col(EntryRow.first_seen_at))
    order = (age.desc(), col(EntryRow.position).desc()) if newest_first else (age, col(EntryRow.position))
    query = _held(route_id).where(col(Ledger.reason).in_(reasons)).order_by(*order).limit(limit)
    return list(session.scalars(query))


def waiting_since(session: Session, route_id: int, beginning: str, *, limit: int) -> list[EntryRow]:
    """The first entries that a route holds for a reason that begins so, those that wait longest first."""
    query = _held(route_id).where(col(Ledger.reason).startswith(beginning, autoescape=True))
    return list(session.scalars(query.order_by(col(Ledger.at), col(Ledger.entry_id)).limit(limit)))


def counts_waiting(
    session: Session, route_id: int, reasons: Sequence[str], beginning: str
) -> tuple[int, int]:
    """How many entries a route holds for one of these reasons, and for one that begins so."""
    held = (
        select(func.count())
        .select_from(Ledger)
        .where(col(Ledger.route_id) == route_id, col(Ledger.fate) == Fate.HELD)
    )
    exactly = held.where(col(Ledger.reason).in_(reasons))
    so = held.where(col(Ledger.reason).startswith(beginning, autoescape=True))
    return session.scalars(exactly).one(), session.scalars(so).one()


def _held(route_id: int) -> SelectOfScalar[EntryRow]:
    return (
        select(EntryRow)
        .join(Ledger, col(Ledger.entry_id) == col(EntryRow.id))
        .where(col(Ledger.route_id) == route_id, col(Ledger.fate) == Fate.HELD)
    )


def unhandled(session: Session, feed_ids: Sequence[int]) -> frozenset[int]:
    """Entries of these feeds that no route has a row for."""
    query = (
        select(col(EntryRow.id))
        .outerjoin(Ledger, col(Ledger.entry_id) == col(EntryRow.id))
        .where(col(EntryRow.feed_id).in_(feed_ids), col(Ledger.entry_id).is_(None))
    )
    return frozenset(session.scalars(query))


def original_of(session: Session, route_id: int, row: EntryRow, keys: Iterable[EntryKey]) -> EntryRow | None:
    """An entry of another feed with the same link or text, of which the route makes a post already.

    An entry that was held counts too: it may still become one.

    Args:
        keys: what the entry's link and words would be known by; those that tell nothing are left out.
    """
    shared = select(col(EntryKeyRow.key)).where(
        col(EntryKeyRow.feed_id) == row.feed_id,
        col(EntryKeyRow.kind).in_(_ELSEWHERE),
        col(EntryKeyRow.key).in_({key.key for key in keys if key.kind in _ELSEWHERE}),
        col(EntryKeyRow.entry_id) == row.id,
    )
    feeds = select(col(RouteFeed.feed_id)).where(col(RouteFeed.route_id) == route_id)
    query = (
        select(EntryRow)
        .join(EntryKeyRow, col(EntryKeyRow.entry_id) == col(EntryRow.id))
        .join(Ledger, col(Ledger.entry_id) == col(EntryRow.id))
        .where(
            col(EntryKeyRow.feed_id).in_(feeds),
            col(EntryKeyRow.kind).in_(_ELSEWHERE),
            col(EntryKeyRow.key).in_(shared),
            col(EntryRow.id) != row.id,
            col(Ledger.route_id) == route_id,
            or_(col(Ledger.post_id).is_not(None), col(Ledger.fate) == Fate.HELD),
        )
        .limit(1)
    )
    return session.scalars(query).first()


def shared_keys(session: Session, entry_ids: Iterable[int]) -> dict[int, frozenset[tuple[int, bytes]]]:
    """The keys by which entries of different feeds are told to be the same, by entry."""
    query = select(EntryKeyRow).where(
        col(EntryKeyRow.entry_id).in_(set(entry_ids)),
        col(EntryKeyRow.kind).in_(_ELSEWHERE),
    )
    found: dict[int, set[tuple[int, bytes]]] = {}
    for row in session.scalars(query):
        found.setdefault(row.entry_id, set()).add((row.kind, bytes(row.key)))
    return {entry_id: frozenset(keys) for entry_id, keys in found.items()}


def untouched_posts(session: Session, entry_id: int, *, after: datetime) -> Sequence[Post]:
    """Posts that routes made from an entry and nobody has had a hand in, locked.

    Left out: those that a person edited or approved, those that were tried, and queued ones whose hour
    is not later than ``after``.
    """
    unreleased = col(Post.state).in_((PostState.DRAFT, PostState.AWAITING_APPROVAL))
    waiting = (col(Post.state) == PostState.QUEUED) & (col(Post.planned_at) > after)
    query = (
        select(Post)
        .where(
            col(Post.entry_id) == entry_id,
            col(Post.route_id).is_not(None),
            col(Post.edited_at).is_(None),
            col(Post.approved_hash).is_(None),
            col(Post.payload).is_(None),
            col(Post.tries) == 0,
            unreleased | waiting,
        )
        .order_by(col(Post.id))
        .with_for_update()
        .execution_options(populate_existing=True)
    )
    return session.scalars(query).all()


def balance(session: Session, workspace_id: int, route_id: int) -> Balance:
    """What became of all entries that one route has seen."""
    return balances(session, workspace_id, [route_id]).get(route_id, _balance(0, {}))


def balances(
    session: Session, workspace_id: int, route_ids: Iterable[int] | None = None
) -> dict[int, Balance]:
    """As `balance`, for these routes of the workspace, or for all of them."""
    mine = select(col(Route.id)).where(col(Route.workspace_id) == workspace_id)
    if route_ids is not None:
        mine = mine.where(col(Route.id).in_(set(route_ids)))
    wanted = session.scalars(mine).all()
    seen = _seen(session, wanted)
    query = (
        select(col(Ledger.route_id), col(Ledger.fate), col(Post.state), func.count())
        .outerjoin(Post, col(Post.id) == col(Ledger.post_id))
        .where(col(Ledger.route_id).in_(wanted))
        .group_by(col(Ledger.route_id), col(Ledger.fate), col(Post.state))
    )
    counted: dict[int, dict[Fate, int]] = {route: {} for route in wanted}
    for route, fate, state, number in session.connection().execute(query):
        told = fate_of(fate, state)
        counted[route][told] = counted[route].get(told, 0) + number
    return {route: _balance(seen.get(route, 0), counted[route]) for route in wanted}


def balances_of_feed(session: Session, workspace_id: int, feed_id: int) -> dict[int, Balance]:
    """What became of one feed's entries, by route; routes that have nothing to do with it are absent."""
    of_feed = (col(EntryRow.feed_id) == feed_id, col(EntryRow.workspace_id) == workspace_id)
    seen = session.scalars(select(func.count()).select_from(EntryRow).where(*of_feed)).one()
    reads = session.scalars(select(col(RouteFeed.route_id)).where(col(RouteFeed.feed_id) == feed_id))
    counted: dict[int, dict[Fate, int]] = {route: {} for route in reads}
    reading = frozenset(counted)
    query = (
        select(col(Ledger.route_id), col(Ledger.fate), col(Post.state), func.count())
        .join(EntryRow, col(EntryRow.id) == col(Ledger.entry_id))
        .outerjoin(Post, col(Post.id) == col(Ledger.post_id))
        .where(*of_feed)
        .group_by(col(Ledger.route_id), col(Ledger.fate), col(Post.state))
    )
    for route, fate, state, number in session.connection().execute(query):
        told = fate_of(fate, state)
        by_fate = counted.setdefault(route, {})
        by_fate[told] = by_fate.get(told, 0) + number
    return {
        route: _balance(seen if route in reading else sum(by_fate.values()), by_fate)
        for route, by_fate in counted.items()
    }


def _seen(session: Session, route_ids: Sequence[int]) -> dict[int, int]:
    """Counted from the entries, not from the ledger: so that the two can be held against each other."""
    read = (
        select(col(RouteFeed.route_id), col(EntryRow.id))
        .join(EntryRow, col(EntryRow.feed_id) == col(RouteFeed.feed_id))
        .where(col(RouteFeed.route_id).in_(route_ids))
    )
    written = select(col(Ledger.route_id), col(Ledger.entry_id)).where(col(Ledger.route_id).in_(route_ids))
    both = read.union(written).subquery()
    query = select(both.c[0], func.count()).group_by(both.c[0])
    return dict(session.connection().execute(query).all())


def _balance(seen: int, counted: Mapping[Fate, int]) -> Balance:
    return Balance(seen, {fate: counted.get(fate, 0) for fate in Fate})


def fate_of(fate: str | None, state: str | None) -> Fate:
    """The fate of a ledger row: its own, or that of its post's state."""
    if state is not None:
        return FATE_OF[PostState(state)]
    assert fate is not None
    return Fate(fate)


def fates_of(session: Session, workspace_id: int, entry_ids: Iterable[int]) -> dict[int, list[EntryFate]]:
    """What became of these entries on every route, by entry; entries without any row are left out."""
    query = (
        select(Ledger, col(Route.name), col(Post.state), col(Post.reason))
        .join(Route, col(Route.id) == col(Ledger.route_id))
        .outerjoin(Post, col(Post.id) == col(Ledger.post_id))
        .where(col(Ledger.entry_id).in_(set(entry_ids)), col(Route.workspace_id) == workspace_id)
        .order_by(col(Route.name))
    )
    found: dict[int, list[EntryFate]] = {}
    for row, name, state, why in session.execute(query):
        told = fate_of(row.fate, state)
        line = EntryFate(row.entry_id, row.route_id, name, told, why or row.reason, row.post_id)
        found.setdefault(row.entry_id, []).append(line)
    return found
