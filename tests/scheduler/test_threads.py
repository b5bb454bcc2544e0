"""Threads through the whole worker: lost answers, refused comments, and videos that need their time."""

from dataclasses import replace
from datetime import timedelta

import httpx
import pytest
from sqlalchemy import Engine

from domain.content import Content, Payload, content_json
from domain.ids import new_id
from domain.media import Attachment
from domain.post import PostState
from scheduler.calling import CALL_LIMIT, Call, call_limit, make_call
from scheduler.worker import PublishingWorker, no_step
from store.delivery import Intent
from store.engine import writing
from store.tables import ChannelRow, Post
from tests.fakes import FakePlatform
from tests.publishers.fake_servers import LOST_ANSWER, FakeMastodon
from tests.world import World, new_world

PARTS = ("Second part", "Third part")
TEXTS = {"<p>One</p>", "<p>Second part</p>", "<p>Third part</p>", "<p>More tomorrow</p>"}


def threaded(engine: Engine) -> tuple[World, FakeMastodon, Post]:
    """A world with a channel on a fake Mastodon server, and a thread that is due there."""
    world = new_world(engine, platform="mastodon")
    server = FakeMastodon(world.clock)
    http = httpx.Client(transport=httpx.MockTransport(server))
    world.context = replace(world.context, http=http)
    with writing(engine) as session:
        row = session.get_one(ChannelRow, world.channel.id)
        row.settings = {"server": "https://mastodon.example"}
        row.credentials = world.context.seal.close(row.id, {"access_token": FakeMastodon.TOKEN})
        session.commit()
    content = Content("One", thread=PARTS, first_comment="More tomorrow")
    return world, server, world.queue("One", content=content_json(content))


def settle(world: World, post: Post) -> Post:
    """Let workers come and go until nothing is left to do."""
    for _ in range(30):
        PublishingWorker(world.context, width=1).run_until_idle()
        found = world.reread(post)
        if found.next_at is None:
            return found
        world.clock.now = max(world.clock.now, found.next_at) + timedelta(seconds=1)
    raise AssertionError(found.reason)


def standing(server: FakeMastodon) -> list[str]:
    return [one["content"] for one in server.statuses]


@pytest.mark.parametrize("lost", range(4))
def test_a_lost_answer_of_any_part_is_looked_for_and_the_rest_follows(engine: Engine, lost: int) -> None:
    world, server, post = threaded(engine)
    server.faults.extend([*[None] * lost, LOST_ANSWER])

    done = settle(world, post)

    assert (done.state, done.reason) == (PostState.PUBLISHED, None)
    assert sorted(standing(server)) == sorted(TEXTS)
    assert done.remote_id == server.statuses[0]["id"]
    assert [one["in_reply_to_id"] for one in server.statuses] == [None, "1000", "1001", "1000"]


def test_a_first_comment_that_is_refused_leaves_its_sentence_on_a_published_post(engine: Engine) -> None:
    world, server, post = threaded(engine)
    server.faults.extend([None, None, None, httpx.Response(422, json={"error": "Comments are closed"})])

    done = settle(world, post)

    assert done.state == PostState.PUBLISHED
    assert done.reason == (
        "Its first comment did not go out: mastodon.example refuses this post (422: Comments are closed)."
    )
    assert len(standing(server)) == 3


def test_a_call_that_uploads_a_video_has_more_time_and_a_longer_claim(engine: Engine) -> None:
    film = Attachment(sha256="a" * 64, media_type="video/mp4", size=100_000_000)
    payload: Payload = {"text": "hi", "media": [film.as_json()]}
    assert call_limit({"text": "hi"}) == CALL_LIMIT
    assert call_limit({"media": [replace(film, media_type="image/png").as_json()]}) == CALL_LIMIT
    limit = call_limit(payload)
    assert limit == CALL_LIMIT + timedelta(seconds=440)
    world = new_world(engine, platform="fake", adapters={"fake": FakePlatform().adapter})
    post = world.queue(state=PostState.PUBLISHING, claim=7)
    intent = Intent(
        post_id=post.id, workspace_id=post.workspace_id, channel_id=post.channel_id, claim=7,
        attempt_id=new_id(), started_at=world.clock.now, payload=payload, payload_hash="x", tries=1,
        late_reason=None, in_doubt=False,
    )  # fmt: skip
    publisher = world.context.publisher(world.channel)

    ended = make_call(world.context, Call(intent, "k" * 32, publisher, None), no_step)

    assert ended.remote is not None
    assert world.reread(post).next_at == world.clock.now + 2 * limit + timedelta(seconds=30)
    taken_over = make_call(world.context, Call(replace(intent, claim=6), "k" * 32, publisher, None), no_step)
    assert taken_over.remote is None
    assert "Another worker took this post over" in str(taken_over.error)
