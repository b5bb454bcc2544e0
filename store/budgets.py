"""Budgets: how many calls or tries may be made in a window, taken by conditional UPDATE."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, CursorResult, delete, update
from sqlmodel import Session, col, select

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


def take_rolling(
    session: Session, key: str, *, allowed: int, window: timedelta, used: int, count: int, now: datetime
) -> bool:
    """Take ``count`` of ``allowed`` in the window that ends now; False when fewer are left.

    Args:
        used: how many were used in that window, counted while `hold` keeps others away.
    """
    fits = {"window_start": now - window, "window_end": now, "used": used + count, "allowed": allowed}
    return used + count <= allowed and _change(session, key, col(Budget.key) == key, fits)


def hold(session: Session, key: str, *, now: datetime) -> None:
    """Keep others from taking of this budget until the transaction ends."""
    empty = {"key": key, "window_start": now, "window_end": now, "used": 0, "allowed": 0}
    insert_or_leave(session, Budget, [empty])
    _change(session, key, col(Budget.key) == key, {"window_end": Budget.window_end})


def believe(session: Session, key: str, *, left: int, until: datetime, now: datetime) -> None:
    """What the platform itself said is left, until then."""
    forget(session, key)
    fresh = {"key": key, "window_start": now, "window_end": until, "used": 0, "allowed": left}
    insert_or_leave(session, Budget, [fresh])


def believed(session: Session, keys: Sequence[str], *, now: datetime) -> dict[str, datetime]:
    """Those of these budgets of which a platform has said what is left, and until when that holds."""
    query = select(col(Budget.key), col(Budget.window_end)).where(
        col(Budget.key).in_(keys), col(Budget.window_end) > now
    )
    return {key: until for key, until in session.execute(query)} if keys else {}


def take_believed(session: Session, key: str, *, now: datetime) -> bool:
    """Take one of what the platform said is left; False when nothing is."""
    one_more = {"used": col(Budget.used) + 1}
    return _change(
        session, key, (col(Budget.window_end) > now) & (col(Budget.used) < col(Budget.allowed)), one_more
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
