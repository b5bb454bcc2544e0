"""What people do with posts, and how it meets the worker."""

from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import Engine
from sqlmodel import select

from domain.content import Content, DeliveryClass
from domain.errors import IllegalMove, NotFound, UsageError
from domain.post import PlacedBy, PostState
from scheduler import posts
from scheduler.measuring import measure
from scheduler.slots import place_in_next_slot
from scheduler.worker import PublishingWorker
from store import posts as rows
from store.changes import Actor, changes_of
from store.due import claim_due
from store.engine import writing
from store.tables import Measurement, Post, Route, SlotChoice
from tests.fakes import FakePlatform, Fate
from tests.world import NOON, World, new_world

PERSON = Actor("person")
DAILY = tuple((day, wall) for day in range(7) for wall in ("09:00", "17:00"))


@pytest.fixture
def platform() -> FakePlatform:
    return FakePlatform(DeliveryClass.AT_MOST_ONCE)


@pytest.fixture
def world(engine: Engine, platform: FakePlatform) -> World:
    return new_world(
        engine, platform="fake", adapters={"fake": platform.adapter}, zone="Asia/Jakarta", times=DAILY
    )


def compose(world: World, when: str, text: str = "hello") -> Post:
    content = Content(text)
    return posts.compose(
        world.context, world.workspace.id, world.channel.id, content, when=when, actor=PERSON
    )


def work(world: World) -> None:
    PublishingWorker(world.context, width=1).run_until_idle()


def test_a_time_is_kept_as_instant_as_wall_time_and_with_its_zone(world: World) -> None:
    post = world.reread(compose(world, "2026-03-05 09:00 Europe/Berlin"))

    assert post.planned_at == datetime(2026, 3, 5, 8, tzinfo=UTC)
    assert (post.planned_wall, post.planned_zone) == ("2026-03-05T09:00:00", "Europe/Berlin")
    assert (post.placed_by, post.next_at) == (PlacedBy.PERSON, post.planned_at)


def test_posts_take_the_next_free_slots_of_the_channels_zone(world: World) -> None:
    planned = [compose(world, "next-slot").planned_at for _ in range(3)]

    # Noon UTC is 19:00 in Jakarta: the day's slots have passed.
    assert planned == [
        datetime(2026, 3, 3, 2, tzinfo=UTC),
        datetime(2026, 3, 3, 10, tzinfo=UTC),
        datetime(2026, 3, 4, 2, tzinfo=UTC),
    ]


def test_a_skipped_post_frees_its_slot(world: World) -> None:
    first, second = compose(world, "next-slot"), compose(world, "next-slot")
    posts.skip(world.context, world.workspace.id, first.id, reason="too early", actor=PERSON)

    third = compose(world, "next-slot")

    assert world.reread(first).reason == "too early"
    assert third.planned_at == first.planned_at != second.planned_at


def test_an_automatic_choice_of_a_slot_is_logged_with_its_odds(world: World) -> None:
    with writing(world.engine) as session:
        post = rows.new_post(
            session,
            workspace_id=world.workspace.id,
            channel=world.channel,
            content=Content("x"),
            state=PostState.QUEUED,
            now=NOON,
        )
        place_in_next_slot(session, post, world.channel, now=NOON)
        session.commit()
        choice = session.scalars(select(SlotChoice)).one()
    assert (choice.post_id, choice.chosen_at, choice.propensity) == (post.id, post.slot_at, 1.0)


def test_a_post_for_now_goes_out_at_once(world: World, platform: FakePlatform) -> None:
    post = compose(world, "now")

    work(world)

    assert platform.copies(post.delivery_key) == 1


@pytest.mark.parametrize(
    ("when", "says"),
    [
        ("2026-03-05 09:00", "names no zone"),
        ("2020-01-01 09:00 UTC", "has passed"),
        ("2026-03-05 09:00 Nowhere/Land", "Unknown time zone"),
    ],
)
def test_a_time_that_cannot_be_meant_is_refused_and_nothing_is_kept(
    world: World, when: str, says: str
) -> None:
    with pytest.raises(UsageError, match=says):
        compose(world, when)

    with writing(world.engine) as session:
        assert not rows.listed(session, world.workspace.id)


