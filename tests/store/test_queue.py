"""Lists of posts by hour, what is promised, and since when a post is in its state; on both databases."""

from datetime import timedelta

import pytest
from sqlalchemy import Engine

from domain.content import Content
from domain.post import PostState
from store import posts, queue
from store.changes import Actor, record
from store.engine import reading, writing
from store.queue import Place
from store.tables import Attempt, ChannelRow, Post
from tests.world import NOON, World, new_world


@pytest.fixture
def world(engine: Engine) -> World:
    return new_world(engine)


def draft(world: World, text: str) -> Post:
    with writing(world.engine) as session:
        made = posts.new_post(
            session,
            workspace_id=world.workspace.id,
            channel=world.channel,
            content=Content(text),
            state=PostState.DRAFT,
            now=NOON,
        )
        session.commit()
    return made


def walked(world: World, *, latest_first: bool, page: int) -> list[int]:
    """All posts, page by page."""
    found: list[int] = []
    after: Place | None = None
    with reading(world.engine) as session:
        while rows := queue.by_hour(
            session, world.workspace.id, latest_first=latest_first, after=after, limit=page
        ):
            found += [post.id for post in rows]
            after = Place(rows[-1].planned_at, rows[-1].id)
    return found


@pytest.mark.parametrize("page", [1, 2, 3, 50])
def test_pages_follow_each_other_without_gaps_or_doubles(world: World, page: int) -> None:
    same = [world.queue(at=NOON + timedelta(hours=1)).id for _ in range(3)]
    early = world.queue(at=NOON).id
    late = world.queue(at=NOON + timedelta(days=1)).id
    unplanned = [draft(world, "one").id, draft(world, "two").id]

    assert walked(world, latest_first=False, page=page) == [early, *sorted(same), late, *sorted(unplanned)]
    assert walked(world, latest_first=True, page=page) == [
        late,
        *sorted(same, reverse=True),
        early,
        *sorted(unplanned, reverse=True),
    ]


def test_a_list_holds_only_what_was_asked_for(world: World) -> None:
    queued, made = world.queue().id, draft(world, "draft").id
    with reading(world.engine) as session:
        drafts = queue.by_hour(session, world.workspace.id, states=(PostState.DRAFT,), limit=9)
        unplanned = queue.by_hour(session, world.workspace.id, unplanned_only=True, limit=9)
        elsewhere = queue.by_hour(session, world.workspace.id + 1, limit=9)
        on_channel = queue.by_hour(session, world.workspace.id, channel_id=world.channel.id, limit=9)

    assert [post.id for post in drafts] == [post.id for post in unplanned] == [made]
    assert elsewhere == []
    assert {post.id for post in on_channel} == {queued, made}


def test_a_channel_that_does_not_work_promises_nothing(world: World) -> None:
    first = NOON + timedelta(hours=2)
    world.queue(at=first)
    world.queue(at=NOON + timedelta(days=3))
    world.queue(at=NOON + timedelta(days=9))
    end = NOON + timedelta(days=7)
    with reading(world.engine) as session:
        promised = queue.promises(session, world.workspace.id, before=end)
    assert {key: (one.posts, one.first_at) for key, one in promised.items()} == {world.channel.id: (2, first)}

    with writing(world.engine) as session:
        row = session.get_one(ChannelRow, world.channel.id)
        row.state = "paused"
        session.add(row)
        session.commit()
        assert queue.promises(session, world.workspace.id, before=end) == {}


def test_the_next_hour_of_each_channel_is_its_soonest_queued_post(world: World) -> None:
    world.queue(at=NOON + timedelta(hours=5))
    world.queue(at=NOON + timedelta(hours=3))
    draft(world, "no hour")

    with reading(world.engine) as session:
        assert queue.next_hours(session, world.workspace.id) == {world.channel.id: NOON + timedelta(hours=3)}
        coming = queue.coming(session, world.channel.id, before=NOON + timedelta(hours=4), limit=9)
        assert [post.planned_at for post in coming] == [NOON + timedelta(hours=3)]


def test_since_is_the_last_change_of_state_or_attempt_and_no_mere_edit(world: World) -> None:
    written, moved, tried = world.queue(), world.queue(), world.queue()
    later = NOON + timedelta(hours=1)
    with writing(world.engine) as session:
        for post, what, before in ((moved, "moved", "draft"), (written, "edited", "queued")):
            record(
                session,
                Actor("person"),
                what,
                subject="post",
                subject_id=post.id,
                workspace_id=world.workspace.id,
                now=later,
                before={"state": before},
                after={"state": "queued"},
            )
        attempt = Attempt(post_id=tried.id, claim=1, started_at=later, finished_at=None, payload_hash="x")
        session.add(attempt)
        session.commit()
        since = queue.since(session, [written, moved, tried])

    assert since == {written.id: NOON, moved.id: later, tried.id: later}


def test_a_post_that_a_person_wrote_comes_from_no_feed(world: World) -> None:
    with reading(world.engine) as session:
        assert queue.origin(session, world.queue()) is None
