"""The service itself, run until it has polled all its feeds once.

    python -m benchmarks.polling_program FOLDER [DATABASE]     the database, and the key, made before

Prints one JSON object: wall and processor seconds from the moment at which all feeds fall due until the last
of them has been polled and that is committed; the largest resident memory of the process in MB; what came.
"""

import json
import os
import re
import resource
import signal
import sys
import threading
import time
from contextlib import closing
from datetime import datetime
from pathlib import Path
from typing import Any

from sqlalchemy import func, select, update
from sqlmodel import col

from benchmarks.subscribing import resolve_hosts
from cli.opening import Opened, opened_with
from cli.running import Daemon
from cli.serving import bind
from config.settings import Settings, load
from store.engine import reading, writing
from store.tables import EntryRow, Feed, Post

#: Nobody waits longer, in seconds.
LIMIT = 1200.0


def settings(folder: Path, database: str | None) -> Settings:
    """The settings of the installation under test."""
    return load(
        {
            "data_dir": folder,
            "database_url": database,
            "secret_key_file": folder / "secret.key" if database else None,
            "allowed_networks": "127.0.0.0/8",
            "zone": "UTC",
            "log_level": "warning",
            "port": 0,
        }
    )


def used() -> float:
    """Processor seconds of this process so far."""
    usage = resource.getrusage(resource.RUSAGE_SELF)
    return usage.ru_utime + usage.ru_stime


def largest_memory() -> float:
    """Largest resident memory of this process, in MB."""
    status = Path("/proc/self/status")
    if status.exists():  # getrusage would count the process that started this one, too
        found = re.search(r"VmHWM:\s*(\d+)", status.read_text())
        assert found is not None
        return int(found[1]) / 1024
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def watch(tabuh: Opened) -> None:
    """Make all feeds due, wait until they have been polled, print the figures, and stop the service."""
    try:
        idle, before = largest_memory(), _counts(tabuh)
        began, wall, cpu = tabuh.context.clock(), time.perf_counter(), used()
        with writing(tabuh.engine) as session:
            session.connection().execute(update(Feed).values(next_at=began, next_reason="the benchmark"))
            session.commit()
        while _left(tabuh, began) and time.perf_counter() - wall < LIMIT:
            time.sleep(0.2)
        figures: dict[str, Any] = {
            "wall": time.perf_counter() - wall,
            "cpu": used() - cpu,
            "idle_memory": idle,
            "memory": largest_memory(),
            **{name: number - before[name] for name, number in _counts(tabuh).items()},
            **_statuses(tabuh),
        }
        print(json.dumps(figures), flush=True)
    finally:
        os.kill(os.getpid(), signal.SIGINT)


def _left(tabuh: Opened, began: datetime) -> int:
    with reading(tabuh.engine) as session:
        waiting = select(func.count()).where(col(Feed.last_polled_at) < began, col(Feed.next_at).is_not(None))
        return session.connection().execute(waiting).scalar_one()


def _counts(tabuh: Opened) -> dict[str, int]:
    with reading(tabuh.engine) as session:
        counts = {
            "new": select(func.count()).select_from(EntryRow),
            "posts": select(func.count(col(Post.id))),
        }
        return {name: session.connection().execute(query).scalar_one() for name, query in counts.items()}


def _statuses(tabuh: Opened) -> dict[str, Any]:
    with reading(tabuh.engine) as session:
        query = select(col(Feed.last_status), func.count()).group_by(col(Feed.last_status))
        failing = select(func.count()).where(col(Feed.failures) > 0)
        asking = select(func.count()).where(col(Feed.ask))
        connection = session.connection()
        return {
            "statuses": {str(status): number for status, number in connection.execute(query)},
            "failing": connection.execute(failing).scalar_one(),
            "asking": connection.execute(asking).scalar_one(),
        }


def main(folder: Path, database: str | None) -> None:
    """Run the service."""
    resolve_hosts()
    chosen = settings(folder, database)
    with (
        closing(bind("127.0.0.1", 0, setting="TABUH")) as listening,
        opened_with(chosen, works=True) as tabuh,
    ):
        watcher = threading.Thread(target=watch, args=(tabuh,))
        Daemon(tabuh, [listening]).run(watcher.start)
        watcher.join()


if __name__ == "__main__":
    main(Path(sys.argv[1]), sys.argv[2] if len(sys.argv) > 2 else None)
