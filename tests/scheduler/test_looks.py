"""Looks that are left out, so that a month's cap or a platform's day is kept."""

from datetime import timedelta
from typing import Any, ClassVar

import pytest
from sqlalchemy import Engine
from sqlmodel import Session, select

from domain.content import Budget, Call, Capabilities, DeliveryClass, Price
from domain.looks import WORTH
from domain.metrics import CHECKPOINTS, Metric
from domain.money import Money
from publishers.base import Measured
from scheduler.looks import foretold, plan_of
from scheduler.measuring import measure
from scheduler.spending import set_cap
from store import metering
from store.changes import Actor
from store.due import claim_due
from store.engine import writing
from store.tables import Measurement, Post, Reading
from tests.scheduler.test_measuring import Counting
from tests.world import NOON, World, new_world

DAY = timedelta(days=1)
ME = Actor("person")


class Paid(Counting):
    """A platform that takes a tenth of a dollar for a look."""

    capabilities = Capabilities(
        delivery=DeliveryClass.LIST_AND_MATCH,
        post_metrics=frozenset({Metric.REACTIONS}),
        prices=(Price(Call.READ, 100_000, "USD", NOON.date()),),
    )
    looks: ClassVar[int] = 0

    def metrics(self, remote_id: str) -> list[Measured]:
        type(self).looks += 1
        return [Measured(Metric.REACTIONS, type(self).looks, "likes")]


class Counted(Paid):
    """A platform that takes few looks a day, for nothing."""

    capabilities = Capabilities(
        delivery=DeliveryClass.LIST_AND_MATCH,
        post_metrics=frozenset({Metric.REACTIONS}),
        budgets=(Budget(Call.READ, 10, timedelta(hours=24)),),
    )


def paid_world(engine: Engine, kind: type[Paid] = Paid) -> tuple[World, type[Paid]]:
    made = type("PaidOnce", (kind,), {"looks": 0, "answers": [], "asked": []})
    return new_world(engine, platform="counting", adapters={"counting": made}), made


def add(world: World, number: int) -> None:
    """Posts that have just gone out."""
    with writing(world.engine) as session:
        for place in range(number):
            post = Post(
                workspace_id=world.workspace.id, channel_id=world.channel.id, story_id=place + 1,
                state="published", content={"text": "hi"}, delivery_key=f"{place:032x}",
                remote_id=f"r{place}", published_at=NOON, created_at=NOON,
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


def live_on(world: World, until: timedelta) -> None:
    """Let time pass, from checkpoint to checkpoint, and look at whatever is due."""
    for age in (one for one in CHECKPOINTS if one <= until):
        world.clock.now = NOON + age
        with writing(world.engine) as session:
            rows = claim_due(session, Measurement, now=world.clock.now, lease=DAY, limit=99)
        for row in rows:
            measure(world.context, row)


def read_at(world: World) -> set[timedelta]:
    with Session(world.engine) as session:
        return {timedelta(seconds=row.checkpoint) for row in session.exec(select(Reading))}


def plan(world: World) -> Any:
    with Session(world.engine) as session:
        return plan_of(world.context, session, world.channel, now=world.clock.now)


def test_without_a_cap_every_look_is_made_and_nothing_is_foretold(engine: Engine) -> None:
    world, _ = paid_world(engine)
    add(world, 1)

    assert plan(world) is None
    assert foretold(world.context, world.workspace) == {}
    live_on(world, 30 * DAY)
    assert read_at(world) == set(CHECKPOINTS)


@pytest.mark.parametrize("dollars", [0, 7, 9, 30])
def test_a_month_stays_within_its_cap_and_keeps_the_looks_that_compare(engine: Engine, dollars: int) -> None:
    world, kind = paid_world(engine)
    add(world, 3)
    set_cap(world.context, world.workspace.id, platform="counting", amount=f"{dollars}.00 USD", actor=ME)

    live_on(world, 29 * DAY)  # 2 March at noon to 31 March

    with Session(world.engine) as session:
        spent = metering.spent(session, world.workspace.id, since=NOON - DAY).get("USD", 0)
        rows = session.exec(select(Measurement)).all()
    assert spent <= dollars * 1_000_000
    assert kind.looks * 100_000 == spent
    thinned = {timedelta(seconds=age) for row in rows for age in row.thinned or ()}
    assert thinned | read_at(world) == set(CHECKPOINTS)
    if dollars == 9:
        assert WORTH[0] in read_at(world)
        assert thinned
    if dollars == 30:
        assert not thinned


def test_the_number_of_looks_is_foretold_with_its_reason(engine: Engine) -> None:
    world, _ = paid_world(engine)
    add(world, 3)
    set_cap(world.context, world.workspace.id, platform="counting", amount="8.00 USD", actor=ME)

    [told] = foretold(world.context, world.workspace).values()

    assert told.thinned
    assert told.looks == WORTH[: len(told.looks)]
    assert told.limit == f"the cap of {Money(8_000_000, 'USD')} a month"
    assert told.reads < told.wanted


def test_a_day_of_few_reads_thins_the_looks_too(engine: Engine) -> None:
    world, _ = paid_world(engine, Counted)
    add(world, 6)

    told = plan(world)

    assert (told.reads, told.limit) == (9, "10 reads in 24 hours")
    assert told.looks[0] == timedelta(hours=24)
    assert len(told.looks) < len(WORTH)


def test_a_look_that_is_left_out_is_no_failure_and_its_next_one_is_planned(engine: Engine) -> None:
    world, kind = paid_world(engine)
    add(world, 1)
    set_cap(world.context, world.workspace.id, platform="counting", amount="0.01 USD", actor=ME)

    live_on(world, timedelta(minutes=20))

    with Session(world.engine) as session:
        row = session.exec(select(Measurement)).one()
    assert (kind.looks, row.failures, row.last_error) == (0, 0, None)
    assert row.thinned == [15 * 60]
    assert row.next_at == NOON + timedelta(hours=1)
