"""A zone's clock over many instants at once, by the rule of `domain.schedule` for clock changes.

Instants are seconds since 1970 (UTC); walls are what a clock in the zone shows, counted the same way.
"""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo

import numpy as np
from numpy.typing import NDArray

Ints = NDArray[np.int64]
Floats = NDArray[np.float64]

DAY = 86_400
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
#: How closely a zone is searched for changes; no zone changed twice within this since 1970.
_STEP = timedelta(hours=6)
#: Before the first and after the last change that is known.
_NEVER = np.int64(2**60)


@dataclass(frozen=True, slots=True, eq=False)
class Calendar:
    """The offsets of one zone over a range of years."""

    #: Instants from which each offset holds, ascending; the first is far in the past.
    starts: Ints
    #: Seconds east of UTC.
    offsets: Ints

    def walls(self, at: Ints) -> Ints:
        """What the zone's clock shows at these instants."""
        held: Ints = np.searchsorted(self.starts, at, side="right") - 1
        return at + self.offsets[held]

    def instants(self, walls: Ints) -> Ints:
        """The earliest instant at which the clock shows each wall time, or would have passed it.

        So a wall time that a change skips is the instant of the change, and one that occurs twice the first.
        """
        ends = np.append(self.starts[1:], _NEVER) + self.offsets
        held = np.searchsorted(np.maximum.accumulate(ends), walls, side="right")
        instants: Ints = np.maximum(walls - self.offsets[held], self.starts[held])
        return instants

    def days(self, at: Ints) -> Ints:
        """The local days of these instants, counted from 1970-01-01."""
        return self.walls(at) // DAY


def weeks(days: Ints) -> Ints:
    """The weeks of these days, each from Monday to Sunday; 1970-01-01 was a Thursday."""
    return (days + 3) // 7


def calendar(where: ZoneInfo, first: int, last: int) -> Calendar:
    """The clock of a zone, right for all instants from ``first`` to ``last`` and a month around them."""
    start, end = _EPOCH + timedelta(seconds=first - 31 * DAY), _EPOCH + timedelta(seconds=last + 31 * DAY)
    starts = [-int(_NEVER)]
    offsets = [_offset(where, datetime(start.year, 1, 1, tzinfo=UTC))]
    for year in range(start.year, end.year + 1):
        for at, offset in _changes(where, year):
            starts.append(at)
            offsets.append(offset)
    return Calendar(np.array(starts, dtype=np.int64), np.array(offsets, dtype=np.int64))


@lru_cache(maxsize=4096)
def _changes(where: ZoneInfo, year: int) -> tuple[tuple[int, int], ...]:
    """The changes of offset in a year of UTC: when, and to what."""
    found = []
    at, end = datetime(year, 1, 1, tzinfo=UTC), datetime(year + 1, 1, 1, tzinfo=UTC)
    before = _offset(where, at)
    while at < end:
        following = min(at + _STEP, end)
        after = _offset(where, following)
        if after != before:
            found.append((_first_with(where, at, following, before), after))
        at, before = following, after
    return tuple(found)


def _first_with(where: ZoneInfo, low: datetime, high: datetime, old: int) -> int:
    """The first instant in (low, high] whose offset is not ``old``."""
    while high - low > timedelta(seconds=1):
        middle = low + timedelta(seconds=int((high - low).total_seconds()) // 2)
        if _offset(where, middle) == old:
            low = middle
        else:
            high = middle
    return int((high - _EPOCH).total_seconds())


def _offset(where: ZoneInfo, at: datetime) -> int:
    found = at.astimezone(where).utcoffset()
    assert found is not None
    return int(found.total_seconds())
