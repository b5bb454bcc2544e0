"""Who waits for the turn to write into a SQLite file, so that whoever writes much lets others in.

SQLite has one writer at a time, and who waits looks again some ten times a second: a writer that went on at
once after each transaction would keep others out for long, and one that always paused would lose much of its
time. So each writer, in whatever process, holds a shared lock on an empty file beside the database until its
turn has come; the system gives the lock back when its holder dies. Where that file cannot be written nobody
is seen to wait.
"""

import fcntl
import os
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Final

#: Seconds after which each who waits has looked again.
LONGEST: Final = 0.12
#: Seconds between two looks whether somebody still waits.
_AGAIN: Final = 0.002


@contextmanager
def announced(database: Path) -> Iterator[None]:
    """Wait for the turn to write into this file, and let others know meanwhile."""
    opened = -1
    with suppress(OSError):
        opened = _opened(database)
        fcntl.flock(opened, fcntl.LOCK_SH)  # whoever looks holds it for a moment only
    try:
        yield
    finally:
        if opened >= 0:
            os.close(opened)


def anyone_waits(database: Path) -> bool:
    """Whether somebody waits for the turn to write into this file."""
    try:
        opened = _opened(database)
    except OSError:
        return False
    try:
        fcntl.flock(opened, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return True
    except OSError:
        return False
    finally:
        os.close(opened)
    return False


def let_in(database: Path) -> None:
    """Leave the file to those who wait for it, until all of them had their turn or could have had it."""
    until = time.monotonic() + LONGEST
    while time.monotonic() < until and anyone_waits(database):
        time.sleep(_AGAIN)


def _opened(database: Path) -> int:
    beside = database.with_name(f"{database.name}.waiting")
    return os.open(beside, os.O_RDONLY | os.O_CREAT | os.O_CLOEXEC, 0o600)
