"""How feeds do: their rhythm, pauses that their servers asked for, and whether a hub tells us of news."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from sqlalchemy import case, func
from sqlmodel import Session, col, select

from store import feeds, hubs
from store.feeds import FeedLine
from store.tables import EntryRow, Feed, Host, HubSubscription

_WEEK: Final = timedelta(days=7)
#: Weeks before this one that say what is usual.
_WEEKS: Final = 8


@dataclass(frozen=True, slots=True)
class Rhythm:
    """Entries of the last seven days, beside what is usual."""

    this_week: int
    #: Entries a week, over up to eight weeks before; None: less than one week is known.
    usual: float | None

    @property
    def is_silent(self) -> bool:
        """Whether nothing came of a feed from which something comes nearly every week."""
        return self.this_week == 0 and self.usual is not None and self.usual >= 1


@dataclass(frozen=True, slots=True)
class FeedHealth:
    """One feed and how it does."""

    line: FeedLine
    rhythm: Rhythm
    #: Until when its server wants no request; None: it may be asked.
    quiet_until: datetime | None
    hub: HubSubscription | None


def all_of(session: Session, workspace_id: int, *, now: datetime) -> list[FeedHealth]:
    """How all feeds of a workspace do, by title."""
    return _health(session, feeds.lines(session, workspace_id), now=now)


def of(session: Session, workspace_id: int, feed_id: int, *, now: datetime) -> FeedHealth:
    """How one feed does. Raises `NotFound` when this workspace has none by that number."""
    [found] = _health(session, [feeds.line(session, workspace_id, feed_id)], now=now)
    return found


def _health(session: Session, lines: Sequence[FeedLine], *, now: datetime) -> list[FeedHealth]:
    ids = [line.feed.id for line in lines]
    known = rhythms(session, ids, now=now)
    quiet = _quiet(session, (line.feed for line in lines), now=now)
    at_hubs = hubs.of_feeds(session, ids)
    return [
        FeedHealth(
            line,
            known.get(line.feed.id, Rhythm(0, None)),
            quiet.get(line.feed.host or ""),
            at_hubs.get(line.feed.id),
        )
        for line in lines
    ]


def rhythms(session: Session, feed_ids: Sequence[int], *, now: datetime) -> dict[int, Rhythm]:
    """How many entries these feeds publish in a week, by the entries' own dates as far as they have any."""
    at = func.coalesce(col(EntryRow.published_at), col(EntryRow.first_seen_at))
    week, before = now - _WEEK, now - _WEEK * (_WEEKS + 1)
    query = (
        select(
            col(EntryRow.feed_id),
            func.sum(case((at > week, 1), else_=0)),
            func.sum(case((at <= week, 1), else_=0)),
            func.min(at),
        )
        .where(col(EntryRow.feed_id).in_(feed_ids), at > before, at <= now)
        .group_by(col(EntryRow.feed_id))
    )
    return {
        feed_id: Rhythm(int(this_week), _usual(int(earlier), week - oldest))
        for feed_id, this_week, earlier, oldest in session.connection().execute(query)
    }


def entry_dates(session: Session, feed_id: int, *, before: datetime, limit: int) -> list[datetime]:
    """When the newest entries of a feed came, newest first, by their own dates as far as they have any.

    Those that were there when the feed was added count too; each date once.
    """
    at = func.coalesce(col(EntryRow.published_at), col(EntryRow.first_seen_at))
    query = (
        select(at)
        .where(col(EntryRow.feed_id) == feed_id, at <= before, at > before - _WEEK * (_WEEKS + 1))
        .order_by(at.desc())
        .limit(limit)
    )
    return list(dict.fromkeys(session.connection().scalars(query)))


def _usual(earlier: int, known_for: timedelta) -> float | None:
    weeks = min(known_for / _WEEK, _WEEKS)
    return earlier / weeks if weeks >= 1 else None


def _quiet(session: Session, found: Iterable[Feed], *, now: datetime) -> dict[str, datetime]:
    names = {feed.host for feed in found if feed.host}
    query = select(col(Host.name), col(Host.quiet_until)).where(
        col(Host.name).in_(names), col(Host.quiet_until) > now
    )
    return {name: until for name, until in session.connection().execute(query) if until is not None}
