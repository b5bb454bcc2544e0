"""A simulated year in a database of its own: telling such a database from others, filling and emptying it."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from enum import StrEnum
from operator import itemgetter
from typing import Any, Final

import sqlalchemy as sa
from sqlalchemy import Engine, delete, insert
from sqlmodel import Session, SQLModel, col, select

from store.engine import reading
from store.installation import fact
from store.tables import METADATA, Installation, Workspace

#: In the installation's facts: seed, last day and pace of the year, and the curves it was drawn from.
TRUTH: Final = "demo_truth"


#: KiB that one connection may keep of the database.
_CACHE_KIB: Final = 200_000


class Standing(StrEnum):
    """What a database holds."""

    #: No table yet, or no workspace: whoever began to fill it did not finish.
    EMPTY = "empty"
    #: A simulated year and nothing else.
    SIMULATED = "simulated"
    #: Somebody's own posts.
    OWN = "own"


def standing(engine: Engine) -> Standing:
    """What the database holds; nothing is written and no migration run."""
    with engine.connect() as connection:
        tables = set(sa.inspect(connection).get_table_names())
    if "workspace" not in tables:
        return Standing.EMPTY if tables <= {"alembic_version"} else Standing.OWN
    with reading(engine) as session:
        simulated = session.scalars(select(col(Workspace.simulated))).all()
        if simulated and all(simulated) and fact(session, TRUTH) is not None:
            return Standing.SIMULATED
    return Standing.OWN if simulated else Standing.EMPTY


def truth(session: Session) -> dict[str, Any]:
    """What the figures were drawn from; empty where nothing is simulated."""
    known = fact(session, TRUTH)
    return dict(known) if isinstance(known, Mapping) else {}


def make_room(session: Session) -> None:
    """Let SQLite keep what one long transaction writes in memory; PostgreSQL needs no word about it."""
    if session.get_bind().dialect.name == "sqlite":
        session.connection().exec_driver_sql(f"PRAGMA cache_size=-{_CACHE_KIB}")


def insert_rows(session: Session, table: type[SQLModel], rows: Sequence[Mapping[str, Any]]) -> None:
    """Insert many rows at once; all of them name the same columns.

    Only values whose type asks for it are converted here: otherwise a seventh of the time that
    `tabuh demo` takes would go into looking at plain numbers and texts.
    """
    if not rows:
        return
    connection = session.connection()
    columns = METADATA.tables[str(table.__tablename__)]
    usual = _defaults(columns, rows[0])
    names = [*rows[0], *usual]
    statement = insert(table).compile(dialect=connection.dialect, column_keys=names)
    binders = _binders(columns, rows[0], connection.dialect)
    bound = [{**usual, **row, **{name: bind(row[name]) for name, bind in binders.items()}} for row in rows]
    if statement.positiontup:  # SQLite takes values in order, PostgreSQL by name
        ordered = itemgetter(*statement.positiontup)
        connection.exec_driver_sql(str(statement), [ordered(row) for row in bound])
    else:
        connection.exec_driver_sql(str(statement), bound)


def _defaults(table: sa.Table, named: Iterable[str]) -> dict[str, Any]:
    """The plain defaults of the columns that the rows do not name."""
    others = (column for column in table.columns if column.name not in set(named))
    return {
        column.name: column.default.arg
        for column in others
        if isinstance(column.default, sa.ColumnDefault) and column.default.is_scalar
    }


def _binders(table: sa.Table, names: Iterable[str], dialect: sa.Dialect) -> dict[str, Callable[[Any], Any]]:
    """How values become what the driver takes, for those columns whose type says so."""
    binds = {name: table.c[name].type.dialect_impl(dialect).bind_processor(dialect) for name in names}
    return {name: bind for name, bind in binds.items() if bind is not None}


def clear(session: Session) -> None:
    """Remove every row of a simulated database; its tables stay.

    Facts about the installation that are not of the simulation, such as the key's fingerprint, stay too.
    """
    for table in reversed(METADATA.sorted_tables):
        if table.name != Installation.__tablename__:
            session.connection().execute(delete(table))
    session.connection().execute(delete(Installation).where(col(Installation.name) == TRUTH))
