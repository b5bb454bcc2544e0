"""What the publishing worker does with a due post, besides publishing it."""

from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import Engine
from sqlmodel import col, select

from domain.content import DeliveryClass, Payload, RemotePost
from domain.post import AttemptOutcome, PlacedBy, PostState
from publishers.base import Progress
from scheduler import channels, posts
from scheduler.publishing import LOOKS, MAX_TRIES
from scheduler.worker import LEASE, PublishingWorker
from store import posts as rows
from store.changes import Actor
from store.due import claim_due
from store.engine import writing
from store.tables import ChannelRow, Measurement, Post, Route, Workspace
from tests.fakes import Crash, FakePlatform, Fate
from tests.world import NOON, World, new_world

PERSON = Actor("person")


def world_with(engine: Engine, platform: FakePlatform) -> World:
    return new_world(engine, platform="fake", adapters={"fake": platform.adapter})


def work(world: World) -> None:
    PublishingWorker(world.context, width=2).run_until_idle()


def test_a_published_post_keeps_its_remote_id_its_attempt_and_a_measurement(engine: Engine) -> None:
    platform = FakePlatform()
    world = world_with(engine, platform)
    post = world.queue("hello")

    work(world)

    done = world.reread(post)
    with writing(engine) as session:
        [attempt] = rows.attempts_of(session, post.id)
        [measurement] = session.scalars(select(Measurement)).all()
    assert (done.state, done.remote_id) == (PostState.PUBLISHED, platform.posts[0].id)
    assert (attempt.outcome, attempt.remote_id) == (AttemptOutcome.PUBLISHED, done.remote_id)
    assert done.published_at is not None
    assert measurement.next_at == done.published_at + timedelta(minutes=15)


def test_a_post_that_is_not_due_stays(engine: Engine) -> None:
    platform = FakePlatform()
    world = world_with(engine, platform)
    world.queue(at=world.clock.now + timedelta(hours=1))

    work(world)

    assert platform.calls == 0


def test_a_wait_that_the_platform_asks_for_holds_the_whole_channel_and_costs_no_try(engine: Engine) -> None:
    platform = FakePlatform(fates=[Fate.RATE_LIMITED])
    world = world_with(engine, platform)
    first = world.queue("first")
    PublishingWorker(world.context, width=1).run_until_idle()
    second = world.queue("second")

    work(world)

    assert platform.calls == 1
    waiting = world.reread(first)
    assert (waiting.state, waiting.tries) == (PostState.QUEUED, 0)
    assert "quiet" in (world.reread(second).reason or "")
    world.clock.forward(minutes=1)
    work(world)
    assert platform.copies() == 2


def test_a_post_that_reaches_nobody_is_tried_again_and_in_the_end_asks_a_person(engine: Engine) -> None:
    platform = FakePlatform(fates=[Fate.NOT_SENT] * 20)
    world = world_with(engine, platform)
    post = world.queue()

    for _ in range(20):
        work(world)
        world.clock.forward(hours=2)

    failed = world.reread(post)
    assert platform.calls == MAX_TRIES
    assert failed.state == PostState.FAILED
    assert "could not be reached" in (failed.reason or "")
    posts.retry(world.context, world.workspace.id, post.id, actor=PERSON)
    platform.fates.clear()
    work(world)
    assert world.reread(post).state == PostState.PUBLISHED


def test_a_late_post_says_why(engine: Engine) -> None:
    world = world_with(engine, FakePlatform())
    post = world.queue(at=world.clock.now - timedelta(minutes=5))

    work(world)

    assert world.reread(post).late_reason == "No worker was free or running at its hour."


def test_a_punctual_post_gives_no_excuse(engine: Engine) -> None:
    world = world_with(engine, FakePlatform())
    post = world.queue()

    work(world)

    assert world.reread(post).late_reason is None


@pytest.mark.parametrize(
    ("late", "state"),
    [("send", PostState.PUBLISHED), ("skip", PostState.SKIPPED), ("ask", PostState.DRAFT)],
)
def test_the_routes_rule_decides_about_a_post_that_a_down_time_missed(
    engine: Engine, late: str, state: PostState
) -> None:
    world = world_with(engine, FakePlatform())
    with writing(engine) as session:
        route = Route(
            workspace_id=world.workspace.id,
            name="News",
            channel_id=world.channel.id,
            template="x",
            late=late,
            created_at=world.clock.now,
        )
        session.add(route)
        session.commit()
    post = world.queue(at=world.clock.now - timedelta(hours=3), route_id=route.id)

    work(world)

    found = world.reread(post)
    assert found.state == state
    assert state == PostState.PUBLISHED or "passed while no worker was running" in (found.reason or "")


