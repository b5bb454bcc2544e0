"""What people do with KPIs, and the hourly evaluation of each."""

from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from functools import partial
from itertools import groupby
from typing import TYPE_CHECKING, Any

import structlog
from sqlmodel import Session

from analytics.kpis import Standing, asked, evaluate
from analytics.together import Asked, hold
from domain.catalogue import definition
from domain.errors import TabuhError, UsageError
from domain.goals import GOALS
from domain.ids import new_id
from domain.kpi import CADENCE_DAYS, KpiRefused, NewKpi
from domain.period import day_at, spans
from domain.schedule import zone
from domain.sentence import Sentence
from domain.sentences import say
from domain.smart import Verdict, warnings
from scheduler import guiding
from scheduler.context import Context
from scheduler.measuring import supplies
from store import answers, kpis, people
from store.changes import Actor, record
from store.due import finish
from store.engine import reading, writing
from store.tables import Kpi, KpiReading

if TYPE_CHECKING:
    from analytics.judging import Judgement

log = structlog.get_logger()

#: How often a KPI is evaluated.
EVALUATE_EVERY = timedelta(hours=1)
#: KPIs of a round that are written in one transaction.
_WRITTEN_TOGETHER = 100
#: Ended periods that are written down at once after a long down-time; older ones stay unwritten.
_CAUGHT_UP = 400


def check_kpi(context: Context, workspace_id: int, new: NewKpi, *, kpi_id: int | None = None) -> "Judgement":
    """Judge a target by the five checks and the own past; nothing is stored.

    ``kpi_id`` is the KPI that would be changed; None: a new one.

    Raises:
        UsageError: unknown time zone, goal, or cadence.
        NotFound: its scope is not in this workspace.
    """
    from analytics.judging import judge

    _check_words(new)
    now = context.clock()
    with reading(context.engine) as session:
        if new.owner_id is not None:
            _check_owner(session, workspace_id, new.owner_id)
        able = supplies(context, session, workspace_id)
        return judge(session, workspace_id, new, supplies=able, now=now, kpi_id=kpi_id)


def _check_words(new: NewKpi) -> None:
    if new.goal and new.goal not in GOALS:
        raise KpiRefused([Sentence("kpi.unknown_goal", {"goal": new.goal, "known": tuple(GOALS)})])
    if new.cadence and new.cadence not in CADENCE_DAYS:
        raise KpiRefused(
            [Sentence("kpi.unknown_cadence", {"cadence": new.cadence, "known": tuple(CADENCE_DAYS)})]
        )


def _check_owner(session: Session, workspace_id: int, person_id: int) -> None:
    if workspace_id not in {found.id for found, _ in people.workspaces_of(session, person_id)}:
        raise KpiRefused([Sentence("kpi.no_such_owner")])


def add_kpi(context: Context, workspace_id: int, new: NewKpi, *, actor: Actor) -> Kpi:
    """Add a KPI after it was judged; a relative one gets its baseline, and what was warned of is kept.

    Raises:
        KpiRefused: with every reason why it cannot be.
        UsageError: unknown time zone.
        NotFound: its scope is not in this workspace.
    """
    judged = _passed(check_kpi(context, workspace_id, new))
    now = context.clock()
    with writing(context.engine) as session:
        if kpis.is_taken(session, workspace_id, new.name.strip()):
            raise KpiRefused([Sentence("kpi.name_taken", {"name": new.name.strip()})])
        kpi = _row(workspace_id, new, judged, now=now)
        session.add(kpi)
        after = {"metric": kpi.metric, "target": kpi.target}
        if kpi.warned:
            after["warned"] = [one["check"] for one in kpi.warned]
        note(session, kpi, "added", actor, now=now, after=after)
        session.commit()
    guiding.follow(context, workspace_id)
    return kpi


def _passed(judged: "Judgement") -> "Judgement":
    failures = [check for check in judged.checks if check.verdict is Verdict.FAILED]
    if failures:
        raise KpiRefused([reason for check in failures for reason in check.reasons])
    return judged


def _row(workspace_id: int, new: NewKpi, judged: "Judgement", *, now: datetime) -> Kpi:
    return Kpi(
        id=new_id(),
        workspace_id=workspace_id,
        name=new.name.strip(),
        metric=new.metric,
        formula_version=definition(new.metric).version,
        scope=new.scope.stored(),
        target_kind=new.target_kind,
        target=new.target,
        baseline=judged.baseline,
        baseline_from=new.baseline_from,
        baseline_to=new.baseline_to,
        period=new.every,
        direction=new.direction,
        starts_on=new.starts_on,
        deadline=new.deadline,
        zone=new.zone,
        owner_id=new.owner_id,
        why=new.why,
        goal=new.goal,
        goal_words=new.goal_words,
        audience=new.audience,
        baseline_source=new.baseline_source,
        cadence=new.cadence,
        alert_rule=new.alert_rule,
        warned=warned_of(judged),
        created_at=now,
        next_at=now,
    )


