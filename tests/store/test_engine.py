"""What every connection is told, whichever server it goes to."""

from sqlalchemy import Engine, text

from store.engine import PREPARED


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
