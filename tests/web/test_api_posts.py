"""Posts and channels for programs: what they read, write and are refused."""

from collections.abc import Iterator
from typing import Any

import pytest
from sqlalchemy import Engine
from sqlmodel import Session, select
from starlette.testclient import TestClient

from domain.person import Role, Scope
from store.tables import Post
from tests.web import queued
from tests.web.queued import Queue
from tests.web.setting import Installation
from tests.web.test_api_base import problem, program
from tests.web.test_writing import mastodon

POSTS, CHANNELS = "/api/v1/posts", "/api/v1/channels"
SECRET = "whsec_" + "Zm9vYmFyYmF6cXV4Zm9vYmFyYmF6cXV4Zm9vYmFyYmF6"


@pytest.fixture
def place(engine: Engine) -> Installation:
    return Installation(engine)


@pytest.fixture
def client(place: Installation) -> TestClient:
    return program(place, Scope.WRITE)


@pytest.fixture
def queue(place: Installation) -> Queue:
    return Queue(place)


def count(place: Installation) -> int:
    with Session(place.engine) as session:
        return len(session.exec(select(Post)).all())


def test_a_post_is_written_read_changed_and_skipped(client: TestClient, queue: Queue) -> None:
    body = {
        "channel_id": str(queue.page.id),
        "text": "Halo",
        "link": "https://example.org/",
        "when": "next-slot",
    }
    made = client.post(POSTS, json=body).json()
    address = f"{POSTS}/{made['id']}"

    assert isinstance(made["id"], str)
    assert (made["state"], made["planned_at"], made["planned_zone"]) == (
        "queued",
        "2026-11-24T02:00:00Z",
        "Asia/Jakarta",
    )
    assert made["acts"] == ["move", "edit", "skip"]
    assert client.patch(address, json={"text": "Halo lagi"}).json()["text"] == "Halo lagi"
    moved = client.post(f"{address}/move", json={"when": "2026-12-01T09:00+07:00"}).json()
    assert (moved["planned_at"], moved["placed_by"]) == ("2026-12-01T02:00:00Z", "person")
    assert client.post(f"{address}/skip", json={"reason": "Nyepi"}).json()["reason"] == "Nyepi"
    assert client.post(f"{address}/retry").json()["state"] == "queued"
    told = client.get(address).json()
    assert [change["what"] for change in told["changes"]] == [
        "wrote",
        "edited",
        "moved",
        "skipped",
        "queued again",
    ]
    assert {change["actor"] for change in told["changes"]} == {"api"}


def test_a_repeated_call_writes_one_post(place: Installation, client: TestClient, queue: Queue) -> None:
    body = {"channel_id": str(queue.page.id), "text": "Halo"}
    first, again = (client.post(POSTS, json=body, headers={"Idempotency-Key": "k1"}) for _ in range(2))

    assert first.status_code == again.status_code == 201
    assert first.json()["id"] == again.json()["id"]
    assert again.headers["Idempotency-Replayed"] == "true"
    assert count(place) == 1


@pytest.mark.parametrize(
    ("body", "detail"),
    [
        ({"text": ""}, "The post has neither text nor link."),
        ({"when": "2026-12-01 09:00"}, "Choose the time zone"),
        ({"when": "2026-01-01 09:00 UTC"}, "This time has passed."),
        ({"when": "tomorrow"}, "This is no time."),
        ({"link": "javascript:alert(1)"}, "body.link"),
        ({"channel_id": "99"}, "There is no such channel here."),
        ({"texd": "x"}, "body.texd"),
        ({"text": "x" * 50_001}, "body.text"),
    ],
)
def test_a_wrong_post_is_refused_with_a_sentence(
    place: Installation, client: TestClient, queue: Queue, body: dict[str, Any], detail: str
) -> None:
    whole = {"channel_id": str(queue.page.id), "text": "Halo", **body}
    status = 404 if "channel_id" in body else 422

    assert detail in problem(client.post(POSTS, json=whole), status)["detail"]
    assert count(place) == 0


