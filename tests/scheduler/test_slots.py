"""Automatic posts take the best free slot that the rules allow, and the log says why; on both databases."""

from datetime import UTC, datetime, timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import Engine
from sqlmodel import Session, select

from domain.content import Content
from domain.errors import UsageError
from domain.placement import explained, placement_from
from domain.post import PlacedBy, PostState
from scheduler.slots import place_in_next_slot
from store import posts
from store.engine import writing
from store.tables import ChannelRow, Post, Route, SlotChoice
from tests.world import NOON, World, new_world

JAKARTA = ZoneInfo("Asia/Jakarta")
DAILY = tuple((day, wall) for day in range(7) for wall in ("09:00", "13:00", "23:00"))


@pytest.fixture
def world(engine: Engine) -> World:
    return new_world(engine, zone="Asia/Jakarta", times=DAILY)


def set_rules(world: World, **rules: str) -> None:
    with writing(world.engine) as session:
        row = session.get_one(ChannelRow, world.channel.id)
        row.rules = rules
        session.add(row)
        session.commit()


def place(world: World, *, text: str = "x", link: str | None = None, **values: object) -> Post:
    """A post of automation, put into the best slot."""
    with writing(world.engine) as session:
        post = posts.new_post(
            session, workspace_id=world.workspace.id, channel=world.channel, content=Content(text, link=link),
            state=PostState.QUEUED, now=NOON,
        )  # fmt: skip
        for name, value in values.items():
            setattr(post, name, value)
        place_in_next_slot(session, post, world.channel, now=world.clock.now)
        session.commit()
        return post


def wall(post: Post) -> str:
    assert post.planned_at is not None
    return f"{post.planned_at.astimezone(JAKARTA):%a %d %H:%M}"


def choice(world: World, post: Post) -> SlotChoice:
    with Session(world.engine) as session:
        return session.scalars(select(SlotChoice).where(SlotChoice.post_id == post.id)).one()


def test_without_rules_posts_take_slot_after_slot(world: World) -> None:
    assert [wall(place(world)) for _ in range(4)] == [
        "Mon 02 23:00", "Tue 03 09:00", "Tue 03 13:00", "Tue 03 23:00",
    ]  # fmt: skip


def test_quiet_hours_caps_and_silent_days_are_passed_over(world: World) -> None:
    set_rules(world, quiet="22:00-06:00", cap_day="1", blackouts="2026-03-04")

    assert [wall(place(world)) for _ in range(3)] == ["Tue 03 09:00", "Thu 05 09:00", "Fri 06 09:00"]


def test_a_weeks_cap_counts_what_went_out_earlier_in_the_week(world: World) -> None:
    out = world.queue(at=NOON - timedelta(hours=3))
    with writing(world.engine) as session:
        row = session.get_one(Post, out.id)
        row.state, row.next_at, row.published_at = PostState.PUBLISHED, None, NOON - timedelta(hours=3)
        session.add(row)
        session.commit()
    set_rules(world, cap_week="2")

    assert [wall(place(world)) for _ in range(3)] == ["Mon 02 23:00", "Mon 09 09:00", "Mon 09 13:00"]


def test_posts_keep_their_distance_also_from_what_is_placed_by_hand(world: World) -> None:
    world.queue(at=datetime(2026, 3, 3, 3, 30, tzinfo=UTC), placed_by=PlacedBy.PERSON)  # Tuesday 10:30
    set_rules(world, gap="6 h")

    found = [place(world) for _ in range(5)]

    times = sorted(
        [post.planned_at for post in found if post.planned_at] + [datetime(2026, 3, 3, 3, 30, tzinfo=UTC)]
    )
    assert all(later - earlier >= timedelta(hours=6) for earlier, later in pairwise(times))
    assert wall(found[1]) == "Tue 03 23:00"


