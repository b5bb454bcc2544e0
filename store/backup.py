"""Copies of a SQLite database: made beside a running daemon, and put back in its place."""

import json
import os
import sqlite3
from contextlib import closing
from datetime import datetime
from pathlib import Path

from sqlalchemy import Engine

from domain.errors import TabuhError, UsageError
from store import turns
from store.installation import BACKUP_MADE, BEAT, instant_of

_SQLITE = b"SQLite format 3\x00"


def copy_to(engine: Engine, target: Path, *, now: datetime) -> None:
    """Write a whole copy of the database, marked as one; writers go on meanwhile.

    Raises:
        UsageError: there is a file already, or no folder to put one into.
        TabuhError: it could not be written; nothing is left behind.
    """
    if target.exists():
        raise UsageError(f"{target} exists already. Name a new file for the backup.")
    if not target.parent.is_dir():
        raise UsageError(f"There is no folder {target.parent}. Make it first, or name another file.")
    part = _part(target)
    try:
        with engine.connect() as connection:
            raw = connection.connection.dbapi_connection
            assert raw is not None
            raw.execute("VACUUM INTO ?", (str(part),))
    except sqlite3.Error as exc:
        discard(part)
        raise TabuhError(f"The backup {target} could not be written: {exc}.") from exc
    part.chmod(0o600)
    mark(part, now=now)
    part.rename(target)


def mark(copy: Path, *, now: datetime) -> None:
    """Mark a file as a backup made ``now``, unless it is marked already."""
    with closing(sqlite3.connect(copy)) as connection, connection:
        connection.execute(
            "INSERT INTO installation (name, value) VALUES (?, ?) ON CONFLICT DO NOTHING",
            (BACKUP_MADE, json.dumps(int(now.timestamp()))),
        )


def fetch(backup: Path, beside: Path, *, now: datetime) -> Path:
    """A sound copy of a backup, beside the database it is to replace, and marked.

    Raises:
        UsageError: no such file, or it is no backup of Tabuh.
    """
    if not backup.is_file():
        raise UsageError(f"There is no file {backup}.")
    with backup.open("rb") as opened:
        if opened.read(len(_SQLITE)) != _SQLITE:
            raise UsageError(f"{backup} is no backup of Tabuh: it is no SQLite database.")
    part = _part(beside)
    try:
        with closing(sqlite3.connect(f"file:{backup}?mode=ro", uri=True)) as source:
            source.execute("VACUUM INTO ?", (str(part),))
            lived = source.execute("SELECT value FROM installation WHERE name = ?", (BEAT,)).fetchone()
    except sqlite3.DatabaseError as exc:
        discard(part)
        raise UsageError(f"{backup} is no sound backup of Tabuh: {exc}.") from exc
    part.chmod(0o600)
    # A plain copy of the database carries no mark: it is as old as its last beat at most.
    mark(part, now=instant_of(int(lived[0])) if lived else now)
    return part


def put_in_place(fetched: Path, database: Path, *, now: datetime) -> Path | None:
    """Let a fetched copy be the database from now on.

    Returns:
        Where the database that was there is kept; None: there was none.
    """
    aside = None
    if database.exists():
        aside = database.with_name(f"{database.stem}-replaced-{now:%Y%m%dT%H%M%SZ}.db")
        _fold_log_into(database)
        database.rename(aside)
    _discard_logs(database)  # of the old file: read with the new one, they would spoil it
    os.replace(fetched, database)
    turns.forget(fetched)
    return aside


def discard(copy: Path) -> None:
    """Remove a fetched copy that shall not be used after all."""
    copy.unlink(missing_ok=True)
    turns.forget(copy)
    _discard_logs(copy)


def _discard_logs(database: Path) -> None:
    for ending in ("-wal", "-shm"):
        database.with_name(database.name + ending).unlink(missing_ok=True)


def _fold_log_into(database: Path) -> None:
    """Write what stands in the write-ahead log into the file itself."""
    with closing(sqlite3.connect(database)) as connection:
        busy, *_ = connection.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()
    if busy:
        raise TabuhError(f"Another program has {database} open. Close it and try again.")


def _part(target: Path) -> Path:
    part = target.with_name(f"{target.name}.part")
    discard(part)
    return part
