"""Sheets, evergreens, approvals and calendars for programs."""

import pytest
from sqlalchemy import Engine
from sqlmodel import Session, col, select
from starlette.testclient import TestClient

from domain.person import Scope
from store.tables import Post
from tests.ics import read_calendar
from tests.web.queued import Queue
from tests.web.setting import Installation
from tests.web.test_api_base import program

API = "/api/v1"


@pytest.fixture
def place(engine: Engine) -> Installation:
    return Installation(engine)


@pytest.fixture
def client(place: Installation) -> TestClient:
    return program(place, Scope.WRITE)


@pytest.fixture
def queue(place: Installation) -> Queue:
    return Queue(place)


def texts(place: Installation) -> list[str]:
    with Session(place.engine) as session:
        return sorted(content["text"] for content in session.scalars(select(col(Post.content))))


def test_a_sheet_is_imported_once_whatever_key_the_call_has(
    place: Installation, client: TestClient, queue: Queue
) -> None:
    body = {"csv": "text,time\nOne,2026-12-01 09:00\nTwo,\n", "channel_id": str(queue.page.id)}
    dry = client.post(f"{API}/queue/import", json={**body, "dry_run": True}).json()
    assert (dry["added"], dry["posts"][0]["id"], texts(place)) == (2, None, [])

    first = client.post(f"{API}/queue/import", json=body, headers={"Idempotency-Key": "a"})
    again = client.post(f"{API}/queue/import", json=body, headers={"Idempotency-Key": "a"})
    other = client.post(f"{API}/queue/import", json=body, headers={"Idempotency-Key": "b"}).json()

    assert first.status_code == 201
    assert first.json() == again.json()
    assert first.json()["posts"][0]["planned_at"] == "2026-12-01T02:00:00Z"
    assert (other["added"], other["known"]) == (0, 2)
    assert texts(place) == ["One", "Two"]
    sheet = client.get(f"{API}/queue/export?state=queued").text
    assert client.post(f"{API}/queue/import", json={"csv": sheet}).json()["known"] == 2


def test_a_refused_sheet_names_every_cell(client: TestClient, queue: Queue) -> None:
    answer = client.post(
        f"{API}/queue/import", json={"csv": "text,channel,time\nOne,Nowhere,never\n,Kabar Sari,\n"}
    )

    assert answer.status_code == 422
    assert answer.headers["content-type"] == "application/problem+json"
    where = [error["where"] for error in answer.json()["errors"]]
    assert where == ["row 2.channel", "row 3.text"]
    assert client.post(f"{API}/queue/import", json={"csv": "mood\nx\n"}).status_code == 422


def test_an_evergreen_is_made_changed_and_ended(client: TestClient, queue: Queue) -> None:
    body = {
        "name": "Kopi", "channel_id": str(queue.page.id), "cooldown_days": 7, "season": "12-01..01-15",
        "variants": [{"text": "Satu"}, {"text": "Dua", "link": "https://example.org/dua"}],
    }  # fmt: skip
    made = client.post(f"{API}/evergreens", json=body)
    assert made.status_code == 201
    address = f"{API}/evergreens/{made.json()['id']}"

    assert client.get(address).json()["season_from"] == "12-01"
    rules = {"variants": body["variants"], "cooldown_days": 9, "last_day": "2027-01-31"}
    assert client.put(address, json=rules).json()["last_day"] == "2027-01-31"
    assert client.post(f"{address}/pause").json()["paused_at"] is not None
    assert client.post(f"{address}/resume").json()["paused_at"] is None
    assert client.post(f"{address}/end").json()["ended_at"] is not None
    assert client.post(f"{address}/resume").status_code == 422
    assert len(client.get(f"{API}/evergreens").json()["rows"]) == 1
    assert client.post(f"{API}/evergreens", json={**body, "variants": [{"text": "Satu"}]}).status_code == 422


def test_an_approval_link_is_answered_once_and_tells_what_was_decided(
    client: TestClient, queue: Queue
) -> None:
    post = queue.add("draft", "One", hours=5)
    body = {"post_ids": [str(post.id)], "name": "Ratna", "hours": 24}

    made = client.post(f"{API}/approval-links", json=body, headers={"Idempotency-Key": "a"}).json()
    again = client.post(f"{API}/approval-links", json=body, headers={"Idempotency-Key": "a"}).json()

    assert made["address"].startswith("http://localhost:8000/r/")
    assert again["address"] is None
    [listed] = client.get(f"{API}/approval-links").json()["rows"]
    assert "address" not in listed
    assert listed["posts"] == [
        {"post_id": str(post.id), "decision": None, "decided_at": None, "reviewer": None, "comment": None}
    ]
    assert client.get(f"{API}/posts/{post.id}").json()["needs_approval"] is True
    assert client.post(f"{API}/approval-links/{made['id']}/revoke").json()["revoked_at"] is not None
    other = queue.add("queued", "Two", hours=5)
    [asked] = client.post(f"{API}/approvals", json={"post_ids": [str(other.id)]}).json()
    assert asked["state"] == "awaiting_approval"


def test_a_calendar_feed_is_made_and_closed(place: Installation, client: TestClient, queue: Queue) -> None:
    queue.add("queued", "One", hours=5)
    made = client.post(f"{API}/calendar-feeds", json={"name": "Sari"}).json()
    path = made["address"].removeprefix("http://localhost:8000")

    assert len(read_calendar(place.public().get(path).text).events) == 1
    assert len(read_calendar(client.get(f"{API}/calendar").text).events) == 1
    assert client.post(f"{API}/calendar-feeds/{made['id']}/revoke").json()["revoked_at"] is not None
    assert client.get(f"{API}/calendar-feeds").json()["rows"] == []


def test_campaign_and_tags_are_written_filtered_and_changed(client: TestClient, queue: Queue) -> None:
    body = {
        "channel_id": str(queue.page.id),
        "text": "Halo",
        "when": "draft",
        "campaign": "Sale",
        "tags": ["a"],
    }
    made = client.post(f"{API}/posts", json=body).json()

    assert (made["campaign"], made["tags"]) == ("Sale", ["a"])
    assert len(client.get(f"{API}/posts?campaign=Sale").json()["rows"]) == 1
    assert client.get(f"{API}/posts?campaign=Other").json()["rows"] == []
    changed = client.patch(f"{API}/posts/{made['id']}/labels", json={"campaign": ""}).json()
    assert (changed["campaign"], changed["tags"]) == (None, ["a"])
