"""How many posts of a route go out, and when: caps per run and per day, and a gap between two posts.

What finds no place waits; nothing is dropped.
"""

from bisect import bisect_left, insort
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Final
from zoneinfo import ZoneInfo

from domain.errors import UsageError
from domain.schedule import instant

#: Most posts that a cap may name, and the longest gap, in minutes.
MAX_CAP: Final = 500
MAX_GAP: Final = 7 * 24 * 60
#: What a run leaves over goes out with the next poll that finds something, at the latest after this time.
NEXT_RUN: Final = timedelta(hours=1)


@dataclass(frozen=True, slots=True)
class Pace:
    """How fast a route posts; without caps and gap, everything at its first time."""

    #: Posts made of what one poll finds, or of what waits; None: all.
    per_run: int | None = None
    #: Posts that go out in one day of the channel's zone; None: any number.
    per_day: int | None = None
    #: At least between two posts of the route; 0: none.
    gap_minutes: int = 0
    #: What goes out first when not all can: the newest, or the oldest.
    newest_first: bool = False

    @property
    def free(self) -> bool:
        """Whether nothing is ever held back or moved."""
        return self.per_run is None and self.per_day is None and not self.gap_minutes

    def checked(self) -> "Pace":
        """The pace as it can be stored. Raises `UsageError`."""
        for name, cap in (("run", self.per_run), ("day", self.per_day)):
            if cap is not None and not 1 <= cap <= MAX_CAP:
                raise UsageError(f"A cap per {name} is between 1 and {MAX_CAP} posts; {cap} is not.")
        if not 0 <= self.gap_minutes <= MAX_GAP:
            raise UsageError(
                f"The gap between two posts is between 0 and {MAX_GAP} minutes; {self.gap_minutes} is not."
            )
        return self


class Spread:
    """Where a route's posts stand in time, and where one more may stand."""

    def __init__(self, pace: Pace, where: ZoneInfo, planned: Iterable[datetime] = ()) -> None:
        """``planned``: when the route's posts went out or will (UTC); ``where``: whose days count."""
        self._pace = pace
        self._where = where
        self._gap = timedelta(minutes=pace.gap_minutes)
        self._times = sorted(planned)
        self._days = Counter(map(self.day, self._times))

    def take(self, at: datetime) -> None:
        """One more post stands there."""
        insort(self._times, at)
        self._days[self.day(at)] += 1

    def day(self, at: datetime) -> date:
        """The day that an instant belongs to."""
        return at.astimezone(self._where).date()

    def has_room(self, at: datetime) -> bool:
        """Whether the day of that instant may have one more post."""
        cap = self._pace.per_day
        return cap is None or self._days[self.day(at)] < cap

    def keeps_gap(self, at: datetime) -> bool:
        """Whether no other post stands nearer than the gap."""
        place = bisect_left(self._times, at)
        return all(abs(at - other) >= self._gap for other in self._times[max(place - 1, 0) : place + 1])

    def soonest(self, at: datetime) -> datetime:
        """The first instant from ``at`` on that keeps the gap."""
        place = bisect_left(self._times, at - self._gap)
        for other in self._times[place:]:
            if other >= at + self._gap:
                break
            if abs(other - at) < self._gap:
                at = other + self._gap
        return at

    def day_begins(self, at: datetime) -> datetime:
        """When the day of that instant began (UTC)."""
        return self._begins(self.day(at))

    def next_day(self, at: datetime) -> datetime:
        """When the day after that instant's begins (UTC); a day that the zone left out is passed over."""
        following = self.day(at) + timedelta(days=1)
        while self.day(self._begins(following)) == self.day(at):
            following += timedelta(days=1)
        return self._begins(following)

    def _begins(self, day: date) -> datetime:
        return instant(datetime.combine(day, time.min), self._where)
