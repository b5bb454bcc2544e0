"""A route's pace over real or imagined posts: where one more may stand, or until when it waits."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final
from zoneinfo import ZoneInfo

from sqlmodel import Session

from domain.content import Content
from domain.schedule import Slot, wall_time, zone
from domain.spread import NEXT_RUN, Pace, Spread
from scheduler.rules import Rules
from store import posts, routes
from store.tables import ChannelRow, EntryRow, Post

#: Why an entry waits that would be posted; people read it in the ledger.
RUN_FULL: Final = "over the route's cap per run: it goes out with a later one"
DAY_FULL: Final = "over the route's cap per day: it goes out when a day has room"
#: Entries that wait by themselves, and are looked at again by themselves.
PACED: Final = (RUN_FULL, DAY_FULL)
#: So long before a day begins, what waits for it takes its slots; the first may be at midnight.
_AHEAD: Final = timedelta(minutes=15)


@dataclass(frozen=True, slots=True)
class Place:
    """A time for one post."""

    at: datetime  #: UTC
    wall: datetime  #: naive, in the channel's zone
    slot_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Wait:
    """There is no place yet."""

    #: When to look again (UTC).
    until: datetime
    #: One of `PACED`.
    reason: str


Allowed = Callable[[datetime], bool]
#: The slot that an entry with this content gets after an instant, of those that are allowed; raises
#: `UsageError` when there is none.
FindSlot = Callable[[EntryRow, Content, datetime, Allowed], Slot]


class Pacing:
    """Finds times for a route's posts, one after the other."""

    def __init__(
        self, pace: Pace, where: ZoneInfo, planned: Iterable[datetime], *, find_slot: FindSlot | None
    ) -> None:
        """``planned``: the posts that the route has; ``find_slot``: None where posts go out at once."""
        self.pace = pace
        self._where = where
        self._spread = Spread(pace, where, planned)
        self._find_slot = find_slot
        self._made = 0

    def begin(self) -> None:
        """A new run begins."""
        self._made = 0

    def offer(self, row: EntryRow, content: Content, *, now: datetime) -> Place | Wait:
        """Where an entry may stand as one more post; nothing is taken yet.

        Raises:
            UsageError: no slot is left.
        """
        if self.pace.per_run is not None and self._made >= self.pace.per_run:
            return Wait(now + NEXT_RUN, RUN_FULL)
        begins = not_before(row, now)
        soonest = self._first(row, content, begins, self._spread.keeps_gap)
        if self._spread.has_room(soonest.at):
            return soonest
        later = self._first(row, content, begins, self.allows)
        until = self._spread.day_begins(later.at) - (_AHEAD if self._find_slot else timedelta())
        return later if until <= now else Wait(until, DAY_FULL)

    def allows(self, at: datetime) -> bool:
        """Whether one more post may stand at that instant."""
        return self._spread.keeps_gap(at) and self._spread.has_room(at)

    def take(self, at: datetime) -> None:
        """A post was made and stands there."""
        self._made += 1
        self._spread.take(at)

    def _first(self, row: EntryRow, content: Content, begins: datetime, allowed: Allowed) -> Place:
        if self._find_slot is not None:
            slot = self._find_slot(row, content, begins, allowed)
            return Place(slot.at, slot.wall, slot.at)
        at = self._spread.soonest(begins)
        while not allowed(at):
            at = self._spread.soonest(self._spread.next_day(at))
        return Place(at, wall_time(at, self._where))


def route_allows(session: Session, post: Post, channel: ChannelRow, *, now: datetime) -> Allowed | None:
    """Where the pace of its route lets a late post of it stand; None: anywhere."""
    if post.route_id is None:
        return None
    pace = Rules.of(routes.get(session, post.workspace_id, post.route_id)).pace
    if pace.per_day is None and not pace.gap_minutes:
        return None
    since = now - max(timedelta(minutes=pace.gap_minutes), timedelta(days=2))
    others = posts.times_of_route(session, post.route_id, since=since, now=now)
    if now in others:
        others.remove(now)  # as which it counts itself
    spread = Spread(pace, zone(channel.zone), others)
    return lambda at: spread.keeps_gap(at) and spread.has_room(at)


def not_before(row: EntryRow, now: datetime) -> datetime:
    """When an entry may go out at the earliest: what its publisher dates ahead waits until then."""
    return max(now, row.published_at or now)