def walk(client: TestClient, query: str) -> Iterator[dict[str, Any]]:
    cursor = ""
    while True:
        page = client.get(f"{POSTS}?limit=2{query}{cursor}").json()
        yield from page["rows"]
        if page["next_cursor"] is None:
            return
        cursor = f"&cursor={page['next_cursor']}"


def test_lists_go_on_by_cursor_in_either_direction(client: TestClient, queue: Queue) -> None:
    hours = [queue.add("queued", hours=number).id for number in (3, 1, 2)]
    unplanned = queue.add("draft").id
    soonest = [hours[1], hours[2], hours[0]]

    assert [int(one["id"]) for one in walk(client, "")] == [*soonest, unplanned]
    assert [int(one["id"]) for one in walk(client, "&order=latest")] == [*soonest[::-1], unplanned]
    assert [one["state"] for one in walk(client, "&state=draft&state=failed")] == ["draft"]
    assert list(walk(client, f"&channel_id={queue.paused.id}")) == []
    assert client.get(f"{POSTS}?channel_id=99").status_code == 404


@pytest.mark.parametrize("cursor", ["x", "W10=", "WyJ4IiwxXQ==", "WyIyMDI2LTAxLTAxVDAwOjAwOjAwIiwxXQ=="])
def test_a_cursor_of_elsewhere_is_refused(client: TestClient, cursor: str) -> None:
    assert "Leave it out" in problem(client.get(f"{POSTS}?cursor={cursor}"), 422)["detail"]


def test_an_uncertain_post_is_settled_by_a_program_only_when_told(client: TestClient, queue: Queue) -> None:
    seen, gone = (
        queue.add("uncertain", hours=-1, payload={"text": "x"}, channel=queue.webhook) for _ in range(2)
    )

    assert client.post(f"{POSTS}/{seen.id}/move", json={"when": "now"}).status_code == 422
    answer = client.post(f"{POSTS}/{seen.id}/found", json={"url": "https://social.example/1"}).json()
    assert (answer["state"], answer["remote_url"], answer["acts"]) == (
        "published",
        "https://social.example/1",
        [],
    )
    assert client.post(f"{POSTS}/{gone.id}/absent").json()["state"] == "queued"
    problem(client.post(f"{POSTS}/{gone.id}/absent"), 422)


def test_scopes_and_roles_hold_for_each_act(place: Installation, queue: Queue) -> None:
    post = queue.add("awaiting_approval", hours=3)
    reads = program(place, Scope.READ)
    edits = program(place, Scope.WRITE, person=place.person("Edi", Role.EDITOR))
    approves = program(place, Scope.WRITE, person=place.person("Ani", Role.APPROVER))

    assert reads.get(f"{POSTS}/{post.id}").json()["acts"] == []
    problem(reads.post(f"{POSTS}/{post.id}/skip", json={}), 403)
    problem(edits.post(f"{POSTS}/{post.id}/approve"), 403)
    problem(edits.post(CHANNELS, json={"platform": "page", "name": "x"}), 403)
    problem(approves.patch(f"{POSTS}/{post.id}", json={"text": "x"}), 403)
    assert approves.get(f"{POSTS}/{post.id}").json()["acts"] == ["approve"]
    assert approves.post(f"{POSTS}/{post.id}/approve").json()["state"] == "queued"


def test_attempts_are_told_with_their_outcome(place: Installation, client: TestClient) -> None:
    made = queued.fill(place)
    told = client.get(f"{POSTS}/{made['failed'].id}").json()

    assert [one["outcome"] for one in told["attempts"]] == ["rejected"]
    assert told["since"] == told["attempts"][0]["finished_at"]
    assert told["acts"] == ["retry", "move", "edit", "skip"]


def test_a_preview_writes_nothing(place: Installation, client: TestClient, queue: Queue) -> None:
    body = {"channel_id": str(queue.page.id), "text": "Halo 👩‍👩‍👧"}
    seen = client.post(f"{POSTS}/preview", json=body).json()

    assert (seen["text"], seen["length"], seen["limit"], seen["over"]) == ("Halo 👩‍👩‍👧", 6, None, 0)
    assert client.post(f"{POSTS}/preview", json={**body, "text": ""}).json()["problems"]
    assert count(place) == 0


