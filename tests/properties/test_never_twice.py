"""Whatever goes wrong, a post is on its platform at most once, and never silently lost."""

from collections.abc import Iterator, Mapping
from datetime import datetime
from enum import Enum
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import Engine

from domain.content import Capabilities, Content, DeliveryClass, Payload, RemotePost
from domain.errors import NeedsReconnect, NotSent, OutcomeUnknown, RateLimited, Rejected
from domain.post import PostState
from publishers.base import Progress, Publisher
from scheduler import channels
from scheduler.worker import PublishingWorker
from store.engine import open_engine, writing
from store.migrate import upgrade
from store.tables import METADATA
from tests.world import World, new_world

Fate = Enum(
    "Fate",
    "OK NOT_SENT RATE_LIMITED REJECTED NEEDS_RECONNECT LOST_ANSWER LOST_REQUEST CRASH_BEFORE CRASH_AFTER",
)


class Crash(BaseException):
    """kill -9, as a test can play it."""


class Scripted(Publisher):
    """A platform that does what the script says, and counts what it holds."""

    platform = "scripted"
    title = "Scripted"
    capabilities = Capabilities(delivery=DeliveryClass.LIST_AND_MATCH)
    script: list[Fate]
    held: list[str]

    def render(self, content: Content, *, created_at: datetime) -> Payload:
        return {"text": content.text}

    def publish(self, payload: Payload, *, key: str, progress: Progress) -> RemotePost:
        from datetime import timedelta

        match fate := self.script.pop(0) if self.script else Fate.OK:
            case Fate.NOT_SENT:
                raise NotSent("refused")
            case Fate.RATE_LIMITED:
                raise RateLimited("slow down", retry_after=timedelta(minutes=5))
            case Fate.REJECTED:
                raise Rejected("no")
            case Fate.NEEDS_RECONNECT:
                raise NeedsReconnect("who are you?")
            case Fate.LOST_REQUEST:
                raise OutcomeUnknown("lost")
            case Fate.CRASH_BEFORE:
                raise Crash
        self._keep(key)
        if fate == Fate.LOST_ANSWER:
            raise OutcomeUnknown("lost")
        if fate == Fate.CRASH_AFTER:
            raise Crash
        return RemotePost(f"{key}-1", None, self.clock())

    def _keep(self, key: str) -> None:
        if self.capabilities.delivery != DeliveryClass.NATIVE_KEY or key not in self.held:
            self.held.append(key)

    def find_existing(
        self, payload: Payload, *, key: str, handle: Mapping[str, Any] | None, since: datetime
    ) -> RemotePost | None:
        return RemotePost(f"{key}-1", None, since) if key in self.held else None


def scripted(fates: list[Fate], delivery: DeliveryClass) -> type[Scripted]:
    """A platform class of its own for one run."""
    return type(
        "ScriptedOnce",
        (Scripted,),
        {"script": list(fates), "held": [], "capabilities": Capabilities(delivery=delivery)},
    )


def play(world: World, *, turns: int = 30) -> None:
    """Run workers one after another, each dying where the script says, an hour apart."""
    for _ in range(turns):
        world.clock.forward(hours=1)
        worker = PublishingWorker(world.context, width=1)
        try:
            worker.run_until_idle()
        except Crash:
            continue
        with writing(world.engine) as session:
            from store import channels as rows

            row = rows.get(session, world.workspace.id, world.channel.id)
            reconnect = row.state == "needs_reconnect"
            session.rollback()
        if reconnect:
            channels.test(world.context, world.workspace.id, world.channel.name)


@pytest.fixture(scope="module", params=["sqlite", "postgresql"])
def shared_engine(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Engine]:
    """One database for many examples; each leaves it empty."""
    if request.param == "sqlite":
        url = f"sqlite:///{tmp_path_factory.mktemp('twice')}/tabuh.db"
    else:
        url = request.getfixturevalue("postgresql_server").create("never_twice")
    engine = open_engine(url)
    upgrade(engine)
    yield engine
    engine.dispose()


def emptied(engine: Engine) -> Engine:
    """The same engine, with every table empty."""
    with engine.begin() as connection:
        for table in reversed(METADATA.sorted_tables):
            connection.execute(table.delete())
    return engine


KINDS = [DeliveryClass.LIST_AND_MATCH, DeliveryClass.NATIVE_KEY, DeliveryClass.TWO_PHASE]


@settings(max_examples=25, deadline=None, suppress_health_check=list(HealthCheck))
@given(fates=st.lists(st.sampled_from(Fate), max_size=8), delivery=st.sampled_from(KINDS))
def test_whatever_goes_wrong_a_post_is_never_published_twice(
    shared_engine: Engine, fates: list[Fate], delivery: DeliveryClass
) -> None:
    kind = scripted(fates, delivery)
    world = new_world(emptied(shared_engine), platform="scripted", adapters={"scripted": kind})
    queued = world.queue()

    play(world)

    post = world.reread(queued)
    assert len(kind.held) <= 1
    assert post.next_at is None
    assert post.state in {PostState.PUBLISHED, PostState.FAILED, PostState.UNCERTAIN}
    assert post.state == PostState.PUBLISHED or post.reason
    if post.state == PostState.PUBLISHED:
        assert len(kind.held) == 1
    if post.state == PostState.FAILED:
        assert kind.held == []
    if delivery != DeliveryClass.NATIVE_KEY:  # those could be asked, so that nothing stays open
        assert (post.state == PostState.PUBLISHED) == (len(kind.held) == 1)


@settings(max_examples=15, deadline=None, suppress_health_check=list(HealthCheck))
@given(fates=st.lists(st.sampled_from(Fate), max_size=6))
def test_a_platform_that_cannot_be_asked_gets_a_person_and_never_a_second_call(
    shared_engine: Engine, fates: list[Fate]
) -> None:
    kind = scripted(fates, DeliveryClass.AT_MOST_ONCE)
    world = new_world(emptied(shared_engine), platform="scripted", adapters={"scripted": kind})
    queued = world.queue()

    play(world)

    post = world.reread(queued)
    assert len(kind.held) <= 1
    assert post.state in {PostState.PUBLISHED, PostState.FAILED, PostState.UNCERTAIN}
    if post.state == PostState.PUBLISHED:
        assert kind.held == [post.delivery_key]
    else:
        assert post.reason
        assert post.next_at is None
