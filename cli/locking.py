"""One worker for each SQLite file."""

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from domain.errors import TabuhError


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
