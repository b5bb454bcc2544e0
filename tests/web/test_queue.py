"""The queue page, one post's page, and what people do with posts there."""

import html
import re
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import Engine
from sqlmodel import Session, col, select
from starlette.testclient import TestClient

from domain.person import Role
from store import posts
from store.engine import reading, writing
from store.tables import Post, Workspace
from tests.web import queued
from tests.web.queued import Queue
from tests.web.setting import Installation

HTMX = {"HX-Request": "true"}


@pytest.fixture
def place(engine: Engine) -> Installation:
    return Installation(engine)


@pytest.fixture
def queue(place: Installation) -> Queue:
    return Queue(place)


def reread(place: Installation, post: Post) -> Post:
    with reading(place.engine) as session:
        return posts.get(session, place.workspace.id, post.id)


def newest(place: Installation) -> Post:
    with Session(place.engine) as session:
        return session.exec(select(Post).order_by(col(Post.id).desc())).all()[0]


def notice(client: TestClient, answer: Any) -> str:
    """What the page says after the redirect."""
    assert answer.status_code == 303, answer.text
    page = client.get(answer.headers["location"]).text
    return said_in(page)


def said_in(page: str) -> str:
    found = re.search(r'class="notice [a-z]+".*?<p>(.*?)</p>', page, re.DOTALL)
    assert found
    return html.unescape(re.sub("<[^>]+>", "", found[1])).split(": ", 1)[1].strip()


def test_a_lane_has_posts_and_free_slots_in_the_order_of_time(place: Installation, queue: Queue) -> None:
    queue.add("queued", "Kopi Gayo", hours=0.5)
    slot = place.now + timedelta(hours=4)
    queue.add("queued", "Rilis", hours=4, slot_at=slot)
    page = place.signed_in().get(f"/queue?channel={queue.page.id}").text
    words = re.sub(r"<[^>]+>|\s+", " ", page)

    order = [
        "09:00 WIB",
        "Kopi Gayo",
        "12:30 WIB",
        "Rilis",
        "Free.",
        "The next post without an hour of its own",
    ]
    places = [words.index(part) for part in order]
    assert places == sorted(places)
    assert "Free, and at 12:30 WIB, 19:00 WIB too." in words
    assert "Kait" not in words.split("Show these")[1]


def test_the_json_twin_tells_posts_and_free_slots(place: Installation, queue: Queue) -> None:
    post = queue.add("queued", hours=4, slot_at=place.now + timedelta(hours=4))
    [lane] = place.signed_in().get(f"/api/v1/queue?channel_id={queue.page.id}").json()["lanes"]

    assert [one["id"] for one in lane["posts"]] == [str(post.id)]
    assert lane["free_slots"][:2] == ["2026-11-24T02:00:00Z", "2026-11-24T12:00:00Z"]
    assert len(lane["free_slots"]) == 7 * 3 - 1


def test_a_long_lane_is_cut_and_leads_to_the_whole_list(place: Installation, queue: Queue) -> None:
    for number in range(61):
        queue.add("queued", f"Pos {number}", hours=1 + number / 60)
    page = place.signed_in().get(f"/queue?channel={queue.page.id}").text

    assert page.count('<li class="beat ') == 60
    assert f'href="/queue?state=queued&amp;channel={queue.page.id}"' in page


def test_a_list_goes_on_page_by_page(place: Installation, queue: Queue) -> None:
    for number in range(53):
        queue.add("queued", f"Pos nomor {number:02}", hours=number + 1)
    client = place.signed_in()
    first = client.get("/queue?state=queued").text
    [later] = re.findall(r'href="(/queue\?state=queued&amp;after=[^"]+)"', first)
    second = client.get(html.unescape(later)).text

    assert ["Pos nomor 00" in first, "Pos nomor 49" in first, "Pos nomor 50" in first] == [True, True, False]
    assert ["Pos nomor 49" in second, "Pos nomor 50" in second, "Pos nomor 52" in second] == [
        False,
        True,
        True,
    ]
    assert "First page" in second


@pytest.mark.parametrize("query", ["state=x", "channel=9", "channel=x&state=all", "state=all&after=x_y"])
def test_filters_that_name_nothing_are_passed_over(place: Installation, queue: Queue, query: str) -> None:
    queue.add("queued", hours=2)
    answer = place.signed_in().get(f"/queue?{query}")

    assert answer.status_code == 200
    assert "Kopi Gayo" in answer.text


