"""Writing reports: after each period by themselves, and whenever somebody asks."""

from collections.abc import Callable
from datetime import date, datetime, timedelta

import structlog
from sqlmodel import Session

from analytics.reports.asking import Asked
from analytics.reports.letter import letter, subject
from analytics.reports.making import Around, make_report
from domain.errors import TabuhError
from domain.ids import new_id
from domain.period import Every, Span, day_at, day_start, whole
from domain.post import PostState
from domain.report import Report, spans_of
from domain.schedule import zone
from domain.sentence import Words
from domain.telling import Group, Notice
from scheduler.context import Context
from scheduler.measuring import supplies
from scheduler.telling import tell
from store import answers, kpis, posts, queue, reports
from store.due import finish
from store.engine import reading, writing
from store.tables import ReportPlan, ReportRow, Workspace

log = structlog.get_logger()

_DAY = timedelta(days=1)
#: How long the link of a mailed report is open, and for whom it says it is.
OPEN_FOR = timedelta(days=90)
_BY_MAIL = "mail"
#: Periods that are caught up after a long down-time.
_CAUGHT_UP = 2


def compose(
    context: Context,
    session: Session,
    workspace_id: int,
    *,
    every: Every,
    day: date,
    told: Callable[[int], object] = lambda _: None,
) -> Report:
    """The report about the period around a day, as it is known now."""
    workspace = session.get_one(Workspace, workspace_id)
    now = context.clock()
    span, before = spans_of(day, every, week_start=workspace.week_start)
    asked = Asked(
        session=session,
        workspace_id=workspace_id,
        every=every,
        span=span,
        before=before,
        zone_name=workspace.zone,
        supplies=supplies(context, session, workspace_id),
        now=now,
    )
    with answers.kept(session):  # chapters look at the same posts, as they stood at the same instants
        return make_report(asked, workspace, _around(session, asked), told=told)


def _around(session: Session, asked: Asked) -> Around:
    states = (PostState.UNCERTAIN, PostState.FAILED, PostState.AWAITING_APPROVAL)
    counts = posts.counts_by_state(session, asked.workspace_id, states=states)
    channels = reports.active_channels(session, asked.workspace_id)
    next_span = whole(asked.span.after, asked.every, week_start=asked.span.first.weekday())
    _, before = next_span.bounds(asked.where)
    promised = queue.promises(session, asked.workspace_id, before=before)
    return Around(
        waiting={
            "uncertain": counts[PostState.UNCERTAIN],
            "failed": counts[PostState.FAILED],
            "approval": counts[PostState.AWAITING_APPROVAL],
        },
        broken=[row.name for row in channels if row.state == "needs_reconnect"],
        queued={
            row.name: (promised[row.id].posts, promised[row.id].last_at) if row.id in promised else (0, None)
            for row in channels
            if row.state == "active"
        },
    )


def write_report(
    context: Context, row: ReportRow, *, beside: Callable[[int], object] = lambda _: None
) -> None:
    """Write a claimed report and freeze it; what goes wrong is said on it, and it can be asked for again."""

    def told(done: int) -> None:
        beside(done)
        with writing(context.engine) as session:
            reports.note_progress(session, row, done)
            session.commit()

    try:
        with reading(context.engine) as session:
            report = compose(
                context, session, row.workspace_id, every=Every(row.every), day=row.first_day, told=told
            )
        values = {"state": "ready", "body": report.frozen(), "made_at": report.made_at, "reason": None}
        values["mailed_at"] = report.made_at if row.plan_id is not None else None
    except TabuhError as error:
        values = {"state": "failed", "reason": str(error)}
    except Exception:
        log.exception("report_failed", report_id=row.id)
        values = {"state": "failed", "reason": "The report could not be written: the log says why."}
    with writing(context.engine) as session:
        if finish(session, row, next_at=None, **values):
            if values["state"] == "ready" and row.plan_id is not None:
                _send(context, session, row, report)
            session.commit()


def _send(context: Context, session: Session, row: ReportRow, report: Report) -> None:
    """Tell that a report came: in the same transaction, so that it is told once and not forgotten."""
    plan = session.get_one(ReportPlan, row.plan_id)
    _, token = reports.issue_link(
        session,
        row,
        name=_BY_MAIL,
        language=plan.language,
        now=report.made_at,
        expires_at=report.made_at + OPEN_FOR,
    )
    address = link_url(context, token)
    notice = Notice(
        key=f"report:{row.id}",
        kind="report.ready",
        group=Group.REPORTS,
        subject=Words(subject(report, "en"), subject(report, "id")),
        text=Words(letter(report, "en", address=address), letter(report, "id", address=address)),
        facts={
            "report_id": str(row.id),
            "first": str(row.first_day),
            "last": str(row.last_day),
            "url": address,
        },
        link=f"/reports/{row.id}",
    )
    tell(
        session,
        row.workspace_id,
        notice,
        now=report.made_at,
        addresses=plan.recipients,
        language=plan.language,
    )


def link_url(context: Context, token: str) -> str:
    """The secret address of a report."""
    return f"{context.public_url}/report/{token}"


def plan_reports(context: Context, row: ReportPlan) -> None:
    """Ask for the report about each period of a claimed plan that is over; and say when the next one is."""
    now = context.clock()
    with writing(context.engine) as session:
        workspace = session.get_one(Workspace, row.workspace_id)
        for span in _over(session, row, workspace, now=now):
            if reports.of_plan(session, row.id, span.first) is None:
                session.add(new_report(workspace, Every(row.every), span, now=now, plan_id=row.id))
        if finish(session, row, next_at=due_at(row, workspace, now=now)):
            session.commit()


def _over(session: Session, row: ReportPlan, workspace: Workspace, *, now: datetime) -> list[Span]:
    """The periods that ended since the plan was made, at most the last two, oldest first."""
    where, week_start = zone(workspace.zone), kpis.week_start(session, workspace.id)
    found: list[Span] = []
    span = whole(day_at(now, where), Every(row.every), week_start=week_start)
    for _ in range(_CAUGHT_UP):
        span = whole(span.first - _DAY, Every(row.every), week_start=week_start)
        due = day_start(span.after, where) + timedelta(hours=row.hour)
        if due <= now and due > row.created_at:
            found.append(span)
    return found[::-1]


def due_at(row: ReportPlan, workspace: Workspace, *, now: datetime) -> datetime:
    """When the plan's next report is due: at its hour of the day after the period."""
    where = zone(workspace.zone)
    span = whole(day_at(now, where), Every(row.every), week_start=workspace.week_start)
    due = day_start(span.first, where) + timedelta(hours=row.hour)
    return due if due > now else day_start(span.after, where) + timedelta(hours=row.hour)


def new_report(
    workspace: Workspace,
    every: Every,
    span: Span,
    *,
    now: datetime,
    plan_id: int | None = None,
    created_by: int | None = None,
) -> ReportRow:
    """A report that is still to be written, at once."""
    return ReportRow(
        id=new_id(),
        workspace_id=workspace.id,
        plan_id=plan_id,
        every=every,
        first_day=span.first,
        last_day=span.last,
        zone=workspace.zone,
        created_at=now,
        created_by=created_by,
        next_at=now,
    )
