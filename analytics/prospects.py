"""What a KPI's period will come to: from the days before it and those of it that are over."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from math import inf, nextafter
from typing import TYPE_CHECKING

from sqlmodel import Session

from analytics.history import Family, Past
from analytics.pasts import Asked, past_of
from domain.bounds import bounds
from domain.definition import Definition, Direction, Supplies
from domain.figure import Figure
from domain.kpi import Scope
from domain.period import Span, day_at, elapsed
from domain.schedule import zone
from domain.sentence import Unit
from store import answers

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

    #: The figure at the end: the middle, and the interval of `LEVEL`.
    middle: float
    low: float
    high: float
    #: Probability that the target will be met.
    chance: float
    #: Share of the period's total that is usual by now, 0 to 1; None: a level or a rate, which has none.
    due: float | None = None
    #: What each weekday brings, Monday first, in no unit; empty where `due` is None.
    shares: tuple[float, ...] = ()

    def due_after(self, day: date, span: Span) -> float | None:
        """The share that is usual by the end of a day of the period; None as `due`."""
        if not self.shares:
            return None
        return _brought(self.shares, span, day + _DAY) / _brought(self.shares, span, span.after)


@dataclass(frozen=True, slots=True)
class Question:
    """Which figure, where and until when."""

    workspace_id: int
    entry: Definition
    scope: Scope
    zone_name: str
    span: Span
    target: float
    direction: Direction
    #: As it stands now.
    actual: Figure


def prospect(session: Session, asked: Question, *, supplies: Supplies, now: datetime) -> Prospect | None:
    """What is to be expected of a period that is under way; None: too short a past."""
    where = zone(asked.zone_name)
    today = day_at(now, where)
    if not asked.span.first <= today < asked.span.after:
        return None
    past = Asked(asked.workspace_id, asked.entry, asked.scope, asked.zone_name)
    days = Span(min(asked.span.first, today - LOOK_BACK), today + _DAY)
    key = (
        "past",
        past.workspace_id,
        str(past.entry.key),
        past.scope,
        past.zone_name,
        days,
        now,
        id(supplies),
    )
    known = answers.once(
        session, key, lambda: past_of(session, past, days, supplies=supplies, now=now), is_small=True
    )
    if known is None or not known.above:
        return None
    over = _over(known, asked, today)
    from analytics.forecast.ahead import ending

    seen = ending(over, asked.span)
    if seen is None:
        return None
    begun = known.within(asked.span)[0] if over.family is Family.COUNTS else None
    told = Prospect(*_told(seen, asked, begun=begun))
    if over.family is not Family.COUNTS:
        return told
    shares = _weekday_shares(over.above, today - _DAY)
    start, end = Span(today, today + _DAY).bounds(where)
    now_due = _brought(shares, asked.span, today) + shares[today.weekday()] * elapsed(now, start, end)
    due = now_due / _brought(shares, asked.span, asked.span.after)
    return replace(told, due=due, shares=shares)


def _over(known: Past, asked: Question, today: date) -> Past:
    """The days that are over; a level is what it is now."""
    over = known.until(today)
    if known.family is Family.LEVELS and asked.actual.value is not None:
        return replace(over, level=asked.actual.value)
    return over


def _told(seen: "Outlook", asked: Question, *, begun: float | None) -> tuple[float, float, float, float]:
    """Middle, low and high end, and the chance to meet the target; what has happened cannot be undone."""
    seen = within_bounds(seen, asked.entry)
    low, high = seen.interval(LEVEL)
    floor = -inf if begun is None else begun
    ends = (max(floor, seen.quantile(0.5)), max(floor, low), max(floor, high))
    chance = chance_to_meet(seen, asked.target, asked.direction, asked.entry)
    if begun is not None:
        if asked.direction is Direction.UP and begun >= asked.target:
            chance = 1.0
        elif asked.direction is Direction.DOWN and begun > asked.target:
            chance = 0.0
    return (*ends, chance)


def within_bounds(seen: "Outlook", entry: Definition) -> "Outlook":
    """The same without what can never be, such as 120 % of all answers."""
    import numpy as np

    low, high = bounds(entry)
    return replace(seen, values=np.clip(seen.values, low, high)) if max(-low, high) < inf else seen


def chance_to_meet(seen: "Outlook", target: float, direction: Direction, entry: Definition) -> float:
    """The probability of at least the target, or of at most it, where less is better."""
    if direction is Direction.UP:
        return seen.chance(target)
    return 1 - seen.chance(target + 1 if entry.unit is Unit.COUNT else nextafter(target, inf))


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