def test_every_state_says_what_comes_next(place: Installation) -> None:
    made = queued.fill(place)
    client = place.signed_in()
    for name, sentence in {
        "next": "Goes out by itself in 30 minutes.",
        "waiting": "It goes out once channel Halaman lama is resumed.",
        "approval": "Once approved, it goes out Wed 25 Nov, 14:30 WIB.",
        "draft": "Stays here until somebody gives it an hour.",
        "publishing": "The call is running;",
        "uncertain": "Look on Webhook yourself and say whether it is there. Nothing is sent before that.",
        "failed": "Nothing more is tried.",
        "skipped": "It does not go out unless you queue it again.",
        "published": "It is measured at fixed ages, up to 29 days.",
    }.items():
        assert sentence in client.get(f"/posts/{made[name].id}").text, name


def test_a_posts_page_tells_attempts_history_and_what_is_sent(place: Installation) -> None:
    made = queued.fill(place)
    client = place.signed_in()
    page = client.get(f"/posts/{made['uncertain'].id}").text
    assert "hook.example did not answer: timed out." in page
    assert "Kopi Gayo" in page  # the card
    assert "2026-11-24 08:30 Asia/Makassar" in page

    page = client.get(f"/posts/{made['published'].id}").text
    assert "Late, because: No worker was free or running at its hour." in page
    assert f'href="/statistics/posts/{made["published"].id}"' in page

    page = client.get(f"/posts/{made['next'].id}").text
    assert "a person chose this hour; automation never moves it" in page
    assert ">moved" in page
    assert place.owner.name in page


@pytest.mark.parametrize(
    ("typed", "wall", "zone"),
    [
        (
            {"when": "at", "at": "2026-12-01T09:00", "zone": "Asia/Makassar"},
            "2026-12-01T09:00:00",
            "Asia/Makassar",
        ),
        ({"when": "next-slot"}, "2026-11-24T09:00:00", "Asia/Jakarta"),
        ({"when": "now"}, "2026-11-24T08:30:00", "Asia/Jakarta"),
    ],
)
def test_a_post_is_moved_to_the_hour_that_was_meant(
    place: Installation, queue: Queue, typed: dict[str, str], wall: str, zone: str
) -> None:
    post = queue.add("queued", hours=30)
    client = place.signed_in()
    answer = client.post(f"/posts/{post.id}/move", data={**typed, "back": "/queue"})

    assert answer.headers["location"] == "/queue"
    moved = reread(place, post)
    assert (moved.planned_wall, moved.planned_zone, moved.placed_by) == (wall, zone, "person")
    assert (moved.slot_at is not None) == (typed["when"] == "next-slot")


@pytest.mark.parametrize(
    ("typed", "field", "sentence"),
    [
        ({}, "when", "Choose when it goes out."),
        ({"when": "at", "zone": "UTC"}, "at", "Name the day and the time."),
        ({"when": "at", "at": "2026-12-01T09:00"}, "zone", "Choose the time zone"),
        ({"when": "at", "at": "soon", "zone": "UTC"}, "at", "This is no time."),
        ({"when": "at", "at": "2026-01-01T09:00", "zone": "UTC"}, "at", "This time has passed."),
        ({"when": "at", "at": "2026-12-01T09:00", "zone": "Mars/Base"}, "at", "Unknown time zone"),
    ],
)
def test_a_wrong_hour_gets_one_sentence_and_keeps_what_was_typed(
    place: Installation, queue: Queue, typed: dict[str, str], field: str, sentence: str
) -> None:
    post = queue.add("queued", hours=30)
    answer = place.signed_in().post(f"/posts/{post.id}/move", data=typed)

    assert answer.status_code == 422
    assert re.search(rf'id="e-{field}">.*?{re.escape(sentence)}', answer.text, re.DOTALL)
    assert f'value="{typed.get("at", "")}"' in answer.text
    assert "tabuh" not in sentence
    assert reread(place, post).planned_at == post.planned_at


def test_a_channel_without_a_schedule_has_no_next_slot(place: Installation, queue: Queue) -> None:
    post = queue.add("queued", hours=30, channel=queue.paused)
    client = place.signed_in()
    assert 'value="next-slot"' not in client.get(f"/posts/{post.id}/move").text

    answer = client.post(f"/posts/{post.id}/move", data={"when": "next-slot"})
    assert "Channel Halaman lama has no posting schedule. Give it one on its page" in answer.text


def test_skip_keeps_the_reason_and_retry_takes_it_back(place: Installation, queue: Queue) -> None:
    post = queue.add("queued", hours=30)
    client = place.signed_in()
    done = client.post(f"/posts/{post.id}/skip", data={"reason": "Salah\x00 hari\r\n", "back": "/queue"})

    assert notice(client, done).startswith("Skipped.")
    assert (reread(place, post).state, reread(place, post).reason) == ("skipped", "Salah hari")
    assert "Queued again." in notice(client, client.post(f"/posts/{post.id}/retry"))
    assert reread(place, post).state == "queued"


