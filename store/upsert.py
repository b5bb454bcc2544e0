"""Insert or leave, insert or change: the one place where SQLite's and PostgreSQL's dialects differ."""

from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import CursorResult, Select
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.exc import IntegrityError
from sqlmodel import Session, SQLModel

from domain.errors import UsageError
from store.tables import METADATA


def insert_or_leave(session: Session, table: type[SQLModel], rows: Sequence[Mapping[str, Any]]) -> int:
    """Insert rows; one that would break a unique constraint is left out.

    Args:
        rows: all with the same columns. Defaults of the table class are not filled in.

    Returns:
        How many were inserted.
    """
    inserted = 0
    for row in rows:  # one by one: drivers do not count the rows of a multi-row insert alike
        # SQLAlchemy counts the rows of an INSERT only where it is asked to.
        result = session.connection().execute(
            _insert(session, table).values(**row).on_conflict_do_nothing(),
            execution_options={"preserve_rowcount": True},
        )
        assert isinstance(result, CursorResult)
        inserted += result.rowcount
    return inserted


def insert_or_leave_selected(
    session: Session,
    table: type[SQLModel],
    names: Sequence[str],
    rows: Select[*tuple[Any, ...]],
    *,
    returning: str,
) -> list[Any]:
    """Insert what a query finds; rows that would break a unique constraint are left out.

    Args:
        names: the columns that the query's columns go to.
        returning: of the rows that were inserted, this column comes back.
    """
    statement = _insert(session, table).from_select(list(names), rows).on_conflict_do_nothing()
    column = METADATA.tables[str(table.__tablename__)].c[returning]
    return list(session.connection().execute(statement.returning(column)).scalars())


def insert_or_change(
    session: Session,
    table: type[SQLModel],
    row: Mapping[str, Any],
    *,
    keys: Sequence[str],
    changes: Mapping[str, Any],
) -> None:
    """Insert a row, or make these changes to the one that has the same ``keys``.

    Args:
        keys: columns of a unique constraint or of the primary key.
        changes: column → new value, which may be an expression over the row that is there, such as
            ``{"shown": col(PageCount.shown) + 1}``.
    """
    statement = _insert(session, table).values(**row)
    session.connection().execute(
        statement.on_conflict_do_update(index_elements=list(keys), set_=dict(changes))
    )


def save_unique(session: Session, row: SQLModel, *, otherwise: str) -> None:
    """Write one row now; `UsageError` with this text when its name or address was taken meanwhile."""
    session.add(row)
    try:
        session.flush()
    except IntegrityError as exc:
        raise UsageError(otherwise) from exc


def _insert(session: Session, table: type[SQLModel]) -> "sqlite.Insert | postgresql.Insert":
    if session.get_bind().dialect.name == "postgresql":
        return postgresql.insert(table)
    return sqlite.insert(table)