@pytest.mark.parametrize("link", ["javascript:alert(1)", "example.org/a", "https://a.example/\n", "https://"])
def test_a_link_that_browsers_cannot_open_is_refused(world: World, link: str) -> None:
    with pytest.raises(UsageError, match="no web address"):
        posts.compose(
            world.context, world.workspace.id, world.channel.id, Content("hi", link=link), when="now",
            actor=PERSON,
        )  # fmt: skip


def test_a_person_who_moves_a_post_wins_against_a_worker_that_has_just_claimed_it(
    world: World, platform: FakePlatform
) -> None:
    post = compose(world, "now")

    def interfere(step: str) -> None:
        if step == "claimed":
            posts.move(world.context, world.workspace.id, post.id, when="2026-03-09 09:00 UTC", actor=PERSON)

    PublishingWorker(world.context, width=1, at_step=interfere).run_until_idle()

    moved = world.reread(post)
    assert platform.calls == 0
    assert (moved.state, moved.next_at) == (PostState.QUEUED, datetime(2026, 3, 9, 9, tzinfo=UTC))


def test_a_post_that_is_being_published_cannot_be_moved_skipped_or_queued_again(
    world: World, platform: FakePlatform
) -> None:
    post = compose(world, "now")
    where = (world.context, world.workspace.id, post.id)

    def interfere(step: str) -> None:
        if step == "called":
            with pytest.raises(IllegalMove):
                posts.skip(*where, reason="", actor=PERSON)
            with pytest.raises(IllegalMove, match="being published right now"):
                posts.move(*where, when="next-slot", actor=PERSON)
            with pytest.raises(IllegalMove, match="being published right now"):
                posts.retry(*where, actor=PERSON)
            with pytest.raises(IllegalMove):
                posts.edit(*where, text="other", actor=PERSON)

    PublishingWorker(world.context, width=1, at_step=interfere).run_until_idle()

    assert world.reread(post).state == PostState.PUBLISHED
    assert platform.copies() == 1


def test_a_failed_post_can_be_queued_again(world: World, platform: FakePlatform) -> None:
    platform.fates.append(Fate.REJECTED)
    post = compose(world, "now")
    work(world)
    assert world.reread(post).state == PostState.FAILED

    posts.retry(world.context, world.workspace.id, post.id, actor=PERSON)
    work(world)

    assert world.reread(post).state == PostState.PUBLISHED


def test_an_uncertain_post_is_settled_before_anything_else(world: World, platform: FakePlatform) -> None:
    platform.fates.append(Fate.LOST_REQUEST)
    post = compose(world, "now")
    work(world)
    where = (world.context, world.workspace.id, post.id)
    with pytest.raises(IllegalMove, match="Nobody knows yet"):
        posts.retry(*where, actor=PERSON)
    with pytest.raises(IllegalMove, match="Nobody knows yet"):
        posts.move(*where, when="next-slot", actor=PERSON)

    posts.absent(world.context, world.workspace.id, post.id, actor=PERSON)
    work(world)

    assert world.reread(post).state == PostState.PUBLISHED
    assert platform.copies() == 1


@pytest.mark.parametrize("delivery", [DeliveryClass.AT_MOST_ONCE, DeliveryClass.LIST_AND_MATCH])
@pytest.mark.parametrize("fate", [Fate.LOST_ANSWER, Fate.LOST_REQUEST])
def test_a_skip_settles_no_doubt(engine: Engine, delivery: DeliveryClass, fate: Fate) -> None:
    platform = FakePlatform(delivery, fates=[fate])
    world = new_world(engine, platform="fake", adapters={"fake": platform.adapter}, times=DAILY)
    post = compose(world, "now")
    work(world)
    known = (world.context, world.workspace.id, post.id)
    posts.skip(*known, reason="", actor=PERSON)
    with pytest.raises(IllegalMove, match="nobody knew whether it is on its platform"):
        posts.move(*known, when="next-slot", actor=PERSON)
    with pytest.raises(IllegalMove, match="awaits approval can be approved; this one is skipped"):
        posts.approve(*known, actor=PERSON)

    again = posts.retry(*known, actor=PERSON)

    assert again.state == PostState.UNCERTAIN
    for _ in range(20):
        world.clock.forward(hours=1)
        work(world)
    asks = delivery == DeliveryClass.AT_MOST_ONCE
    assert platform.copies() == (int(fate == Fate.LOST_ANSWER) if asks else 1)
    assert world.reread(post).state == (PostState.UNCERTAIN if asks else PostState.PUBLISHED)
    if asks:
        posts.absent(*known, actor=PERSON)
        assert world.reread(post).state == PostState.QUEUED