def test_an_uncertain_post_is_settled_by_what_a_person_saw(place: Installation, queue: Queue) -> None:
    seen, gone = (
        queue.add("uncertain", hours=-1, payload={"text": "x"}, channel=queue.webhook) for _ in range(2)
    )
    client = place.signed_in()

    wrong = client.post(f"/posts/{seen.id}/found", data={"url": "javascript:alert(1)"})
    assert notice(client, wrong).startswith("This is no web address.")
    client.post(f"/posts/{seen.id}/found", data={"url": "https://social.example/1"})
    client.post(f"/posts/{gone.id}/absent")

    assert (reread(place, seen).state, reread(place, seen).remote_url) == (
        "published",
        "https://social.example/1",
    )
    assert reread(place, gone).state == "queued"


def test_what_cannot_be_done_is_said_and_changes_nothing(place: Installation, queue: Queue) -> None:
    post = queue.add("publishing", hours=-0.1)
    client = place.signed_in()

    assert notice(client, client.post(f"/posts/{post.id}/skip")) == (
        "A post that is publishing cannot be skipped."
    )
    assert reread(place, post).state == "publishing"
    answer = client.post(f"/posts/{post.id}/skip", headers=HTMX)
    assert answer.status_code == 422
    assert answer.headers["HX-Retarget"] == "#content"
    assert "A post that is publishing cannot be skipped." in answer.text


def test_htmx_gets_the_new_row_and_a_word_for_the_screen_reader(place: Installation, queue: Queue) -> None:
    post = queue.add("queued", hours=30)
    answer = place.signed_in().post(f"/posts/{post.id}/skip", data={"back": "/queue"}, headers=HTMX)

    assert answer.status_code == 200
    assert answer.text.count("<li") == 1
    assert f'id="post-{post.id}"' in answer.text
    assert "Skipped. It does not go out" in answer.headers["HX-Trigger"]
    assert "<html" not in answer.text


def test_only_an_approver_or_owner_approves(place: Installation, queue: Queue) -> None:
    post = queue.add("awaiting_approval", hours=30)
    editor = place.signed_in(place.person("Edi", Role.EDITOR))
    approver = place.signed_in(place.person("Ani", Role.APPROVER))

    assert editor.post(f"/posts/{post.id}/approve").status_code == 403
    assert f'action="/posts/{post.id}/approve"' not in editor.get("/queue").text
    assert approver.post(f"/posts/{post.id}/skip").status_code == 403
    assert notice(approver, approver.post(f"/posts/{post.id}/approve")).startswith("Approved.")
    assert reread(place, post).state == "queued"
    assert reread(place, post).approved_hash


def test_an_edit_voids_the_approval_and_tried_posts_are_not_edited(place: Installation, queue: Queue) -> None:
    approved = queue.add("queued", hours=30, approved_hash="ab" * 32)
    tried = queue.add("queued", hours=30, payload={"text": "x"}, tries=1)
    client = place.signed_in()

    assert "This post is approved." in client.get(f"/posts/{approved.id}/edit").text
    client.post(f"/posts/{approved.id}/edit", data={"text": "Baru"})
    assert (reread(place, approved).state, reread(place, approved).content["text"]) == (
        "awaiting_approval",
        "Baru",
    )
    assert f"/posts/{tried.id}/edit" not in client.get("/queue?state=queued").text
    refused = client.post(f"/posts/{tried.id}/edit", data={"text": "Baru sekali"})
    assert refused.status_code == 422
    assert "skip it and write a new one" in refused.text
    assert "Baru sekali" in refused.text


def test_a_reader_looks_and_changes_nothing(place: Installation) -> None:
    made = queued.fill(place)
    reader = place.signed_in(place.person("Rini", Role.READER))
    page = reader.get(f"/posts/{made['next'].id}").text

    assert not re.search(r'(action|formaction)="/posts/|href="/posts/\d+/', page)
    for path in ("move", "edit", "skip", "retry", "found", "absent", "approve"):
        assert reader.post(f"/posts/{made['next'].id}/{path}").status_code == 403
    assert reader.post("/posts/new", data={"text": "x"}).status_code == 403


def test_posts_of_another_workspace_are_not_there(place: Installation, queue: Queue) -> None:
    post = queue.add("queued", hours=3)
    with writing(place.engine) as session:
        other = Workspace(name="Other", created_at=place.now)
        session.add(other)
        session.flush()
        row = session.get_one(Post, post.id)
        row.workspace_id = other.id
        session.add(row)
        session.commit()
    client = place.signed_in()

    assert client.get(f"/posts/{post.id}").status_code == 404
    assert client.post(f"/posts/{post.id}/skip").status_code == 404
    assert client.get("/posts/x").status_code == client.get("/posts/0").status_code == 404
