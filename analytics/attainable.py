"""Whether a target can be reached, judged by the figure's own past before its period begins.

Nothing here is a rule of thumb: every number is counted on the past, and where the past is too short, it is
said so with how much there is and how much is needed.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from itertools import pairwise

import numpy as np

from analytics.forecast.ahead import ending
from analytics.forecast.outlook import Outlook
from analytics.history import Family, Past
from analytics.prospects import LEVEL, chance_to_meet, within_bounds
from domain.definition import Definition, Direction
from domain.period import Span

_DAY = timedelta(days=1)
#: Whole weeks of own past without which nothing is said of a target.
WEEKS_NEEDED = 8
#: Weeks and windows that past changes are counted on, at most.
_LOOKED_AT = 52
#: Weeks that say where the figure stands now.
_NOW_WEEKS = 4
#: Windows below which their changes are not shown.
_FEWEST_WINDOWS = 4
#: Past periods that are shown, and periods ahead that are judged.
_SIMILAR, _AHEAD = 4, 6


@dataclass(frozen=True, slots=True)
class Wish:
    """What is to be reached in one period."""

    span: Span
    target: float
    direction: Direction
    entry: Definition


@dataclass(frozen=True, slots=True)
class Climb:
    """How much must change from week to week until the target, and how often it did."""

    #: Percent a week; for levels and changes the amount a week.
    weekly: float
    #: Whether `weekly` is an amount and no percentage.
    plain: bool
    managed: int
    #: Weeks that were compared.
    weeks: int


@dataclass(frozen=True, slots=True)
class Moves:
    """By how much the figure changed from one window of the period's length to the next, in the past."""

    #: Percent by which the figure would have to change; for changes the plain difference.
    wished: float
    plain: bool
    #: The changes that 10, 25, 50, 75 and 90 % of the windows did not exceed.
    quantiles: tuple[float, float, float, float, float]
    #: Windows that changed at least as far in the wished direction, of all.
    managed: int
    windows: int


@dataclass(frozen=True, slots=True)
class Similar:
    """A past period of the same kind."""

    span: Span
    value: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Attainability:
    """What the own past says about a target; all of it None or empty when the past is too short."""

    wish: Wish
    #: Whole weeks of own past, and how many are needed.
    weeks: int
    needed: int = WEEKS_NEEDED
    #: Probability of reaching the target.
    chance: float | None = None
    #: The middle and the 80 % interval of what is to come.
    middle: float | None = None
    low: float | None = None
    high: float | None = None
    #: What is reached with a chance of 50 % and of 20 %.
    even: float | None = None
    bold: float | None = None
    climb: Climb | None = None
    moves: Moves | None = None
    similar: Sequence[Similar] = ()
    #: The chance in each of the first periods of a recurring target.
    periods: Sequence[tuple[Span, float]] = ()

    @property
    def enough(self) -> bool:
        """Whether the past is long enough to judge."""
        return self.chance is not None


def attainable(past: Past | None, wish: Wish, *, periods: Sequence[Wish] = ()) -> Attainability:
    """Judge a target.

    Args:
        past: the figure's past up to the last day that is over; None: it has none.
        wish: what is asked for in the period that stands for all; some of its days may be over.
        periods: the same for each period to come, of which the first `_AHEAD` get their chance.
    """
    weeks = past.weeks if past else 0
    if past is None or weeks < WEEKS_NEEDED or wish.span.after <= past.after:
        return Attainability(wish=wish, weeks=weeks)
    seen = _seen(past, wish)
    if seen is None:
        return Attainability(wish=wish, weeks=weeks)
    low, high = seen.interval(LEVEL)
    up = wish.direction is Direction.UP
    return Attainability(
        wish=wish,
        weeks=weeks,
        chance=chance_to_meet(seen, wish.target, wish.direction, wish.entry),
        middle=seen.quantile(0.5),
        low=low,
        high=high,
        even=seen.quantile(0.5),
        bold=seen.quantile(0.8 if up else 0.2),
        climb=climb_of(past, wish),
        moves=moves_of(past, wish),
        similar=similar_to(past, wish.span),
        periods=_chances(past, periods[:_AHEAD]),
    )


def _seen(past: Past, wish: Wish) -> Outlook | None:
    """How the period of a wish may end, within what there can be."""
    seen = ending(past, wish.span)
    return None if seen is None else within_bounds(seen, wish.entry)


def _chances(past: Past, wishes: Sequence[Wish]) -> list[tuple[Span, float]]:
    if len(wishes) < 2:
        return []
    found = []
    for wish in wishes:
        seen = _seen(past, wish)
        if seen is not None:
            found.append((wish.span, chance_to_meet(seen, wish.target, wish.direction, wish.entry)))
    return found


