"""What people do with KPIs, and the hourly evaluation of each."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

from sqlmodel import Session

from analytics.kpis import Standing, asked, baseline_of, evaluate, refusals
from domain.catalogue import definition
from domain.errors import TabuhError, UsageError
from domain.ids import new_id
from domain.kpi import KpiRefused, NewKpi
from domain.period import day_at, spans
from domain.schedule import zone
from scheduler.context import Context
from scheduler.measuring import supplies
from store import kpis
from store.changes import Actor, record
from store.due import finish
from store.engine import reading, writing
from store.tables import Kpi, KpiReading

#: How often a KPI is evaluated.
EVALUATE_EVERY = timedelta(hours=1)
#: Ended periods that are written down at once after a long down-time; older ones stay unwritten.
_CAUGHT_UP = 400


def add_kpi(context: Context, workspace_id: int, new: NewKpi, *, actor: Actor) -> Kpi:
    """Add a KPI after everything that speaks against it was looked for; a relative one gets its baseline.

    Raises:
        KpiRefused: with every reason why it cannot be.
        UsageError: unknown time zone.
        NotFound: its scope is not in this workspace.
    """
    now = context.clock()
    with writing(context.engine) as session:
        able = supplies(context, session, workspace_id)
        if reasons := refusals(session, workspace_id, new, supplies=able, now=now):
            raise KpiRefused(reasons)
        baseline = baseline_of(session, workspace_id, new, supplies=able, now=now)
        kpi = _row(workspace_id, new, baseline=baseline, now=now)
        session.add(kpi)
        _note(session, kpi, "added", actor, now=now, after={"metric": kpi.metric, "target": kpi.target})
        session.commit()
    return kpi


def _row(workspace_id: int, new: NewKpi, *, baseline: float | None, now: datetime) -> Kpi:
    return Kpi(
        id=new_id(),
        workspace_id=workspace_id,
        name=new.name.strip(),
        metric=new.metric,
        formula_version=definition(new.metric).version,
        scope=new.scope.stored(),
        target_kind=new.target_kind,
        target=new.target,
        baseline=baseline,
        baseline_from=new.baseline_from,
        baseline_to=new.baseline_to,
        period=new.every,
        direction=new.direction,
        starts_on=new.starts_on,
        deadline=new.deadline,
        zone=new.zone,
        owner_id=new.owner_id,
        why=new.why,
        created_at=now,
        next_at=now,
    )


def close_kpi(context: Context, workspace_id: int, name: str, *, actor: Actor) -> Kpi:
    """Evaluate a KPI no more; it and its readings stay.

    Raises:
        NotFound: there is none by that name.
        UsageError: it is closed already.
    """
    now = context.clock()
    with writing(context.engine) as session:
        kpi = kpis.named(session, workspace_id, name)
        if kpi.closed_at is not None:
            raise UsageError(f"The KPI {name!r} is closed already.")
        kpi.closed_at, kpi.next_at = now, None
        kpi.claim += 1  # beats an evaluation that is under way
        session.add(kpi)
        _note(session, kpi, "closed", actor, now=now)
        session.commit()
    return kpi


def standings(
    context: Context, session: Session, workspace_id: int, *, closed: bool = False
) -> Sequence[Standing]:
    """How each KPI of a workspace stands now, oldest first; the closed ones too when ``closed``."""
    able, now = supplies(context, session, workspace_id), context.clock()
    return [
        evaluate(session, kpi, now, supplies=able)
        for kpi in kpis.listed(session, workspace_id, closed=closed)
    ]


def evaluate_kpi(context: Context, row: Kpi) -> None:
    """Write down how a claimed KPI stands, and how its periods ended since it was last looked at.

    After its deadline it is evaluated once more and then no longer.
    """
    now = context.clock()
    try:
        with reading(context.engine) as session:
            found = _standings_due(context, session, row, now=now)
        over = row.deadline is not None and day_at(now, zone(row.zone)) > row.deadline
        next_at = None if over else now + EVALUATE_EVERY
    except TabuhError:  # its channel, route or feed is gone: tried again, in case it comes back
        found, next_at = [], now + EVALUATE_EVERY
    with writing(context.engine) as session:
        session.add_all(_reading(standing) for standing in found)
        if finish(session, row, next_at=next_at):
            session.commit()


def _standings_due(context: Context, session: Session, row: Kpi, *, now: datetime) -> list[Standing]:
    """The period of now, and before it each whose end was not written down yet."""
    able, new, where = supplies(context, session, row.workspace_id), asked(row), zone(row.zone)
    last = kpis.last_reading(session, row.id)
    every = spans(
        new.every,
        starts_on=new.starts_on,
        deadline=new.deadline,
        until=day_at(now, where),
        week_start=kpis.week_start(session, row.workspace_id),
    )
    open_ones = [
        span
        for span in every
        if last is None
        or span.first > last.period_start
        or (span.first == last.period_start and last.at < span.bounds(where)[1])
    ]
    return [evaluate(session, row, now, supplies=able, day=span.first) for span in open_ones[-_CAUGHT_UP:]]


def _reading(standing: Standing) -> KpiReading:
    covered = standing.actual.passport.coverage
    return KpiReading(
        kpi_id=standing.kpi.id,
        at=standing.at,
        period_start=standing.span.first,
        actual=standing.actual.value,
        expected=standing.expected,
        forecast=standing.prospect.middle if standing.prospect else None,
        forecast_low=standing.prospect.low if standing.prospect else None,
        forecast_high=standing.prospect.high if standing.prospect else None,
        chance=standing.prospect.chance if standing.prospect else None,
        status=standing.status,
        measured=covered.measured,
        in_scope=covered.in_scope,
    )


def _note(
    session: Session,
    kpi: Kpi,
    what: str,
    actor: Actor,
    *,
    now: datetime,
    after: dict[str, Any] | None = None,
) -> None:
    record(
        session,
        actor,
        what,
        subject="kpi",
        subject_id=kpi.id,
        workspace_id=kpi.workspace_id,
        now=now,
        after=after,
    )
