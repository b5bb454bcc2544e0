"""Priority, earliest and latest time of a post, and who makes room for whom; on both databases."""

from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import Engine

from domain.content import Content
from domain.errors import IllegalMove, UsageError
from domain.post import PlacedBy, PostState
from scheduler import posts, wishes
from scheduler.wishes import Wishes, parse_wishes
from store.changes import Actor
from store.tables import Post
from tests.scheduler.test_slots import DAILY, choice, place, wall
from tests.world import World, new_world

PERSON = Actor("person")
THURSDAY = datetime(2026, 3, 5, 0, 0, tzinfo=UTC)


@pytest.fixture
def world(engine: Engine) -> World:
    return new_world(engine, zone="Asia/Jakarta", times=DAILY)


def write(world: World, **asked: object) -> Post:
    return posts.compose(
        world.context, world.workspace.id, world.channel.id, Content("urgent news"), when="next-slot",
        actor=PERSON, wishes=Wishes(**asked),  # type: ignore[arg-type]
    )  # fmt: skip


def wish(world: World, post: Post, **asked: str) -> Post:
    return wishes.wish(world.context, world.workspace.id, post.id, actor=PERSON, **asked)


def test_an_urgent_post_takes_the_slot_of_a_lighter_one_which_goes_to_the_next_best(world: World) -> None:
    first, second = place(world), place(world)

    urgent = write(world, priority=2)

    assert wall(world.reread(urgent)) == "Mon 02 23:00"
    assert wall(world.reread(first)) == "Tue 03 13:00"
    assert world.reread(second).planned_at == second.planned_at
    assert world.reread(urgent).placed_by == PlacedBy.PERSON


def test_nobody_makes_room_for_a_post_of_the_same_priority(world: World) -> None:
    first = place(world, priority=2)

    other = write(world, priority=2)

    assert (wall(world.reread(first)), wall(other)) == ("Mon 02 23:00", "Tue 03 09:00")


def test_what_a_person_placed_makes_room_for_nobody(world: World) -> None:
    by_hand = posts.compose(
        world.context, world.workspace.id, world.channel.id, Content("x"), when="next-slot", actor=PERSON
    )

    urgent = write(world, priority=2)

    assert wall(world.reread(by_hand)) == "Mon 02 23:00"
    assert wall(world.reread(urgent)) == "Tue 03 09:00"


def test_a_written_post_goes_out_between_its_earliest_and_latest_time(world: World) -> None:
    post = write(world, earliest=THURSDAY, latest=THURSDAY + timedelta(hours=9))

    assert wall(post) == "Thu 05 09:00"
    with pytest.raises(UsageError, match="latest time"):
        write(world, earliest=THURSDAY + timedelta(hours=7), latest=THURSDAY + timedelta(hours=8))


def test_a_post_of_automation_is_placed_anew_by_what_is_wished(world: World) -> None:
    post, other = place(world), place(world)

    moved = wish(world, post, earliest="2026-03-05 07:00 Asia/Jakarta")

    assert wall(moved) == "Thu 05 09:00"
    assert choice(world, other).rule == "best_free/1"
    back = wish(world, post, earliest="none", priority="low")
    assert (back.earliest_at, back.priority) == (None, -1)


def test_what_a_person_placed_keeps_its_hour_and_its_wishes(world: World) -> None:
    post = posts.compose(
        world.context, world.workspace.id, world.channel.id, Content("x"),
        when="2026-03-03 10:00 Asia/Jakarta", actor=PERSON,
    )  # fmt: skip

    after = wish(world, post, latest="2026-03-03 08:00 Asia/Jakarta")

    assert (after.planned_at, after.latest_at) == (post.planned_at, datetime(2026, 3, 3, 1, tzinfo=UTC))


@pytest.mark.parametrize(
    ("asked", "says"),
    [
        ({"priority": "huge"}, "low, normal, high, urgent"),
        ({"earliest": "2026-03-05 07:00"}, "names no zone"),
        (
            {"earliest": "2026-03-05 07:00 channel", "latest": "2026-03-05 07:00 channel"},
            "comes after its earliest",
        ),
    ],
)
def test_wishes_that_cannot_be_read_are_refused(asked: dict[str, str], says: str) -> None:
    with pytest.raises(UsageError, match=says):
        parse_wishes(channel_zone="Asia/Jakarta", **asked)


def test_a_post_that_is_out_of_the_queue_asks_for_nothing(world: World) -> None:
    post = place(world)
    posts.skip(world.context, world.workspace.id, post.id, reason="", actor=PERSON)

    with pytest.raises(IllegalMove, match="no slot to ask for"):
        wish(world, post, priority="high")
    assert world.reread(post).state == PostState.SKIPPED
