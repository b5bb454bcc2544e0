"""Questions and changes about reports, their plans and links, and what a report asks of posts."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import and_, case, func, update
from sqlmodel import Session, col, select

from domain.errors import NotFound
from domain.post import PostState
from store import secret_links
from store.tables import ChannelRow, Measurement, Post, ReportLink, ReportPlan, ReportRow


@dataclass(frozen=True, slots=True)
class Gaps:
    """Posts of a period whose figures are not as planned."""

    #: The last look failed.
    stale: int
    #: Seen to be gone from their platform.
    gone: int
    #: Their text reads differently there.
    changed: int


def gaps(session: Session, workspace_id: int, *, start: datetime, end: datetime) -> Gaps:
    """How many posts published in [start, end) could not be measured, are gone, or were changed there."""

    def number(condition: object) -> object:
        return func.coalesce(func.sum(case((condition, 1), else_=0)), 0)  # type: ignore[arg-type]

    mine = select(col(ChannelRow.id)).where(col(ChannelRow.workspace_id) == workspace_id)
    query = (
        select(
            number(and_(col(Measurement.failures) > 0, col(Post.deleted_at).is_(None))),  # type: ignore[call-overload]
            number(col(Post.deleted_at).is_not(None)),
            number(col(Post.changed_there_at).is_not(None)),
        )
        .join(Measurement, col(Measurement.post_id) == col(Post.id), isouter=True)
        .where(
            # By channel and hour: by workspace, databases look at every post there is.
            col(Post.channel_id).in_(mine),
            col(Post.state) == PostState.PUBLISHED,
            col(Post.published_at) >= start,
            col(Post.published_at) < end,
        )
    )
    stale, gone, changed = session.connection().execute(query).one()
    return Gaps(int(stale), int(gone), int(changed))


def active_channels(session: Session, workspace_id: int) -> Sequence[ChannelRow]:
    """The workspace's channels by name, paused ones left out."""
    query = select(ChannelRow).where(
        col(ChannelRow.workspace_id) == workspace_id, col(ChannelRow.state) != "paused"
    )
    return session.scalars(query.order_by(col(ChannelRow.name))).all()


def plans(session: Session, workspace_id: int) -> Sequence[ReportPlan]:
    """The plans that were not stopped, oldest first."""
    query = select(ReportPlan).where(
        col(ReportPlan.workspace_id) == workspace_id, col(ReportPlan.stopped_at).is_(None)
    )
    return session.scalars(query.order_by(col(ReportPlan.id))).all()


def plan(session: Session, workspace_id: int, plan_id: int) -> ReportPlan:
    """The plan. Raises `NotFound` when the workspace has none by that number, or it was stopped."""
    query = select(ReportPlan).where(
        col(ReportPlan.id) == plan_id,
        col(ReportPlan.workspace_id) == workspace_id,
        col(ReportPlan.stopped_at).is_(None),
    )
    found = session.scalar(query)
    if found is None:
        raise NotFound(f"There is no report plan {plan_id}. `tabuh report plans` shows those there are.")
    return found


def listed(
    session: Session, workspace_id: int, *, limit: int, before: int | None = None
) -> Sequence[ReportRow]:
    """Reports, newest first; ``before`` goes on behind a report's number."""
    query = select(ReportRow).where(col(ReportRow.workspace_id) == workspace_id)
    if before is not None:
        query = query.where(col(ReportRow.id) < before)
    return session.scalars(query.order_by(col(ReportRow.id).desc()).limit(limit)).all()


def get(session: Session, workspace_id: int, report_id: int) -> ReportRow:
    """The report. Raises `NotFound` when the workspace has none by that number."""
    query = select(ReportRow).where(
        col(ReportRow.id) == report_id, col(ReportRow.workspace_id) == workspace_id
    )
    found = session.scalar(query)
    if found is None:
        raise NotFound(f"There is no report {report_id}. `tabuh report list` shows those there are.")
    return found


def of_plan(session: Session, plan_id: int, first_day: date) -> ReportRow | None:
    """What a plan wrote about the period that begins on a day; None: nothing yet."""
    query = select(ReportRow).where(col(ReportRow.plan_id) == plan_id, col(ReportRow.first_day) == first_day)
    return session.scalar(query)


def note_progress(session: Session, row: ReportRow, done: int) -> None:
    """Remember how many chapters are written, while the claim is held."""
    held = (col(ReportRow.id) == row.id, col(ReportRow.claim) == row.claim)
    session.connection().execute(update(ReportRow).where(*held).values(done=done))


def issue_link(
    session: Session,
    report: ReportRow,
    *,
    name: str,
    language: str,
    now: datetime,
    expires_at: datetime,
    created_by: int | None = None,
) -> tuple[ReportLink, str]:
    """A new link's row, and the secret of its address, which is not kept."""
    return secret_links.issue(
        session,
        ReportLink,
        workspace_id=report.workspace_id,
        report_id=report.id,
        name=name,
        language=language,
        created_at=now,
        created_by=created_by,
        expires_at=expires_at,
    )


def links(session: Session, workspace_id: int, report_id: int) -> Sequence[ReportLink]:
    """The links to a report that were not revoked, oldest first."""
    of_report = col(ReportLink.report_id) == report_id
    return secret_links.open_ones(session, ReportLink, workspace_id, of_report)


def link(session: Session, workspace_id: int, report_id: int, link_id: int) -> ReportLink:
    """The link. Raises `NotFound` when the workspace has none by that number, or it was revoked."""
    of_report = col(ReportLink.report_id) == report_id
    found = secret_links.one(session, ReportLink, workspace_id, link_id, of_report)
    if found is None:
        raise NotFound(f"There is no link {link_id} to a report.")
    return found


def by_token(session: Session, token: str, *, now: datetime) -> tuple[ReportLink, ReportRow]:
    """The link at a secret address and its report. Raises `NotFound` when it was revoked or has ended."""
    found = secret_links.by_token(session, ReportLink, token, now=now, what="report")
    return found, session.get_one(ReportRow, found.report_id)


def note_opened(session: Session, link_id: int, *, now: datetime) -> None:
    """Count one reading of a link."""
    secret_links.note_opened(session, ReportLink, link_id, now=now)
