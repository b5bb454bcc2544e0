"""The own past of a KPI's figure: its trend, and where this period lies among the earlier ones."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from statistics import median

from sqlmodel import Session

from analytics.history import Family, Past
from analytics.kpis import Standing
from analytics.pasts import Asked, past_of
from analytics.seasonal_trend import seasonal_trend
from analytics.trend import Trend, trend
from domain.definition import Supplies
from domain.kpi import scope_from
from domain.period import Every, Span, day_at, whole
from domain.schedule import zone

#: How far back the own past is looked at.
LOOK_BACK = timedelta(days=756)
#: Days over which a trend is looked for: half a year, in whole weeks.
TREND_DAYS = 182
#: With fewer whole weeks or periods nothing is said.
FEWEST_WEEKS, FEWEST_PERIODS = 6, 4
#: Earlier periods that are looked at.
MOST_PERIODS = 53
_WEEK, _DAY = 7, timedelta(days=1)


@dataclass(frozen=True, slots=True, kw_only=True)
class Run:
    """Whether the figure rises or falls."""

    found: Trend
    #: Days that it looks at, the last of them the last one that is over.
    span: Span
    weeks: int
    #: Whether weekdays were compared with themselves; else whole weeks with each other.
    by_weekday: bool

    @property
    def a_week(self) -> tuple[float, float, float]:
        """By how much it moves in a week, and the interval of that."""
        times = _WEEK if self.by_weekday else 1
        # A day's count that grows by the slope each day makes the week's sum grow seven times as fast again.
        times *= _WEEK if self.by_weekday else 1
        return self.found.slope * times, self.found.lower * times, self.found.upper * times


@dataclass(frozen=True, slots=True, kw_only=True)
class Among:
    """Where a period lies among the own earlier ones of the same length."""

    value: float
    #: Whole days of the period that are over, and so of each that it is compared with.
    days: int
    #: The days of the period that are compared.
    span: Span
    #: (its days, its value), oldest first.
    earlier: tuple[tuple[Span, float], ...]

    @property
    def is_enough(self) -> bool:
        return len(self.earlier) >= FEWEST_PERIODS

    @property
    def share_below(self) -> float:
        """The part of the earlier periods that were lower, those that were equal by half, 0 to 1."""
        values = [value for _, value in self.earlier]
        below = sum(one < self.value for one in values) + sum(one == self.value for one in values) / 2
        return below / len(values)

    @property
    def quartiles(self) -> tuple[float, float, float]:
        """The lower quartile, the median and the upper quartile of the earlier periods."""
        values = sorted(value for _, value in self.earlier)
        return _quantile(values, 0.25), median(values), _quantile(values, 0.75)


def _quantile(ordered: Sequence[float], part: float) -> float:
    """By straight lines between the values, as spreadsheets do (Hyndman and Fan's type 7)."""
    place = part * (len(ordered) - 1)
    low = int(place)
    high = min(low + 1, len(ordered) - 1)
    return ordered[low] + (ordered[high] - ordered[low]) * (place - low)


def past_until_today(session: Session, standing: Standing, *, supplies: Supplies) -> Past | None:
    """The figure day by day up to yesterday; None: it has no days."""
    kpi = standing.kpi
    after = min(standing.span.after, day_at(standing.at, zone(kpi.zone)))
    asked = Asked(kpi.workspace_id, standing.definition, scope_from(kpi.scope), kpi.zone)
    span = Span(min(standing.span.first, after) - LOOK_BACK, after)
    found = past_of(session, asked, span, supplies=supplies, now=standing.at)
    return found if found is not None and found.above else None


def run_of(past: Past | None) -> Run | None:
    """The trend over the last half year; None: fewer than `FEWEST_WEEKS` whole weeks."""
    if past is None or past.weeks < FEWEST_WEEKS:
        return None
    weeks = min(len(past.above), TREND_DAYS) // _WEEK
    span = Span(past.after - timedelta(days=weeks * _WEEK), past.after)
    if past.family is Family.COUNTS:
        found = seasonal_trend(past.above[-weeks * _WEEK :], season=_WEEK)
        return Run(found=found, span=span, weeks=weeks, by_weekday=True) if found else None
    values = [value for one in _weeks(span) if (value := past.value(one)) is not None]
    if len(values) < FEWEST_WEEKS:
        return None
    found = trend(values, remembers=True)
    return Run(found=found, span=span, weeks=len(values), by_weekday=False) if found else None


def _weeks(span: Span) -> Iterator[Span]:
    first = span.first
    while first < span.after:
        yield Span(first, first + timedelta(days=_WEEK))
        first += timedelta(days=_WEEK)


def among(past: Past | None, standing: Standing, *, week_start: int = 0) -> Among | None:
    """The whole days of the period beside as many of each earlier one; None: none is over or known."""
    if past is None:
        return None
    span = standing.span
    days = (min(span.after, past.after) - span.first).days
    if days <= 0:
        return None
    begun = Span(span.first, span.first + timedelta(days=days))
    value = past.value(begun)
    if value is None:
        return None
    earlier = [
        (one, found)
        for one in _earlier(standing, days, past.first, week_start)
        if (found := past.value(one)) is not None
    ]
    return Among(value=value, days=days, span=begun, earlier=tuple(reversed(earlier)))


def _earlier(standing: Standing, days: int, begun: date, week_start: int) -> Iterator[Span]:
    """The first ``days`` days of each earlier period, the last one first."""
    span, every = standing.span, Every(standing.kpi.period)
    is_whole = every is not Every.ONCE and span == whole(span.first, every, week_start=week_start)
    first = span.first
    for _ in range(MOST_PERIODS):
        if is_whole:
            one = whole(first - _DAY, every, week_start=week_start)
            first, after = one.first, min(one.first + timedelta(days=days), one.after)
        else:
            first -= timedelta(days=span.days)
            after = first + timedelta(days=days)
        if first < begun:
            return
        yield Span(first, after)
