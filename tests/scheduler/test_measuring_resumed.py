"""Machines that stop and go on: what was not looked at stays empty, and what was is never counted twice."""

from datetime import timedelta
from typing import ClassVar

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import Engine
from sqlmodel import Session, col, select

from analytics.usual import curves
from domain.metrics import CHECKPOINTS, Metric, checkpoint_reached
from publishers.base import Measured
from scheduler.measuring import measure
from store.due import claim_due
from store.engine import writing
from store.tables import Measurement, Post, Reading
from tests.scheduler.test_measuring import Counting
from tests.world import NOON, new_world

MINUTE, DAY = timedelta(minutes=1), timedelta(days=1)


class Ticking(Counting):
    """A platform whose number is the minutes since noon."""

    answers: ClassVar[list[object]] = []
    asked: ClassVar[list[str]] = []

    def metrics(self, remote_id: str) -> list[Measured]:
        return [Measured(Metric.REACTIONS, (self.clock() - NOON) // MINUTE, "likes")]


#: Minutes after publishing at which a machine lives for a moment.
lives = st.lists(st.integers(1, 31 * 24 * 60), max_size=14, unique=True).map(sorted)


@settings(max_examples=25, deadline=None, suppress_health_check=list(HealthCheck))
@given(lives)
def test_no_gap_is_filled_with_what_was_not_read(engine: Engine, minutes: list[int]) -> None:
    world = new_world(engine, platform="counting", adapters={"counting": Ticking})
    with writing(engine) as session:
        post = Post(
            workspace_id=world.workspace.id, channel_id=world.channel.id, story_id=1, state="published",
            content={"text": "hi"}, delivery_key=f"{world.channel.id:032x}",
            remote_id=f"r{world.channel.id}", published_at=NOON, created_at=NOON,
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
        post_id = post.id
    expected: dict[timedelta, int] = {}
    for minute in minutes:
        world.clock.now = NOON + minute * MINUTE
        with writing(engine) as session:
            rows = claim_due(session, Measurement, now=world.clock.now, lease=MINUTE, limit=99)
        for row in (one for one in rows if one.post_id == post_id):
            measure(world.context, row)
            reached = checkpoint_reached(minute * MINUTE)
            assert reached is not None
            expected[reached] = minute

    with Session(engine) as session:
        found = session.exec(select(Reading).where(col(Reading.post_id) == post_id)).all()
        left = session.exec(select(Measurement).where(col(Measurement.post_id) == post_id)).one()
    assert {timedelta(seconds=row.checkpoint): row.value for row in found} == expected
    assert [(row.read_at - NOON) // MINUTE for row in found] == [row.value for row in found]
    reactions = curves(found, published_at=NOON).get("reactions", [])
    assert all(point.late == (point.value > point.checkpoint / MINUTE * 1.5 + 10) for point in reactions)
    assert (left.next_at is None) == (CHECKPOINTS[-1] in expected)
    with writing(engine) as session:  # other examples share the database
        session.delete(session.get_one(Measurement, left.id))
        session.commit()
