"""Reviewers without account: looking decides nothing, each post once, bound to what was shown."""

import re
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import Engine
from sqlmodel import Session

from domain.content import Card, content_from, content_json
from domain.post import PostState
from scheduler import approving
from scheduler import posts as commands
from scheduler.publishing import payload_hash
from scheduler.worker import PublishingWorker
from store.changes import Actor, changes_of
from store.engine import writing
from store.tables import ChannelRow, Post
from tests.web.queued import Queue
from tests.web.setting import Installation

PERSON = Actor("person")


@pytest.fixture
def place(engine: Engine) -> Installation:
    return Installation(engine)


def link(place: Installation, *posts: Post, **more: Any) -> tuple[int, str]:
    row, address = approving.make_link(
        place.web.context,
        place.workspace.id,
        [post.id for post in posts],
        name="Ibu Ratna",
        actor=PERSON,
        **more,
    )
    return row.id, address.removeprefix(place.public_url)


def reread(place: Installation, post: Post) -> Post:
    with Session(place.engine, expire_on_commit=False) as session:
        return session.get_one(Post, post.id)


def publish(place: Installation) -> None:
    """What is due by the installation's own clock, which stands still."""
    context = replace(place.web.context, database_clock=False)
    PublishingWorker(context, width=1).run_until_idle()


def form(page: str, **more: str) -> dict[str, str]:
    seen = dict(re.findall(r'name="(seen-\d+)" value="([0-9a-f]{64})"', page))
    return {**seen, "name": "Ratna", **{name.replace("_", "-"): value for name, value in more.items()}}


def test_looking_changes_nothing_whoever_looks_and_however_often(place: Installation) -> None:
    post = Queue(place).add("queued", "Hello there", hours=3)
    _, path = link(place, post)
    client = place.public()

    for _ in range(3):
        page = client.get(path, headers={"user-agent": "SafeLinks scanner"})
        assert client.head(path).status_code == 200
    assert page.status_code == 200
    assert "Hello there" in page.text
    assert page.headers["cache-control"] == "no-store"
    assert page.headers["x-robots-tag"] == "noindex, nofollow"
    assert "set-cookie" not in page.headers
    assert reread(place, post).state == PostState.AWAITING_APPROVAL


def test_an_approval_is_noted_with_name_and_comment_and_queues_exactly_what_was_shown(
    place: Installation,
) -> None:
    post = Queue(place).add("draft", "Hello", hours=3)
    _, path = link(place, post)
    client = place.public()
    typed = form(client.get(path).text, **{f"choice-{post.id}": "approved", f"comment-{post.id}": "Bagus!"})

    answer = client.post(path, data=typed)

    assert answer.status_code == 200
    assert "What you decided is noted" in answer.text
    now = reread(place, post)
    assert (now.state, now.next_at) == (PostState.QUEUED, post.planned_at)
    assert now.approved_hash == typed[f"seen-{post.id}"]
    with Session(place.engine) as session:
        change = changes_of(session, "post", post.id)[-1]
    assert (change.actor, change.what) == ("reviewer", "approved by a reviewer")
    assert (change.after["reviewer"], change.after["comment"]) == ("Ratna", "Bagus!")
    again = client.post(path, data={**typed, f"choice-{post.id}": "rejected"})
    assert again.status_code == 422
    assert "decided already" in again.text
    assert reread(place, post).state == PostState.QUEUED


def test_a_rejected_post_is_a_draft_that_nobody_queues_past_an_approval(place: Installation) -> None:
    post = Queue(place).add("queued", "Hello", hours=3)
    _, path = link(place, post)
    client = place.public()

    client.post(path, data=form(client.get(path).text, **{
        f"choice-{post.id}": "rejected", f"comment-{post.id}": "Wrong price"}))  # fmt: skip

    assert (reread(place, post).state, reread(place, post).reason) == (
        PostState.DRAFT, "Rejected by Ratna: Wrong price",
    )  # fmt: skip
    commands.retry(place.web.context, place.workspace.id, post.id, actor=PERSON)
    assert reread(place, post).state == PostState.AWAITING_APPROVAL


def test_of_several_posts_each_is_decided_for_itself_and_one_mistake_stops_all(place: Installation) -> None:
    queue = Queue(place)
    one, two, three = (queue.add("queued", text, hours=3) for text in ("One", "Two", "Three"))
    _, path = link(place, one, two, three)
    client = place.public()
    page = client.get(path).text
    commands.edit(place.web.context, place.workspace.id, two.id, text="Two, other", actor=PERSON)

    both = {f"choice-{one.id}": "approved", f"choice-{two.id}": "approved"}
    refused = client.post(path, data=form(page, **both))

    assert refused.status_code == 422
    assert "changed after you looked" in refused.text
    assert reread(place, one).state == PostState.AWAITING_APPROVAL
    assert client.post(path, data=form(refused.text, **both)).status_code == 200
    states = [reread(place, post).state for post in (one, two, three)]
    assert states == [PostState.QUEUED, PostState.QUEUED, PostState.AWAITING_APPROVAL]


