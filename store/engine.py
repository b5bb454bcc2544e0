"""Opening SQLite or PostgreSQL: durable commits, foreign keys, one writer at a time on SQLite."""

import select
import sqlite3
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

import psycopg
from sqlalchemy import URL, Connection, Engine, create_engine, event, make_url, text
from sqlalchemy.exc import ArgumentError, DatabaseError, InvalidatePoolError, SQLAlchemyError
from sqlmodel import Session

from domain.errors import TabuhError, UsageError
from store import turns

#: How long a SQLite connection waits for the one writer, in milliseconds.
BUSY_TIMEOUT_MS = 15_000
#: Statements that PostgreSQL keeps planned for one connection; the pages ask some two hundred different ones.
PREPARED = 400
#: Seconds for which a connection that was given back is taken to live, unless the server has closed it:
#: asking takes as long as a short question.
_TRUSTED = 1.0
_USED = "used"
#: Pages of the file that one connection keeps for itself, in KiB; the system keeps the others.
CACHE_KIB = 8 * 1024
#: Execution option of a session that only reads: on SQLite it takes no write lock.
READ_ONLY = {"tabuh_read_only": True}


def open_engine(url: str) -> Engine:
    """An engine for ``sqlite:///path`` or ``postgresql://…``.

    Commits are durable on both (``synchronous=FULL``, ``synchronous_commit=on``): an
    intent that a power cut could forget would allow a second publish call.

    Raises:
        UsageError: the address names no database that Tabuh can use.
        TabuhError: the database does not answer.
    """
    try:
        address = make_url(url)
    except ArgumentError as exc:
        raise UsageError(_WHICH) from exc
    match address.get_backend_name():
        case "sqlite" if not address.query and not address.host:
            engine = _sqlite(address.set(drivername="sqlite"))
        case "postgresql":
            engine = _postgresql(address.set(drivername="postgresql+psycopg"))
        case _:
            raise UsageError(_WHICH)
    _check_answers(engine)
    return engine


_WHICH = "TABUH_DATABASE_URL must look like sqlite:///path/to/tabuh.db or postgresql://user:password@host/database."


def _check_answers(engine: Engine) -> None:
    try:
        with engine.connect() as connection:
            connection.execute(text("SELECT 1"))
    except DatabaseError as exc:
        where = shown_address(engine)
        reason = str(exc.orig).strip().splitlines()[0] if str(exc.orig).strip() else "no answer"
        raise TabuhError(
            f"The database {where} cannot be opened: {reason}. Check TABUH_DATABASE_URL and that it runs."
        ) from exc


def shown_address(engine: Engine) -> str:
    """The database as people name it, without its password."""
    return engine.url.set(drivername=engine.dialect.name).render_as_string(hide_password=True)


def _postgresql(url: URL) -> Engine:
    # Machine code takes longer to make than any of our questions to answer, and would be made for some.
    options = "-c synchronous_commit=on -c timezone=UTC -c jit=off"
    engine = create_engine(
        url, pool_size=16, max_overflow=16, pool_use_lifo=True, connect_args={"options": options}
    )

    @event.listens_for(engine, "connect")
    def on_connect(connection: Any, _record: Any) -> None:
        connection.prepared_max = PREPARED

    @event.listens_for(engine, "checkin")
    def on_checkin(_connection: Any, record: Any) -> None:
        record.info[_USED] = time.monotonic()

    @event.listens_for(engine, "checkout")
    def on_checkout(connection: Any, record: Any, _proxy: Any) -> None:
        used = record.info.get(_USED)
        if used is not None and (time.monotonic() - used > _TRUSTED or _has_ended(connection)):
            _ask(engine, connection)

    return engine


def _has_ended(connection: Any) -> bool:
    """Whether the server has closed a connection at rest: then, and hardly ever else, there is something to
    read from it. This asks nobody."""
    try:
        watched = select.poll()
        watched.register(connection.pgconn.socket, select.POLLIN)
        return bool(watched.poll(0))
    except (OSError, psycopg.Error):
        return True


def _ask(engine: Engine, connection: Any) -> None:
    """Ask the server whether it still listens; if not, the pool opens its connections anew."""
    try:
        engine.dialect.do_ping(connection)
    except psycopg.Error as error:
        raise InvalidatePoolError(str(error)) from error


