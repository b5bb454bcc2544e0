"""Alerts, what is muted, and when each workspace is looked at."""

from collections.abc import Collection, Sequence
from datetime import datetime, timedelta
from typing import Final

from sqlalchemy import bindparam, delete, func, or_, update
from sqlmodel import Session, col, select

from domain.alerts import FIGURE_RULES, LOOKED_EVERY
from domain.errors import NotFound
from domain.ids import new_id
from store.tables import AlertMute, AlertRow, Watch, Workspace
from store.upsert import insert_or_change, insert_or_leave


def open_ones(session: Session, workspace_id: int) -> Sequence[AlertRow]:
    """The open alerts of a workspace, newest first."""
    query = (
        select(AlertRow)
        .where(col(AlertRow.workspace_id) == workspace_id, col(AlertRow.closed_at).is_(None))
        .order_by(col(AlertRow.opened_at).desc(), col(AlertRow.id).desc())
    )
    return session.scalars(query).all()


def closed_ones(session: Session, workspace_id: int, *, limit: int) -> Sequence[AlertRow]:
    """The alerts of a workspace that have closed, the last closed first."""
    query = (
        select(AlertRow)
        .where(col(AlertRow.workspace_id) == workspace_id, col(AlertRow.closed_at).is_not(None))
        .order_by(col(AlertRow.closed_at).desc(), col(AlertRow.id).desc())
        .limit(limit)
    )
    return session.scalars(query).all()


def about(
    session: Session, workspace_id: int, subjects: Collection[str], *, limit: int
) -> Sequence[AlertRow]:
    """The alerts about any of these subjects, open or closed, newest first."""
    query = (
        select(AlertRow)
        .where(col(AlertRow.workspace_id) == workspace_id, col(AlertRow.subject).in_(list(subjects)))
        .order_by(col(AlertRow.opened_at).desc(), col(AlertRow.id).desc())
        .limit(limit)
    )
    return session.scalars(query).all()


def get(session: Session, workspace_id: int, alert_id: int) -> AlertRow:
    """The alert. Raises `NotFound` when this workspace has none by that number."""
    query = select(AlertRow).where(col(AlertRow.id) == alert_id, col(AlertRow.workspace_id) == workspace_id)
    found = session.scalars(query).first()
    if found is None:
        raise NotFound(f"There is no alert {alert_id}. `tabuh alert list` shows those there are.")
    return found


_UNSEEN: Final = select(func.count()).where(
    col(AlertRow.workspace_id) == bindparam("workspace_id"),
    col(AlertRow.closed_at).is_(None),
    col(AlertRow.seen_at).is_(None),
    or_(col(AlertRow.snoozed_until).is_(None), col(AlertRow.snoozed_until) <= bindparam("now")),
)


def unseen(session: Session, workspace_id: int, *, now: datetime) -> int:
    """How many open alerts nobody has seen and nobody has put off."""
    asked = {"workspace_id": workspace_id, "now": now}
    return int(session.connection().execute(_UNSEEN, asked).scalar_one())


def closed_since(session: Session, workspace_id: int, *, since: datetime) -> dict[tuple[str, str], AlertRow]:
    """The last alert of each rule and subject that has closed and held since then; figures' rules as one."""
    query = (
        select(AlertRow)
        .where(
            col(AlertRow.workspace_id) == workspace_id,
            col(AlertRow.closed_at).is_not(None),
            col(AlertRow.held_at) >= since,
        )
        .order_by(col(AlertRow.held_at))
    )
    return {
        ("figure" if row.rule in FIGURE_RULES else row.rule, row.subject): row
        for row in session.scalars(query)
    }


def mutes(session: Session, workspace_id: int, *, now: datetime) -> Sequence[AlertMute]:
    """What is muted now, by rule and subject."""
    query = (
        select(AlertMute)
        .where(
            col(AlertMute.workspace_id) == workspace_id,
            or_(col(AlertMute.until).is_(None), col(AlertMute.until) > now),
        )
        .order_by(col(AlertMute.rule), col(AlertMute.subject))
    )
    return session.scalars(query).all()


def mute(session: Session, row: AlertMute) -> None:
    """Mute a rule for a subject, or for all; what was muted already gets the new end."""
    values = {name: getattr(row, name) for name in AlertMute.model_fields}
    keys = ["workspace_id", "rule", "subject"]
    changes = {name: value for name, value in values.items() if name not in keys}
    insert_or_change(session, AlertMute, values, keys=keys, changes=changes)


def unmute(session: Session, workspace_id: int, rule: str, subject: str) -> None:
    """Let a rule open alerts again."""
    session.connection().execute(
        delete(AlertMute).where(
            col(AlertMute.workspace_id) == workspace_id,
            col(AlertMute.rule) == rule,
            col(AlertMute.subject) == subject,
        )
    )


def see_all(session: Session, workspace_id: int, person_id: int | None, *, now: datetime) -> None:
    """Mark every open alert as seen."""
    session.connection().execute(
        update(AlertRow)
        .where(
            col(AlertRow.workspace_id) == workspace_id,
            col(AlertRow.closed_at).is_(None),
            col(AlertRow.seen_at).is_(None),
        )
        .values(seen_at=now, seen_by=person_id)
    )


def ensure_watches(session: Session, *, now: datetime) -> int:
    """Give each workspace that has none a watch; returns how many were added."""
    has = select(col(Watch.workspace_id))
    ids = session.scalars(select(col(Workspace.id)).where(col(Workspace.id).not_in(has))).all()
    rows = [
        {"id": new_id(), "workspace_id": workspace_id, "next_at": now, "claim": 0} for workspace_id in ids
    ]
    return insert_or_leave(session, Watch, rows)


def look_soon(session: Session, workspace_id: int, *, now: datetime) -> None:
    """Let a workspace be looked at now: people are to hear of something.

    A look that is under way, whose lease is longer, is not disturbed: the one after it comes soon.
    """
    session.connection().execute(
        update(Watch)
        .where(
            col(Watch.workspace_id) == workspace_id,
            col(Watch.next_at) > now,
            col(Watch.next_at) <= now + LOOKED_EVERY,
        )
        .values(next_at=now)
    )


def forget_closed(session: Session, *, now: datetime, kept: timedelta) -> None:
    """Remove alerts that closed long ago."""
    session.connection().execute(delete(AlertRow).where(col(AlertRow.closed_at) < now - kept))
