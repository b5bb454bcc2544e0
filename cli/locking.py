"""One worker for each SQLite file, and one command at a time that sets up what a first start needs."""

import fcntl
import os
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from domain.errors import TabuhError

#: Seconds that a command waits for another one that sets the database up.
PATIENCE = 60.0


@contextmanager
def in_turn(database: Path | None) -> Iterator[None]:
    """Open this SQLite file one command after the other; on PostgreSQL (None) the database sees to that.

    Raises:
        TabuhError: another command takes longer than `PATIENCE`.
    """
    if database is None:
        yield
        return
    until = time.monotonic() + PATIENCE
    with beside(database, "turn").open("a") as opened:
        while not _taken(opened.fileno()):
            if time.monotonic() > until:
                raise TabuhError(f"Another command has been setting {database} up for long. Try again later.")
            time.sleep(0.05)
        yield


def _taken(file: int) -> bool:
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


@contextmanager
def alone(database: Path | None) -> Iterator[None]:
    """Be the only worker on this SQLite file; on PostgreSQL (None) any number may work.

    The lock lies beside the file, and the system gives it back when its holder dies.

    Raises:
        TabuhError: another process works on it; the text names that process.
    """
    if database is None:
        yield
        return
    file = beside(database, "lock")
    with file.open("a+") as opened:
        try:
            fcntl.flock(opened, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            opened.seek(0)
            raise TabuhError(
                f"Tabuh is at work on {database} already (process {opened.read().strip() or 'unknown'}). "
                "Stop it first, or let it do the work."
            ) from None
        opened.truncate(0)
        opened.write(f"{os.getpid()}\n")
        opened.flush()
        try:
            yield
        finally:
            opened.truncate(0)


def is_taken(database: Path) -> bool:
    """Whether somebody works on this SQLite file now."""
    try:
        with beside(database, "lock").open("r") as opened:
            fcntl.flock(opened, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except FileNotFoundError:
        return False
    except BlockingIOError:
        return True
    return False


def beside(database: Path, what: str) -> Path:
    """A small file that belongs to a SQLite database: its name with an ending."""
    return database.with_name(f"{database.name}.{what}")
