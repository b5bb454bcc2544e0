"""Every alert of silence, from what is found to what people and programs get of it."""

import json
from datetime import timedelta

import pytest
from sqlalchemy import Engine
from sqlmodel import select

from domain.alerts import Rule
from domain.post import PostState
from scheduler import endpoints
from store.changes import AUTOMATION
from store.engine import writing
from store.tables import ChannelRow, Measurement, Post, Route
from tests.scheduler.test_telling import fits, ok, somebody, with_mail, work
from tests.scheduler.test_watching import a_feed, listed, look, published
from tests.servers import mail as mail_server
from tests.servers.loopback import Loopback
from tests.world import NOON, World, new_world

pytestmark = pytest.mark.filterwarnings("ignore:Requiring AUTH while not requiring TLS:UserWarning")

DAY, HOUR = timedelta(days=1), timedelta(hours=1)
SILENT = {Rule.FEED_QUIET, Rule.QUEUE_EMPTY, Rule.ACCESS_ENDS, Rule.NOT_MEASURED}


def all_silent(world: World) -> None:
    """A quiet feed; a channel that is not measured, has one post left and loses its access."""
    feed = a_feed(world, every=DAY, quiet_for=3 * DAY)
    published(world, every=DAY, number=20)
    world.queue(at=NOON + 20 * HOUR)
    with writing(world.engine) as session:
        channel = session.get_one(ChannelRow, world.channel.id)
        channel.access_until = NOON + 5 * DAY
        # The feed's route leads to another channel: this one is filled by hand.
        other = ChannelRow(
            workspace_id=channel.workspace_id, platform=channel.platform, name="Fed", slug="fed",
            zone=channel.zone, created_at=NOON,
        )  # fmt: skip
        session.add(other)
        session.flush()
        for route in session.scalars(select(Route)):
            route.channel_id = other.id
        for post in session.scalars(select(Post).where(Post.state == PostState.PUBLISHED)):
            assert post.published_at is not None
            session.add(Measurement(
                workspace_id=world.workspace.id, post_id=post.id, channel_id=channel.id,
                published_at=post.published_at, failures=4, last_error="It answers 500.",
            ))  # fmt: skip
        session.commit()
    assert feed.id


def test_each_silence_reaches_people_and_programs_with_every_part_in_both_languages(engine: Engine) -> None:
    with (
        mail_server.running(encryption="none", certificate=None) as server,
        Loopback(ok) as receiver,
    ):
        world = with_mail(new_world(engine), server)
        somebody(world, "ani")
        somebody(world, "budi", language="id")
        _, secret = endpoints.add(
            world.context, world.workspace.id, name="ops", url=f"{receiver.url}/hook", actor=AUTOMATION
        )
        all_silent(world)

        look(world)
        work(world)

        assert {row.rule for row in listed(world)} == SILENT
        sent = [json.loads(one.body) for one in receiver.requests]
        assert all(fits(secret, one.headers, one.body) for one in receiver.requests)
        assert {one["data"]["facts"]["rule"] for one in sent} == SILENT
        for one in sent:
            for language in ("en", "id"):
                parts = one["data"]["facts"]["told"][language]
                assert all(parts[name] for name in ("what", "unusual", "since", "cause", "action"))
                assert one["data"]["words"][language]["text"].startswith(
                    f"{parts['what']} {parts['unusual']} {parts['since']} {parts['cause']}"
                )
        english = [str(mail) for to, mail in server.mails if to == ["ani@a.example"]]
        indonesian = [str(mail) for to, mail in server.mails if to == ["budi@a.example"]]
        assert (len(english), len(indonesian)) == (4, 4)
        assert all("Likely cause" in one for one in english)
        assert all("Kemungkinan sebab" in one for one in indonesian)
