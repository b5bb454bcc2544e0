"""What a KPI's period will come to: from the days before it and those of it that are over."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import TYPE_CHECKING

from sqlmodel import Session

from analytics.daily import daily
from domain.definition import Definition, Direction, Shape, Supplies
from domain.kpi import Scope
from domain.period import Span, day_at, elapsed
from domain.schedule import zone

if TYPE_CHECKING:
    from analytics.forecast.outlook import Outlook

#: How far back the days are looked at.
LOOK_BACK = timedelta(days=182)
#: Of the interval that is shown.
LEVEL = 0.8
_DAY, _WEEK = timedelta(days=1), 7
#: Whole weeks from which the weekdays' shares are taken, at least and at most.
_FEWEST, _MOST = 4, 8


@dataclass(frozen=True, slots=True)
class Prospect:
    """What the period is likely to come to, and how much of it was to be expected by now."""

    #: The total at the end: the middle, and the interval of `LEVEL`.
    middle: float
    low: float
    high: float
    #: Probability that the target will be met.
    chance: float
    #: Share of the period's total that is usual by now, 0 to 1.
    due: float
    #: What each weekday brings, Monday first, in no unit.
    shares: tuple[float, ...]

    def due_after(self, day: date, span: Span) -> float:
        """The share that is usual by the end of a day of the period."""
        return _brought(self.shares, span, day + _DAY) / _brought(self.shares, span, span.after)


@dataclass(frozen=True, slots=True)
class Question:
    """Which count, where and until when."""

    workspace_id: int
    entry: Definition
    scope: Scope
    zone_name: str
    span: Span
    target: float
    direction: Direction


def prospect(session: Session, asked: Question, *, supplies: Supplies, now: datetime) -> Prospect | None:
    """What is to be expected of a period that is under way; None: no count, or not enough history."""
    where = zone(asked.zone_name)
    today = day_at(now, where)
    if asked.entry.shape is not Shape.FLOW or not asked.span.first <= today < asked.span.after:
        return None
    days = _days(session, asked, today=today, supplies=supplies, now=now)
    from analytics.forecast.outlook import outlook

    over = [number for day, number in days if day < today]
    seen = outlook(over, (asked.span.after - today).days)
    if seen is None:
        return None
    done = float(sum(number for day, number in days if asked.span.first <= day < today))
    begun = done + sum(number for day, number in days if day == today)
    middle, low, high, chance = _told(seen, asked, done=done, begun=begun)
    shares = _weekday_shares(over, today - _DAY)
    start, end = Span(today, today + _DAY).bounds(where)
    now_due = _brought(shares, asked.span, today) + shares[today.weekday()] * elapsed(now, start, end)
    due = now_due / _brought(shares, asked.span, asked.span.after)
    return Prospect(middle, low, high, chance, due, shares)


def _days(
    session: Session, asked: Question, *, today: date, supplies: Supplies, now: datetime
) -> list[tuple[date, float]]:
    """The count of each day up to today, from the first that had any."""
    first = min(asked.span.first, today - LOOK_BACK)
    found = daily(
        session,
        asked.workspace_id,
        str(asked.entry.key),
        Span(first, today + _DAY),
        zone_name=asked.zone_name,
        scope=asked.scope,
        supplies=supplies,
        now=now,
    )
    begun = next((place for place, (_, number) in enumerate(found) if number), len(found))
    return found[begun:]


def _told(
    seen: "Outlook", asked: Question, *, done: float, begun: float
) -> tuple[float, float, float, float]:
    """Middle, low and high end, and the chance to meet the target; what has happened cannot be undone."""
    whole = seen.after(done)
    low, high = whole.interval(LEVEL)
    up = asked.direction is Direction.UP
    too_many = begun >= asked.target if up else begun > asked.target
    reaches = 1.0 if too_many else whole.chance(asked.target if up else asked.target + 1)
    ends = (max(begun, whole.quantile(0.5)), max(begun, low), max(begun, high))
    return (*ends, reaches if up else 1 - reaches)


def _brought(shares: Sequence[float], span: Span, before: date) -> float:
    """What the days of the period before a day bring, in the unit of the shares."""
    days = (span.first + number * _DAY for number in range((before - span.first).days))
    return sum(shares[day.weekday()] for day in days)


def _weekday_shares(over: Sequence[float], last: date) -> tuple[float, ...]:
    """What each weekday brings, Monday first, drawn towards the mean: few weeks say little of one day."""
    weeks = min(len(over) // _WEEK, _MOST)
    sums = [0.0] * _WEEK
    if weeks >= _FEWEST:
        for back, number in enumerate(reversed(over[-weeks * _WEEK :])):
            sums[(last - back * _DAY).weekday()] += number
    mean = sum(sums) / _WEEK
    return tuple(0.7 * one + 0.3 * mean for one in sums) if mean > 0 else (1.0,) * _WEEK
