"""What speaks against a target in this workspace, and the baseline that a relative one sets out from."""

from datetime import datetime

from sqlmodel import Session

from analytics import outside
from analytics.scopes import channels_in, ground
from analytics.sums import Stretch, figure_over
from domain.catalogue import CATALOGUE
from domain.definition import OF_CHANNELS, Supplies
from domain.kpi import KpiRefused, NewKpi, TargetKind, check
from domain.period import Every, Span, day_at, periods_in, span_at
from domain.schedule import zone
from domain.sentence import Sentence
from store import activity, kpis


def refusals(
    session: Session,
    workspace_id: int,
    new: NewKpi,
    *,
    supplies: Supplies,
    now: datetime,
    kpi_id: int | None = None,
) -> list[Sentence]:
    """Everything that speaks against a KPI, or against changing ``kpi_id``; its baseline is not computed yet.

    Raises:
        UsageError: its time zone is unknown.
        NotFound: its scope is not in this workspace.
    """
    today = day_at(now, zone(new.zone))
    platforms = [row.platform for row in channels_in(session, workspace_id, new.scope)]
    reasons = check(new, platforms=platforms, supplies=supplies, today=today)
    if new.metric in CATALOGUE:
        entry = CATALOGUE[new.metric]
        lacking = outside.lacking(session, entry, workspace_id=workspace_id, scope=new.scope)
        reasons += [lacking] if lacking is not None else []
    if kpis.is_taken(session, workspace_id, new.name.strip(), but=kpi_id):
        reasons.append(Sentence("kpi.name_taken", {"name": new.name.strip()}))
    return reasons


def baseline_of(
    session: Session, workspace_id: int, new: NewKpi, *, supplies: Supplies, now: datetime
) -> float | None:
    """The value from which a relative KPI sets out, for one whole period of it; None for an absolute one.

    Given by a person, or computed from own data of the baseline's days.

    Raises:
        KpiRefused: it cannot be computed, or is 0; the reason says why.
    """
    if new.target_kind is TargetKind.ABSOLUTE:
        return None
    if new.baseline is not None:
        return new.baseline
    assert new.baseline_from is not None, "checked before"
    assert new.baseline_to is not None, "checked before"
    entry, where = CATALOGUE[new.metric], zone(new.zone)
    span = span_at(new.baseline_from, Every.ONCE, starts_on=new.baseline_from, deadline=new.baseline_to)
    start, end = span.bounds(where)
    if entry.shape not in OF_CHANNELS and not entry.outside:
        _check_own_data(session, workspace_id, new, span, supplies)
    figure = figure_over(
        session,
        entry,
        Stretch(start, end, now),
        workspace_id=workspace_id,
        scope=new.scope,
        supplies=supplies,
    )
    if figure.value is None:
        raise KpiRefused([Sentence("kpi.baseline_absent", {"reason": figure.reason or ""})])
    if figure.value <= 0:
        raise KpiRefused([Sentence("kpi.baseline_zero")])
    if not entry.additive:
        return figure.value
    week_start = kpis.week_start(session, workspace_id)
    target = span_at(new.starts_on, new.every, starts_on=new.starts_on, deadline=new.deadline)
    return figure.value / periods_in(span, new.every, target=target, week_start=week_start)


def _check_own_data(session: Session, workspace_id: int, new: NewKpi, span: Span, supplies: Supplies) -> None:
    where = ground(session, workspace_id, new.scope, CATALOGUE[new.metric], supplies)
    first = activity.first_published_at(session, where.scope)
    if first is None:
        raise KpiRefused([Sentence("kpi.baseline_no_data")])
    since = day_at(first, zone(new.zone))
    if span.first < since:
        raise KpiRefused([Sentence("kpi.baseline_before_data", {"since": since})])
