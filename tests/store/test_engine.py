"""What every connection is told, whichever server it goes to."""

from collections.abc import Iterator

import pytest
from sqlalchemy import Engine, text

from store.engine import PREPARED, open_engine


def test_commits_are_durable_and_instants_are_utc(engine: Engine) -> None:
    with engine.connect() as connection:
        if engine.dialect.name == "sqlite":
            assert connection.execute(text("PRAGMA synchronous")).scalar() == 2
            assert connection.execute(text("PRAGMA foreign_keys")).scalar() == 1
            return
        told = {
            name: connection.execute(text(f"SHOW {name}")).scalar()
            for name in ("synchronous_commit", "timezone", "jit")
        }
        assert told == {"synchronous_commit": "on", "timezone": "UTC", "jit": "off"}
        driver = connection.connection.driver_connection
        assert driver is not None
        assert driver.prepared_max == PREPARED


@pytest.fixture
def served(engine: Engine) -> Iterator[Engine]:
    """Another engine of the same server."""
    other = open_engine(engine.url.render_as_string(hide_password=False))
    yield other
    other.dispose()


def _number(engine: Engine) -> int:
    """The server's process behind the connection that is used next."""
    with engine.connect() as connection:
        return int(connection.execute(text("SELECT pg_backend_pid()")).scalar_one())


# SQLite has no server that could close a connection.
@pytest.mark.parametrize("database_url", ["postgresql"], indirect=True)
def test_connections_that_the_server_has_closed_are_opened_anew_by_themselves(
    engine: Engine, served: Engine
) -> None:
    with served.connect() as one, served.connect() as other:  # two of them, both given back
        ended = {int(each.execute(text("SELECT pg_backend_pid()")).scalar_one()) for each in (one, other)}
    with engine.connect() as connection:
        for number in ended:
            connection.execute(text("SELECT pg_terminate_backend(:number, 5000)"), {"number": number})

    assert _number(served) not in ended
    with served.connect() as one, served.connect() as other:
        found = {int(each.execute(text("SELECT pg_backend_pid()")).scalar_one()) for each in (one, other)}
    assert not found & ended
