"""What servers that we poll have asked of us, and whose turn it is to ask them; shared by all their feeds."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import CursorResult, case, func, or_, update
from sqlalchemy import select as select_values
from sqlmodel import Session, col, select

from store.tables import Feed, Host
from store.upsert import insert_or_change, insert_or_leave

#: Feeds that are due within this time count as waiting for the same turn.
_SOON = timedelta(minutes=2)


@dataclass(frozen=True, slots=True)
class Crowd:
    """Who polls one server, and what it has asked for."""

    #: Until when it wants no request; None: it may be asked.
    quiet_until: datetime | None
    #: When the next turn begins; None: now.
    turn_at: datetime | None
    #: Feeds on it that are polled at all.
    feeds: int
    #: Those of them that are due now or very soon.
    waiting: int
    #: Feeds at the very same address, in all workspaces.
    subscribers: int


def crowd(session: Session, host: str, *, url: str, now: datetime) -> Crowd:
    """What a poll needs to know of a server, in one statement.

    Args:
        url: the address that is about to be polled.
    """
    quiet_until, turn_at = (
        select(column).where(col(Host.name) == host).scalar_subquery()
        for column in (col(Host.quiet_until), col(Host.turn_at))
    )
    query = select_values(
        quiet_until,
        turn_at,
        func.count(),
        func.coalesce(func.sum(case((col(Feed.next_at) <= now + _SOON, 1), else_=0)), 0),
        func.coalesce(func.sum(case((col(Feed.url) == url, 1), else_=0)), 0),
    ).where(col(Feed.host) == host, col(Feed.next_at).is_not(None))
    quiet, turn, feeds, waiting, subscribers = session.connection().execute(query).one()
    return Crowd(
        quiet if quiet is not None and quiet > now else None,
        turn if turn is not None and turn > now else None,
        feeds,
        int(waiting),
        int(subscribers),
    )


def lonely(session: Session, names: Collection[str], *, now: datetime) -> frozenset[str]:
    """Those of these servers that have one feed only, and whom nobody asks just now and who want no pause."""
    alone = (
        select(col(Feed.host))
        .where(col(Feed.host).in_(names), col(Feed.next_at).is_not(None))
        .group_by(col(Feed.host))
        .having(func.count() == 1)
    )
    taken = select(col(Host.name)).where(
        col(Host.name).in_(names), or_(col(Host.quiet_until) > now, col(Host.turn_at) > now)
    )
    found = {name for name in session.scalars(alone) if name is not None}
    return frozenset(found - set(session.scalars(taken)))


def take_turn(session: Session, host: str, *, now: datetime, until: datetime) -> bool:
    """Be the only one who asks this server before ``until``; False when it is somebody else's turn."""
    insert_or_leave(session, Host, [{"name": host}])
    free = or_(col(Host.turn_at).is_(None), col(Host.turn_at) <= now)
    quiet = or_(col(Host.quiet_until).is_(None), col(Host.quiet_until) <= now)
    result = session.connection().execute(
        update(Host).where(col(Host.name) == host, free, quiet).values(turn_at=until)
    )
    assert isinstance(result, CursorResult)
    return result.rowcount == 1


def end_turn(session: Session, host: str, *, next_at: datetime) -> None:
    """The answer has come; the next request may go out from ``next_at`` on."""
    session.connection().execute(update(Host).where(col(Host.name) == host).values(turn_at=next_at))


def quiet_until(session: Session, host: str, *, now: datetime) -> datetime | None:
    """Until when this server wants no request; None when it may be asked."""
    until = session.scalar(select(col(Host.quiet_until)).where(col(Host.name) == host))
    return until if until is not None and until > now else None


def keep_quiet(session: Session, host: str, until: datetime) -> None:
    """No request to this server before ``until``; a longer pause that it has asked for stays."""
    later = case((col(Host.quiet_until) > until, col(Host.quiet_until)), else_=until)
    insert_or_change(
        session,
        Host,
        {"name": host, "quiet_until": until},
        keys=["name"],
        changes={"quiet_until": later},
    )
