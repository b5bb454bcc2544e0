"""Rows that come from elsewhere: kept by key, told anew, undone file by file, and summed."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Table, delete, func, insert, update
from sqlalchemy import select as select_columns
from sqlmodel import Session, col, select

from domain.errors import NotFound
from domain.ids import new_id
from store.answers import remembered
from store.tables import Brought, ImportedFile

#: Values in one ``IN``.
_BATCH = 500
#: Columns that say where a row came from, not what it says.
_ORIGIN = frozenset({"id", "workspace_id", "file_id", "key", "is_current", "source", "read_at"})


@dataclass(frozen=True, slots=True)
class Kept:
    """What became of rows that were brought."""

    added: int
    #: Those that took the place of an earlier one that said something else.
    changed: int
    #: Those that are there already, word for word.
    known: int


def keep(
    session: Session, table: type[Brought], workspace_id: int, rows: Sequence[Mapping[str, Any]]
) -> Kept:
    """Bring rows in; one whose key is known takes the earlier one's place where it says something else.

    Args:
        session: its transaction has locked the workspace.
        table: what they are rows of.
        workspace_id: whose they are.
        rows: all columns but ``id``, ``workspace_id`` and ``is_current``; each key once.
    """
    there = _current(session, table, workspace_id, [row["key"] for row in rows])
    says = [name for name in table.model_fields if name not in _ORIGIN]
    new = [row for row in rows if row["key"] not in there]
    changed = [
        row
        for row in rows
        if (old := there.get(row["key"])) is not None and any(old[name] != row.get(name) for name in says)
    ]
    past = [there[row["key"]]["id"] for row in changed]
    for start in range(0, len(past), _BATCH):
        session.connection().execute(
            update(table).where(col(table.id).in_(past[start : start + _BATCH])).values(is_current=False)
        )
    blank = {name: None for name in says}
    fresh = [
        {**blank, **row, "id": new_id(), "workspace_id": workspace_id, "is_current": True}
        for row in (*new, *changed)
    ]
    if fresh:
        session.connection().execute(insert(table), fresh)
    return Kept(len(new), len(changed), len(rows) - len(new) - len(changed))


def replace_span(
    session: Session, table: type[Brought], workspace_id: int, rows: Sequence[Mapping[str, Any]], *,
    start: datetime, end: datetime, equal: Mapping[str, Any],
) -> Kept:  # fmt: skip
    """Put rows in place of those that hold ``equal`` in [start, end); nothing of the old ones is kept."""
    there = _columns(table)
    old = _within(there, workspace_id, start, end, equal)
    gone = session.connection().execute(select_columns(there["key"]).where(*old)).scalars().all()
    session.connection().execute(delete(table).where(*old))
    kept = keep(session, table, workspace_id, rows)
    again = len({row["key"] for row in rows} & set(gone))
    return Kept(kept.added - again, again, 0)


def _current(
    session: Session, table: type[Brought], workspace_id: int, keys: Sequence[str]
) -> dict[str, Mapping[str, Any]]:
    found: dict[str, Mapping[str, Any]] = {}
    columns = _columns(table)
    for start in range(0, len(keys), _BATCH):
        query = select_columns(*columns.values()).where(
            columns["workspace_id"] == workspace_id,
            columns["is_current"].is_(True),
            columns["key"].in_(keys[start : start + _BATCH]),
        )
        found |= {row["key"]: dict(row) for row in session.connection().execute(query).mappings()}
    return found


def _columns(table: type[Brought]) -> Mapping[str, Any]:
    described = getattr(table, "__table__")  # noqa: B009 - the mapped class declares it at run time only
    assert isinstance(described, Table)
    return {column.name: column for column in described.columns}


def forget_file(session: Session, table: type[Brought], row: ImportedFile) -> int:
    """Take back all rows of a file; what they had replaced is current again. How many were taken back."""
    columns = _columns(table)
    of_file = (columns["workspace_id"] == row.workspace_id, columns["file_id"] == row.id)
    connection = session.connection()
    gone = connection.execute(select_columns(columns["key"], columns["is_current"]).where(*of_file)).all()
    connection.execute(delete(table).where(*of_file))
    keys = [key for key, was_current in gone if was_current]
    for start in range(0, len(keys), _BATCH):
        last = (
            select_columns(func.max(columns["id"]))
            .where(
                columns["workspace_id"] == row.workspace_id, columns["key"].in_(keys[start : start + _BATCH])
            )
            .group_by(columns["key"])
        )
        connection.execute(update(table).where(columns["id"].in_(last)).values(is_current=True))
    return len(gone)


def files(session: Session, workspace_id: int, *, limit: int = 200) -> Sequence[ImportedFile]:
    """What was imported, newest first."""
    query = select(ImportedFile).where(col(ImportedFile.workspace_id) == workspace_id)
    return session.scalars(query.order_by(col(ImportedFile.id).desc()).limit(limit)).all()


def file(session: Session, workspace_id: int, file_id: int) -> ImportedFile:
    """One imported file. Raises `NotFound` when this workspace has none by that number."""
    query = select(ImportedFile).where(
        col(ImportedFile.id) == file_id, col(ImportedFile.workspace_id) == workspace_id
    )
    found = session.scalars(query).first()
    if found is None:
        raise NotFound(f"There is no import {file_id}. `tabuh import list` shows those there are.")
    return found


@dataclass(frozen=True, slots=True)
class Total:
    """Current rows in a stretch of time, summed."""

    rows: int
    #: The sum of each column over the rows that have it; None: no row has it.
    sums: Mapping[str, int | None]
    #: How many rows have it.
    having: Mapping[str, int]
    oldest: datetime | None
    newest: datetime | None
    sources: tuple[str, ...]


@remembered
def total(
    session: Session, table: type[Brought], workspace_id: int, columns: Iterable[str] = (), *,
    start: datetime | None = None, end: datetime | None = None, holding: str | None = None,
    equal: Mapping[str, Any] | None = None,
) -> Total:  # fmt: skip
    """The sums of columns over current rows of [start, end).

    Args:
        holding: only rows that have this column.
        equal: what other columns must hold.
    """
    there = _columns(table)
    conditions = _within(there, workspace_id, start, end, equal)
    if holding is not None:
        conditions.append(there[holding].is_not(None))
    names = list(columns)
    query = select_columns(
        func.count(), func.min(there["read_at"]), func.max(there["read_at"]),
        *(func.sum(there[name]) for name in names), *(func.count(there[name]) for name in names),
    ).where(*conditions)  # fmt: skip
    rows, oldest, newest, *rest = session.connection().execute(query).one()
    sources = session.connection().execute(select_columns(there["source"]).where(*conditions).distinct())
    return Total(
        rows=rows,
        sums={name: None if rest[place] is None else int(rest[place]) for place, name in enumerate(names)},
        having={name: rest[len(names) + place] for place, name in enumerate(names)},
        oldest=oldest,
        newest=newest,
        sources=tuple(sorted(source for (source,) in sources if source)),
    )


def by_moment(
    session: Session, table: type[Brought], workspace_id: int, column: str | None, *,
    start: datetime, end: datetime, equal: Mapping[str, Any] | None = None,
) -> Sequence[tuple[datetime, int]]:  # fmt: skip
    """The sum of a column (None: the number of rows) at each instant of [start, end) that has any."""
    there = _columns(table)
    value = func.count() if column is None else func.sum(there[column])
    query = (
        select_columns(there["at"], value)
        .where(*_within(there, workspace_id, start, end, equal))
        .group_by(there["at"])
    )
    return [(at, int(number)) for at, number in session.connection().execute(query) if number is not None]


@remembered
def currencies(
    session: Session, table: type[Brought], workspace_id: int, equal: Mapping[str, Any] | None = None
) -> dict[str, int]:
    """How many current rows there are in each currency, whenever they happened."""
    there = _columns(table)
    query = (
        select_columns(there["currency"], func.count())
        .where(*_within(there, workspace_id, None, None, equal), there["currency"].is_not(None))
        .group_by(there["currency"])
    )
    return {str(currency): int(rows) for currency, rows in session.connection().execute(query)}


@remembered
def is_there(
    session: Session, table: type[Brought], workspace_id: int, equal: Mapping[str, Any] | None = None
) -> bool:
    """Whether any current row was ever brought in."""
    there = _columns(table)
    query = select_columns(there["id"]).where(*_within(there, workspace_id, None, None, equal)).limit(1)
    return session.connection().execute(query).first() is not None


@remembered
def spread(
    session: Session, table: type[Brought], workspace_id: int, column: str, *,
    start: datetime | None, end: datetime | None, equal: Mapping[str, Any] | None = None,
) -> dict[Any, int]:  # fmt: skip
    """How many current rows hold each value of a column."""
    there = _columns(table)
    query = (
        select_columns(there[column], func.count())
        .where(*_within(there, workspace_id, start, end, equal))
        .group_by(there[column])
    )
    return {value: int(rows) for value, rows in session.connection().execute(query)}


@remembered
def last_of(
    session: Session, table: type[Brought], workspace_id: int, equal: Mapping[str, Any] | None = None
) -> datetime | None:
    """When the newest current row happened; None: there is none."""
    there = _columns(table)
    query = select_columns(func.max(there["at"])).where(*_within(there, workspace_id, None, None, equal))
    found: datetime | None = session.connection().execute(query).scalar()
    return found


def _within(
    there: Mapping[str, Any], workspace_id: int, start: datetime | None, end: datetime | None,
    equal: Mapping[str, Any] | None,
) -> list[ColumnElement[bool]]:  # fmt: skip
    conditions = [there["workspace_id"] == workspace_id, there["is_current"].is_(True)]
    if start is not None:
        conditions.append(there["at"] >= start)
    if end is not None:
        conditions.append(there["at"] < end)
    for name, value in (equal or {}).items():
        many = isinstance(value, list | tuple | frozenset)
        conditions.append(there[name].in_(list(value)) if many else there[name] == value)
    return conditions