def test_a_paused_channel_keeps_its_posts_and_lets_them_go_when_resumed(engine: Engine) -> None:
    platform = FakePlatform()
    world = world_with(engine, platform)
    channels.pause(world.context, world.workspace.id, "Fake", reason="campaign check", actor=PERSON)
    post = world.queue(placed_by=PlacedBy.PERSON)
    work(world)
    held = world.reread(post)
    assert (held.state, platform.calls) == (PostState.QUEUED, 0)
    assert "campaign check" in (held.reason or "")

    channels.resume(world.context, world.workspace.id, "Fake", actor=PERSON)
    work(world)

    assert world.reread(post).state == PostState.PUBLISHED


def test_overdue_posts_of_a_resumed_channel_take_new_slots_one_by_one(engine: Engine) -> None:
    times = tuple((day, "09:00") for day in range(7))
    platform = FakePlatform()
    world = new_world(engine, platform="fake", adapters={"fake": platform.adapter}, times=times)
    channels.pause(world.context, world.workspace.id, "Fake", reason="", actor=PERSON)
    waiting = [world.queue(str(number)) for number in range(3)]
    world.clock.forward(days=3)

    channels.resume(world.context, world.workspace.id, "Fake", actor=PERSON)
    work(world)

    planned = [world.reread(post).planned_at for post in waiting]
    assert platform.calls == 0
    assert [at and at.isoformat() for at in planned] == [
        f"2026-03-0{day}T09:00:00+00:00" for day in (6, 7, 8)
    ]


def test_everything_stands_still_while_the_workspace_is_paused(engine: Engine) -> None:
    platform = FakePlatform()
    world = world_with(engine, platform)
    with writing(engine) as session:
        workspace = session.get_one(Workspace, world.workspace.id)
        workspace.paused_at, workspace.paused_reason = world.clock.now, "mourning"
        session.add(workspace)
        session.commit()
    post = world.queue()

    work(world)

    assert platform.calls == 0
    assert "mourning" in (world.reread(post).reason or "")


def test_refused_credentials_stop_the_channel_until_a_test_succeeds(engine: Engine) -> None:
    platform = FakePlatform(fates=[Fate.NEEDS_RECONNECT])
    world = world_with(engine, platform)
    post = world.queue(placed_by=PlacedBy.PERSON)
    work(world)
    world.clock.forward(hours=1)
    work(world)
    with writing(engine) as session:
        stopped = session.get_one(ChannelRow, world.channel.id)
    assert (stopped.state, platform.calls) == ("needs_reconnect", 1)

    channels.test(world.context, world.workspace.id, "Fake")
    work(world)

    assert world.reread(post).state == PostState.PUBLISHED


def test_a_worker_that_lost_its_claim_leaves_its_success_in_the_attempt(engine: Engine) -> None:
    """The slow worker's answer arrives after another has taken the post over."""
    world = world_with(engine, FakePlatform(DeliveryClass.AT_MOST_ONCE))
    post = world.queue()

    def other_takes_over(step: str) -> None:
        if step == "called":
            world.clock.forward(seconds=LEASE.total_seconds() + 1)
            with writing(engine) as session:
                assert claim_due(session, Post, now=world.clock.now, lease=LEASE, limit=1)

    PublishingWorker(world.context, width=1, at_step=other_takes_over).run_until_idle()
    assert world.reread(post).state == PostState.PUBLISHING

    world.clock.forward(seconds=LEASE.total_seconds() + 1)
    work(world)

    assert world.reread(post).state == PostState.PUBLISHED


def test_an_uncertain_post_is_looked_for_and_then_left_to_a_person(engine: Engine) -> None:
    platform = FakePlatform(DeliveryClass.AT_MOST_ONCE, fates=[Fate.LOST_ANSWER])
    world = world_with(engine, platform)
    post = world.queue()
    work(world)
    uncertain = world.reread(post)
    assert (uncertain.state, uncertain.next_at) == (PostState.UNCERTAIN, None)
    assert "mark it published or queue it again" in (uncertain.reason or "")

    posts.found(world.context, world.workspace.id, post.id, url="https://example.org/1", actor=PERSON)

    settled = world.reread(post)
    assert (settled.state, settled.remote_url) == (PostState.PUBLISHED, "https://example.org/1")
    assert platform.copies() == 1


def test_a_look_comes_no_sooner_than_the_lost_request_could_still_arrive(engine: Engine) -> None:
    platform = FakePlatform(fates=[Fate.LOST_REQUEST])
    world = world_with(engine, platform)
    world.queue()
    work(world)
    world.clock.forward(seconds=LOOKS[0].total_seconds() - 1)
    work(world)
    assert platform.looks == 0

    world.clock.forward(seconds=2)
    work(world)

    assert (platform.looks, platform.copies()) == (1, 1)


