"""What happened in a moment: found by when it was, without going through all posts."""

from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import event
from sqlmodel import Session

from domain.metrics import Audience, Metric
from store import steps
from store.values import PostScope
from tests.measured import Measured
from tests.world import NOON

MINUTE = timedelta(minutes=1)


def scope_of(world: Measured, *channel_ids: int) -> PostScope:
    return PostScope(workspace_id=world.id, channel_ids=frozenset(channel_ids), local_ids=frozenset())


@pytest.mark.parametrize("length", [7 * MINUTE, timedelta(days=9)])
def test_clicks_count_from_the_start_and_before_the_end(session: Session, length: timedelta) -> None:
    world = Measured(session)
    here, elsewhere = world.channel(), world.channel("exposed")
    own, other = (world.link(world.post(one, NOON - timedelta(days=30))) for one in (here, elsewhere))
    for link in (own, other):
        for at in (-timedelta(microseconds=1), timedelta(), length - timedelta(microseconds=1), length):
            world.click(link, NOON + at)
        world.click(link, NOON, audience=Audience.BOT)
    metrics = [Metric.CLICKS, Metric.CLICKS_BOT]

    found = steps.happened(session, scope_of(world, here.id), metrics, start=NOON, end=NOON + length)
    slices = steps.by_slice(session, scope_of(world, here.id), Metric.CLICKS, start=NOON, end=NOON + length)

    assert {(one.channel_id, one.metric, one.value) for one in found} == {
        (here.id, Metric.CLICKS, 2), (here.id, Metric.CLICKS_BOT, 1),
    }  # fmt: skip
    assert sum(number for _, number in slices) == 2


def test_the_clicks_of_a_moment_are_sought_by_their_time(session: Session) -> None:
    world = Measured(session)
    channel = world.channel()
    world.click(world.link(world.post(channel, NOON)), NOON)
    session.flush()
    connection, asked = session.connection(), list[tuple[str, Any]]()

    def note(_connection: Any, _cursor: Any, statement: str, values: Any, *_: Any) -> None:
        asked.append((statement, values))

    event.listen(connection, "before_cursor_execute", note)
    steps.happened(session, scope_of(world, channel.id), [Metric.CLICKS], start=NOON, end=NOON + 7 * MINUTE)
    event.remove(connection, "before_cursor_execute", note)

    statement, values = next(one for one in asked if "FROM click" in one[0])
    if connection.dialect.name == "sqlite":
        plan = connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {statement}", values).all()
        assert any("ix_click_at" in row[-1] for row in plan), plan
