"""Pausing everything, rules for late posts, and silence at the hour of sending; on both databases."""

from datetime import timedelta

import pytest
from sqlalchemy import Engine
from sqlmodel import Session

from domain.content import DeliveryClass
from domain.errors import UsageError
from domain.post import PlacedBy, PostState
from scheduler import pausing
from scheduler.worker import PublishingWorker
from store.changes import Actor, changes_of
from store.engine import writing
from store.tables import ChannelRow, Route, Workspace
from tests.fakes import FakePlatform
from tests.world import NOON, World, new_world

PERSON = Actor("person")
DAILY = tuple((day, wall) for day in range(7) for wall in ("09:00", "17:00"))


@pytest.fixture
def platform() -> FakePlatform:
    return FakePlatform(DeliveryClass.LIST_AND_MATCH)


@pytest.fixture
def world(engine: Engine, platform: FakePlatform) -> World:
    return new_world(engine, platform="fake", adapters={"fake": platform.adapter}, times=DAILY)


def pause(world: World, reason: str = "An earthquake") -> None:
    pausing.pause(world.context, world.workspace.id, reason=reason, actor=PERSON)


def resume(world: World) -> int:
    return pausing.resume(world.context, world.workspace.id, actor=PERSON)


def work(world: World) -> None:
    PublishingWorker(world.context, width=1).run_until_idle()


def set_rules(world: World, **rules: str) -> None:
    with writing(world.engine) as session:
        row = session.get_one(ChannelRow, world.channel.id)
        row.rules = rules
        session.add(row)
        session.commit()


def test_nothing_is_published_while_everything_is_paused(world: World, platform: FakePlatform) -> None:
    post = world.queue(placed_by=PlacedBy.PERSON)
    pause(world)

    work(world)
    world.clock.forward(hours=2)
    work(world)

    assert platform.copies() == 0
    assert world.reread(post).reason == "Waits, because everything is paused: An earthquake."
    assert resume(world) == 1
    work(world)
    assert platform.copies(post.delivery_key) == 1
    assert "everything is paused" in str(world.reread(post).late_reason)


def test_what_automation_had_placed_takes_a_new_slot_after_the_pause(
    world: World, platform: FakePlatform
) -> None:
    late, coming = world.queue(), world.queue(at=NOON + timedelta(days=1))
    pause(world)
    world.clock.forward(hours=1)

    assert resume(world) == 1
    work(world)

    assert platform.copies() == 0
    assert world.reread(late).planned_at == NOON.replace(hour=17)
    assert world.reread(coming).planned_at == coming.planned_at


@pytest.mark.parametrize(
    ("late", "state"), [("send", PostState.PUBLISHED), ("skip", PostState.SKIPPED), ("ask", PostState.DRAFT)]
)
def test_posts_that_became_late_follow_the_channels_rule(
    world: World, platform: FakePlatform, late: str, state: PostState
) -> None:
    set_rules(world, late=late)
    post = world.queue(placed_by=PlacedBy.PERSON)
    pause(world)
    work(world)
    world.clock.forward(hours=1)

    resume(world)
    work(world)

    after = world.reread(post)
    assert after.state == state
    if late != "send":
        assert "passed while everything was paused" in str(after.reason)


@pytest.mark.parametrize(
    ("channels_own", "routes_own", "override", "state"),
    [
        ("send", "send", None, PostState.QUEUED),
        ("skip", "send", None, PostState.SKIPPED),
        ("skip", "ask", None, PostState.DRAFT),
        ("send", "skip", None, PostState.SKIPPED),
        ("skip", "send", "send", PostState.QUEUED),
        ("skip", "ask", "send", PostState.QUEUED),
    ],
)
def test_late_posts_of_a_route_follow_its_own_rule_and_else_its_channels(
    world: World, channels_own: str, routes_own: str, override: str | None, state: PostState
) -> None:
    set_rules(world, late=channels_own)
    with writing(world.engine) as session:
        route = Route(
            workspace_id=world.workspace.id, channel_id=world.channel.id, name="R", template="{{ title }}",
            late=routes_own, rules={"late": override} if override else None, created_at=NOON,
        )  # fmt: skip
        session.add(route)
        session.commit()
        session.refresh(route)
    post = world.queue(route_id=route.id)
    pause(world)
    world.clock.forward(hours=1)

    resume(world)
    work(world)

    assert world.reread(post).state == state


@pytest.mark.parametrize(("late", "state"), [("skip", PostState.SKIPPED), ("ask", PostState.DRAFT)])
def test_a_down_time_is_judged_by_the_channels_rule_where_no_route_made_the_post(
    world: World, platform: FakePlatform, late: str, state: PostState
) -> None:
    set_rules(world, late=late)
    post = world.queue(placed_by=PlacedBy.PERSON)
    world.clock.forward(hours=1)

    work(world)

    assert (world.reread(post).state, platform.copies()) == (state, 0)
    assert "while no worker was running" in str(world.reread(post).reason)


def test_a_late_post_of_automation_waits_for_the_end_of_quiet_hours(
    world: World, platform: FakePlatform
) -> None:
    set_rules(world, quiet="13:00-15:00")
    post, by_hand = world.queue(), world.queue(placed_by=PlacedBy.PERSON)
    world.clock.forward(hours=1, minutes=30)

    work(world)

    assert platform.copies(post.delivery_key) == 0
    assert platform.copies(by_hand.delivery_key) == 1
    waiting = world.reread(post)
    assert waiting.next_at == NOON.replace(hour=15)
    assert "keep it silent until 2026-03-02 15:00" in str(waiting.reason)
    world.clock.now = NOON.replace(hour=15)
    work(world)
    assert platform.copies(post.delivery_key) == 1


def test_a_pause_needs_a_reason_and_a_resume_a_pause(world: World) -> None:
    with pytest.raises(UsageError, match="Say why"):
        pause(world, "  \n ")
    with pytest.raises(UsageError, match="Nothing is paused"):
        resume(world)


def test_a_second_pause_keeps_the_time_of_the_first_and_both_are_on_record(world: World) -> None:
    pause(world)
    world.clock.forward(hours=1)
    pause(world, "Still\nshaking")

    with Session(world.engine) as session:
        workspace = session.get_one(Workspace, world.workspace.id)
        assert (workspace.paused_at, workspace.paused_reason) == (NOON, "Still shaking")
        told = changes_of(session, "workspace", world.workspace.id)
    assert [change.what for change in told] == ["paused everything", "paused everything"]


def test_a_paused_channel_stays_so_when_everything_is_resumed(world: World) -> None:
    post = world.queue(placed_by=PlacedBy.PERSON)
    with writing(world.engine) as session:
        row = session.get_one(ChannelRow, world.channel.id)
        row.state = "paused"
        session.add(row)
        session.commit()
    pause(world)

    assert resume(world) == 0
    work(world)
    assert world.reread(post).state == PostState.QUEUED
