"""Waking workers on other machines: PostgreSQL's NOTIFY; on SQLite they look each second."""

from collections.abc import Callable
from datetime import timedelta

import psycopg
import structlog
from sqlalchemy import Engine, func, select
from sqlmodel import Session

log = structlog.get_logger()

_CHANNEL = "tabuh_due"


def wake_workers(session: Session) -> None:
    """Tell all workers, once this transaction is committed, that something became due."""
    if session.get_bind().dialect.name == "postgresql":
        session.execute(select(func.pg_notify(_CHANNEL, "")))


def listen(engine: Engine, *, wake: Callable[[], None], stopped: Callable[[], bool]) -> None:
    """Call ``wake`` at each notification until ``stopped``; returns at once on SQLite.

    A lost connection costs nothing but time: workers also look by themselves each second.
    """
    if engine.dialect.name != "postgresql":
        return
    address = engine.url.set(drivername="postgresql").render_as_string(hide_password=False)
    while not stopped():
        try:
            with psycopg.connect(address, autocommit=True) as connection:
                connection.execute(f"LISTEN {_CHANNEL}")
                while not stopped():
                    for _ in connection.notifies(timeout=1.0, stop_after=1):
                        wake()
        except psycopg.OperationalError as error:
            log.warning("listen_lost", error=str(error))
            _pause(timedelta(seconds=2), stopped)


def _pause(length: timedelta, stopped: Callable[[], bool]) -> None:
    import time

    end = time.monotonic() + length.total_seconds()
    while time.monotonic() < end and not stopped():
        time.sleep(0.1)
