"""Questions and changes about walks to a platform's consent page and back."""

import hashlib
from datetime import datetime
from typing import Any

from sqlalchemy import CursorResult, delete, update
from sqlmodel import Session, col, select

from store.tables import Connecting


def state_hash(state: str) -> str:
    """What is kept of a state: SHA-256, hex."""
    return hashlib.sha256(state.encode()).hexdigest()


def by_state(session: Session, state: str) -> Connecting | None:
    """The walk that this state belongs to; None when there is none."""
    return session.scalar(select(Connecting).where(col(Connecting.state_hash) == state_hash(state)))


def get(session: Session, workspace_id: int, walk_id: int) -> Connecting | None:
    """The walk by its number; None when this workspace has none by it."""
    query = select(Connecting).where(
        col(Connecting.id) == walk_id, col(Connecting.workspace_id) == workspace_id
    )
    return session.scalar(query)


def answer(session: Session, walk: Connecting, *, now: datetime) -> bool:
    """Use up the state; False when it was used before, or its time has passed."""
    return _write_once(session, walk, "answered_at", now=now)


def end(session: Session, walk: Connecting, *, now: datetime) -> bool:
    """Use up the choice of a target; False when it was used before, or its time has passed."""
    return _write_once(session, walk, "ended_at", now=now)


def _write_once(session: Session, walk: Connecting, name: str, *, now: datetime) -> bool:
    unused = (col(Connecting.id) == walk.id, getattr(Connecting, name).is_(None))
    in_time = col(Connecting.expires_at) > now
    change = update(Connecting).where(*unused, in_time).values(**{name: now})
    result = session.connection().execute(change)
    assert isinstance(result, CursorResult)
    return result.rowcount == 1


def keep(session: Session, walk_id: int, **values: Any) -> None:
    """Write what was granted, for the choice that follows."""
    session.connection().execute(update(Connecting).where(col(Connecting.id) == walk_id).values(**values))


def reopen(session: Session, walk_id: int) -> None:
    """Let the choice of a target be made again: what followed from it failed."""
    keep(session, walk_id, ended_at=None)


def forget_old(session: Session, *, before: datetime) -> None:
    """Remove walks that have expired, with all that was sealed in them."""
    session.connection().execute(delete(Connecting).where(col(Connecting.expires_at) <= before))