def test_an_edit_voids_the_approval(world: World, platform: FakePlatform) -> None:
    post = compose(world, "draft")
    with writing(world.engine) as session:
        row = rows.lock(session, world.workspace.id, post.id)
        rows.move(session, row, PostState.AWAITING_APPROVAL, reason=None, next_at=None)
        session.commit()
    posts.approve(world.context, world.workspace.id, post.id, actor=PERSON)
    assert world.reread(post).state == PostState.QUEUED

    posts.edit(world.context, world.workspace.id, post.id, text="something else", actor=PERSON)

    edited = world.reread(post)
    world.clock.forward(days=9)
    work(world)
    assert (edited.state, edited.approved_hash) == (PostState.AWAITING_APPROVAL, None)
    assert platform.calls == 0


def test_what_was_approved_is_what_is_sent(world: World, platform: FakePlatform) -> None:
    """Even a change that goes past `edit` does not go out under an old approval."""
    post = compose(world, "draft")
    with writing(world.engine) as session:
        row = rows.lock(session, world.workspace.id, post.id)
        rows.move(session, row, PostState.AWAITING_APPROVAL, reason=None, next_at=None)
        session.commit()
    posts.approve(world.context, world.workspace.id, post.id, actor=PERSON)
    with writing(world.engine) as session:
        row = rows.lock(session, world.workspace.id, post.id)
        row.content = {**row.content, "text": "tampered"}
        session.add(row)
        session.commit()

    world.clock.forward(days=9)
    work(world)

    assert (world.reread(post).state, platform.calls) == (PostState.AWAITING_APPROVAL, 0)


def test_a_post_that_was_tried_sends_the_same_again_and_cannot_be_edited(
    world: World, platform: FakePlatform
) -> None:
    platform.fates.append(Fate.NOT_SENT)
    post = compose(world, "now")
    work(world)

    with pytest.raises(IllegalMove, match="was tried cannot be edited"):
        posts.edit(world.context, world.workspace.id, post.id, text="other", actor=PERSON)


@pytest.mark.parametrize("act", ["skip and retry", "skip and move", "fail and retry", "edit and retry"])
def test_nobody_gets_past_the_approval_that_a_route_asks_for(
    world: World, platform: FakePlatform, act: str
) -> None:
    post = await_approval(world)
    known = (world.context, world.workspace.id, post.id)
    match act:
        case "skip and retry":
            posts.skip(*known, reason="", actor=PERSON)
            posts.retry(*known, actor=PERSON)
        case "skip and move":
            posts.skip(*known, reason="", actor=PERSON)
            posts.move(*known, when="2026-03-09 09:00 UTC", actor=PERSON)
        case "fail and retry":
            turn(world, post, PostState.FAILED)
            posts.retry(*known, actor=PERSON)
        case "edit and retry":
            posts.approve(*known, actor=PERSON)
            turn(world, post, PostState.FAILED)
            posts.edit(*known, text="something else", actor=PERSON)
            assert world.reread(post).approved_hash is None
    waiting = world.reread(post)
    world.clock.forward(days=9)
    work(world)

    assert (waiting.state, waiting.next_at) == (PostState.AWAITING_APPROVAL, None)
    assert platform.calls == 0
    posts.approve(*known, actor=PERSON)
    world.clock.forward(days=9)
    work(world)
    assert (world.reread(post).state, platform.copies()) == (PostState.PUBLISHED, 1)


