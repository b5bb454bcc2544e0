"""Ends of many rows are committed together, and no row suffers from its company, on both databases."""

import threading
import time
from collections.abc import Callable, Iterator, Mapping
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import Engine, event
from sqlalchemy.exc import OperationalError
from sqlmodel import Session

from scheduler.context import Context
from scheduler.ticks import Kind, Rest, Runner
from store.due import finish, take_due
from store.engine import reading, writing
from store.tables import Feed
from tests.scheduler.test_ticks import LATER, LEASE, NOW, add_feeds, present, wait_until
from tests.world import World

Left = Mapping[str, Any] | Rest | None


def runner_of(world: World, handle: Callable[[Context, Feed], Left], *, width: int = 3) -> Runner[Feed]:
    return Runner(
        world.context, Kind("feed", Feed, handle, every=timedelta(seconds=1), lease=LEASE, width=width)
    )


def next_times(world: World, ids: list[int]) -> list[Any]:
    with reading(world.engine) as session:
        return [session.get_one(Feed, each).next_at for each in ids]


def later(_context: Context, _row: Feed) -> Left:
    return {"next_at": LATER}


@pytest.fixture
def commits(engine: Engine) -> Iterator[list[int]]:
    """One number for each commit of a transaction that wrote."""
    seen: list[int] = []

    def count(session: Session) -> None:
        seen.append(1)

    event.listen(Session, "before_commit", count)
    yield seen
    event.remove(Session, "before_commit", count)


def test_the_ends_of_many_rows_are_few_commits(engine: Engine, commits: list[int]) -> None:
    world = present(engine)
    ids = add_feeds(world, 40)
    commits.clear()
    runner = runner_of(world, later, width=20)

    assert runner.drain() == 40
    runner.stop()

    assert next_times(world, ids) == [LATER] * 40
    assert len(commits) < 15


def test_a_claim_that_was_lost_meanwhile_is_not_written_over(engine: Engine) -> None:
    world = present(engine)
    ids = add_feeds(world, 3)

    def handle(context: Context, row: Feed) -> Left:
        if row.id == ids[1]:  # its lease has ended, and another machine takes it over
            with writing(context.engine) as session:
                session.get_one(Feed, row.id).next_at = NOW
                session.flush()
                take_due(session, Feed, now=NOW, lease=timedelta(hours=9), limit=1)
                session.commit()
        return {"next_at": LATER, "title": "mine"}

    runner = runner_of(world, handle)
    assert runner.drain() == 3
    runner.stop()

    with reading(engine) as session:
        rows = [session.get_one(Feed, each) for each in ids]
    assert [row.title for row in rows] == ["mine", "", "mine"]
    assert [row.claim for row in rows] == [1, 2, 1]
    assert rows[1].next_at == NOW + timedelta(hours=9)


def test_a_row_that_the_database_refuses_holds_up_no_other(engine: Engine) -> None:
    world = present(engine)
    ids = add_feeds(world, 5)

    def handle(_context: Context, row: Feed) -> Left:
        return {"next_at": LATER, "title": None if row.id == ids[2] else "fine"}

    runner = runner_of(world, handle)
    assert runner.drain() == 5
    runner.stop()

    with reading(engine) as session:
        titles = [session.get_one(Feed, each).title for each in ids]
    assert titles == ["fine", "fine", "", "fine", "fine"]
    assert next_times(world, ids)[2] > NOW  # its lease ends by itself


def test_what_could_not_be_written_is_kept_until_the_database_is_back(engine: Engine) -> None:
    world = present(engine)
    ids = add_feeds(world, 6)
    refused: list[str] = []

    def away(_connection: Any, _cursor: Any, statement: str, *_: Any) -> None:
        if statement.startswith("UPDATE feed SET next_at") and "RETURNING" not in statement and not refused:
            refused.append(statement)
            raise OperationalError(statement, {}, Exception("the database is away"))

    event.listen(engine, "before_cursor_execute", away)
    handled: list[int] = []

    def handle(_context: Context, row: Feed) -> Left:
        handled.append(row.id)
        return {"next_at": LATER}

    runner = runner_of(world, handle)
    try:
        runner.look()
        wait_until(lambda: next_times(world, ids) == [LATER] * 6)
    finally:
        event.remove(engine, "before_cursor_execute", away)
        runner.stop()

    assert refused
    assert sorted(handled) == sorted(ids)
    assert next_times(world, ids) == [LATER] * 6


def test_transactions_of_their_own_are_done_one_at_a_time(engine: Engine) -> None:
    world = present(engine)
    ids = add_feeds(world, 8)
    inside: list[int] = []
    most: list[int] = []

    def handle(context: Context, row: Feed) -> Left:
        def rest() -> None:
            inside.append(row.id)
            most.append(len(inside))
            time.sleep(0.005)
            with writing(context.engine) as session:
                finish(session, row, next_at=LATER)
                session.commit()
            inside.remove(row.id)

        return rest

    runner = runner_of(world, handle, width=8)
    assert runner.drain() == 8
    runner.stop()

    assert set(most) == {1}
    assert next_times(world, ids) == [LATER] * 8


def test_a_slow_row_does_not_hold_up_the_others(engine: Engine) -> None:
    world = present(engine)
    ids = add_feeds(world, 30)
    release, begun = threading.Event(), threading.Event()

    def handle(_context: Context, row: Feed) -> Left:
        if row.id == ids[0]:
            begun.set()
            release.wait(20)
        return {"next_at": LATER}

    runner = runner_of(world, handle, width=2)
    try:
        runner.look()
        wait_until(begun.is_set)
        wait_until(lambda: next_times(world, ids[1:]) == [LATER] * 29)
        assert next_times(world, ids[1:]) == [LATER] * 29
        assert next_times(world, ids[:1]) != [LATER]
    finally:
        release.set()
        runner.stop()
    assert next_times(world, ids[:1]) == [LATER]


def test_rows_that_wait_are_given_back_when_the_service_stops(engine: Engine) -> None:
    world = present(engine)
    ids = add_feeds(world, 4)
    begun, release = threading.Event(), threading.Event()
    handled: list[int] = []

    def handle(_context: Context, row: Feed) -> Left:
        handled.append(row.id)
        begun.set()
        release.wait(20)
        return {"next_at": LATER}

    runner = runner_of(world, handle, width=1)
    runner.look()
    wait_until(begun.is_set)
    runner.cease()
    release.set()
    runner.stop()

    assert len(handled) == 1
    times = dict(zip(ids, next_times(world, ids), strict=True))
    assert times.pop(handled[0]) == LATER
    assert set(times.values()) == {NOW}  # due at once for whoever comes next
