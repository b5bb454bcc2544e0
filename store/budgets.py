"""Budgets: how many calls or tries may be made in a window, taken by conditional UPDATE."""

from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, CursorResult, delete, update
from sqlmodel import Session, col

from store.tables import Budget
from store.upsert import insert_or_leave


def take(session: Session, key: str, *, allowed: int, window: timedelta, now: datetime) -> bool:
    """Take one of ``allowed`` in the window that runs, or open the next; False when none is left."""
    is_open = col(Budget.window_end) > now
    one_more = {"used": col(Budget.used) + 1}
    fresh = {"window_start": now, "window_end": now + window, "used": 1, "allowed": allowed}
    return (
        _change(session, key, is_open & (col(Budget.used) < allowed), one_more)
        or _change(session, key, ~is_open, fresh)
        or insert_or_leave(session, Budget, [{"key": key, **fresh}]) == 1
        # Somebody else opened the window between the second step and the third.
        or _change(session, key, is_open & (col(Budget.used) < allowed), one_more)
    )


def _change(session: Session, key: str, when: ColumnElement[bool], values: dict[str, Any]) -> bool:
    result = session.connection().execute(update(Budget).where(col(Budget.key) == key, when).values(**values))
    assert isinstance(result, CursorResult)
    return result.rowcount == 1


def forget(session: Session, key: str) -> None:
    """Start over: the next call opens a new window."""
    session.connection().execute(delete(Budget).where(col(Budget.key) == key))


def forget_ended(session: Session, *, now: datetime) -> None:
    """Remove windows that are over."""
    session.connection().execute(delete(Budget).where(col(Budget.window_end) <= now))