def test_a_name_is_needed_and_what_was_typed_stays(place: Installation) -> None:
    post = Queue(place).add("queued", "Hello", hours=3)
    _, path = link(place, post)
    client = place.public()
    typed = form(client.get(path).text, **{f"choice-{post.id}": "approved", f"comment-{post.id}": "My words"})

    answer = client.post(path, data={**typed, "name": "  "})

    assert answer.status_code == 422
    assert "My words" in answer.text
    assert client.post(path, data=form(client.get(path).text)).status_code == 422
    assert reread(place, post).state == PostState.AWAITING_APPROVAL


def test_a_link_ends_by_time_and_by_hand_and_its_secret_is_not_kept(place: Installation) -> None:
    queue = Queue(place)
    post, other = queue.add("queued", "Hello", hours=300), queue.add("queued", "Other", hours=300)
    _, short = link(place, post, lasts=timedelta(days=1))
    number, revoked = link(place, other)
    client = place.public()
    typed = form(client.get(short).text, **{f"choice-{post.id}": "approved"})

    approving.revoke_link(place.web.context, place.workspace.id, number, actor=PERSON)
    assert client.get(revoked).status_code == 410
    place.later(days=1)
    assert client.get(short).status_code == 410
    assert client.post(short, data=typed).status_code == 410
    assert reread(place, post).state == PostState.AWAITING_APPROVAL
    with Session(place.engine) as session:
        from store.tables import ReviewLink

        row = session.get_one(ReviewLink, number)
        assert revoked.removeprefix("/r/") not in str(row.model_dump())


def test_another_site_cannot_send_the_form_and_guessing_is_slow(place: Installation) -> None:
    post = Queue(place).add("queued", "Hello", hours=3)
    _, path = link(place, post)
    client = place.public()
    typed = form(client.get(path).text, **{f"choice-{post.id}": "approved"})

    assert client.post(path, data=typed, headers={"Sec-Fetch-Site": "cross-site"}).status_code == 403
    assert reread(place, post).state == PostState.AWAITING_APPROVAL
    tries = [client.get(f"/r/{'x' * 40}{number:03}").status_code for number in range(32)]
    assert tries[:30] == [404] * 30
    assert tries[30:] == [429] * 2
    assert client.get(path).status_code == 200


def test_a_link_decides_only_about_its_own_posts(place: Installation) -> None:
    queue = Queue(place)
    mine, other = queue.add("queued", "Mine", hours=3), queue.add("awaiting_approval", "Other", hours=3)
    _, path = link(place, mine)
    client = place.public()
    typed = form(client.get(path).text, **{f"choice-{other.id}": "approved", f"seen-{other.id}": "0" * 64})

    assert client.post(path, data=typed).status_code == 422
    assert reread(place, other).state == PostState.AWAITING_APPROVAL


@pytest.mark.parametrize("change", ["text", "image", "channel"])
def test_whatever_changes_what_is_sent_voids_the_approval(place: Installation, change: str) -> None:
    queue = Queue(place)
    post = queue.add("queued", "Hello", hours=3)
    _, path = link(place, post)
    client = place.public()
    client.post(path, data=form(client.get(path).text, **{f"choice-{post.id}": "approved"}))

    with writing(place.engine) as session:
        row = session.get_one(Post, post.id)
        content = content_from(row.content)
        match change:
            case "text":
                row.content = content_json(replace(content, text="Other"))
            case "image":
                row.content = content_json(replace(content, card=Card(image_url="https://example.org/x.jpg")))
            case "channel":
                row.content = content_json(replace(content, language="id"))
        session.commit()
    place.later(hours=4)
    publish(place)

    now = reread(place, post)
    assert (now.state, now.reason) == (
        PostState.AWAITING_APPROVAL, "It was changed after it was approved: approve it again.",
    )  # fmt: skip
    assert now.payload is None


def test_what_was_approved_is_what_goes_out(place: Installation) -> None:
    post = Queue(place).add("queued", "Hello", hours=3)
    _, path = link(place, post)
    client = place.public()
    client.post(path, data=form(client.get(path).text, **{f"choice-{post.id}": "approved"}))
    place.later(hours=4)
    publish(place)

    now = reread(place, post)
    assert now.state == PostState.PUBLISHED
    assert payload_hash(now.payload) == now.approved_hash


def test_a_post_that_needs_an_approval_does_not_go_out_without_one_whatever_queued_it(
    place: Installation,
) -> None:
    post = Queue(place).add("queued", "Hello", hours=-1, needs_approval=True)

    publish(place)

    assert reread(place, post).state == PostState.AWAITING_APPROVAL


def test_the_page_speaks_the_reviewers_language_and_shows_no_script_of_a_post(place: Installation) -> None:
    post = Queue(place).add("queued", "<script>alert(1)</script>", hours=3)
    with writing(place.engine) as session:
        session.get_one(ChannelRow, post.channel_id).name = "<b>Kanal</b>"
        session.commit()
    _, path = link(place, post)

    page = place.public().get(path, headers={"accept-language": "id"}).text

    assert "<script>alert" not in page
    assert "<b>Kanal</b>" not in page
    assert 'lang="id"' in page
