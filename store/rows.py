"""Many rows at once in the form that each driver takes fastest, without the toolkit between.

Values arrive as their columns keep them: instants by `stored_instant`, all else plain.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from typing import Any

from sqlalchemy import Connection, Table
from sqlalchemy.dialects import postgresql

#: In the order of the columns' names.
Rows = Sequence[tuple[Any, ...]]
_POSTGRESQL = postgresql.dialect()  # type: ignore[no-untyped-call]


def on_postgresql(connection: Connection) -> bool:
    """Whether arrays may be passed; else it is SQLite, where one row follows the other."""
    return connection.dialect.name == "postgresql"


@lru_cache(maxsize=4096)  # what is read in one look shares its moment
def stored_instant(at: datetime, *, as_text: bool) -> datetime | str:
    """An instant (UTC) as a column of instants keeps it: as text on SQLite, to the microsecond."""
    return at.replace(tzinfo=None).isoformat(" ", "microseconds") if as_text else at


def fetched(connection: Connection, query: str, values: Sequence[Any]) -> list[tuple[Any, ...]]:
    """The rows of a query as the driver gives them, for many rows in which nothing needs to be looked at."""
    result = connection.exec_driver_sql(query, tuple(values))
    cursor: Any = result.cursor
    found: list[tuple[Any, ...]] = cursor.fetchall()
    result.close()
    return found


def among(connection: Connection, column: str, values: Sequence[Any]) -> tuple[str, list[Any]]:
    """The condition that a column has one of these values, and what is to be passed with it."""
    if on_postgresql(connection):
        return f"{column} = ANY(%s)", [list(values)]
    return f"{column} IN ({', '.join('?' * len(values))})", list(values)


def insert(connection: Connection, table: Table, names: tuple[str, ...], rows: Rows) -> None:
    """Insert rows whose values stand in the order of ``names``."""
    _write(connection, _statement(table, names), rows)


def leave(connection: Connection, table: Table, names: tuple[str, ...], rows: Rows) -> None:
    """As `insert`; a row whose primary key is there already is left out."""
    _write(connection, _statement(table, names, there="NOTHING"), rows)


def put(connection: Connection, table: Table, names: tuple[str, ...], rows: Rows) -> None:
    """As `insert`; a row whose primary key is there already takes the place of the one that is there."""
    _write(connection, _statement(table, names, there="UPDATE"), rows)


def change(
    connection: Connection, table: Table, keys: tuple[str, ...], names: tuple[str, ...], rows: Rows
) -> None:
    """Change these columns of the rows that have these keys; both stand in a row, the keys first."""
    _write(connection, _change(table, keys, names), [(*row[len(keys) :], *row[: len(keys)]) for row in rows])


def _write(connection: Connection, statement: "_Statement", rows: Rows) -> None:
    if not rows:
        return
    if on_postgresql(connection):
        # As lists, and never a row at a time: each would be planned and answered by itself.
        arrays = tuple(list(one) for one in zip(*rows, strict=True))
        connection.exec_driver_sql(statement.of_arrays, arrays)
    else:
        connection.exec_driver_sql(statement.of_row, list(rows))


@dataclass(frozen=True, slots=True)
class _Statement:
    """The two ways to say an insert."""

    of_row: str
    of_arrays: str


@lru_cache(maxsize=64)
def _statement(table: Table, names: tuple[str, ...], *, there: str = "") -> _Statement:
    """``there``: what is done where the primary key is there already; "": it fails."""
    start = f"INSERT INTO {table.name} ({', '.join(names)})"
    key = [column.name for column in table.primary_key.columns]
    changes = ", ".join(f"{name} = excluded.{name}" for name in names if name not in key)
    end = f" ON CONFLICT ({', '.join(key)}) DO {there}" if there else ""
    end += f" SET {changes}" if there == "UPDATE" else ""
    return _Statement(
        f"{start} VALUES ({', '.join('?' * len(names))}){end}",
        f"{start} SELECT * FROM unnest({_arrays(table, names)}){end}",  # noqa: S608 - names of our own tables
    )


@lru_cache(maxsize=64)
def _change(table: Table, keys: tuple[str, ...], names: tuple[str, ...]) -> _Statement:
    both = (*names, *keys)
    given = f"unnest({_arrays(table, both)}) AS given ({', '.join(both)})"
    same = " AND ".join(f"{table.name}.{name} = given.{name}" for name in keys)
    return _Statement(
        f"UPDATE {table.name} SET {', '.join(f'{name} = ?' for name in names)} "  # noqa: S608 - as above
        f"WHERE {' AND '.join(f'{name} = ?' for name in keys)}",
        f"UPDATE {table.name} SET {', '.join(f'{name} = given.{name}' for name in names)} "  # noqa: S608
        f"FROM {given} WHERE {same}",
    )


def _arrays(table: Table, names: tuple[str, ...]) -> str:
    """In the driver's binary form, which it makes in a fifth of the time that the text takes."""
    return ", ".join(f"%b::{_array(table, name)}" for name in names)


def _array(table: Table, name: str) -> str:
    return f"{table.c[name].type.compile(dialect=_POSTGRESQL)}[]"
