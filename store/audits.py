"""Audits that were kept: the last one, those before it, and forgetting the old."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import delete, func
from sqlmodel import Session, col, select

from domain.audit import Audit, Severity
from domain.errors import NotFound
from store.tables import AuditRow, Workspace


def keep(session: Session, workspace_id: int, audit: Audit, *, made_by: int | None) -> AuditRow:
    """Add an audit's row."""
    counts = audit.counts()
    by_rule: dict[str, dict[str, int]] = {one.rule: {} for one in audit.checked}
    for one in audit.findings:
        own = by_rule.setdefault(one.rule, {})
        own[one.severity] = own.get(one.severity, 0) + 1
    row = AuditRow(
        workspace_id=workspace_id,
        at=audit.at,
        days=audit.days,
        wrong=counts[Severity.WRONG],
        look=counts[Severity.LOOK],
        fine=counts[Severity.FINE],
        by_rule=by_rule,
        body=audit.frozen(),
        made_by=made_by,
    )
    session.add(row)
    session.flush()
    return row


def last(session: Session, workspace_id: int) -> AuditRow | None:
    """The workspace's newest audit; None: there was none yet."""
    rows = listed(session, workspace_id, limit=1)
    return rows[0] if rows else None


def listed(
    session: Session, workspace_id: int, *, limit: int, before: int | None = None
) -> Sequence[AuditRow]:
    """Audits, newest first; ``before`` goes on behind an audit's number."""
    query = select(AuditRow).where(col(AuditRow.workspace_id) == workspace_id)
    if before is not None:
        query = query.where(col(AuditRow.id) < before)
    return session.scalars(
        query.order_by(col(AuditRow.at).desc(), col(AuditRow.id).desc()).limit(limit)
    ).all()


def get(session: Session, workspace_id: int, audit_id: int) -> AuditRow:
    """The audit. Raises `NotFound` when the workspace has none by that number."""
    query = select(AuditRow).where(col(AuditRow.id) == audit_id, col(AuditRow.workspace_id) == workspace_id)
    found = session.scalar(query)
    if found is None:
        raise NotFound(f"There is no audit {audit_id}. The page of audits lists those there are.")
    return found


def previous(session: Session, row: AuditRow) -> AuditRow | None:
    """The audit before one; None: it is the first that is kept."""
    query = (
        select(AuditRow)
        .where(
            col(AuditRow.workspace_id) == row.workspace_id,
            col(AuditRow.id) != row.id,
            col(AuditRow.at) <= row.at,
        )
        .order_by(col(AuditRow.at).desc(), col(AuditRow.id).desc())
        .limit(1)
    )
    return session.scalar(query)


def owed(session: Session, *, before: datetime) -> Sequence[int]:
    """Workspaces whose last audit was earlier than then, or that had none."""
    newest = (
        select(col(AuditRow.workspace_id), func.max(col(AuditRow.at)).label("at"))
        .group_by(col(AuditRow.workspace_id))
        .subquery()
    )
    query = (
        select(col(Workspace.id))
        .outerjoin(newest, newest.c.workspace_id == col(Workspace.id))
        .where((newest.c.at.is_(None)) | (newest.c.at < before))
        .order_by(col(Workspace.id))
    )
    return session.scalars(query).all()


def forget_old(session: Session, *, before: datetime) -> None:
    """Remove audits that are older."""
    session.connection().execute(delete(AuditRow).where(col(AuditRow.at) < before))