def test_a_bug_in_an_adapter_counts_as_an_unknown_outcome(engine: Engine) -> None:
    def burst(step: str) -> None:
        if step == "after":
            raise ZeroDivisionError

    platform = FakePlatform(on_call=burst)
    world = world_with(engine, platform)
    post = world.queue()
    work(world)
    assert world.reread(post).state == PostState.UNCERTAIN

    world.clock.forward(hours=1)
    work(world)

    assert world.reread(post).state == PostState.PUBLISHED
    assert platform.copies() == 1


def test_a_crash_of_the_whole_program_is_taken_over_after_the_lease(engine: Engine) -> None:
    platform = FakePlatform(fates=[Fate.CRASH_AFTER])
    world = world_with(engine, platform)
    post = world.queue()
    with pytest.raises(Crash):
        work(world)

    for _ in range(3):
        world.clock.forward(minutes=10)
        work(world)

    assert world.reread(post).state == PostState.PUBLISHED
    assert platform.copies() == 1


def test_two_posts_with_one_text_never_share_a_remote_post(engine: Engine) -> None:
    platform = FakePlatform(fates=[Fate.OK, Fate.LOST_REQUEST])
    world = world_with(engine, platform)
    first, second = world.queue("same"), world.queue("same")
    for _ in range(6):
        PublishingWorker(world.context, width=1).run_until_idle()
        world.clock.forward(hours=2)

    remotes = [world.reread(post).remote_id for post in (first, second)]

    assert None not in remotes or world.reread(second).state == PostState.UNCERTAIN
    assert remotes[0] != remotes[1]
    with writing(engine) as session:
        assert len(session.scalars(select(Post).where(col(Post.state) == PostState.PUBLISHED)).all()) >= 1


def test_content_that_the_platform_would_refuse_fails_before_any_call(engine: Engine) -> None:
    platform = FakePlatform()
    world = world_with(engine, platform)
    post = world.queue()
    with writing(engine) as session:
        row = session.get_one(Post, post.id)
        row.content = {"text": " ", "link": None, "card": None, "language": None}
        session.add(row)
        session.commit()

    work(world)

    assert platform.calls == 0
    assert world.reread(post).reason == "The post has neither text nor link."


@pytest.mark.parametrize(
    "answer", [{"id": "x\ud800"}, {"id": "x" * 2000 + "\0"}, {"id": "x", "url": ["no", "text"]}]
)
def test_an_answer_that_cannot_be_stored_holds_up_no_other_post(
    engine: Engine, answer: dict[str, Any]
) -> None:
    platform = FakePlatform(DeliveryClass.AT_MOST_ONCE)

    class Strange(platform.adapter):  # type: ignore[name-defined, misc]
        def publish(self, payload: Payload, *, key: str, progress: Progress) -> RemotePost:
            kept: RemotePost = super().publish(payload, key=key, progress=progress)
            if payload["text"] != "strange":
                return kept
            return RemotePost(id=answer["id"], url=answer.get("url", kept.url), published_at=NOON)

    world = new_world(engine, platform="fake", adapters={"fake": Strange})
    strange, good = world.queue("strange"), world.queue("good")

    work(world)
    world.clock.forward(hours=1)
    work(world)

    assert platform.copies() == 2
    assert world.reread(good).state == PostState.PUBLISHED
    after = world.reread(strange)
    assert after.state in (PostState.UNCERTAIN, PostState.PUBLISHED)
    assert after.state == PostState.PUBLISHED or "cannot be stored" in (after.reason or "")


def test_a_post_that_cannot_be_made_ready_holds_up_no_other(engine: Engine) -> None:
    platform = FakePlatform()
    world = world_with(engine, platform)
    broken, good = world.queue("broken", content={"no": "text"}), world.queue("good")

    work(world)

    after = world.reread(broken)
    assert (after.state, after.next_at) == (PostState.FAILED, None)
    assert "could not make it ready (KeyError)" in (after.reason or "")
    assert world.reread(good).state == PostState.PUBLISHED


def test_a_channel_whose_settings_do_not_suffice_waits_for_a_person_and_holds_up_no_other(
    engine: Engine,
) -> None:
    platform = FakePlatform()
    world = world_with(engine, platform)
    post = world.queue()
    with writing(engine) as session:
        broken = session.get_one(ChannelRow, world.channel.id)
        broken.settings = {"no such": "setting"}
        session.add(broken)
        session.commit()

    work(world)

    assert platform.calls == 0
    assert "does not suffice" in (world.reread(post).reason or "")
