"""What people are told before a post goes out: repeats, and hours that break a rule; on both databases."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import Engine

from domain.content import Content
from domain.post import PostState
from scheduler import posts, warnings
from store.changes import Actor
from store.engine import reading
from store.tables import ChannelRow, Post
from tests.scheduler.test_slots import DAILY, set_rules
from tests.world import NOON, World, new_world

PERSON = Actor("person")
PROMO = "Promo kopi susu gula aren hari ini hanya Rp15.000 sampai jam 12 siang."
TUESDAY = datetime(2026, 3, 3, 3, 0, tzinfo=UTC)  # 10:00 in Jakarta


@pytest.fixture
def world(engine: Engine) -> World:
    return new_world(engine, zone="Asia/Jakarta", times=DAILY)


def write(world: World, text: str, when: str = "draft") -> Post:
    return posts.compose(
        world.context, world.workspace.id, world.channel.id, Content(text), when=when, actor=PERSON
    )


def of_text(world: World, text: str, *, channel: ChannelRow | None = None, now: datetime = NOON) -> list[str]:
    with reading(world.engine) as session:
        found = warnings.of_text(session, channel or world.channel, text, now=now)
    return [one.key for one in found]


def of_hour(world: World, at: datetime) -> list[str]:
    with reading(world.engine) as session:
        channel = session.get_one(ChannelRow, world.channel.id)
        return [one.key for one in warnings.of_hour(session, channel, at, now=NOON)]


def test_the_same_and_nearly_the_same_text_are_told_apart(world: World) -> None:
    write(world, PROMO)

    assert of_text(world, f"{PROMO} https://example.org") == ["same"]
    assert of_text(world, PROMO.replace("jam 12", "jam 2")) == ["alike"]
    assert of_text(world, "Buka setiap hari dari pukul tujuh pagi.") == []
    assert of_text(world, "") == []


def test_only_what_this_channel_said_within_180_days_counts(world: World) -> None:
    write(world, PROMO)
    other = ChannelRow(
        id=world.channel.id + 1, workspace_id=world.workspace.id, platform="page", name="B", slug="b",
        created_at=NOON,
    )  # fmt: skip

    assert of_text(world, PROMO, now=NOON + timedelta(days=179)) == ["same"]
    assert of_text(world, PROMO, now=NOON + timedelta(days=181)) == []
    assert of_text(world, PROMO, channel=other) == []


def test_what_was_skipped_repeats_nothing_and_an_edited_text_is_found_by_its_new_words(world: World) -> None:
    first, second = write(world, PROMO), write(world, "Buka setiap hari dari pukul tujuh pagi.")
    posts.skip(world.context, world.workspace.id, first.id, reason="", actor=PERSON)
    assert of_text(world, PROMO) == []

    posts.edit(world.context, world.workspace.id, second.id, text=PROMO, actor=PERSON)

    assert of_text(world, PROMO) == ["same"]
    assert of_text(world, "Buka setiap hari dari pukul tujuh pagi.") == []


def test_a_warning_stops_nothing(world: World) -> None:
    write(world, PROMO)

    again = write(world, PROMO, when="next-slot")

    assert again.state == PostState.QUEUED
    with reading(world.engine) as session:
        [told] = warnings.of_post(session, world.channel, again, now=NOON)
    assert told.key == "same"
    jakarta = ZoneInfo("Asia/Jakarta")
    assert told.said(where=jakarta, language="en").startswith("The same text stands on this channel already")
    assert told.said(where=jakarta, language="id").startswith("Teks yang sama sudah ada")


@pytest.mark.parametrize(
    ("rules", "key"),
    [
        ({"quiet": "09:30-10:30"}, "quiet"),
        ({"blackouts": "2026-03-03"}, "blackout"),
    ],
)
def test_an_hour_that_breaks_a_rule_is_told(world: World, rules: dict[str, str], key: str) -> None:
    assert of_hour(world, TUESDAY) == []

    set_rules(world, **rules)

    assert of_hour(world, TUESDAY) == [key]


def test_a_post_too_near_is_named_also_without_a_rule(world: World) -> None:
    world.queue(at=TUESDAY + timedelta(minutes=5))

    assert of_hour(world, TUESDAY) == ["near"]
    assert of_hour(world, TUESDAY - timedelta(hours=1)) == []
    set_rules(world, gap="2 h")
    assert of_hour(world, TUESDAY - timedelta(hours=1)) == ["near"]


def test_caps_count_what_stands_already(world: World) -> None:
    set_rules(world, cap_day="2", cap_week="3")
    for hours in (3, 6):
        world.queue(at=TUESDAY + timedelta(hours=hours))
    assert of_hour(world, TUESDAY) == ["cap_day"]

    world.queue(at=TUESDAY + timedelta(days=2))

    assert of_hour(world, TUESDAY) == ["cap_day", "cap_week"]
    assert of_hour(world, TUESDAY + timedelta(days=7)) == []


def test_a_hand_placed_post_goes_where_it_was_told_whatever_the_rules_say(world: World) -> None:
    set_rules(world, quiet="09:30-10:30", cap_day="1")

    post = write(world, PROMO, when="2026-03-03 10:00 Asia/Jakarta")

    assert post.planned_at == TUESDAY
    with reading(world.engine) as session:
        channel = session.get_one(ChannelRow, world.channel.id)
        assert [one.key for one in warnings.of_post(session, channel, post, now=NOON)] == ["quiet"]
