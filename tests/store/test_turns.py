"""Who waits for the turn to write into a SQLite file is seen, and let in."""

import sqlite3
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import Engine, text

from scheduler.settling import Pace
from store import turns
from store.engine import open_engine, reading, writing

#: Transactions of a writer that goes on and on.
ROUNDS = 400


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "own.db"


@pytest.fixture
def engine(file: Path) -> Iterator[Engine]:
    engine = open_engine(f"sqlite:///{file}")
    with writing(engine) as session:
        session.execute(text("CREATE TABLE written (number INTEGER)"))
        session.commit()
    yield engine
    engine.dispose()


def test_nobody_is_seen_where_nobody_waits(engine: Engine, file: Path) -> None:
    assert not turns.anyone_waits(file)
    with writing(engine) as session:
        session.connection()  # it has its turn, and waits for nothing
        assert not turns.anyone_waits(file)
        with reading(engine) as other:
            other.execute(text("SELECT * FROM written"))
            assert not turns.anyone_waits(file)
    assert not turns.anyone_waits(file)


def test_who_waits_is_seen_until_its_turn_has_come(engine: Engine, file: Path) -> None:
    with writing(engine) as session:
        session.connection()
        waiter = threading.Thread(target=_write, args=(engine,))
        waiter.start()
        while not turns.anyone_waits(file):
            time.sleep(0.001)
        session.commit()
    waiter.join()
    assert not turns.anyone_waits(file)
    assert _written(engine) == 1


def test_a_writer_that_goes_on_and_on_lets_in_who_waits(engine: Engine, file: Path) -> None:
    pace = Pace.of(engine)
    waiter = threading.Thread(target=_write, args=(engine,))
    for number in range(ROUNDS):
        with writing(engine) as session:
            session.connection()
            if number == 0:
                waiter.start()
            while number == 0 and not turns.anyone_waits(file):
                time.sleep(0.001)
            session.commit()
        pace.leave()
        if _written(engine):
            break
    waiter.join()
    assert number < 10, "it looks again ten times a second, and is waited for as long"


def test_a_writer_that_cannot_be_seen_is_let_in_too(engine: Engine, file: Path) -> None:
    pace = Pace.of(engine)
    stranger = threading.Thread(target=_write_as_a_stranger, args=(file,))
    is_held = False
    while not is_held or stranger.is_alive():
        with writing(engine) as session:
            session.connection()
            if not is_held:
                stranger.start()
                is_held = True
            session.commit()
        pace.leave()
    assert _written(engine) == 1


def test_a_folder_that_takes_no_more_files_hinders_nobody(engine: Engine, file: Path) -> None:
    beside = file.with_name("own.db.waiting")
    beside.unlink()
    beside.mkdir()
    _write(engine)
    assert not turns.anyone_waits(file)
    assert _written(engine) == 1


def _write(engine: Engine) -> None:
    with writing(engine) as session:
        session.execute(text("INSERT INTO written VALUES (1)"))
        session.commit()


def _write_as_a_stranger(file: Path) -> None:
    connection = sqlite3.connect(file, timeout=60)
    connection.execute("INSERT INTO written VALUES (1)")
    connection.commit()
    connection.close()


def _written(engine: Engine) -> int:
    with reading(engine) as session:
        return int(session.execute(text("SELECT count(*) FROM written")).scalar_one())
