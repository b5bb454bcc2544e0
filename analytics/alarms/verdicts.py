"""The alarm rule on a series of days, for anyone who wants to try it: days in, verdicts out.

    from analytics.alarms.verdicts import verdicts

    for one in verdicts([120, 98, 143, ...]):
        if one.is_alert:
            print(one.place, one.effect)

It is the rule by which alerts are made (`analytics.alarms.ringing`), of a figure that is looked at alone.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from analytics.alarms.days import WINDOW, Unusual, judge_all, together
from analytics.alarms.ringing import KEPT, is_news
from analytics.alarms.scales import Kind, Looked, scaled
from analytics.alarms.shifts import Shift, shift_all
from domain.errors import UsageError


@dataclass(frozen=True, slots=True)
class Verdict:
    """What the rule says of one day."""

    #: Of the day in the series, from 0.
    place: int
    #: None: the day by itself is nothing unusual.
    day: Unusual | None
    #: None: no new level holds on this day.
    shift: Shift | None
    #: Whether it is worth an alert of its own; False also where it goes on, or rests after an alert.
    is_alert: bool

    @property
    def effect(self) -> float:
        """New by usual, less 1; 0 where nothing is unusual."""
        one = self.shift or self.day
        return one.effect if one is not None else 0.0


def verdicts(
    daily: Sequence[float],
    *,
    kind: Kind = Kind.COUNT,
    below: Sequence[float] = (),
    first: int = WINDOW,
) -> list[Verdict]:
    """What the rule says of each day, knowing the days before it only.

    Args:
        daily: whole days in a row, oldest first: counts, numerators of a rate or mean, or changes of a stock.
        kind: how the figure behaves.
        below: a rate's denominators, as many as there are days; else nothing.
        first: the place of the first day that is judged; with fewer than `WINDOW` days before it, a day is
            never unusual, and with fewer than 48 no level has shifted.

    Raises:
        UsageError: the numbers are not as ``kind`` needs them.
    """
    _check(daily, kind, below)
    places = range(max(first, 1), len(daily))
    looked = [_looked(daily, kind, below, place) for place in places]
    scales = [scaled(one) for one in looked]
    found, last = [], None
    for place, day, moved in zip(places, judge_all(looked, scales), shift_all(looked, scales), strict=True):
        rings = day is not None and together([day]) == [0]
        is_alert = False
        if rings or moved is not None:
            is_alert = is_news(days_since=None if last is None else place - last)
            last = place
        found.append(Verdict(place, day if rings else None, moved, is_alert))
    return found


def _looked(daily: Sequence[float], kind: Kind, below: Sequence[float], place: int) -> Looked:
    begin = max(0, place - KEPT)
    return Looked("", daily[begin:place], daily[place], kind, below[begin : place + 1])


def _check(daily: Sequence[float], kind: Kind, below: Sequence[float]) -> None:
    if kind is not Kind.CHANGE and any(not one >= 0 for one in (*daily, *below)):
        raise UsageError("Counts are 0 or more; only the changes of a stock may be below 0.")
    if (kind in (Kind.RATE, Kind.MEAN)) != (len(below) > 0) or (below and len(below) != len(daily)):
        raise UsageError("A rate, and nothing else, needs one denominator for each day.")
