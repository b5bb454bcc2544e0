"""The two stretches of time whose figures are compared: this period so far, and the same part of another."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import StrEnum

from analytics.kpis import Standing
from analytics.sums import Stretch
from domain.period import Every, Span, day_start, whole
from domain.schedule import zone
from domain.sentence import Sentence

_DAY = timedelta(days=1)


class Against(StrEnum):
    """With what a period is compared."""

    #: The period before it.
    BEFORE = "before"
    #: The same of last year.
    YEAR = "year"
    #: The days that the baseline was taken from.
    BASELINE = "baseline"


@dataclass(frozen=True, slots=True)
class Pair:
    """This period so far, and as much of another."""

    this: Stretch
    other: Stretch
    span: Span
    other_span: Span
    #: Whether the period is under way, so that only its begun part is compared.
    is_part: bool
    #: By what counts of the other are multiplied, where it is of another length.
    scale: float = 1.0


def pair(standing: Standing, against: Against) -> Pair | Sentence:
    """What is compared with what; a sentence: why it cannot be."""
    if standing.at <= standing.start:
        return Sentence("variance.not_started")
    where, span = zone(standing.kpi.zone), standing.span
    this = Stretch(standing.start, min(standing.end, standing.at), standing.at)
    if against is Against.BASELINE:
        return _baseline(standing, this)
    other = _before(standing) if against is Against.BEFORE else _year_ago(standing)
    start, end = other.bounds(where)
    is_part = standing.at < standing.end
    if is_part:
        # As much of the other as is over of this: 19 days beside 19 days.
        end = min(end, _moved(standing.at, span.first, other.first, standing.kpi.zone))
    return Pair(this, Stretch(start, end, end), span, other, is_part)


def _moved(at: datetime, first: date, other: date, zone_name: str) -> datetime:
    """The instant as far into the days from ``other`` as ``at`` is into those from ``first``."""
    where = zone(zone_name)
    wall = at.astimezone(where)
    days = (wall.date() - first).days
    return day_start(other + timedelta(days=days), where) + (
        at - day_start(first + timedelta(days=days), where)
    )


def _before(standing: Standing) -> Span:
    """The calendar period before; where the period is cut or once only, as many days as it has."""
    span, every = standing.span, Every(standing.kpi.period)
    if every is not Every.ONCE and span.days == _whole(standing).days:
        return whole(span.first - _DAY, every, week_start=span.first.weekday())
    return Span(span.first - timedelta(days=span.days), span.first)


def _whole(standing: Standing) -> Span:
    span, every = standing.span, Every(standing.kpi.period)
    # A week begins on the workspace's first day: one that is whole begins where it is asked about.
    return whole(span.first, every, week_start=span.first.weekday())


def _year_ago(standing: Standing) -> Span:
    """The same days of last year; whole weeks and days by weekday, 52 weeks ago."""
    span, every = standing.span, Every(standing.kpi.period)
    if every in (Every.WEEK, Every.DAY):
        return Span(span.first - timedelta(days=364), span.after - timedelta(days=364))
    first = _last_year(span.first)
    return Span(first, max(_last_year(span.after), first + _DAY))


def _last_year(day: date) -> date:
    try:
        return day.replace(year=day.year - 1)
    except ValueError:  # 29 February
        return day.replace(year=day.year - 1, day=28)


def _baseline(standing: Standing, this: Stretch) -> Pair | Sentence:
    kpi = standing.kpi
    if kpi.baseline_from is None or kpi.baseline_to is None:
        return Sentence("variance.no_baseline")
    other = Span(kpi.baseline_from, kpi.baseline_to + _DAY)
    start, end = other.bounds(zone(kpi.zone))
    scale = (this.end - this.start) / (end - start) if standing.definition.additive else 1.0
    return Pair(this, Stretch(start, end, end), standing.span, other, standing.at < standing.end, scale)
