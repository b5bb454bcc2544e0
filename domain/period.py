"""Periods of a KPI: whole days in its zone, and the instants at which they begin and end.

Consecutive periods tile the time line: each instant from the start on lies in exactly one,
also where a clock change skips midnight or lets it come twice.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from enum import StrEnum
from functools import lru_cache
from zoneinfo import ZoneInfo

from domain.schedule import instant

_DAY = timedelta(days=1)


class Every(StrEnum):
    """How often a target is to be reached."""

    ONCE = "once"
    DAY = "day"
    WEEK = "week"
    MONTH = "month"
    QUARTER = "quarter"


#: Days of a period in the long run: a year has 365.2425.
USUAL_DAYS = {Every.DAY: 1.0, Every.WEEK: 7.0, Every.MONTH: 30.436875, Every.QUARTER: 91.310625}


@dataclass(frozen=True, slots=True, order=True)
class Span:
    """Days from ``first`` up to and without ``after``."""

    first: date
    after: date

    @property
    def last(self) -> date:
        """The last day that counts."""
        return self.after - _DAY

    @property
    def days(self) -> int:
        """How many days count."""
        return (self.after - self.first).days

    def bounds(self, where: ZoneInfo) -> tuple[datetime, datetime]:
        """The instants (UTC) between which it lies, the second excluded."""
        return day_start(self.first, where), day_start(self.after, where)


@lru_cache(maxsize=16_384)
def day_start(day: date, where: ZoneInfo) -> datetime:
    """The instant (UTC) at which a day begins in a zone."""
    return instant(datetime.combine(day, time()), where)


def day_at(at: datetime, where: ZoneInfo) -> date:
    """The day to which an instant belongs: the last one that has begun."""
    day = at.astimezone(where).date()
    return day + _DAY if day_start(day + _DAY, where) <= at else day


def whole(day: date, every: Every, *, week_start: int = 0) -> Span:
    """The calendar day, week, month or quarter around a day; ``week_start`` 0 is Monday."""
    match every:
        case Every.WEEK:
            first = day - timedelta(days=(day.weekday() - week_start) % 7)
            return Span(first, first + timedelta(days=7))
        case Every.MONTH:
            return Span(day.replace(day=1), _months_after(day.replace(day=1), 1))
        case Every.QUARTER:
            first = day.replace(day=1, month=day.month - (day.month - 1) % 3)
            return Span(first, _months_after(first, 3))
    return Span(day, day + _DAY)


def _months_after(first: date, months: int) -> date:
    years, month = divmod(first.month - 1 + months, 12)
    return date(first.year + years, month + 1, 1)


def span_at(day: date, every: Every, *, starts_on: date, deadline: date | None, week_start: int = 0) -> Span:
    """The period of a target around a day, cut at its start and its deadline.

    A day before the start gives the first period, one after the deadline the last.
    """
    day = max(day, starts_on)
    if deadline is not None:
        day = min(day, deadline)
        if every is Every.ONCE:
            return Span(starts_on, deadline + _DAY)
    span = whole(day, every, week_start=week_start)
    after = span.after if deadline is None else min(span.after, deadline + _DAY)
    return Span(max(span.first, starts_on), after)


def spans(
    every: Every, *, starts_on: date, deadline: date | None, until: date, week_start: int = 0
) -> Iterator[Span]:
    """The periods of a target in order, up to the one around ``until``."""
    first = starts_on
    while first <= until and (deadline is None or first <= deadline):
        span = span_at(first, every, starts_on=starts_on, deadline=deadline, week_start=week_start)
        yield span
        first = span.after


def elapsed(now: datetime, start: datetime, end: datetime) -> float:
    """The share of a period that has passed, in real time: 0 before it, 1 after it."""
    if now >= end:
        return 1.0
    return max(0.0, (now - start) / (end - start))


def periods_in(own: Span, every: Every, *, target: Span, week_start: int = 0) -> float:
    """How many of a target's periods a stretch of days holds.

    Calendar periods that are whole count one each, so that a February compares with a
    January; any other stretch counts by its days.
    """
    if every is Every.ONCE:
        for unit in (Every.QUARTER, Every.MONTH, Every.WEEK):
            held = _whole_periods(own, unit, week_start=week_start)
            wanted = _whole_periods(target, unit, week_start=week_start)
            if held and wanted:
                return held / wanted
        return own.days / target.days
    return _whole_periods(own, every, week_start=week_start) or own.days / USUAL_DAYS[every]


def _whole_periods(span: Span, every: Every, *, week_start: int) -> int:
    """How many calendar periods a span is made of; 0 when it cuts one."""
    count, first = 0, span.first
    while first < span.after:
        one = whole(first, every, week_start=week_start)
        if one.first != first:
            return 0
        count, first = count + 1, one.after
    return count if first == span.after else 0
