"""Machines that stop and go on: what was not looked at stays empty, and what was is never counted twice."""

from datetime import timedelta
from typing import ClassVar

from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy import Engine
from sqlmodel import col, select

from analytics.usual import curves
from domain.ids import new_id
from domain.metrics import CHECKPOINTS, Metric, checkpoint_reached
from publishers.base import Measured
from scheduler.measuring import measure
from store.due import claim_due
from store.engine import writing
from store.tables import Measurement, Post, Reading
from tests.scheduler.test_measuring import Counting
from tests.world import NOON, World, new_world

MINUTE = timedelta(minutes=1)


class Ticking(Counting):
    """A platform whose number is the minutes since noon."""

    answers: ClassVar[list[object]] = []
    asked: ClassVar[list[str]] = []

    def metrics(self, remote_id: str) -> list[Measured]:
        return [Measured(Metric.REACTIONS, (self.clock() - NOON) // MINUTE, "likes")]


#: Minutes after publishing at which a machine lives for a moment.
lives = st.lists(st.integers(1, 31 * 24 * 60), max_size=14, unique=True).map(sorted)


def test_no_gap_is_filled_with_what_was_not_read(engine: Engine) -> None:
    world = new_world(engine, platform="counting", adapters={"counting": Ticking})

    @settings(max_examples=25, deadline=None)
    @given(lives)
    def check(minutes: list[int]) -> None:
        world.clock.now = NOON
        post_id = _out(world)
        expected = _live(world, post_id, minutes)
        with writing(engine) as session:
            found = session.exec(select(Reading).where(col(Reading.post_id) == post_id)).all()
            left = session.exec(select(Measurement).where(col(Measurement.post_id) == post_id)).one()
            assert {timedelta(seconds=row.checkpoint): row.value for row in found} == expected
            assert [(row.read_at - NOON) // MINUTE for row in found] == [row.value for row in found]
            reactions = curves(found, published_at=NOON).get("reactions", [])
            for point in reactions:
                assert point.late == (point.value > point.checkpoint / MINUTE * 1.5 + 10)
            assert (left.next_at is None) == (CHECKPOINTS[-1] in expected)
            session.delete(left)  # the next example has a post of its own
            session.commit()

    check()


def _out(world: World) -> int:
    """A post that has just gone out, with its measurement."""
    with writing(world.engine) as session:
        name = f"{new_id():032x}"
        post = Post(
            workspace_id=world.workspace.id, channel_id=world.channel.id, story_id=1, state="published",
            content={"text": "hi"}, delivery_key=name, remote_id=name, published_at=NOON, created_at=NOON,
        )  # fmt: skip
        session.add(post)
        session.flush()
        session.add(
            Measurement(
                workspace_id=world.workspace.id, post_id=post.id, channel_id=world.channel.id,
                published_at=NOON, next_at=NOON + CHECKPOINTS[0],
            )
        )  # fmt: skip
        session.commit()
        return post.id


def _live(world: World, post_id: int, minutes: list[int]) -> dict[timedelta, int]:
    """Look at whatever is due at these minutes; the checkpoints that were reached then, and when."""
    expected: dict[timedelta, int] = {}
    for minute in minutes:
        world.clock.now = NOON + minute * MINUTE
        with writing(world.engine) as session:
            rows = claim_due(session, Measurement, now=world.clock.now, lease=MINUTE, limit=9)
        for row in (one for one in rows if one.post_id == post_id):
            measure(world.context, row)
            reached = checkpoint_reached(minute * MINUTE)
            assert reached is not None
            assert reached not in expected
            expected[reached] = minute
    return expected
