"""What property tests share: one migrated database for the many examples of a module."""

from collections.abc import Iterator

import pytest
from sqlalchemy import Engine

from store.engine import open_engine
from store.migrate import upgrade


@pytest.fixture(scope="module", params=["sqlite", "postgresql"])
def shared_engine(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Engine]:
    """One database for many examples; each begins by emptying it (`tests.world.emptied`)."""
    name = request.module.__name__.rpartition(".")[2]
    if request.param == "sqlite":
        url = f"sqlite:///{tmp_path_factory.mktemp(name)}/tabuh.db"
    else:
        url = request.getfixturevalue("postgresql_server").create(name)
    engine = open_engine(url)
    upgrade(engine)
    yield engine
    engine.dispose()