def warned_of(judged: "Judgement") -> list[dict[str, str]] | None:
    """The checks against which a target is saved, as its row keeps them; None: none."""
    found = [
        {"check": str(check.letter), "said": " ".join(say(reason) for reason in check.reasons)}
        for check in warnings(judged.checks)
    ]
    return found or None


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
        note(session, kpi, "closed", actor, now=now)
        session.commit()
    guiding.follow(context, workspace_id)
    return kpi


def standings(
    context: Context,
    session: Session,
    workspace_id: int,
    *,
    closed: bool = False,
    skip: int = 0,
    limit: int | None = None,
) -> Sequence[Standing]:
    """How each KPI of a workspace, or of some, stands now, oldest first; closed ones too when ``closed``."""
    able, now = supplies(context, session, workspace_id), context.clock()
    rows = kpis.listed(session, workspace_id, closed=closed, skip=skip, limit=limit)
    with answers.kept(session):
        _hold(context, session, rows, now=now)
        return [evaluate(session, kpi, now, supplies=able) for kpi in rows]


def evaluate_kpi(context: Context, row: Kpi) -> None:
    """Write down how a claimed KPI stands, and how its periods ended since it was last looked at.

    After its deadline it is evaluated once more and then no longer.
    """
    evaluate_kpis(context, [row])


def evaluate_kpis(context: Context, rows: Sequence[Kpi]) -> None:
    """As `evaluate_kpi`, many at once: what several look at is read once, and all is written together.

    One that breaks stops no other: its lease ends by itself, and it is tried again then.
    """
    now = context.clock()
    # The whole workspace first: what is read for it serves those that look at a part.
    ordered = sorted(rows, key=lambda row: (row.workspace_id, bool(row.scope), str(row.scope), row.metric))
    with reading(context.engine) as session, answers.kept(session):
        _hold(context, session, ordered, now=now)
        for first in range(0, len(ordered), _WRITTEN_TOGETHER):
            _write(context, _round(context, session, ordered[first:][:_WRITTEN_TOGETHER], now=now))


def _hold(context: Context, session: Session, rows: Sequence[Kpi], *, now: datetime) -> None:
    for workspace_id, own in groupby(rows, key=lambda row: row.workspace_id):
        try:
            looks = [Asked(row, now, day_at(now, zone(row.zone))) for row in own]
            hold(session, looks, supplies=supplies(context, session, workspace_id))
        except Exception:  # it only makes them quicker
            log.exception("kpis_not_held", workspace=workspace_id)


_Ended = tuple[Kpi, datetime | None, list[Standing]]


def _round(context: Context, session: Session, rows: Sequence[Kpi], *, now: datetime) -> list[_Ended]:
    ended: list[_Ended] = []
    for row in rows:
        try:
            ended.append((row, *_evaluated(context, session, row, now=now)))
        except Exception:
            if len(rows) == 1:
                raise
            log.exception("kpi_broke", kpi=row.id)
    return ended


def _write(context: Context, ended: Sequence[_Ended]) -> None:
    with writing(context.engine) as session:
        for row, next_at, found in sorted(ended, key=lambda one: one[0].id):  # in the order of others
            if finish(session, row, next_at=next_at):
                session.add_all(reading_of(standing) for standing in found)
        session.commit()


def _evaluated(
    context: Context, session: Session, row: Kpi, *, now: datetime
) -> tuple[datetime | None, list[Standing]]:
    """When it is due again, and how it stands."""
    try:
        found = standings_due(context, session, row, now=now)
        over = row.deadline is not None and day_at(now, zone(row.zone)) > row.deadline
    except TabuhError:  # its channel, route or feed is gone: tried again, in case it comes back
        return now + EVALUATE_EVERY, []
    return None if over else now + EVALUATE_EVERY, found


def in_rounds(context: Context, _session: Session, rows: Sequence[Kpi]) -> dict[int, Callable[[], None]]:
    """What handles each of the KPIs that are being claimed: the first of them evaluates all."""
    turn = iter([partial(evaluate_kpis, context, list(rows))])

    def handle() -> None:
        for evaluate_all in turn:
            evaluate_all()

    return {row.id: handle for row in rows}


def standings_due(context: Context, session: Session, row: Kpi, *, now: datetime) -> list[Standing]:
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


def reading_of(standing: Standing) -> KpiReading:
    """How a KPI stands, as the row that keeps it."""
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
        version=standing.kpi.version,
    )


def note(
    session: Session,
    kpi: Kpi,
    what: str,
    actor: Actor,
    *,
    now: datetime,
    before: dict[str, Any] | None = None,
    after: dict[str, Any] | None = None,
) -> None:
    """Record a change of a KPI."""
    record(
        session,
        actor,
        what,
        subject="kpi",
        subject_id=kpi.id,
        workspace_id=kpi.workspace_id,
        now=now,
        before=before,
        after=after,
    )
