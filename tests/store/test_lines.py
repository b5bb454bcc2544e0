"""A connection that one thread keeps: when it writes, and how it is given back."""

from pathlib import Path

from sqlalchemy import Engine, text
from sqlmodel import Session, col, select

from store.engine import Line, open_engine
from store.tables import Workspace
from tests.world import NOON


def test_a_line_that_writes_once_keeps_each_statement_on_a_server_and_all_of_them_in_a_file(
    engine: Engine,
) -> None:
    line = Line(engine, writes_once=True)
    with line.writing() as session:
        session.add(Workspace(name="Kept", zone="UTC", created_at=NOON))
        session.flush()
        if engine.dialect.name == "postgresql":
            assert _names(engine) == ["Kept"]
        session.commit()
    line.close()

    assert _names(engine) == ["Kept"]


def test_over_a_line_the_log_of_a_file_is_seldom_emptied_and_elsewhere_as_ever(tmp_path: Path) -> None:
    engine = open_engine(f"sqlite:///{tmp_path / 'tabuh.db'}")
    line = Line(engine)
    with line.writing() as session:
        over_the_line = session.execute(text("PRAGMA wal_autocheckpoint")).scalar_one()
        session.commit()
    line.close()
    with engine.connect() as connection:
        elsewhere = connection.execute(text("PRAGMA wal_autocheckpoint")).scalar_one()
    engine.dispose()

    assert (over_the_line, elsewhere) == (8_000, 4_000)


def _names(engine: Engine) -> list[str]:
    with Session(engine) as session:
        return list(session.scalars(select(col(Workspace.name))))
