"""Bringing a database to the schema of this release, on SQLite and PostgreSQL."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path

import sqlalchemy as sa
from sqlalchemy import Connection, Engine

from domain.errors import TabuhError
from store.engine import BUSY_TIMEOUT_MS, sqlite_file

_FOLDER = Path(__file__).parent / "migrations"
#: How long a machine waits on SQLite while another one migrates, in milliseconds.
_WAIT_MS = 10 * 60 * 1000
#: Any number, the same in every release: one machine migrates, the others wait.
_ADVISORY_LOCK = 7_286_511_004


def upgrade(engine: Engine, *, to: str = "head", now: datetime | None = None) -> None:
    """Run the migrations that are missing.

    On SQLite a copy is written beside the file first when there is something to lose;
    foreign keys are off meanwhile, since rebuilding a table would cascade, and checked
    afterwards.

    Raises:
        TabuhError: the database is newer than this release, or foreign keys broke.
    """
    from alembic import command

    current, head = revisions(engine)
    if current == head and to == "head":
        return
    if current is not None and current not in _known():
        raise TabuhError(
            f"This database was written by a newer release (schema {current}). "
            "Start that release, or restore a backup made by this one."
        )
    if current is not None and now is not None:
        _copy_beside(engine, now)
    with _connection(engine) as connection:
        command.upgrade(_config(connection), to)
        if connection.in_transaction():
            connection.commit()


def downgrade(engine: Engine, *, to: str) -> None:
    """Run migrations backwards, down to the revision ``to`` or ``base``."""
    from alembic import command

    with _connection(engine) as connection:
        command.downgrade(_config(connection), to)
        if connection.in_transaction():
            connection.commit()


def revisions(engine: Engine) -> tuple[str | None, str]:
    """The schema's revision in the database (None: empty) and in this release."""
    from alembic.runtime.migration import MigrationContext
    from alembic.script import ScriptDirectory

    with engine.connect() as connection:
        current = MigrationContext.configure(connection).get_current_revision()
    head = ScriptDirectory.from_config(_config(None)).get_current_head()
    assert head is not None
    return current, head


def differences(engine: Engine) -> list[str]:
    """What the tables in the code have that the migrated database has not; empty when equal."""
    from alembic.autogenerate import compare_metadata
    from alembic.runtime.migration import MigrationContext

    from store.tables import METADATA

    with engine.connect() as connection:
        context = MigrationContext.configure(
            connection, opts={"compare_type": True, "compare_server_default": True}
        )
        return [str(difference) for difference in compare_metadata(context, METADATA)]


def _known() -> frozenset[str]:
    from alembic.script import ScriptDirectory

    directory = ScriptDirectory.from_config(_config(None))
    return frozenset(script.revision for script in directory.walk_revisions())


def _config(connection: Connection | None):  # type: ignore[no-untyped-def]  # alembic is imported late
    from alembic.config import Config

    config = Config()
    config.set_main_option("script_location", str(_FOLDER))
    config.set_main_option("path_separator", "os")
    config.attributes["connection"] = connection
    return config


@contextmanager
def _connection(engine: Engine) -> Iterator[Connection]:
    if engine.dialect.name == "sqlite":
        with engine.connect() as connection:
            raw = connection.connection.dbapi_connection
            assert raw is not None
            raw.execute("PRAGMA foreign_keys=OFF")
            raw.execute(f"PRAGMA busy_timeout={_WAIT_MS}")  # another machine may be migrating
            try:
                yield connection
                _check_foreign_keys(connection)
            finally:
                connection.rollback()
                raw.execute("PRAGMA foreign_keys=ON")
                raw.execute(f"PRAGMA busy_timeout={BUSY_TIMEOUT_MS}")
        return
    with engine.connect() as guard, engine.connect() as connection:
        guard.execute(sa.text("SELECT pg_advisory_lock(:key)"), {"key": _ADVISORY_LOCK})
        try:
            yield connection
        finally:
            connection.rollback()
            guard.execute(sa.text("SELECT pg_advisory_unlock(:key)"), {"key": _ADVISORY_LOCK})


def _check_foreign_keys(connection: Connection) -> None:
    broken = connection.exec_driver_sql("PRAGMA foreign_key_check").fetchall()
    if broken:
        raise TabuhError(
            f"The migration left {len(broken)} rows without the row they point to; "
            "the copy made before it stands beside the database: restore that."
        )


def _copy_beside(engine: Engine, now: datetime) -> None:
    file = sqlite_file(engine)
    if file is not None:
        copy = file.with_name(f"{file.stem}-before-upgrade-{now:%Y%m%dT%H%M%SZ}.db")
        with engine.connect() as connection:
            connection.connection.dbapi_connection.execute("VACUUM INTO ?", (str(copy),))  # type: ignore[union-attr]