def test_a_channel_is_connected_paused_and_given_a_schedule(client: TestClient) -> None:
    body = {
        "platform": "webhook",
        "name": "Kait",
        "zone": "Asia/Makassar",
        "settings": {"url": "https://hook.example/in"},
        "credentials": {"secret": SECRET},
        "schedule": "mon-fri 09:00",
    }
    made = client.post(CHANNELS, json=body)
    assert made.status_code == 201
    assert SECRET not in made.text
    address = f"{CHANNELS}/{made.json()['id']}"
    assert "credentials" not in client.get(address).json()

    assert client.post(f"{address}/pause", json={"reason": "Nyepi"}).json()["state"] == "paused"
    assert client.post(f"{address}/resume").json()["state"] == "active"
    put = client.put(f"{address}/schedule", json={"schedule": "daily 07:00,19:00"})
    assert put.json()["schedule"] == "daily 07:00,19:00"
    assert (
        "Unknown day"
        in problem(client.put(f"{address}/schedule", json={"schedule": "xyz 9:00"}), 422)["detail"]
    )
    assert client.post(f"{address}/test").json() == {"identity_name": None, "identity_url": None}
    assert client.post(f"{address}/reconnect", json={"credentials": {"secret": SECRET}}).status_code == 200


def test_platforms_say_what_they_ask_for(client: TestClient) -> None:
    told = {one["platform"]: one["fields"] for one in client.get("/api/v1/platforms").json()}
    asked = {one["name"]: (one["part"], one["secret"], one["required"]) for one in told["mastodon"]}

    assert told["page"] == []
    assert asked == {
        "server": ("settings", False, True),
        "visibility": ("settings", False, False),
        "access_token": ("credentials", True, True),
    }


def test_a_wrong_channel_is_refused_without_its_secrets(client: TestClient) -> None:
    body = {"platform": "webhook", "name": "Kait", "settings": {}, "credentials": {"secret": "hush"}}
    answer = client.post(CHANNELS, json=body)
    assert "hush" not in answer.text
    problem(answer, 422)
    problem(client.post(CHANNELS, json={"platform": "gopher", "name": "x"}), 422)


def test_openapi_describes_posts_and_channels(client: TestClient) -> None:
    told = client.get("/api/v1/openapi.json").json()
    models = told["components"]["schemas"]

    for path in ("/api/v1/home", "/api/v1/queue", POSTS, CHANNELS, f"{POSTS}/{{post_id}}/move"):
        assert path in told["paths"]
    assert models["PostShown"]["properties"]["id"]["type"] == "string"
    assert "password" not in models["ChannelShown"]["properties"]
    assert "credentials" not in models["ChannelShown"]["properties"]


def test_titles_threads_polls_and_first_comments_are_fields_of_a_post(
    place: Installation, client: TestClient, queue: Queue
) -> None:
    square = mastodon(place)
    body = {
        "channel_id": str(square.id),
        "text": "One",
        "thread": ["Two", "Three"],
        "poll": {"options": ["Ya", "Tidak"], "minutes": 60},
        "first_comment": "More",
        "when": "draft",
    }

    made = client.post(POSTS, json=body).json()
    seen = client.post(f"{POSTS}/preview", json={name: body[name] for name in body if name != "when"}).json()

    assert (made["thread"], made["first_comment"], made["title"]) == (["Two", "Three"], "More", None)
    assert made["poll"] == {"options": ["Ya", "Tidak"], "minutes": 60, "multiple": False}
    assert [part["text"] for part in seen["parts"]] == ["One", "Two", "Three"]
    address = f"{POSTS}/{made['id']}"
    kept = client.patch(address, json={"text": "Uno"}).json()
    assert (kept["text"], kept["thread"]) == ("Uno", ["Two", "Three"])
    assert client.patch(address, json={"text": "Uno", "thread": []}).json()["thread"] == []
    wrong = client.post(POSTS, json={**body, "channel_id": str(queue.page.id)})
    assert "Page has no threads" in problem(wrong, 422)["detail"]
