"""Changing rules: what would move, what moves, and what never does; on both databases."""

from datetime import UTC, datetime, timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import Engine
from sqlmodel import Session, select

from domain.errors import UsageError
from domain.post import PlacedBy, PostState
from scheduler import channel_rules
from scheduler.channel_rules import Outcome
from scheduler.learning import relearn
from store.changes import Actor, changes_of
from store.engine import writing
from store.tables import ChannelRow, PastPost, Post, Route, SlotChoice
from tests.scheduler.test_slots import DAILY, place, wall
from tests.world import NOON, World, new_world

PERSON = Actor("person")


@pytest.fixture
def world(engine: Engine) -> World:
    return new_world(engine, zone="Asia/Jakarta", times=DAILY)


def rules(world: World, *, what_if: bool = False, schedule: str | None = None, **given: str) -> Outcome:
    return channel_rules.set_rules(
        world.context, world.workspace.id, world.channel.name, given, actor=PERSON, schedule=schedule,
        what_if=what_if,
    )  # fmt: skip


def test_what_if_lists_the_moves_and_changes_nothing(world: World) -> None:
    queued = [place(world) for _ in range(4)]  # Mon 23, Tue 9, Tue 13, Tue 23

    outcome = rules(world, what_if=True, quiet="22:00-06:00")

    assert not outcome.saved
    assert {move.post.id for move in outcome.plan.moves} == {queued[0].id, queued[3].id}
    assert outcome.plan.kept == 2
    assert [wall(world.reread(post)) for post in queued] == [wall(post) for post in queued]
    with Session(world.engine) as session:
        assert session.get_one(ChannelRow, world.channel.id).rules is None


def test_saving_does_exactly_what_what_if_told(world: World) -> None:
    queued = [place(world) for _ in range(6)]
    told = rules(world, what_if=True, quiet="22:00-06:00", cap_day="1")

    done = rules(world, quiet="22:00-06:00", cap_day="1")

    assert done.saved
    assert [(m.post.id, m.after) for m in done.plan.moves] == [(m.post.id, m.after) for m in told.plan.moves]
    after = sorted(wall(world.reread(post)) for post in queued)
    assert after == [
        "Fri 06 09:00", "Sat 07 09:00", "Sun 08 09:00", "Thu 05 09:00", "Tue 03 09:00", "Wed 04 09:00",
    ]  # fmt: skip
    assert done.rules == {"quiet": "22:00-06:00", "cap_day": "1"}


def test_moved_posts_have_a_logged_reason_and_the_change_is_on_record(world: World) -> None:
    post = place(world)

    rules(world, quiet="22:00-06:00")

    with Session(world.engine) as session:
        found = session.scalars(select(SlotChoice).where(SlotChoice.post_id == post.id)).all()
        assert [one.rule for one in sorted(found, key=lambda one: one.id)] == ["best_free/1", "plan/1"]
        assert max(found, key=lambda one: one.id).why["rank"] == 1
        [change] = changes_of(session, "channel", world.channel.id)
    assert change.what == "set the rules"
    assert change.after == {
        "quiet": "22:00-06:00", "moved": 1,
        "schedule": "daily 09:00,13:00,23:00",
    }  # fmt: skip


def test_what_a_person_placed_or_edited_never_moves(world: World) -> None:
    at = datetime(2026, 3, 3, 16, 0, tzinfo=UTC)  # Tuesday 23:00
    by_hand = world.queue(at=at, placed_by=PlacedBy.PERSON)
    edited = place(world, edited_at=NOON)
    tried = place(world, tries=1)

    outcome = rules(world, quiet="22:00-09:30")

    assert outcome.plan.moves == ()
    assert world.reread(by_hand).planned_at == at
    assert [world.reread(post).planned_at for post in (edited, tried)] == [
        edited.planned_at,
        tried.planned_at,
    ]


def test_a_post_that_is_about_to_go_out_is_left_alone(world: World) -> None:
    post = place(world)
    assert post.planned_at is not None
    world.clock.now = post.planned_at - timedelta(minutes=1)

    assert rules(world, quiet="22:00-06:00").plan.moves == ()


def test_a_post_for_which_no_slot_is_left_is_held_and_says_why(world: World) -> None:
    post = place(world, latest_at=NOON + timedelta(hours=6))

    rules(world, quiet="22:00-06:00")

    held = world.reread(post)
    assert (held.state, held.next_at, held.slot_at) == (PostState.DRAFT, None, None)
    assert "ease the rules" in str(held.reason)


def test_rules_that_change_nothing_for_the_queue_move_nothing(world: World) -> None:
    for _ in range(5):
        place(world)

    outcome = rules(world, cap_day="9", gap="1 h")

    assert (outcome.plan.moves, outcome.plan.kept) == ((), 5)


def test_another_schedule_is_tried_with_the_rules(world: World) -> None:
    post = place(world)

    told = rules(world, what_if=True, schedule="daily 10:00")
    rules(world, schedule="daily 10:00")

    assert [wall(world.reread(post))] == ["Tue 03 10:00"]
    assert told.schedule == "daily 10:00"


def test_planning_again_fills_a_hole_that_pays_and_is_quiet_after_that(world: World) -> None:
    first, *others = [place(world) for _ in range(9)]
    with writing(world.engine) as session:
        row = session.get_one(Post, first.id)
        row.state, row.next_at, row.slot_at, row.reason = PostState.SKIPPED, None, None, "no"
        session.add(row)
        session.commit()

    once = channel_rules.plan_again(world.context, world.workspace.id, world.channel.name, actor=PERSON)
    twice = channel_rules.plan_again(world.context, world.workspace.id, world.channel.name, actor=PERSON)

    assert [move.after for move in once.plan.moves] == [first.planned_at]
    assert twice.plan.moves == ()
    assert len({world.reread(post).planned_at for post in others}) == 8


