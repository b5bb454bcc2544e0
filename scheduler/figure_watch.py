"""Figures that are out of the ordinary, of channels and of what KPIs look at: whole days, and the day so far.

Every figure of the catalogue that happens day by day is looked at, wherever it can be had.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any, Final
from zoneinfo import ZoneInfo

from sqlmodel import Session

from analytics.alarms.days import WINDOW
from analytics.alarms.limits import PERIOD
from analytics.alarms.ringing import KEPT, LOOKS, Ring, rings, rings_so_far
from analytics.alarms.scales import Looked
from analytics.daily import slices
from analytics.scopes import scope_name
from domain.alerts import Finding, Rule
from domain.catalogue import CATALOGUE
from domain.definition import Definition, Direction, Shape, Supplies
from domain.errors import TabuhError
from domain.kpi import Scope, ScopeKind, scope_from
from scheduler.causes import cause_of
from store import channels, kpis
from store.tables import Workspace

_DAY: Final = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Watched:
    """One figure of one scope."""

    scope: Scope
    entry: Definition

    @property
    def subject(self) -> str:
        """As alerts name it: ``channel:12:views``."""
        where = self.scope.kind if self.scope.id is None else f"{self.scope.kind}:{self.scope.id}"
        return f"{where}:{self.entry.key}"

    @property
    def page(self) -> str:
        """Where its posts can be seen."""
        wanted = f"&{self.scope.kind}={self.scope.id}" if self.scope.id is not None else ""
        return f"/statistics?sort={self.entry.key}{wanted}"


@dataclass(frozen=True, slots=True)
class Course:
    """What happened of a figure by day and hour."""

    watched: Watched
    #: Its days in a row, oldest first, the last one today.
    days: Sequence[date]
    #: By day: counts of each of the 24 hours.
    hours: Sequence[Sequence[float]]

    def total(self, place: int, *, until: int = 24) -> float:
        """What a day had before an hour of the clock."""
        return float(sum(self.hours[place][:until]))

    def looked(self, place: int, *, until: int = 24) -> Looked:
        """A day of it beside the days before."""
        before = range(max(0, place - KEPT), place)
        return Looked(
            self.watched.subject,
            [self.total(one, until=until) for one in before],
            self.total(place, until=until),
        )


def whole_day(
    session: Session, workspace: Workspace, day: date, *, supplies: Supplies, now: datetime
) -> list[Finding]:
    """What is out of the ordinary about a day that is over."""
    courses = _courses(session, workspace, day, KEPT, supplies=supplies, now=now)
    by_subject = {course.watched.subject: course for course in courses}
    found = rings([course.looked(len(course.days) - 1) for course in courses])
    return [
        _finding(session, workspace, by_subject[ring.key], ring, hour=None, supplies=supplies, now=now)
        for ring in found
    ]


def day_so_far(
    session: Session, workspace: Workspace, *, hour: int, supplies: Supplies, now: datetime
) -> list[Finding]:
    """What is far out of the ordinary about today, before an hour of the clock that has passed."""
    today = now.astimezone(ZoneInfo(workspace.zone)).date()
    courses = _courses(session, workspace, today, WINDOW, supplies=supplies, now=now)
    by_subject = {course.watched.subject: course for course in courses}
    found = rings_so_far([course.looked(len(course.days) - 1, until=hour) for course in courses])
    return [
        _finding(session, workspace, by_subject[ring.key], ring, hour=hour, supplies=supplies, now=now)
        for ring in found
    ]


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


def _courses(
    session: Session, workspace: Workspace, day: date, back: int, *, supplies: Supplies, now: datetime
) -> list[Course]:
    found = []
    for watched in _watched(session, workspace.id):
        course = _course(session, workspace, watched, day, back, supplies=supplies, now=now)
        if course is not None and len(course.days) > WINDOW:
            found.append(course)
    return found


def _watched(session: Session, workspace_id: int) -> Iterator[Watched]:
    """Each figure of each channel, and what KPIs look at beside that; each once."""
    happening = [entry for entry in CATALOGUE.values() if entry.shape is Shape.FLOW]
    seen = set()
    for row in channels.listed(session, workspace_id):
        for entry in happening:
            watched = Watched(Scope(ScopeKind.CHANNEL, row.id), entry)
            seen.add(watched.subject)
            yield watched
    for kpi in kpis.listed(session, workspace_id):
        known = CATALOGUE.get(kpi.metric)
        if known is None or known.shape is not Shape.FLOW:
            continue
        watched = Watched(scope_from(kpi.scope), known)
        if watched.subject not in seen:
            seen.add(watched.subject)
            yield watched


def _course(
    session: Session,
    workspace: Workspace,
    watched: Watched,
    day: date,
    back: int,
    *,
    supplies: Supplies,
    now: datetime,
) -> Course | None:
    """None: nothing supplies it, its scope is gone, or nothing ever happened."""
    where = ZoneInfo(workspace.zone)
    first = day - back * _DAY
    start = datetime(first.year, first.month, first.day, tzinfo=where)
    after = day + _DAY
    end = min(datetime(after.year, after.month, after.day, tzinfo=where), now)
    try:
        found = slices(
            session, watched.entry, (start.astimezone(now.tzinfo), end.astimezone(now.tzinfo)),
            workspace_id=workspace.id, scope=watched.scope, supplies=supplies,
        )  # fmt: skip
    except TabuhError:  # a KPI's channel, route or feed is gone
        return None
    hours = {first + number * _DAY: [0.0] * 24 for number in range(back + 1)}
    begun: date | None = None
    for at, number in found or ():
        wall = at.astimezone(where)
        if number and wall.date() in hours:
            hours[wall.date()][wall.hour] += number
            begun = wall.date() if begun is None else min(begun, wall.date())
    if begun is None:
        return None
    # The first day may be only a part of one.
    days = [one for one in hours if one > begun or begun == first]
    return Course(watched, days, [hours[one] for one in days])


def _finding(
    session: Session,
    workspace: Workspace,
    course: Course,
    ring: Ring,
    *,
    hour: int | None,
    supplies: Supplies,
    now: datetime,
) -> Finding:
    watched, day = course.watched, course.days[-1]
    facts: dict[str, Any] = {
        "metric": watched.entry.key,
        "page": watched.page,
        "effect": round(ring.effect, 3),
        "day": day.isoformat(),
    }
    begun = day
    if ring.shift is not None:
        begun = day - ring.shift.days_ago * _DAY
        since_then = len(course.days) - 1 - ring.shift.days_ago
        value = _mean([course.total(place) for place in range(since_then, len(course.days))])
        # What is usual on just these days of the week.
        usual = round(value / (1 + ring.effect), 1) if ring.effect > -1 else 0.0
        facts |= {"first_day": begun.isoformat(), "value": value, "usual": usual, "once": PERIOD}
    elif ring.day is not None:
        once = min(10_000, max(WINDOW, round(1 / max(ring.day.p, 1e-9))))
        value, usual = ring.day.value, ring.day.usual
        facts |= {"value": value, "usual": round(usual, 1), "once": once}
        facts["effect"] = round(value / usual - 1 if usual > 0 else ring.effect, 3)
        if hour is not None:
            facts |= {"variant": "so_far", "hour": hour}
    facts |= cause_of(
        session, workspace, watched.scope, watched.entry, first=begun, last=day, is_more=ring.effect > 0,
        supplies=supplies, now=now,
    )  # fmt: skip
    where = ZoneInfo(workspace.zone)
    is_good = (ring.effect > 0) == (watched.entry.direction is Direction.UP)
    return Finding(
        rule=Rule.FIGURE_SHIFT if ring.shift is not None else Rule.FIGURE_DAY,
        subject=watched.subject,
        name=scope_name(session, workspace.id, watched.scope) or workspace.name,
        facts=facts,
        since=datetime(begun.year, begun.month, begun.day, tzinfo=where).astimezone(now.tzinfo),
        is_good=is_good,
    )


def _mean(values: Sequence[float]) -> float:
    return round(sum(values) / len(values), 1) if values else 0.0
