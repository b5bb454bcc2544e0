"""The daily look after a channel."""

from datetime import datetime, timedelta
from typing import Any, ClassVar

import pytest
from sqlalchemy import Engine
from sqlmodel import Session, select

from domain.content import Capabilities, Content, DeliveryClass, Identity, Payload, RemotePost
from domain.errors import NeedsReconnect, NotSent, RateLimited
from domain.metrics import Metric
from publishers.base import Measured, Progress, Publisher
from scheduler.upkeep import look_after
from store.due import claim_due
from store.engine import writing
from store.tables import ChannelReading, ChannelRow
from tests.world import NOON, World, new_world

HOUR = timedelta(hours=1)
DAY = timedelta(days=1)


class Followed(Publisher):
    """A platform that says how many follow, or raises what the test gave it."""

    platform = "followed"
    title = "Followed"
    capabilities = Capabilities(
        delivery=DeliveryClass.LIST_AND_MATCH, channel_metrics=frozenset({Metric.FOLLOWERS})
    )
    answers: ClassVar[list[Any]]

    def render(self, content: Content, *, created_at: datetime) -> Payload:
        return {"text": content.text}

    def publish(self, payload: Payload, *, key: str, progress: Progress) -> RemotePost:
        raise AssertionError("nothing is published here")

    def identify(self) -> Identity | None:
        return Identity("Somebody", "42")

    def channel_metrics(self) -> list[Measured]:
        answer = self.answers.pop(0)
        if isinstance(answer, Exception):
            raise answer
        return [Measured(Metric.FOLLOWERS, answer, "followers_count")]


def followed_world(engine: Engine, *answers: Any) -> World:
    """A world whose channel is due to be looked after."""
    kind = type("FollowedOnce", (Followed,), {"answers": list(answers)})
    world = new_world(engine, platform="followed", adapters={"followed": kind})
    with writing(engine) as session:
        session.get_one(ChannelRow, world.channel.id).next_at = NOON
        session.commit()
    return world


def look(world: World) -> ChannelRow:
    """Look after what is due, and tell how the channel stands."""
    with writing(world.engine) as session:
        rows = claim_due(session, ChannelRow, now=world.clock.now, lease=HOUR, limit=5)
    for row in rows:
        look_after(world.context, row)
    with Session(world.engine) as session:
        return session.get_one(ChannelRow, world.channel.id)


def test_followers_are_counted_each_day(engine: Engine) -> None:
    world = followed_world(engine, 120, 125)

    first = look(world)
    world.clock.forward(hours=23)
    look(world)  # not due yet
    world.clock.forward(hours=1)
    look(world)

    assert first.next_at == NOON + DAY
    assert (first.tested_at, first.remote_name) == (NOON, "Somebody")
    with Session(engine) as session:
        rows = session.exec(select(ChannelReading).order_by("at")).all()
    assert [(row.at, row.value, row.source) for row in rows] == [
        (NOON, 120, "followers_count"),
        (NOON + DAY, 125, "followers_count"),
    ]


@pytest.mark.parametrize(
    ("error", "state", "wait"),
    [
        (NotSent("unplugged"), "active", HOUR),
        (RateLimited("slow", retry_after=3 * HOUR), "active", 3 * HOUR),
        (NeedsReconnect("who?"), "needs_reconnect", DAY),
    ],
)
def test_what_goes_wrong_is_tried_again_when_it_may_have_been_mended(
    engine: Engine, error: Exception, state: str, wait: timedelta
) -> None:
    world = followed_world(engine, error, 7)

    row = look(world)

    assert (row.state, row.next_at) == (state, NOON + wait)
    world.clock.now += wait
    assert look(world).state == "active"


def test_a_page_is_looked_after_without_asking_anybody(engine: Engine) -> None:
    world = new_world(engine)
    with writing(engine) as session:
        session.get_one(ChannelRow, world.channel.id).next_at = NOON
        session.commit()

    assert look(world).next_at == NOON + DAY
    with Session(engine) as session:
        assert session.exec(select(ChannelReading)).all() == []
