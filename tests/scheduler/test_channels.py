"""What people do with channels, on both databases."""

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

import pytest
from sqlalchemy import Engine

from domain.content import Identity
from domain.errors import NeedsReconnect, NotFound, UsageError
from domain.post import PlacedBy, PostState
from publishers.platforms.webhook import Webhook
from scheduler import channels
from scheduler.worker import PublishingWorker
from store import channels as rows
from store.changes import Actor, changes_of
from store.engine import reading, writing
from store.tables import ChannelRow
from tests.fakes import FakePlatform
from tests.world import NOON, World, new_world

PERSON = Actor("person")
SECRET = "whsec_" + "A" * 32


@pytest.fixture
def world(engine: Engine) -> World:
    return new_world(engine)


def connect(world: World, name: str = "Hook", **more: Any) -> ChannelRow:
    given: dict[str, Any] = {
        "platform": "webhook",
        "zone_name": "Europe/Berlin",
        "settings": {"url": "http://127.0.0.1:9/hook"},
        "credentials": {"secret": SECRET},
    }
    return channels.connect(world.context, world.workspace.id, name=name, actor=PERSON, **{**given, **more})


def known(world: World, name: str = "Hook") -> ChannelRow:
    with reading(world.engine) as session:
        return rows.named(session, world.workspace.id, name)


def test_a_channel_has_its_schedule_its_zone_and_its_credentials_sealed(world: World) -> None:
    made = connect(world, "  Büro & mehr ", schedule="daily 9:00")

    row = known(world, "Büro & mehr")
    assert (row.slug, row.zone, row.state) == ("buro-mehr", "Europe/Berlin", "active")
    assert SECRET.encode() not in bytes(row.credentials or b"")
    assert world.context.seal.open(row.id, row.credentials) == {"secret": SECRET}
    with reading(world.engine) as session:
        assert [time.weekday for time in rows.schedule(session, row.id)] == list(range(7))
        [change] = changes_of(session, "channel", made.id)
    assert (change.what, change.after and change.after["schedule"]) == ("connected", "daily 09:00")
    assert SECRET not in str(change.after)


@pytest.mark.parametrize(
    ("more", "says"),
    [
        ({"platform": "pigeon"}, "Unknown platform 'pigeon'. Known: "),
        ({"zone_name": "WIB"}, "Unknown time zone 'WIB'"),
        ({"schedule": "daily noon"}, "Cannot read"),
        ({"name": " "}, "a name of 1 to 80 characters"),
        ({"name": "Page"}, "There is a channel called 'Page' already"),
        ({"settings": {}}, "webhook needs url: It gets each post as JSON, such as https://example.org/hook."),
        ({"settings": {"url": "x", "colour": "red"}}, "Its fields are: url."),
        ({"settings": {"url": "http://hook.example"}}, "The address is not encrypted"),
        ({"credentials": {}}, "webhook needs secret: whsec_ and 24 to 64 random bytes in base64."),
        ({"credentials": {"secret": "hush"}}, "This is no signing secret"),
    ],
)
def test_what_is_missing_or_wrong_is_said_and_nothing_is_kept(
    world: World, more: Mapping[str, Any], says: str
) -> None:
    with pytest.raises(UsageError) as caught:
        connect(world, **more)

    assert says in str(caught.value)
    assert "hush" not in str(caught.value)
    with reading(world.engine) as session:
        assert len(rows.listed(session, world.workspace.id)) == 1


def test_two_names_that_spell_alike_have_two_addresses(world: World) -> None:
    made = [connect(world, name).slug for name in ("Büro", "Buro", "日本語", "日本")]

    assert made == ["buro", "buro-2", "channel", "channel-2"]


def test_what_the_platform_refuses_is_not_kept(engine: Engine) -> None:
    platform = FakePlatform()

    class Refusing(platform.adapter):  # type: ignore[name-defined, misc]
        def identify(self) -> Identity:
            raise NeedsReconnect("The fake platform refuses our credentials.")

    world = new_world(engine, adapters={"fake": Refusing})

    with pytest.raises(NeedsReconnect):
        connect(world, platform="fake", settings={}, credentials={})
    with pytest.raises(NotFound):
        known(world)


def test_new_credentials_take_the_place_of_the_old_and_empty_fields_keep_theirs(world: World) -> None:
    connect(world)
    other = "whsec_" + "B" * 32

    channels.reconnect(world.context, world.workspace.id, "Hook", credentials={"secret": other}, actor=PERSON)
    channels.reconnect(world.context, world.workspace.id, "Hook", credentials={"secret": ""}, actor=PERSON)

    row = known(world)
    assert world.context.seal.open(row.id, row.credentials) == {"secret": other}
    publisher = world.context.publisher(row)
    assert isinstance(publisher, Webhook)
    assert other not in repr(publisher.credentials)


def test_a_paused_channel_sends_nothing_until_it_is_resumed_and_then_not_all_at_once(engine: Engine) -> None:
    platform = FakePlatform()
    world = new_world(
        engine, platform="fake", adapters={"fake": platform.adapter},
        times=tuple((day, wall) for day in range(7) for wall in ("15:00", "18:00")),
    )  # fmt: skip
    meant = world.queue("meant", placed_by=PlacedBy.PERSON)
    automatic = [world.queue(f"automatic {number}") for number in range(2)]
    channels.pause(world.context, world.workspace.id, "Fake", reason="holidays", actor=PERSON)
    PublishingWorker(world.context, width=1).run_until_idle()
    assert platform.calls == 0
    assert world.reread(meant).reason == "Waits, because channel Fake is paused: holidays."
    world.clock.forward(hours=1)

    waiting = channels.resume(world.context, world.workspace.id, "Fake", actor=PERSON)
    PublishingWorker(world.context, width=1).run_until_idle()

    assert waiting == 3
    assert [kept.payload["text"] for kept in platform.posts] == ["meant"]
    assert world.reread(meant).late_reason == "Waits, because channel Fake is paused: holidays."
    slots = sorted(world.reread(post).planned_at or NOON for post in automatic)
    assert slots == [datetime(2026, 3, 2, hour, tzinfo=UTC) for hour in (15, 18)]
    assert {world.reread(post).state for post in automatic} == {PostState.QUEUED}


def test_a_channel_that_lost_its_connection_is_not_resumed_but_connected_again(world: World) -> None:
    row = connect(world)
    with writing(world.engine) as session:
        rows.mark_needs_reconnect(session, row.id, "refused")
        session.commit()

    with pytest.raises(UsageError, match="must be connected again: `tabuh channel reconnect 'Hook'`"):
        channels.resume(world.context, world.workspace.id, "Hook", actor=PERSON)
    channels.test(world.context, world.workspace.id, "Hook")

    assert (known(world).state, known(world).state_reason) == ("active", None)


def test_a_schedule_is_told_in_its_shortest_form_and_posts_keep_their_slots(world: World) -> None:
    connect(world, schedule="mon 09:00")

    told = channels.set_schedule(
        world.context, world.workspace.id, "Hook", "mon,tue,wed,thu,fri 9:00; sat 10:00", actor=PERSON
    )

    assert told == "mon-fri 09:00; sat 10:00"
    with pytest.raises(NotFound):
        channels.set_schedule(world.context, world.workspace.id + 1, "Hook", "", actor=PERSON)
