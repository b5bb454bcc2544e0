"""The slots of a channel as planning sees them: when they are, what they are worth, which the rules shut."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta

import numpy as np

from analytics.assignment.calendar import DAY, Calendar, Floats, Ints, calendar
from analytics.assignment.problem import Ground, Limits
from analytics.assignment.reasons import Barrier
from domain.holidays import holiday_set
from domain.rules import Rules
from domain.schedule import PostingTime, zone
from domain.week import HOURS, WeekValues

#: What a post loses of its worth for each day that it waits.
STALE_A_DAY = 0.03
#: Starts that a channel offers which chooses its best times itself.
GRID = 900
#: Where a channel of that kind names no distance, this one holds.
GRID_GAP = timedelta(hours=2)
_EPOCH = date(1970, 1, 1)
_HOUR = 3600


@dataclass(frozen=True, slots=True, eq=False)
class Field:
    """A channel's slots over some days, with the clock by which its rules count."""

    ground: Ground
    clock: Calendar
    #: What the clock shows at each slot, or was to show where a clock change skips it.
    walls: Ints

    def slot(self, number: int) -> tuple[datetime, datetime]:
        """One slot: the instant (UTC) and its naive wall time."""
        at = datetime.fromtimestamp(int(self.ground.times[number]), UTC)
        return at, datetime.fromtimestamp(int(self.walls[number]), UTC).replace(tzinfo=None)


def field(
    times: Sequence[PostingTime], values: WeekValues, *, zone_name: str, now: datetime, days: int
) -> Field:
    """The slots of the coming days: those of a posting schedule, or of the grid where that is empty."""
    start = int(now.timestamp())
    clock = calendar(zone(zone_name), start, start + (days + 2) * DAY)
    if times:
        instants, walls = _scheduled(times, clock, first=start // DAY - 1, days=days + 2)
    else:
        instants = np.arange(start // GRID + 1, (start + days * DAY) // GRID, dtype=np.int64) * GRID
        walls = clock.walls(instants)
    coming = instants > now.timestamp()
    instants, walls = instants[coming], walls[coming]
    worth = _worth(instants, values) * np.exp(-STALE_A_DAY * (instants - start) / DAY)
    return Field(Ground.of(instants, worth, clock), clock, walls)


def _scheduled(times: Sequence[PostingTime], clock: Calendar, *, first: int, days: int) -> tuple[Ints, Ints]:
    """The weekly times on these local days; two that a clock change moves to one instant are one slot."""
    every = np.arange(first, first + days, dtype=np.int64)
    of_weekday = [every[(every + 3) % 7 == weekday] * DAY for weekday in range(7)]
    walls = np.concatenate(
        [of_weekday[one.weekday] + one.wall.hour * _HOUR + one.wall.minute * 60 for one in times]
    )
    walls.sort()
    instants = clock.instants(walls)
    _, kept = np.unique(instants, return_index=True)
    return instants[kept], walls[kept]


def _worth(instants: Ints, values: WeekValues) -> Floats:
    """What each instant earns by the curve, an average hour being 1; between two hours by interpolation."""
    if not len(instants):
        return np.ones(0)
    clock = calendar(zone(values.zone), int(instants[0]), int(instants[-1]))
    hours = (clock.walls(instants) / _HOUR + 3 * 24) % HOURS
    curve = np.exp(np.array(values.means))
    worth: Floats = np.interp(hours, np.arange(HOURS), curve / curve.mean(), period=HOURS)
    return worth


def limits(rules: Rules, field: Field) -> Limits:
    """The rules as planning takes them, on these slots."""
    gap = max(rules.gap, GRID_GAP) if rules.best_times and not rules.gap else rules.gap
    return Limits(
        gap=int(gap.total_seconds()),
        cap_day=rules.cap_day,
        cap_week=rules.cap_week,
        kin_gap=int(rules.kin_gap.total_seconds()),
        shut=_shut(rules, field),
    )


def _shut(rules: Rules, field: Field) -> Ints | None:
    if not (rules.quiet or rules.blackouts or rules.holidays):
        return None
    times, days = field.ground.times, field.ground.days
    shut = np.zeros(len(times), dtype=np.int64)
    for name in rules.holidays:
        shut[np.isin(days, [_number(day) for day in holiday_set(name).days])] = Barrier.HOLIDAY
    for blackout in rules.blackouts:
        shut[(days >= _number(blackout.first)) & (days <= _number(blackout.last))] = Barrier.BLACKOUT
    seconds = field.clock.walls(times) % DAY
    for quiet in rules.quiet:
        start, end = (one.hour * _HOUR + one.minute * 60 for one in (quiet.start, quiet.end))
        inside = (seconds >= start, seconds < end)
        shut[inside[0] & inside[1] if start < end else inside[0] | inside[1]] = Barrier.QUIET
    return shut


def _number(day: date) -> int:
    """A local day as planning counts it."""
    return (day - _EPOCH).days


def daily(rules: Rules, times: Sequence[PostingTime]) -> float:
    """How many posts a day the rules let through at most, on average."""
    found = [len(times) / 7 if times else DAY / GRID]
    if rules.cap_day is not None:
        found.append(rules.cap_day)
    if rules.cap_week is not None:
        found.append(rules.cap_week / 7)
    gap = max(rules.gap, GRID_GAP) if rules.best_times and not rules.gap else rules.gap
    if gap:
        found.append(max(timedelta(days=1) / gap, 1 / 366))
    return min(found)