def test_posts_of_one_story_keep_a_distance_of_their_own(world: World) -> None:
    set_rules(world, kin_gap="2 d")
    first = place(world)

    akin, other = place(world, story_id=first.story_id), place(world)

    assert (wall(first), wall(akin), wall(other)) == ("Mon 02 23:00", "Wed 04 23:00", "Tue 03 09:00")


def test_earliest_and_latest_time_of_a_post_are_kept(world: World) -> None:
    thursday = datetime(2026, 3, 5, 0, 0, tzinfo=UTC)

    post = place(world, earliest_at=thursday, latest_at=thursday + timedelta(hours=12))

    assert wall(post) == "Thu 05 09:00"
    with pytest.raises(UsageError, match="latest time"):
        place(world, latest_at=NOON + timedelta(minutes=5))


def test_a_route_may_override_the_rules_of_its_channel(world: World) -> None:
    set_rules(world, quiet="22:00-06:00", cap_day="1")
    with writing(world.engine) as session:
        route = Route(
            workspace_id=world.workspace.id, name="Breaking", channel_id=world.channel.id, template="-",
            rules={"quiet": "none", "cap_day": "none"}, created_at=NOON,
        )  # fmt: skip
        session.add(route)
        session.commit()

    assert wall(place(world)) == "Tue 03 09:00"
    assert wall(place(world, route_id=route.id)) == "Mon 02 23:00"
    assert wall(place(world, route_id=route.id)) == "Tue 03 13:00"
    assert wall(place(world)) == "Wed 04 09:00"


def test_a_week_that_has_enough_of_a_kind_gives_its_place_to_other_kinds(world: World) -> None:
    set_rules(world, mix="link 5%")  # of 21 slots a week: two links

    links = [place(world, link="https://example.org/a") for _ in range(3)]

    assert [wall(post) for post in links] == ["Mon 02 23:00", "Tue 03 09:00", "Mon 09 09:00"]
    assert wall(place(world)) == "Tue 03 13:00"


def test_a_channel_that_chooses_its_best_times_needs_no_posting_schedule(engine: Engine) -> None:
    world = new_world(engine, zone="Asia/Jakarta")
    with pytest.raises(UsageError, match="no posting schedule"):
        place(world)
    set_rules(world, best_times="yes", quiet="20:00-08:00", cap_day="2")

    found = [place(world) for _ in range(4)]

    assert [wall(post) for post in found] == ["Mon 02 19:15", "Tue 03 08:00", "Tue 03 10:00", "Wed 04 08:00"]


def test_every_automatic_choice_is_logged_with_its_odds_and_its_reasons(world: World) -> None:
    set_rules(world, quiet="22:00-06:00", cap_day="1")
    place(world)

    logged = choice(world, place(world))

    assert logged.propensity == 1.0
    assert logged.chosen_at in [datetime.fromisoformat(at) for at in logged.candidates]
    why = placement_from(logged.why)
    assert why.rank == 1
    assert dict(why.barred) == {"quiet": 2, "taken": 1, "day": 1}
    assert why.as_json() == logged.why
    english = explained(why, where=JAKARTA, language="en")
    assert "The soonest of" in english
    assert "The first of those: Mon 2 Mar 23:00" in english
    assert "in quiet hours" in english
    indonesian = explained(why, where=JAKARTA, language="id")
    assert "Yang tercepat dari" in indonesian
    assert "Sen 2 Mar 23.00" in indonesian


def test_rules_that_leave_no_slot_say_so(world: World) -> None:
    set_rules(world, quiet="00:00-12:00, 12:00-24:00")

    with pytest.raises(UsageError, match="ease its rules"):
        place(world)


def test_a_slot_that_a_clock_change_skips_keeps_the_wall_time_that_was_meant(engine: Engine) -> None:
    world = new_world(engine, zone="Europe/Berlin", times=((6, "02:30"),))
    world.clock.now = datetime(2026, 3, 28, 12, tzinfo=UTC)

    post = place(world)

    assert (post.planned_wall, post.planned_at) == (
        "2026-03-29T02:30:00",
        datetime(2026, 3, 29, 1, tzinfo=UTC),
    )