def test_a_routes_override_holds_for_its_posts_alone(world: World) -> None:
    with writing(world.engine) as session:
        route = Route(
            workspace_id=world.workspace.id, name="Breaking", channel_id=world.channel.id, template="-",
            created_at=NOON,
        )  # fmt: skip
        session.add(route)
        session.commit()
    rules(world, quiet="22:00-06:00")
    own, _, routed = place(world), place(world), place(world, route_id=route.id)

    def override(what_if: bool, **given: str) -> Outcome:
        return channel_rules.set_route_rules(
            world.context, world.workspace.id, "Breaking", given, actor=PERSON, what_if=what_if
        )

    told = override(True, quiet="none")
    override(False, quiet="none")

    assert [move.post.id for move in told.plan.moves] == [routed.id]
    assert (wall(world.reread(own)), wall(world.reread(routed))) == ("Tue 03 09:00", "Mon 02 23:00")
    assert override(False, quiet="").rules == {}
    with pytest.raises(UsageError, match="whole channel"):
        override(False, mix="link 50%")


def test_a_rule_that_cannot_be_read_changes_nothing(world: World) -> None:
    with pytest.raises(UsageError, match="22:00-06:00"):
        rules(world, quiet="late")
    with Session(world.engine) as session:
        assert session.get_one(ChannelRow, world.channel.id).rules is None


def test_posts_of_one_campaign_keep_their_distance_in_a_new_plan(world: World) -> None:
    world.queue(at=datetime(2026, 3, 3, 6, 0, tzinfo=UTC), placed_by=PlacedBy.PERSON, campaign="Ramadan")
    first, second = place(world, campaign="Ramadan"), place(world, campaign="Lebaran")

    rules(world, kin_gap="2 d")

    assert wall(world.reread(first)) == "Thu 05 13:00"
    assert world.reread(second).planned_at == second.planned_at


def paced_route(world: World, *, per_day: int, gap_minutes: int) -> Route:
    with writing(world.engine) as session:
        route = Route(
            workspace_id=world.workspace.id, channel_id=world.channel.id, name="Slow", template="{{ title }}",
            created_at=NOON, per_day=per_day, gap_minutes=gap_minutes,
        )  # fmt: skip
        session.add(route)
        session.commit()
        session.refresh(route)
    return route


def test_a_new_plan_keeps_the_pace_of_a_route(world: World) -> None:
    route = paced_route(world, per_day=1, gap_minutes=20 * 60)
    queued = [place(world, route_id=route.id) for _ in range(3)]
    others = [place(world) for _ in range(3)]

    rules(world, quiet="22:00-08:00")

    times = sorted(at for post in queued if (at := world.reread(post).planned_at))
    assert all(later - earlier >= timedelta(hours=20) for earlier, later in pairwise(times))
    days = [wall(world.reread(post))[:6] for post in queued]
    assert len(set(days)) == 3
    assert all(world.reread(post).state == PostState.QUEUED for post in others)


def test_posts_that_go_out_without_a_slot_are_not_put_into_one(world: World) -> None:
    at = NOON + timedelta(hours=30, minutes=7)
    post = world.queue(at=at)

    assert rules(world, cap_day="5", gap="30 min").plan.moves == ()
    assert world.reread(post).planned_at == at


def teach(world: World) -> None:
    """80 past posts, of which those at 13:00 earned most."""
    with writing(world.engine) as session:
        for index in range(80):
            at = (NOON - timedelta(days=index + 1)).replace(hour=(2, 6, 16)[index % 3])
            session.add(
                PastPost(
                    workspace_id=world.workspace.id, channel_id=world.channel.id, key=str(index), at=at,
                    engagement=(60 if at.hour == 6 else 20) + index % 7, imported_at=NOON,
                )
            )  # fmt: skip
        session.commit()
    relearn(world.context, world.channel)


def choices(world: World, post: Post) -> SlotChoice:
    with Session(world.engine) as session:
        found = session.scalars(select(SlotChoice).where(SlotChoice.post_id == post.id)).all()
    return max(found, key=lambda one: one.id)


def test_posts_that_a_new_plan_moves_try_slots_with_logged_odds(world: World) -> None:
    queued = [place(world) for _ in range(12)]
    teach(world)

    told = rules(world, what_if=True, quiet="22:00-23:30")
    done = rules(world, quiet="22:00-23:30")

    assert [(m.post.id, m.after) for m in done.plan.moves] == [(m.post.id, m.after) for m in told.plan.moves]
    logged = [choices(world, post) for post in queued if post.id in {m.post.id for m in done.plan.moves}]
    assert logged
    assert all(0 < one.propensity <= 1 for one in logged)
    assert any(one.propensity < 1 and one.rule == "half_draw/1" for one in logged)
    assert len({world.reread(post).slot_at for post in queued}) == 12


def test_a_slot_that_is_being_tried_is_not_undone_by_a_new_plan(world: World) -> None:
    teach(world)
    queued = [place(world) for _ in range(12)]
    tried = [post for post in queued if choices(world, post).why["explored"]]
    assert tried

    rules(world, cap_day="9")

    assert [world.reread(post).slot_at for post in tried] == [post.slot_at for post in tried]

    at = tried[0].planned_at
    assert at is not None
    day = at.astimezone(ZoneInfo("Asia/Jakarta")).date().isoformat()
    rules(world, blackouts=day)
    assert world.reread(tried[0]).slot_at != tried[0].slot_at
