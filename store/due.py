"""Due work: the claim, the only lock of the program, and what is due when."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any, TypeVar

from sqlalchemy import CursorResult, bindparam, func, tuple_, update
from sqlmodel import Session, col, select

from store.chunks import chunks
from store.tables.base import Due

Row_ = TypeVar("Row_", bound=Due)


def claim_due(
    session: Session, table: type[Row_], *, now: datetime, lease: timedelta, limit: int
) -> Sequence[Row_]:
    """Take up to ``limit`` due rows for ``lease``, oldest first, and commit.

    A claimed row comes due again when its lease ends, so the work of a machine that died
    is found by the same query as all other work. PostgreSQL skips the rows another worker
    is claiming; SQLite has one writer at a time and ignores the lock clause.
    """
    rows = take_due(session, table, now=now, lease=lease, limit=limit)
    session.commit()
    return rows


def take_due(
    session: Session, table: type[Row_], *, now: datetime, lease: timedelta, limit: int
) -> Sequence[Row_]:
    """As `claim_due`, in a transaction that its caller commits: nobody may act on the rows before that."""
    due = (
        select(col(table.id))
        .where(col(table.next_at) <= now)
        .order_by(col(table.next_at))
        .limit(limit)
        .with_for_update(skip_locked=True)
        .cte("due")
    )
    claim = (
        update(table)
        .where(col(table.id).in_(select(due.c.id)))
        .values(next_at=now + lease, claim=col(table.claim) + 1)
        .returning(table)
        .execution_options(populate_existing=True)  # never trust a row we already hold
    )
    return session.scalars(claim).all()


def finish(session: Session, row: Due, **values: Any) -> bool:
    """Write ``values`` while we still hold the claim; False when another took over."""
    return hold_and_write(session, type(row), row.id, row.claim, **values)


def hold_and_write(session: Session, table: type[Due], row_id: int, claim: int, **values: Any) -> bool:
    """As `finish`, for one who knows the row by its numbers only."""
    held = (col(table.id) == row_id, col(table.claim) == claim)
    result = session.connection().execute(update(table).where(*held).values(**values))
    assert isinstance(result, CursorResult)
    return result.rowcount == 1


def put_off(session: Session, rows: Sequence[Due], next_at: datetime | None) -> set[int]:
    """Say when these rows of one table are due next, with one statement; those of which we hold the claim."""
    held: set[int] = set()
    for chunk in chunks(sorted((row.id, row.claim) for row in rows)):
        table = type(rows[0])
        mine = tuple_(col(table.id), col(table.claim)).in_(chunk)
        statement = update(table).where(mine).values(next_at=next_at).returning(col(table.id))
        held.update(session.connection().execute(statement).scalars())
    return held


def finish_all(session: Session, ended: Iterable[tuple[Due, Mapping[str, Any]]]) -> None:
    """Write many rows of one table, as `finish` does one, at once; where a claim was lost, nothing is."""
    alike: dict[tuple[str, ...], list[dict[str, Any]]] = {}
    for row, values in sorted(ended, key=lambda pair: pair[0].id):  # in the order in which others lock
        held = {"held_id": row.id, "held_claim": row.claim}
        new = {f"new_{name}": value for name, value in values.items()}
        alike.setdefault(tuple(sorted(values)), []).append(held | new)
        table = type(row)
    for names, parameters in alike.items():
        statement = (
            update(table)
            .where(col(table.id) == bindparam("held_id"), col(table.claim) == bindparam("held_claim"))
            .values({name: bindparam(f"new_{name}") for name in names})
        )
        session.connection().execute(statement, parameters)


def next_due_at(session: Session, table: type[Due]) -> datetime | None:
    """When the earliest row of this kind is due (UTC); None when none is."""
    return session.scalar(select(func.min(col(table.next_at))).where(col(table.next_at).is_not(None)))


def database_now(session: Session, *, fallback: datetime) -> datetime:
    """The time by which leases are counted: the database's on PostgreSQL, where machines share it."""
    if session.get_bind().dialect.name != "postgresql":
        return fallback
    answer = session.scalar(select(func.clock_timestamp()))
    assert isinstance(answer, datetime)
    return answer