def climb_of(past: Past, wish: Wish) -> Climb | None:
    """What each week until the end of the period must bring; None: there is nothing to climb from."""
    if past.family in (Family.LEVELS, Family.CHANGES):
        return _plain_climb(past, wish)
    weeks = _weekly(past)
    if len(weeks) < _NOW_WEEKS or (now := _now(past)) <= 0:
        return None
    needed = _growth(past, wish, now)
    if needed is None:
        return None
    changes = [other / one - 1 for one, other in pairwise(weeks[-_LOOKED_AT - 1 :]) if one > 0]
    return Climb(100 * needed, plain=False, managed=_managed(changes, needed, wish), weeks=len(changes))


def _plain_climb(past: Past, wish: Wish) -> Climb | None:
    """So many a week, every week from now on (a level) or in the period (a change)."""
    if past.family is Family.LEVELS:
        missing, days = wish.target - past.level, (wish.span.after - past.after).days
    else:
        first = max(wish.span.first, past.after)
        missing = wish.target - past.within(Span(wish.span.first, first))[0]
        days = (wish.span.after - first).days
    needed = missing * 7 / days
    weeks = _weekly(past)[-_LOOKED_AT:]
    return Climb(needed, plain=True, managed=_managed(weeks, needed, wish), weeks=len(weeks))


def _managed(changes: Sequence[float], needed: float, wish: Wish) -> int:
    up = wish.direction is Direction.UP
    return sum(one >= needed if up else one <= needed for one in changes)


def _weekly(past: Past) -> list[float]:
    """The figure of each whole week, oldest first; weeks of a rate without a denominator are left out."""
    start = len(past.above) % 7
    if past.family is Family.LEVELS:
        return [sum(past.above[place : place + 7]) for place in range(start, len(past.above), 7)]
    found = (past.reached(place, place + 7) for place in range(start, len(past.above), 7))
    return [one for one in found if one is not None]


def _now(past: Past) -> float:
    """What a week brings at present: the last four together."""
    first = past.after - 7 * _NOW_WEEKS * _DAY
    value = past.value(Span(first, past.after)) or 0.0
    return value if past.family is Family.RATIOS else value / _NOW_WEEKS


def _growth(past: Past, wish: Wish, now: float) -> float | None:
    """The weekly growth from now on that just brings the period to the target, as a share.

    The days of the period that are over count as they were. None: not even a thousandfold growth would do,
    or the target is below what is there already.
    """
    first = max(wish.span.first, past.after)
    days = np.arange((first - past.after).days, (wish.span.after - past.after).days)
    done, of = past.within(Span(wish.span.first, first))

    def end(growth: float) -> float:
        path = now * (1 + growth) ** ((days + 1) / 7)
        if past.family is not Family.RATIOS:
            return done + float(path.sum()) / 7
        usual = past.within(Span(past.after - 7 * _NOW_WEEKS * _DAY, past.after))[1] / (7 * _NOW_WEEKS)
        above = done + float(path.sum()) * usual / past.factor
        below = of + len(days) * usual
        return past.factor * above / below if below > 0 else 0.0

    low, high = -0.99, 1000.0
    if not end(low) < wish.target < end(high):
        return None
    for _ in range(60):
        middle = (low + high) / 2
        low, high = (middle, high) if end(middle) < wish.target else (low, middle)
    return (low + high) / 2


def moves_of(past: Past, wish: Wish) -> Moves | None:
    """How the figure changed over windows as long as the period, from week to week; None: too few of them."""
    length = wish.span.days
    plain = past.family is Family.CHANGES
    pairs = [
        (one, other)
        for end in range(len(past.above), 2 * length - 1, -7)
        if (one := past.reached(end - 2 * length, end - length)) is not None
        and (other := past.reached(end - length, end)) is not None
        and (plain or one > 0)
    ][:_LOOKED_AT]
    last = past.reached(len(past.above) - length, len(past.above)) if len(past.above) >= length else None
    if len(pairs) < _FEWEST_WINDOWS or last is None or (last <= 0 and not plain):
        return None
    changes = [other - one if plain else 100 * (other / one - 1) for one, other in pairs]
    wished = wish.target - last if plain else 100 * (wish.target / last - 1)
    low, lower, middle, higher, high = (
        float(one) for one in np.quantile(changes, (0.1, 0.25, 0.5, 0.75, 0.9))
    )
    return Moves(
        wished=wished,
        plain=plain,
        quantiles=(low, lower, middle, higher, high),
        managed=_managed(changes, wished, wish),
        windows=len(changes),
    )


def similar_to(past: Past, span: Span) -> list[Similar]:
    """The same days a year before, and the last windows as long as the period; newest first."""
    spans = [_year_before(span)]
    end = min(span.first, past.after)
    spans += [
        Span(end - (back + 1) * span.days * _DAY, end - back * span.days * _DAY) for back in range(_SIMILAR)
    ]
    known = [Similar(one, value) for one in spans if one and (value := past.value(one)) is not None]
    return sorted(known[:_SIMILAR], key=lambda one: one.span.first, reverse=True)


def _year_before(span: Span) -> Span | None:
    def back(day: date) -> date:
        return day.replace(year=day.year - 1, day=28 if (day.month, day.day) == (2, 29) else day.day)

    return Span(back(span.first), back(span.after)) if span.first.year > 1 else None
