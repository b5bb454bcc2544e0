"""Migrations: from empty, back and forth, at once from two machines, and never from a newer release."""

import subprocess
import sys
from pathlib import Path

import pytest
from sqlalchemy import Engine, text

from domain.errors import TabuhError
from store.engine import open_engine
from store.migrate import differences, downgrade, revisions, upgrade
from tests.servers.postgresql import PostgreSQL
from tests.world import NOON, new_world

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture(params=["sqlite", "postgresql"])
def empty_url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    if request.param == "sqlite":
        return f"sqlite:///{tmp_path / 'empty.db'}"
    server: PostgreSQL = request.getfixturevalue("postgresql_server")
    return server.create(f"empty_{tmp_path.name}".replace("-", "_").lower()[:60])


def test_an_empty_database_gets_exactly_the_tables_of_the_code(empty_url: str) -> None:
    engine = open_engine(empty_url)

    upgrade(engine)

    current, head = revisions(engine)
    assert current == head
    assert differences(engine) == []
    engine.dispose()


def test_up_down_and_up_again_ends_the_same(empty_url: str) -> None:
    engine = open_engine(empty_url)
    upgrade(engine)
    downgrade(engine, to="base")
    assert revisions(engine)[0] is None

    upgrade(engine)

    assert differences(engine) == []
    engine.dispose()


def test_an_upgrade_of_a_current_database_changes_nothing(engine: Engine) -> None:
    world = new_world(engine)
    post = world.queue()

    upgrade(engine, now=NOON)

    assert world.reread(post).delivery_key == post.delivery_key


def test_a_database_of_a_newer_release_is_refused_in_words(engine: Engine) -> None:
    with engine.begin() as connection:
        connection.execute(text("UPDATE alembic_version SET version_num = '9999_future'"))

    with pytest.raises(TabuhError, match="newer release"):
        upgrade(engine)


_START = """
import sys
from store.engine import open_engine
from store.migrate import upgrade
upgrade(open_engine(sys.argv[1]))
"""


def test_two_machines_that_start_at_once_migrate_once(empty_url: str) -> None:
    command = [sys.executable, "-c", _START, empty_url]

    machines = [subprocess.Popen(command, cwd=ROOT, stderr=subprocess.PIPE, text=True) for _ in range(2)]
    errors = [machine.communicate(timeout=60)[1] for machine in machines]

    assert [machine.returncode for machine in machines] == [0, 0], errors
    engine = open_engine(empty_url)
    assert differences(engine) == []
    engine.dispose()


def test_migrations_follow_one_another_as_their_names_sort() -> None:
    """`store.installation.is_current` takes the last name for the newest."""
    from alembic.script import ScriptDirectory

    folder = Path(__file__).resolve().parents[2] / "store" / "migrations"
    chain = [one.revision for one in ScriptDirectory(str(folder)).walk_revisions()]

    assert chain == sorted(chain, reverse=True)
    assert {path.stem for path in (folder / "versions").glob("m*.py")} == {f"m{one}" for one in chain}
