"""Posts of several calls on the adapters themselves: a machine that dies at any leaves one whole post."""

import time
from collections.abc import Callable
from dataclasses import replace
from importlib import import_module

import pytest
from sqlalchemy import Engine

from domain.content import Content, content_json
from domain.media import Attachment
from domain.post import PostState
from scheduler.applications import set_application
from scheduler.worker import PublishingWorker
from store.engine import writing
from store.tables import ChannelRow, Post
from tests.publisher_site import PERSON
from tests.publishers.case import Case
from tests.publishers.fake_servers import Crash
from tests.world import World, emptied, new_world

LINK = "https://news.site.com/a?x=1"
PICTURES = tuple(Attachment(digit * 64, media_type="image/jpeg") for digit in "ab")
CONTENTS = {
    "x": Content("One", link=LINK, thread=("Two", "Three")),
    "facebook": Content("One", link=LINK, first_comment="More"),
    "instagram": Content("One", media=PICTURES, first_comment="More"),
    "threads": Content("One", link=LINK, thread=("Two",)),
    "linkedin": Content("One", link=LINK, first_comment="More"),
}
#: How often a worker comes by after the crash, in minutes: after the lease, and after each look.
VISITS = (12, 12, 60, 240)


def world_of(engine: Engine, case: Case) -> World:
    """A world whose channel is the case's."""
    world = new_world(engine, platform=case.platform, clock=case.clock, public_url="https://tabuh.example")
    world.context = replace(world.context, http=case.server.client())
    assert case.application is not None
    set_application(
        world.context,
        case.platform,
        application_id=case.application.id,
        secret=case.application.secret.get_secret_value(),
        actor=PERSON,
    )
    credentials = case.publisher().credentials.sealable()
    with writing(engine) as session:
        row = session.get_one(ChannelRow, world.channel.id)
        row.settings = case.settings
        row.credentials = world.context.seal.close(row.id, credentials)
        session.commit()
    return world


def queued(world: World, content: Content) -> Post:
    return world.queue(content=content_json(content))


def work(world: World) -> None:
    PublishingWorker(world.context, width=1).run_until_idle()


@pytest.fixture(autouse=True)
def no_waiting(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(time, "sleep", lambda seconds: None)


@pytest.mark.parametrize("platform", sorted(CONTENTS))
def test_a_machine_that_dies_at_any_call_leaves_one_whole_post(platform: str, engine: Engine) -> None:
    made: Callable[[], Case] = import_module(f"tests.publishers.platforms.test_{platform}").case
    whole = made()
    world = world_of(emptied(engine), whole)
    post = queued(world, CONTENTS[platform])
    work(world)
    assert world.reread(post).state == PostState.PUBLISHED, world.reread(post).reason

    steps = [(0, False), *((number, True) for number in range(len(whole.server.requests)))]
    for number, after in steps:
        case = made()
        world = world_of(emptied(engine), case)
        post = queued(world, CONTENTS[platform])
        case.server.crash_at, case.server.crash_after = number, after
        with pytest.raises(Crash):
            work(world)
        case.server.crash_at = None
        for minutes in VISITS:
            world.clock.forward(minutes=minutes)
            work(world)

        ended = world.reread(post)
        assert ended.state == PostState.PUBLISHED, (number, after, ended.reason)
        assert case.pieces == whole.pieces, (number, after)
        assert case.copies == 1, (number, after)
