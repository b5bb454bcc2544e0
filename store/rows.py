"""Many rows at once in the form that each driver takes fastest, without the toolkit between.

Values arrive as their columns keep them: instants by `stored_instant`, all else plain.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from typing import Any

from sqlalchemy import Connection, LargeBinary, Table
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
    if on_postgresql(connection):  # in the driver's binary form, which bytes and instants take as they are
        driver: Any = connection.connection.driver_connection
        with driver.cursor(binary=True) as told:
            return list(told.execute(query, tuple(values)).fetchall())
    result = connection.exec_driver_sql(query, tuple(values))
    cursor: Any = result.cursor
    found: list[tuple[Any, ...]] = cursor.fetchall()
    result.close()
    return found


def among(connection: Connection, column: str, values: Sequence[Any]) -> tuple[str, list[Any]]:
    """The condition that a column has one of these values, and what is to be passed with it."""
    if on_postgresql(connection):
        return f"{column} = ANY(%s)", [array(values)]
    return f"{column} IN ({', '.join('?' * len(values))})", list(values)


def array(values: Sequence[Any]) -> str:
    """An array in PostgreSQL's own words: the driver would look at each value by itself, and take long.

    Args:
        values: all of one kind; numbers, texts, instants, truths, or None.
    """
    if values and type(values[0]) is int and None not in values:
        return f"{{{','.join(map(str, values))}}}"
    told = {one: _told(one) for one in set(values)}  # most come more than once
    return f"{{{','.join([told[one] for one in values])}}}"


def _told(value: Any) -> str:
    match value:
        case None:
            return "NULL"
        case bool():
            return "t" if value else "f"
        case int() | float():
            return str(value)
        case datetime():
            return f'"{value.isoformat()}"'
        case str():
            escaped = value.replace("\\", "\\\\").replace('"', '\\"')
            return f'"{escaped}"'
        case _:
            raise TypeError(f"no array of {type(value).__name__}")


def insert(connection: Connection, table: Table, names: tuple[str, ...], rows: Rows) -> None:
    """Insert rows whose values stand in the order of ``names``."""
    _write(connection, _statement(table, names), rows)


def insert_and(
    connection: Connection,
    table: Table,
    names: tuple[str, ...],
    rows: Rows,
    *,
    then: tuple[str, Sequence[Any]],
) -> None:
    """As `insert`, and carry out another statement with its values: on PostgreSQL both in one."""
    statement, query, values = _statement(table, names), *then
    if on_postgresql(connection):
        arrays = [array(one) for one in zip(*rows, strict=True)]
        both = f"WITH inserted AS ({statement.of_arrays}) {query}"
        connection.exec_driver_sql(both, (*arrays, *values))
    else:
        _write(connection, statement, rows)
        connection.exec_driver_sql(query, tuple(values))


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
    _write(connection, _change(table, keys, names), rows)


def _write(connection: Connection, statement: "_Statement", rows: Rows) -> None:
    if not rows:
        return
    if on_postgresql(connection):
        # As arrays, and never a row at a time: each would be planned and answered by itself.
        arrays = tuple(
            list(one) if is_bytes else array(one)
            for one, is_bytes in zip(zip(*rows, strict=True), statement.bytes, strict=True)
        )
        connection.exec_driver_sql(statement.of_arrays, arrays)
    else:
        connection.exec_driver_sql(statement.of_row, list(rows))


@dataclass(frozen=True, slots=True)
class _Statement:
    """The two ways to say an insert or a change."""

    of_row: str
    of_arrays: str
    #: Which columns hold bytes: these go in the driver's binary form, in which they are not made longer.
    bytes: tuple[bool, ...]


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
        tuple(_holds_bytes(table, name) for name in names),
    )


@lru_cache(maxsize=64)
def _change(table: Table, keys: tuple[str, ...], names: tuple[str, ...]) -> _Statement:
    both = (*keys, *names)
    numbered = [f"{name} = ?{number}" for number, name in enumerate(both, start=1)]
    given = f"unnest({_arrays(table, both)}) AS given ({', '.join(both)})"
    same = " AND ".join(f"{table.name}.{name} = given.{name}" for name in keys)
    first = len(keys)
    return _Statement(
        f"UPDATE {table.name} SET {', '.join(numbered[first:])} "  # noqa: S608 - as above
        f"WHERE {' AND '.join(numbered[:first])}",
        f"UPDATE {table.name} SET {', '.join(f'{name} = given.{name}' for name in names)} "  # noqa: S608
        f"FROM {given} WHERE {same}",
        tuple(_holds_bytes(table, name) for name in both),
    )


def _arrays(table: Table, names: tuple[str, ...]) -> str:
    return ", ".join(
        f"{'%b' if _holds_bytes(table, name) else '%s'}::{_array(table, name)}" for name in names
    )


def _holds_bytes(table: Table, name: str) -> bool:
    return isinstance(table.c[name].type, LargeBinary)


def _array(table: Table, name: str) -> str:
    return f"{table.c[name].type.compile(dialect=_POSTGRESQL)}[]"
