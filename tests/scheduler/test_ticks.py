"""The clockwork handles each due row once, and one that fails stops no other, on both databases."""

import threading
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import Engine

from domain.errors import TabuhError
from scheduler.context import Context
from scheduler.kinds import KINDS
from scheduler.ticks import Clockwork, Kind, Regularly, Runner
from store.due import finish
from store.engine import reading, writing
from store.tables import Feed
from tests.world import FixedClock, World, new_world

LEASE = timedelta(minutes=5)
#: PostgreSQL tells the time itself, so that these tests live in the present.
NOW = datetime.now(UTC)
LATER = NOW + timedelta(hours=5)


def present(engine: Engine) -> World:
    """A world whose clock shows the time at which the tests began."""
    return new_world(engine, clock=FixedClock(NOW))


def add_feeds(world: World, number: int) -> list[int]:
    with writing(world.engine) as session:
        rows = [
            Feed(
                workspace_id=world.workspace.id,
                url=f"https://blog.test/{each}",
                existing="none",
                created_at=NOW,
                next_at=NOW,
            )
            for each in range(number)
        ]
        session.add_all(rows)
        session.commit()
        return [row.id for row in rows]


class Handler:
    """Notes who was handled, and gives each row its next time unless it is told to fail."""

    def __init__(self, failing: dict[int, Exception] | None = None, *, times: int = 1) -> None:
        self.handled: list[int] = []
        self.failing = failing or {}
        self.times = times
        self.at_once = 0
        self.most_at_once = 0
        self._lock = threading.Lock()

    def __call__(self, context: Context, row: Feed) -> None:
        with self._lock:
            self.handled.append(row.id)
            self.at_once += 1
            self.most_at_once = max(self.most_at_once, self.at_once)
            again = self.handled.count(row.id) < self.times
        try:
            time.sleep(0.01)
            if row.id in self.failing:
                raise self.failing[row.id]
            with writing(context.engine) as session:
                finish(session, row, next_at=NOW if again else LATER)
                session.commit()
        finally:
            with self._lock:
                self.at_once -= 1


def kind_of(handler: Handler, *, width: int = 3, every: float = 0.02) -> Kind[Feed]:
    return Kind("feed", Feed, handler, every=timedelta(seconds=every), lease=LEASE, width=width)


def test_every_due_row_is_handled_once_and_not_more_at_a_time_than_said(engine: Engine) -> None:
    world = present(engine)
    ids = add_feeds(world, 12)
    handler = Handler()
    runner = Runner(world.context, kind_of(handler))

    assert runner.drain() == 12
    assert runner.drain() == 0
    runner.stop()

    assert sorted(handler.handled) == sorted(ids)
    assert 1 < handler.most_at_once <= 3


def test_a_row_that_is_due_again_is_handled_again(engine: Engine) -> None:
    world = present(engine)
    add_feeds(world, 2)
    handler = Handler(times=3)
    runner = Runner(world.context, kind_of(handler))

    assert runner.drain() == 6
    runner.stop()


@pytest.mark.parametrize("error", [TabuhError("not now"), RuntimeError("a bug")])
def test_a_row_that_fails_stops_no_other_and_comes_back_after_its_lease(
    engine: Engine, error: Exception
) -> None:
    world = present(engine)
    ids = add_feeds(world, 4)
    handler = Handler({ids[1]: error})
    runner = Runner(world.context, kind_of(handler))

    assert runner.drain() == 4
    with reading(engine) as session:
        leased = session.get_one(Feed, ids[1]).next_at
        assert leased is not None
        assert NOW + LEASE <= leased <= datetime.now(UTC) + LEASE
        assert session.get_one(Feed, ids[2]).next_at == LATER
    handler.failing.clear()
    with writing(engine) as session:  # as if the lease had ended
        row = session.get_one(Feed, ids[1])
        row.next_at = NOW
        session.add(row)
        session.commit()
    assert runner.drain() == 1
    runner.stop()


def test_two_machines_share_the_rows(engine: Engine) -> None:
    world = present(engine)
    ids = add_feeds(world, 20)
    handler = Handler()
    runners = [Runner(world.context, kind_of(handler)) for _ in range(2)]
    threads = [threading.Thread(target=runner.drain) for runner in runners]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    for runner in runners:
        runner.stop()

    assert sorted(handler.handled) == sorted(ids)


def test_the_clockwork_looks_until_it_is_stopped_and_finishes_what_it_began(engine: Engine) -> None:
    world = present(engine)
    ids = add_feeds(world, 3)
    handler = Handler()
    beats: list[float] = []
    clockwork = Clockwork(
        world.context,
        [kind_of(handler)],
        also=[Regularly("beat", timedelta(seconds=0.02), lambda: beats.append(time.monotonic()))],
    )

    clockwork.start()
    try:
        wait_until(lambda: len(handler.handled) == 3 and not handler.at_once and len(beats) > 2)
        more = make_due_again(world, ids)
        wait_until(lambda: len(handler.handled) == more)
    finally:
        clockwork.stop()

    assert len(handler.handled) == more
    assert handler.at_once == 0
    seen = len(beats)
    time.sleep(0.1)
    assert len(beats) == seen


def wait_until(check: Callable[[], bool]) -> None:
    end = time.monotonic() + 60
    while not check() and time.monotonic() < end:
        time.sleep(0.01)


def make_due_again(world: World, ids: list[int]) -> int:
    """Make the same rows due again; how many handlings that makes in all."""
    with writing(world.engine) as session:
        for row in [session.get_one(Feed, each) for each in ids]:
            row.next_at = NOW
            session.add(row)
        session.commit()
    return 2 * len(ids)


def test_every_kind_that_may_be_due_has_its_handler() -> None:
    assert {kind.name for kind in KINDS} == {
        "channel",
        "connector",
        "evergreen",
        "experiment",
        "feed",
        "hub",
        "kpi",
        "measurement",
        "report",
        "report_plan",
        "route",
        "telling",
        "watch",
    }
    for kind in KINDS:
        assert kind.lease >= timedelta(minutes=2)
        assert 0 < kind.width <= 64
