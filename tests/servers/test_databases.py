"""The fixtures that every database test stands on."""

import pytest
import sqlalchemy as sa
from sqlmodel import Session


def test_each_kind_of_database_comes_migrated(engine: sa.Engine, request: pytest.FixtureRequest) -> None:
    kind = request.node.callspec.params["database_url"]

    assert engine.dialect.name == kind
    assert "alembic_version" in sa.inspect(engine).get_table_names()


@pytest.mark.parametrize("time", ["first", "second"])
def test_what_one_test_writes_the_next_does_not_see(session: Session, time: str) -> None:
    assert "written_by_a_test" not in sa.inspect(session.connection()).get_table_names()

    session.connection().execute(sa.text("CREATE TABLE written_by_a_test (word TEXT)"))
    session.commit()
