"""What people do with reports: ask for one, let them come by themselves, share them, end a link."""

import re
from collections.abc import Callable, Sequence
from datetime import date, timedelta
from typing import Any, Final

from sqlmodel import Session

from domain.errors import UsageError
from domain.ids import new_id
from domain.period import Every, day_at, whole
from domain.report import RHYTHMS, Report, thawed
from domain.schedule import zone
from scheduler.context import Context
from scheduler.reporting import due_at, link_url, new_report, write_report
from store import reports
from store.changes import Actor, record
from store.engine import reading, writing
from store.tables import ReportLink, ReportPlan, ReportRow, Workspace

#: How long a link is open.
SHORTEST: Final = timedelta(hours=1)
LONGEST: Final = timedelta(days=365)
USUAL: Final = timedelta(days=30)
#: Links to one report, recipients of a plan, and plans of a workspace.
MOST_LINKS: Final = 50
MOST_RECIPIENTS: Final = 50
MOST_PLANS: Final = 20
LANGUAGES: Final = ("en", "id")
_ADDRESS: Final = re.compile(r"[^@\s,;<>\"]{1,64}@[^@\s,;<>\"]{1,255}")


def ask_for(
    context: Context,
    workspace_id: int,
    *,
    every: Every,
    day: date | None,
    actor: Actor,
    by_worker: bool = True,
) -> ReportRow:
    """Ask for the report about the period around a day; None: the last one that is over.

    It is written by the next worker that is free; `write_now` does it at once, where ``by_worker`` is False.

    Raises:
        UsageError: the period has not begun.
    """
    if every not in RHYTHMS:
        raise UsageError("A report is about a week, a month or a quarter.")
    now = context.clock()
    with writing(context.engine) as session:
        workspace = session.get_one(Workspace, workspace_id)
        today = day_at(now, zone(workspace.zone))
        if day is None:
            day = whole(today, every, week_start=workspace.week_start).first - timedelta(days=1)
        span = whole(day, every, week_start=workspace.week_start)
        if span.first > today:
            raise UsageError(f"The {every} around {day} has not begun: choose an earlier day.")
        row = new_report(workspace, every, span, now=now, created_by=actor.person_id)
        row.next_at = now if by_worker else None
        session.add(row)
        _note(session, actor, "asked for report", row, now=now, first=str(span.first))
        session.commit()
    return row


def write_now(
    context: Context, row: ReportRow, *, told: Callable[[int], object] = lambda _: None
) -> ReportRow:
    """Write a report that was asked for without waiting for a worker; the row as it is then.

    Args:
        told: is called with the number of chapters done so far.
    """
    write_report(context, row, beside=told)
    with reading(context.engine) as session:
        return reports.get(session, row.workspace_id, row.id)


def opened(row: ReportRow) -> Report:
    """What a report says.

    Raises:
        UsageError: it is still being written, or it failed.
    """
    if row.state == "failed":
        raise UsageError(f"Report {row.id} could not be written: {row.reason or 'the log says why'}")
    if row.state != "ready":
        raise UsageError(f"Report {row.id} is still being written. Look again in a moment.")
    return thawed(row.body)


def add_plan(
    context: Context,
    workspace_id: int,
    *,
    every: Every,
    hour: int,
    language: str,
    recipients: Sequence[str],
    actor: Actor,
) -> ReportPlan:
    """Let a report be written after each period.

    Raises:
        UsageError: an hour, language or address that cannot be; too many of them.
    """
    if every not in RHYTHMS:
        raise UsageError("A report is about a week, a month or a quarter.")
    if not 0 <= hour <= 23:
        raise UsageError("Choose a full hour from 0 to 23.")
    if language not in LANGUAGES:
        raise UsageError("Reports are written in en (English) and id (Indonesian).")
    people = list(dict.fromkeys(address.strip() for address in recipients if address.strip()))
    if wrong := [address for address in people if not _ADDRESS.fullmatch(address)]:
        raise UsageError(f"{wrong[0]!r} is no mail address.")
    if len(people) > MOST_RECIPIENTS:
        raise UsageError(f"A report goes to at most {MOST_RECIPIENTS} addresses.")
    now = context.clock()
    with writing(context.engine) as session:
        workspace = session.get_one(Workspace, workspace_id)
        if len(reports.plans(session, workspace_id)) >= MOST_PLANS:
            raise UsageError(f"A workspace has at most {MOST_PLANS} report plans. Stop one first.")
        row = ReportPlan(
            id=new_id(),
            workspace_id=workspace_id,
            every=every,
            hour=hour,
            language=language,
            recipients=people,
            created_at=now,
            created_by=actor.person_id,
        )
        row.next_at = due_at(row, workspace, now=now)
        session.add(row)
        _note(session, actor, "added report plan", row, now=now, every=every)
        session.commit()
    return row


def stop_plan(context: Context, workspace_id: int, plan_id: int, *, actor: Actor) -> ReportPlan:
    """Write no more reports after a plan; those that were written stay. Raises `NotFound`."""
    now = context.clock()
    with writing(context.engine) as session:
        row = reports.plan(session, workspace_id, plan_id)
        row.stopped_at, row.next_at = now, None
        row.claim += 1  # beats a look that is under way
        session.add(row)
        _note(session, actor, "stopped report plan", row, now=now)
        session.commit()
    return row


def share(
    context: Context,
    workspace_id: int,
    report_id: int,
    *,
    name: str,
    lasts: timedelta = USUAL,
    language: str = "en",
    actor: Actor,
) -> tuple[ReportLink, str]:
    """An address at which somebody without account reads a report; shown once, only its hash is kept.

    Raises:
        NotFound: no such report.
        UsageError: it is not written; no name, or a time that is too short or long.
    """
    trimmed = " ".join(name.split())
    if not 1 <= len(trimmed) <= 80:
        raise UsageError("Say whom the link is for, in 1 to 80 characters.")
    if not SHORTEST <= lasts <= LONGEST:
        raise UsageError("A link to a report is open for 1 hour to 365 days.")
    if language not in LANGUAGES:
        raise UsageError("Reports are written in en (English) and id (Indonesian).")
    now = context.clock()
    with writing(context.engine) as session:
        report = reports.get(session, workspace_id, report_id)
        opened(report)
        if len(reports.links(session, workspace_id, report_id)) >= MOST_LINKS:
            raise UsageError(f"A report has at most {MOST_LINKS} links. Revoke one first.")
        row, token = reports.issue_link(
            session,
            report,
            name=trimmed,
            language=language,
            now=now,
            expires_at=now + lasts,
            created_by=actor.person_id,
        )
        _note(session, actor, "shared report", report, now=now, name=trimmed)
        session.commit()
    return row, link_url(context, token)


def revoke(context: Context, workspace_id: int, report_id: int, link_id: int, *, actor: Actor) -> ReportLink:
    """End a link to a report. Raises `NotFound`."""
    now = context.clock()
    with writing(context.engine) as session:
        row = reports.link(session, workspace_id, report_id, link_id)
        row.revoked_at = now
        session.add(row)
        report = reports.get(session, workspace_id, row.report_id)
        _note(session, actor, "revoked report link", report, now=now, name=row.name)
        session.commit()
    return row


def _note(session: Session, actor: Actor, what: str, row: ReportRow | ReportPlan, **after: Any) -> None:
    record(
        session,
        actor,
        what,
        subject="report" if isinstance(row, ReportRow) else "report_plan",
        subject_id=row.id,
        workspace_id=row.workspace_id,
        now=after.pop("now"),
        after=after or None,
    )