def test_what_was_approved_once_needs_no_second_approval(world: World, platform: FakePlatform) -> None:
    post = await_approval(world)
    known = (world.context, world.workspace.id, post.id)
    posts.approve(*known, actor=PERSON)
    posts.skip(*known, reason="", actor=PERSON)
    posts.retry(*known, actor=PERSON)
    world.clock.forward(days=9)
    work(world)

    assert (world.reread(post).state, platform.copies()) == (PostState.PUBLISHED, 1)


def await_approval(world: World) -> Post:
    """A post of a route that asks for approval."""
    with writing(world.engine) as session:
        route = Route(
            workspace_id=world.workspace.id, name="news", channel_id=world.channel.id, template="{{ title }}",
            needs_approval=True, created_at=world.clock.now,
        )  # fmt: skip
        session.add(route)
        session.commit()
    return world.queue(state=PostState.AWAITING_APPROVAL, next_at=None, route_id=route.id)


def turn(world: World, post: Post, state: PostState) -> None:
    with writing(world.engine) as session:
        row = rows.lock(session, world.workspace.id, post.id)
        row.state, row.next_at, row.reason = state, None, "refused"
        session.add(row)
        session.commit()


def test_a_post_that_a_person_has_seen_is_not_asked_for_by_a_number_that_nobody_knows(
    world: World, platform: FakePlatform
) -> None:
    platform.fates.append(Fate.LOST_ANSWER)
    post = compose(world, "now")
    work(world)
    known = (world.context, world.workspace.id, post.id)
    for address in ("javascript:alert(1)", "there", "https://", "https://x.example/\0"):
        with pytest.raises(UsageError, match="no web address"):
            posts.found(*known, url=address, actor=PERSON)

    posts.found(*known, url="https://fake.example/1", actor=PERSON)

    seen = world.reread(post)
    assert (seen.remote_id, seen.remote_url) == (None, "https://fake.example/1")
    world.clock.forward(hours=1)
    with writing(world.engine) as session:
        [row] = claim_due(session, Measurement, now=world.clock.now, lease=timedelta(minutes=5), limit=1)
    measure(world.context, row)
    assert world.reread(post).deleted_at is None


def test_nobody_has_seen_a_post_on_a_page_that_tabuh_serves_itself(engine: Engine) -> None:
    world = new_world(engine)
    post = world.queue(state=PostState.UNCERTAIN)

    with pytest.raises(IllegalMove, match="serves this page itself"):
        posts.found(world.context, world.workspace.id, post.id, url=None, actor=PERSON)

    work(world)
    assert world.reread(post).state == PostState.PUBLISHED


def test_every_act_says_who_did_it(world: World) -> None:
    post = compose(world, "next-slot")
    posts.move(world.context, world.workspace.id, post.id, when="2026-03-09 09:00 UTC", actor=PERSON)
    posts.skip(world.context, world.workspace.id, post.id, reason="no", actor=PERSON)

    with writing(world.engine) as session:
        changes = changes_of(session, "post", post.id)

    assert [(change.actor, change.what) for change in changes] == [
        ("person", "wrote"),
        ("person", "moved"),
        ("person", "skipped"),
    ]
    assert changes[1].before["planned_at"] != changes[1].after["planned_at"]


def test_a_post_of_another_workspace_is_not_there(world: World) -> None:
    post = compose(world, "next-slot")

    with pytest.raises(NotFound):
        posts.skip(world.context, world.workspace.id + 1, post.id, reason="", actor=PERSON)


def test_two_workers_never_share_a_claim(engine: Engine, world: World) -> None:
    for number in range(20):
        world.queue(f"post {number}")
    seen: list[int] = []
    for _ in range(4):
        with writing(engine) as session:
            claimed = claim_due(session, Post, now=NOON, lease=timedelta(minutes=1), limit=6)
            seen.extend(post.id for post in claimed)

    assert len(seen) == len(set(seen)) == 20
