"""The regular look at each workspace: what is silent, which KPIs need a word, which figures are unusual.

Silence, KPIs and numbers that cannot be are looked at every few minutes; figures once a day when the day is
over, and a few times within it.
"""

from datetime import date, datetime, timedelta
from typing import Final
from zoneinfo import ZoneInfo

import structlog
from sqlmodel import Session

from domain.alerts import FIGURE_RULES, LOOKED_EVERY, Finding, Rule
from scheduler import experiment_watch, figure_watch, kpi_watch, number_watch, silence_watch
from scheduler.alerting import settle
from scheduler.context import Context
from scheduler.measuring import supplies
from scheduler.standstill import RULES as STANDSTILL
from store import telling
from store.due import finish
from store.engine import reading, writing
from store.tables import Watch, Workspace

log = structlog.get_logger()

#: So long after midnight the day before is judged: what was read at its end is written by then.
_SETTLED: Final = timedelta(minutes=10)
_KPIS: Final = frozenset({Rule.KPI_AT_RISK, Rule.KPI_OFF_TRACK, Rule.KPI_REACHED})
_NUMBERS: Final = frozenset({Rule.NUMBER_FELL, Rule.NUMBER_UNIT})
_EXPERIMENTS: Final = frozenset({Rule.EXPERIMENT_ENDED})
_SILENCE: Final = frozenset(Rule) - FIGURE_RULES - _KPIS - _NUMBERS - _EXPERIMENTS - STANDSTILL
_DAY: Final = timedelta(days=1)


def watch(context: Context, row: Watch) -> None:
    """Look at a claimed workspace once, and open and close its alerts."""
    now = context.clock()
    with reading(context.engine) as session:
        workspace = telling.workspace(session, row.workspace_id)
        found, rules = _now(context, session, workspace, now=now)
        day = _day_over(workspace, row.judged_on, now=now)
        hour = figure_watch.look_due(now, ZoneInfo(workspace.zone), last=row.looked_at)
        figures = _figures(context, session, workspace, day=day, hour=hour, now=now)
    with writing(context.engine) as session:
        values = {"next_at": now + LOOKED_EVERY, "judged_on": day or row.judged_on}
        if not finish(session, row, **values, looked_at=now if hour is not None else row.looked_at):
            return
        settle(session, workspace, found, rules=rules, now=now)
        if day is not None:
            settle(session, workspace, figures, rules=FIGURE_RULES, now=now)
        elif figures:
            settle(session, workspace, figures, rules=(), now=now)
        session.commit()


def _now(
    context: Context, session: Session, workspace: Workspace, *, now: datetime
) -> tuple[list[Finding], frozenset[Rule]]:
    is_paused = workspace.paused_at is not None
    found = [
        *silence_watch.found(session, workspace.id, now=now, is_paused=is_paused),
        *kpi_watch.found(
            session, workspace, supplies=lambda: supplies(context, session, workspace.id), now=now
        ),
        *number_watch.found(session, workspace.id, now=now),
        *experiment_watch.found(session, workspace, now=now),
    ]
    return found, _SILENCE | _KPIS | _NUMBERS | _EXPERIMENTS


def _day_over(workspace: Workspace, judged: date | None, *, now: datetime) -> date | None:
    """The last whole day, unless it was judged already."""
    day = (now - _SETTLED).astimezone(ZoneInfo(workspace.zone)).date() - _DAY
    return day if judged is None or judged < day else None


def _figures(
    context: Context,
    session: Session,
    workspace: Workspace,
    *,
    day: date | None,
    hour: int | None,
    now: datetime,
) -> list[Finding]:
    if day is None and hour is None:
        return []
    able = supplies(context, session, workspace.id)
    found = []
    if day is not None:
        found += figure_watch.whole_day(session, workspace, day, supplies=able, now=now)
    if hour is not None:
        known = {finding.subject for finding in found}
        so_far = figure_watch.day_so_far(session, workspace, hour=hour, supplies=able, now=now)
        found += [finding for finding in so_far if finding.subject not in known]
    return found
