"""Posts of a channel that are due together: one request, everybody's own end."""

from collections.abc import Mapping, Sequence
from datetime import timedelta
from typing import Any, ClassVar

import pytest
from sqlalchemy import Engine
from sqlmodel import Session, col, select

from domain.content import Budget, Call, Capabilities, DeliveryClass, Price
from domain.errors import NotSent, PostGone, PublishError, RateLimited, Rejected
from domain.metrics import Metric
from publishers.base import Measured
from scheduler.kinds import KINDS
from scheduler.ticks import Runner
from store.tables import ChannelRow, Measurement, MeteredCall, Post, Reading
from tests.scheduler.test_measuring import Counting
from tests.world import NOON, World, new_world

MINUTE = timedelta(minutes=1)


class Many(Counting):
    """A platform that tells of up to three posts at once."""

    reads_at_once = 3
    numbers: ClassVar[dict[str, int]]
    requests: ClassVar[list[list[str]]]
    fails: ClassVar[list[Exception]]

    def metrics(self, remote_id: str) -> list[Measured]:
        self.requests.append([remote_id])
        told = self._told(remote_id)
        if isinstance(told, Exception):
            raise told
        return told

    def metrics_of(self, remote_ids: Sequence[str]) -> Mapping[str, list[Measured] | PublishError]:
        self.requests.append(list(remote_ids))
        if self.fails:
            raise self.fails.pop()
        return {one: self._told(one) for one in remote_ids}

    def _told(self, remote_id: str) -> list[Measured] | PublishError:
        if remote_id not in self.numbers:
            return PostGone("It is gone.")
        return [Measured(Metric.REACTIONS, self.numbers[remote_id], "likes")]


def many_world(engine: Engine, posts: int, **more: Any) -> tuple[World, type[Many]]:
    """A world with published posts that are all due at once."""
    kind: Any = type("ManyOnce", (Many,), {"answers": [], "asked": [], "requests": [], "fails": [], **more})
    kind.numbers = {f"r{number}": number for number in range(posts)}
    world = new_world(engine, platform="counting", adapters={"counting": kind})
    with Session(engine) as session:
        channel = session.exec(select(ChannelRow)).one()
        for number in range(posts):
            post = Post(
                workspace_id=channel.workspace_id, channel_id=channel.id, story_id=number + 1,
                state="published", content={"text": "x"}, delivery_key=f"k{number}", remote_id=f"r{number}",
                published_at=NOON - 20 * MINUTE, created_at=NOON - 20 * MINUTE,
            )  # fmt: skip
            session.add(post)
            session.flush()
            session.add(
                Measurement(
                    workspace_id=channel.workspace_id, post_id=post.id, channel_id=channel.id,
                    published_at=NOON - 20 * MINUTE, next_at=NOON,
                )
            )  # fmt: skip
        session.commit()
    return world, kind


def measured(world: World) -> dict[str, int]:
    """Measure what is due as the worker does: what was read, by post."""
    runner = Runner(world.context, next(one for one in KINDS if one.name == "measurement"))
    runner.drain()
    runner.stop()
    with Session(world.engine) as session:
        rows = session.exec(
            select(Post.remote_id, Reading.value).join(Reading, col(Reading.post_id) == Post.id)
        )
        return {str(remote_id): value for remote_id, value in rows}


def errors(world: World) -> list[str | None]:
    with Session(world.engine) as session:
        return list(session.exec(select(Measurement.last_error).order_by(col(Measurement.post_id))))


def test_posts_that_are_due_together_are_read_with_one_request_for_each_batch(engine: Engine) -> None:
    world, kind = many_world(engine, 7)

    assert measured(world) == {f"r{number}": number for number in range(7)}
    assert sorted(len(one) for one in kind.requests) == [1, 3, 3]
    assert sorted(one for batch in kind.requests for one in batch) == [f"r{number}" for number in range(7)]


def test_a_post_that_is_gone_harms_no_other(engine: Engine) -> None:
    world, kind = many_world(engine, 3)
    del kind.numbers["r1"]

    assert measured(world) == {"r0": 0, "r2": 2}
    assert errors(world) == [None, "It is gone.", None]
    with Session(world.engine) as session:
        gone = session.exec(select(Post.remote_id).where(col(Post.deleted_at).is_not(None))).all()
    assert gone == ["r1"]
    assert len(kind.requests) == 1


@pytest.mark.parametrize("error", [NotSent("Away."), RateLimited("Wait.", retry_after=MINUTE)])
def test_what_concerns_all_is_tried_again_for_all(engine: Engine, error: Exception) -> None:
    world, kind = many_world(engine, 3, fails=[error])

    assert measured(world) == {}
    assert {*errors(world)} - {None} == {str(error)}  # None: saw that the channel is to be left alone
    assert len(kind.requests) == 1
    world.clock.forward(hours=1)
    assert measured(world) == {"r0": 0, "r1": 1, "r2": 2}


def test_a_batch_that_is_refused_is_read_one_by_one(engine: Engine) -> None:
    world, kind = many_world(engine, 3, fails=[Rejected("One of them is wrong.")])

    assert measured(world) == {"r0": 0, "r1": 1, "r2": 2}
    assert sorted(len(one) for one in kind.requests) == [1, 1, 1, 3]


def test_a_post_alone_is_read_as_ever(engine: Engine) -> None:
    world, kind = many_world(engine, 1)

    assert measured(world) == {"r0": 0}
    assert kind.requests == [["r0"]]


def test_a_batch_takes_one_request_of_the_budget_and_the_price_of_each_post(engine: Engine) -> None:
    able = Capabilities(
        delivery=DeliveryClass.LIST_AND_MATCH, post_metrics=frozenset({Metric.REACTIONS}),
        budgets=(Budget(Call.READ, 1, timedelta(minutes=15)),),
        prices=(Price(Call.READ, 1_000, "USD", NOON.date()),),
    )  # fmt: skip
    world, kind = many_world(engine, 3, capabilities=able)

    assert measured(world) == {"r0": 0, "r1": 1, "r2": 2}
    assert len(kind.requests) == 1
    with Session(world.engine) as session:
        paid = session.exec(select(MeteredCall)).all()
    assert [(one.calls, one.micros) for one in paid] == [(1, 1_000)] * 3
    assert len({one.post_id for one in paid}) == 3
