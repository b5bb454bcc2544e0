"""The machine's own baseline, printed beside every figure, so that ratios can be compared."""

import os
import platform
import socket
import sqlite3
import statistics
import tempfile
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from tests.servers.postgresql import PostgreSQL


def describe() -> str:
    """Processor count, Python, and load, in one line."""
    load = os.getloadavg()[0]
    return f"{os.cpu_count()} cores, Python {platform.python_version()}, load {load:.1f}"


def durable_commits_per_second(seconds: float = 1.0) -> float:
    """Durable one-row SQLite commits that this disk makes in a second (WAL, synchronous=FULL)."""
    with tempfile.TemporaryDirectory() as folder:
        connection = sqlite3.connect(Path(folder) / "baseline.db", isolation_level=None)
        connection.execute("PRAGMA journal_mode=WAL")
        connection.execute("PRAGMA synchronous=FULL")
        connection.execute("CREATE TABLE t (n INTEGER)")
        count, end = 0, time.perf_counter() + seconds
        while time.perf_counter() < end:
            connection.execute("INSERT INTO t VALUES (1)")
            count += 1
        connection.close()
    return count / seconds


def loopback_exchanges_per_second(seconds: float = 1.0) -> float:
    """Small request-and-answer exchanges over one loopback connection in a second, from two threads."""
    server = socket.create_server(("127.0.0.1", 0))

    def echo() -> None:
        connection, _ = server.accept()
        with connection:
            while received := connection.recv(1024):
                connection.sendall(received)

    threading.Thread(target=echo, daemon=True).start()
    with socket.create_connection(server.getsockname()) as client:
        client.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        count, end = 0, time.perf_counter() + seconds
        while time.perf_counter() < end:
            client.sendall(b"x" * 200)
            client.recv(1024)
            count += 1
    server.close()
    return count / seconds


def processor_ms() -> float:
    """Processor milliseconds that a piece of plain Python takes: how fast a core is just now (best of 5)."""

    def once() -> float:
        start = time.process_time()
        table = {str(number): number for number in range(100_000)}
        sum(table[str(number)] for number in range(100_000))
        return time.process_time() - start

    return round(min(once() for _ in range(5)) * 1e3, 1)


def children_ms(pid: int) -> float:
    """Processor milliseconds that the children of a process took so far, those that ended as well; Linux."""
    ticks = 0
    for path in Path("/proc").glob("[0-9]*/stat"):
        with suppress(OSError):
            own = path.read_text().rpartition(")")[2].split()
            if path.parent.name == str(pid):
                ticks += int(own[13]) + int(own[14])
            elif own[1] == str(pid):
                ticks += int(own[11]) + int(own[12])
    return 1e3 * ticks / os.sysconf("SC_CLK_TCK")


def baseline() -> dict[str, float]:
    """Medians of three runs of each baseline, rounded."""
    return {
        "durable_commits_per_s": round(statistics.median(durable_commits_per_second() for _ in range(3))),
        "loopback_exchanges_per_s": round(
            statistics.median(loopback_exchanges_per_second() for _ in range(3))
        ),
    }


@contextmanager
def postgresql() -> "Iterator[PostgreSQL]":
    """A cluster for one run whose commits wait for the disk."""
    from tests.servers.postgresql import PostgreSQL

    with tempfile.TemporaryDirectory() as folder:
        Path(folder).chmod(0o755)  # the server is another user
        with PostgreSQL(kept=Path(folder) / "postgresql") as server:
            yield server
