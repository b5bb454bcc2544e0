"""A whole Bluesky network of the tests' own: a PDS, and the AppView that counts what people do.

From npm, with the Node.js that comes along. The AppView keeps its index in a PostgreSQL and talks to a
Redis, both from Debian and started here.
"""

import contextlib
import shutil
import socket
import tempfile
from pathlib import Path
from types import TracebackType
from typing import Self

from tests.servers import debian
from tests.servers.node_packages import NodePackages
from tests.servers.pds import HERE, ROOT, Pds
from tests.servers.ports import free_port
from tests.servers.postgresql import PostgreSQL, debian_programs
from tests.servers.running import Running

PACKAGES = NodePackages("the Bluesky network", sources=HERE / "network", folder=ROOT / ".real" / "network")

#: Debian's package of the server would start a service; this one of its tools is the same program, which
#: goes by the name that it is called by.
REDIS = "redis-check-rdb"


class AtprotoNetwork(Pds):
    """A running network, empty at first, as a context manager; `url` is its PDS."""

    packages = PACKAGES
    script = HERE / "network" / "network.mjs"
    how = "run python -m tests.servers.install once"

    def __init__(self) -> None:
        super().__init__()
        self._parts = contextlib.ExitStack()
        # The AppView wants an extension (pg_trgm) that Debian's has.
        self._database = PostgreSQL(debian_programs())
        self._redis = Redis()

    def __enter__(self) -> Self:
        with self._parts:
            self._parts.enter_context(self._database)
            self._parts.enter_context(self._redis)
            self._database.create("network")
            super().__enter__()
            self._parts = self._parts.pop_all()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        super().__exit__(kind, error, trace)
        self._parts.close()

    def environment(self) -> dict[str, str]:
        return {
            **super().environment(),
            "DB_POSTGRES_URL": self._database.url("network"),
            "REDIS_HOST": self._redis.address,
            # Nothing of it is meant to reach another host.
            "HTTPS_PROXY": "http://127.0.0.1:9",
            "NO_PROXY": "127.0.0.1,localhost",
        }


class Redis:
    """A Redis that keeps nothing, on a port of loopback, as a context manager."""

    def __init__(self) -> None:
        self._folder = Path(tempfile.mkdtemp(prefix="tabuh-redis-"))
        self._port = free_port()
        self.address = f"127.0.0.1:{self._port}"
        settings = ["--bind", "127.0.0.1", "--save", "", "--appendonly", "no"]
        as_server = ["/bin/bash", "-c", 'exec -a redis-server "$0" "$@"', shutil.which(REDIS) or REDIS]
        self._running = Running(
            [*as_server, "--port", str(self._port), *settings], folder=self._folder, ready=self._answers
        )

    def __enter__(self) -> Self:
        self._running.__enter__()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._running.__exit__(kind, error, trace)
        shutil.rmtree(self._folder, ignore_errors=True)

    def _answers(self) -> bool:
        with socket.create_connection(("127.0.0.1", self._port), timeout=1) as connection:
            connection.sendall(b"PING\r\n")
            return connection.recv(100).startswith(b"+PONG")


def install() -> None:
    """Install the packages, and what they need of Debian.

    Raises:
        RuntimeError: with what to do, when something is missing or npm failed.
    """
    missing = ["redis-tools"] if shutil.which(REDIS) is None else []
    missing += ["postgresql"] if debian_programs() is None else []
    if missing and not debian.install(*missing):
        raise RuntimeError(f"the Bluesky network needs {', '.join(missing)}: install it and run this again")
    PACKAGES.install()
