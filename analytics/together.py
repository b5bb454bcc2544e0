"""What many KPIs of a workspace look at, read for all of them together."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from sqlmodel import Session

from analytics import scopes
from analytics.prospects import LOOK_BACK
from domain.catalogue import CATALOGUE
from domain.definition import Definition, Shape, Supplies
from domain.errors import NotFound
from domain.kpi import scope_from
from domain.period import Every, Span, day_at, day_start, span_at
from domain.schedule import zone
from store import held_sums, kpis
from store.tables import Kpi

#: What lies farther back is summed by the database.
_FARTHEST = timedelta(days=400)


@dataclass(frozen=True, slots=True)
class Asked:
    """A KPI that will be evaluated: at which instant, and in its period around which day."""

    kpi: Kpi
    at: datetime
    day: date


def hold(session: Session, asked: Sequence[Asked], *, supplies: Supplies) -> None:
    """Where answers are kept: have what KPIs of one workspace look at at hand, by a few questions."""
    if not asked:
        return
    workspace_id = asked[0].kpi.workspace_id
    kpis.hold_last_readings(session, [one.kpi.id for one in asked])
    scopes.hold(session, workspace_id, {scope_from(one.kpi.scope) for one in asked})
    for one in asked:
        entry = CATALOGUE.get(one.kpi.metric)
        if entry is not None and entry.shape is Shape.FLOW and not entry.outside:
            _expect(session, one, entry, supplies)


def _expect(session: Session, asked: Asked, entry: Definition, supplies: Supplies) -> None:
    kpi, where = asked.kpi, zone(asked.kpi.zone)
    try:
        ground = scopes.ground(session, kpi.workspace_id, scope_from(kpi.scope), entry, supplies)
    except NotFound:  # whoever evaluates it hears of it
        return
    today = day_at(asked.at, where)
    span = span_at(
        asked.day, Every(kpi.period), starts_on=kpi.starts_on, deadline=kpi.deadline,
        week_start=kpis.week_start(session, kpi.workspace_id),
    )  # fmt: skip
    past = Span(today - LOOK_BACK, today)
    last = kpis.last_reading(session, kpi.id)
    # Periods that ended since the last evaluation are looked at too.
    first = min(span.first, past.first, last.period_start if last else today)
    since = day_start(max(first, today - _FARTHEST), where)
    edges = [one for one in (*span.bounds(where), *past.bounds(where), asked.at) if one >= since]
    held_sums.expect(session, ground.scope, entry.numerator, since=since, edges=edges)