def _sqlite(url: URL) -> Engine:
    # The connection used last comes first: each that is in use keeps pages of the file in memory.
    many = {"pool_size": 16, "max_overflow": 16, "pool_use_lifo": True}
    engine = create_engine(url, **(many if _has_file(url) else {}))
    file = Path(url.database) if url.database and _has_file(url) else None

    @event.listens_for(engine, "connect")
    def on_connect(connection: sqlite3.Connection, _record: Any) -> None:
        connection.isolation_level = None  # we say BEGIN ourselves, below
        for pragma in (
            "journal_mode=WAL",
            "synchronous=FULL",
            f"busy_timeout={BUSY_TIMEOUT_MS}",
            "foreign_keys=ON",
            f"cache_size=-{CACHE_KIB}",
            f"wal_autocheckpoint={_USUALLY}",
        ):
            connection.execute(f"PRAGMA {pragma}")

    @event.listens_for(engine, "begin")
    def on_begin(connection: Connection) -> None:
        # A transaction that reads first and writes later could find that another writer was
        # faster, and fail; one that may write takes its turn at the start.
        reading = connection.get_execution_options().get("tabuh_read_only", False)
        if reading or file is None:
            connection.exec_driver_sql("BEGIN DEFERRED" if reading else "BEGIN IMMEDIATE")
            return
        with turns.announced(file):
            connection.exec_driver_sql("BEGIN IMMEDIATE")

    return engine


def _has_file(url: URL) -> bool:
    return url.database not in (None, "", ":memory:")


@contextmanager
def writing(engine: Engine) -> Iterator[Session]:
    """A session for one unit of work. Its caller commits; leaving it without rolls back."""
    with Session(engine, expire_on_commit=False) as session:
        yield session


@contextmanager
def reading(engine: Engine) -> Iterator[Session]:
    """A session that only reads, and never waits for a writer."""
    with Session(engine.execution_options(**READ_ONLY), expire_on_commit=False) as session:
        yield session


@contextmanager
def glancing(engine: Engine) -> Iterator[Session]:
    """As `reading`, for a question or two whose rows are all fetched at once, such as who asks.

    PostgreSQL is not told where they begin and end, which would take as long as one of them.
    """
    options: dict[str, Any] = {**READ_ONLY}
    if engine.dialect.name == "postgresql":
        options["isolation_level"] = "AUTOCOMMIT"
    with Session(engine.execution_options(**options), expire_on_commit=False) as session:
        yield session


def sqlite_file(engine: Engine) -> Path | None:
    """The database's file; None on PostgreSQL or in memory."""
    if engine.dialect.name != "sqlite" or not engine.url.database or engine.url.database == ":memory:":
        return None
    return Path(engine.url.database)


def _serves(engine: Engine) -> bool:
    """Whether the database is a server, to which each statement is a way of its own."""
    return engine.dialect.name == "postgresql"


#: Pages of SQLite's log after which a commit moves them into the file: as a rule, and over a line. Whatever
#: else writes meanwhile does it sooner, and nobody on the line waits for that.
_USUALLY, _SELDOM = 4_000, 8_000


class Line:
    """A connection that one thread keeps from one unit of work to the next.

    One from the pool is asked first whether it lives, which takes as long as a short question. A line that
    breaks is given up, and the next unit of work opens another.
    """

    def __init__(self, engine: Engine, *, writes_once: bool = False) -> None:
        """
        Args:
            writes_once: a unit of work writes one statement, or what may be kept without the rest. On
                PostgreSQL each statement is then a transaction of its own: nobody waits for begin and end.
        """
        self._engine = engine
        self._options = {"isolation_level": "AUTOCOMMIT"} if writes_once and _serves(engine) else {}
        self._connection: Connection | None = None
        #: Where it came from.
        self._pool = engine.pool

    @contextmanager
    def writing(self) -> Iterator[Session]:
        """As `writing`, over this line."""
        if self._connection is None:
            self._pool = self._engine.pool
            self._connection = self._engine.connect().execution_options(**self._options)
            self._checkpoint_after(_SELDOM)
        try:
            with Session(self._connection, expire_on_commit=False) as session:
                yield session
        except BaseException:
            self.close()
            raise

    def _checkpoint_after(self, pages: int) -> None:
        """SQLite: after so many pages a commit empties the log into the file, and takes far longer."""
        if self._connection is not None and self._engine.dialect.name == "sqlite":
            driver: Any = self._connection.connection.driver_connection
            driver.execute(f"PRAGMA wal_autocheckpoint={pages}")

    def close(self) -> None:
        """Give the connection back; the next unit of work opens another."""
        with suppress(SQLAlchemyError, sqlite3.Error):  # one that broke is not used again
            self._checkpoint_after(_USUALLY)
        connection, self._connection = self._connection, None
        if connection is not None:
            if self._pool is not self._engine.pool:  # disposed meanwhile: nobody would close it there
                connection.detach()
            connection.close()
