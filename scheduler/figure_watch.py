"""Figures that are out of the ordinary, of channels and of what KPIs look at: whole days, and the day so far.

Counts, rates and stocks of the catalogue are looked at wherever they can be had by day
(`scheduler.figure_courses`), and judged together.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from functools import cache
from typing import Any, Final
from zoneinfo import ZoneInfo

from sqlmodel import Session

from analytics.alarms.days import WINDOW
from analytics.alarms.limits import PERIOD
from analytics.alarms.ringing import KEPT, LOOKS, Ring, rings, rings_so_far
from analytics.alarms.scales import Kind
from analytics.scopes import scope_name
from domain.alerts import Finding, Rule
from domain.definition import Direction, Supplies
from scheduler.causes import BACK, cause_of
from scheduler.figure_courses import Course, Courses
from store import silence
from store.silence import Source
from store.tables import Workspace

_DAY: Final = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class _Look:
    """One look at the figures of a workspace."""

    session: Session
    workspace: Workspace
    supplies: Supplies
    now: datetime
    #: Hour of the clock of a day that is not over.
    hour: int | None
    #: From which fields counts came lately, asked once.
    fields: Callable[[], Sequence[Source]]


def whole_day(
    session: Session, workspace: Workspace, day: date, *, supplies: Supplies, now: datetime
) -> list[Finding]:
    """What is out of the ordinary about a day that is over."""
    look = _look(session, workspace, supplies=supplies, now=now, hour=None)
    found = Courses(session, workspace, day, KEPT, supplies, now).all(longer_than=WINDOW)
    by_subject = {course.watched.subject: course for course in found}
    return [_finding(look, by_subject[ring.key], ring) for ring in rings([one.looked() for one in found])]


def day_so_far(
    session: Session, workspace: Workspace, *, hour: int, supplies: Supplies, now: datetime
) -> list[Finding]:
    """What is far out of the ordinary about today, before an hour of the clock that has passed."""
    look = _look(session, workspace, supplies=supplies, now=now, hour=hour)
    today = now.astimezone(ZoneInfo(workspace.zone)).date()
    found = Courses(session, workspace, today, WINDOW, supplies, now, hour).all(longer_than=WINDOW)
    by_subject = {course.watched.subject: course for course in found}
    rang = rings_so_far([one.looked(until=hour) for one in found])
    return [_finding(look, by_subject[ring.key], ring) for ring in rang]


def look_due(now: datetime, where: ZoneInfo, *, last: datetime | None) -> int | None:
    """The hour of the clock at which today is to be looked at now; None: it was, or none has come yet."""
    wall = now.astimezone(where)
    passed = [hour for hour in LOOKS if hour <= wall.hour]
    if not passed:
        return None
    if last is not None:
        seen = last.astimezone(where)
        if seen.date() == wall.date() and seen.hour >= passed[-1]:
            return None
    return passed[-1]


def _look(
    session: Session, workspace: Workspace, *, supplies: Supplies, now: datetime, hour: int | None
) -> _Look:
    fields = cache(lambda: silence.sources(session, workspace.id, since=now - BACK * _DAY))
    return _Look(session, workspace, supplies, now, hour, fields)


def _finding(look: _Look, course: Course, ring: Ring) -> Finding:
    watched, day = course.watched, course.days[-1]
    begun = day if ring.shift is None else day - ring.shift.days_ago * _DAY
    facts: dict[str, Any] = {
        "metric": watched.entry.key,
        "page": watched.page,
        "effect": round(ring.effect, 3),
        "day": day.isoformat(),
    }
    facts |= _of_shift(course, ring) if ring.shift is not None else _of_day(course, ring, hour=look.hour)
    facts |= cause_of(
        look.session, look.workspace, watched.scope, watched.entry, first=begun, last=day,
        is_more=course.is_more(ring.effect), supplies=look.supplies, now=look.now, fields=look.fields,
    )  # fmt: skip
    where = ZoneInfo(look.workspace.zone)
    return Finding(
        rule=Rule.FIGURE_SHIFT if ring.shift is not None else Rule.FIGURE_DAY,
        subject=watched.subject,
        name=scope_name(look.session, look.workspace.id, watched.scope) or look.workspace.name,
        facts=facts,
        since=datetime(begun.year, begun.month, begun.day, tzinfo=where).astimezone(look.now.tzinfo),
        is_good=course.is_more(ring.effect) == (watched.entry.direction is Direction.UP),
    )


def _of_shift(course: Course, ring: Ring) -> dict[str, Any]:
    """Facts of a level that has shifted, compared with just these days of the week."""
    assert ring.shift is not None
    number = ring.shift.days_ago + 1
    facts: dict[str, Any] = {"first_day": course.days[-number].isoformat(), "once": PERIOD}
    total = course.total(-number)
    if course.watched.kind is Kind.CHANGE:
        before = course.above[:-number, 0]
        usual = float(before[-7 * (len(before) // 7) :].mean())
        facts |= {"value": round(total / number, 1), "usual": round(usual, 1), "level": course.level}
        return {**facts, "variant": "stock"}
    usual_by = 1 + ring.effect
    if course.below is None:
        value = round(total / number, 1)
        return {**facts, "value": value, "usual": round(value / usual_by, 1) if usual_by > 0 else 0.0}
    below = course.total_below(-number)
    ratio = total / below if below else 0.0
    return {**facts, **_rate_facts(course, ratio, ratio / usual_by if usual_by > 0 else 0.0, -number)}


def _of_day(course: Course, ring: Ring, *, hour: int | None) -> dict[str, Any]:
    """Facts of a day that is out of the ordinary by itself."""
    assert ring.day is not None
    value, usual = ring.day.value, ring.day.usual
    facts: dict[str, Any] = {"once": min(10_000, max(WINDOW, round(1 / max(ring.day.p, 1e-9))))}
    if course.watched.kind is Kind.CHANGE:
        stock = {"value": round(value, 1), "usual": round(usual, 1), "level": course.level}
        return {**facts, **stock, "variant": "stock"}
    facts["effect"] = round(value / usual - 1 if usual > 0 else ring.effect, 3)
    if course.below is not None:
        return {**facts, **_rate_facts(course, value / course.event, usual / course.event, -1)}
    facts |= {"value": value, "usual": round(usual, 1)}
    return {**facts, "variant": "so_far", "hour": hour} if hour is not None else facts


def _rate_facts(course: Course, ratio: float, usual: float, first: int) -> dict[str, Any]:
    """Facts of a rate since the day at a place; ``effect`` is that of the figure as it is shown."""
    watched, rate, before = course.watched, course.shown(ratio), course.shown(usual)
    variant = "score" if watched.from_below else "of_posts" if watched.of_posts else "rate"
    facts: dict[str, Any] = {
        "variant": variant, "unit": watched.entry.unit, "rate": float(f"{rate:.3g}"),
        "usual_rate": float(f"{before:.3g}"), "above": round(course.total(first), 1),
        "below": round(course.total_below(first), 1),
    }  # fmt: skip
    if watched.from_below:
        facts["effect"] = round((rate - before) / max(abs(before), 1e-9), 3)
    return facts
