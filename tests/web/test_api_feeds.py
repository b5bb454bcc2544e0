"""Feeds and routes by API: what the pages do, with ids as text, cursors, scopes, and repeatable calls."""

from typing import Any

import pytest
from sqlalchemy import Engine
from sqlmodel import col, select
from starlette.testclient import TestClient

from domain.person import Scope
from scheduler.people import make_token
from scheduler.routing import FEED_ASKS
from store.changes import Actor
from store.engine import writing
from store.tables import Feed, Ledger
from tests.web.reading import URL, Reader

FEEDS, ROUTES = "/api/v1/feeds", "/api/v1/routes"


@pytest.fixture
def reader(engine: Engine) -> Reader:
    return Reader(engine, entries=5)


@pytest.fixture
def program(reader: Reader) -> TestClient:
    return with_token(reader, Scope.READ, Scope.WRITE)


def with_token(reader: Reader, *scopes: Scope) -> TestClient:
    """A program with a token of these scopes."""
    actor = Actor("person", reader.place.owner.id)
    _, token = make_token(reader.context, reader.workspace_id, "program", scopes, actor=actor)
    client = reader.place.private()
    del client.headers["Sec-Fetch-Site"]
    client.headers["Authorization"] = f"Bearer {token}"
    return client


def everything(client: TestClient, address: str, *, limit: int = 2) -> list[dict[str, Any]]:
    """All rows of a list, stretch by stretch."""
    rows: list[dict[str, Any]] = []
    cursor: str | None = ""
    while cursor is not None:
        more: dict[str, Any] = {"limit": limit, **({"cursor": cursor} if cursor else {})}
        body = client.get(address, params=more).json()
        assert len(body["rows"]) <= limit
        rows += body["rows"]
        cursor = body["next_cursor"]
    return rows


def test_a_feed_is_looked_at_added_and_read_back(reader: Reader, program: TestClient) -> None:
    look = program.post(f"{FEEDS}/preview", json={"url": URL}).json()
    unanswered = program.post(FEEDS, json={"url": URL})
    made = program.post(FEEDS, json={"url": URL, "existing": "last:2", "interval_minutes": 30})

    assert [entry["title"] for entry in look["entries"]][:2] == ["Entry 5", "Entry 4"]
    assert look["entries"][0]["would_post"]["link"] == "https://blog.test/posts/5"
    assert unanswered.status_code == 422
    assert "This feed has 5 entries already" in unanswered.json()["detail"]
    body = made.json()
    assert made.status_code == 201
    assert isinstance(body["id"], str)
    assert (body["health"], body["entries"], body["interval_minutes"]) == ("healthy", 5, 30)
    assert "credentials" not in body
    one = program.get(f"{FEEDS}/{body['id']}").json()
    assert one["balances"] == []
    assert program.get(FEEDS).json()["rows"] == [body]


def test_a_repeated_call_adds_nothing_twice(program: TestClient) -> None:
    call: dict[str, Any] = {
        "url": FEEDS,
        "json": {"url": URL, "existing": "none"},
        "headers": {"Idempotency-Key": "a"},
    }

    first, second = program.post(**call), program.post(**call)

    assert first.json() == second.json()
    assert second.headers["Idempotency-Replayed"] == "true"
    assert len(program.get(FEEDS).json()["rows"]) == 1


def test_entries_are_walked_with_their_fates_and_the_balance_holds(
    reader: Reader, program: TestClient
) -> None:
    feed = reader.feed(existing="last:2")
    route = reader.route([feed], exclude=["Entry 5"])

    rows = everything(program, f"{FEEDS}/{feed.id}/entries")
    one = program.get(f"{FEEDS}/{feed.id}").json()

    assert [row["title"] for row in rows] == [f"Entry {number}" for number in (5, 4, 3, 2, 1)]
    [fate] = rows[0]["fates"]
    assert (fate["fate"], fate["reason"], fate["route_id"]) == (
        "filtered",
        "has the excluded word: Entry 5",
        str(route.id),
    )
    assert rows[1]["fates"][0]["post_id"].isdigit()
    [balance] = one["balances"]
    assert (balance["seen"], balance["holds"]) == (5, True)
    assert sum(balance["fates"].values()) == 5
    assert program.get(f"{FEEDS}/{feed.id}/entries?cursor=WzEsMl0=").status_code == 422


def test_a_feed_is_paused_resumed_polled_and_given_another_interval(
    reader: Reader, program: TestClient
) -> None:
    feed = reader.feed()
    here = f"{FEEDS}/{feed.id}"

    paused = program.post(f"{here}/pause", json={"reason": "moving"}).json()
    refused = program.post(f"{here}/poll")
    resumed = program.post(f"{here}/resume", json={})
    polled = program.post(f"{here}/poll").json()
    changed = program.patch(here, json={"interval_minutes": 15}).json()
    freed = program.patch(here, json={"interval_minutes": None}).json()

    assert (paused["health"], paused["paused_reason"]) == ("paused", "moving")
    assert refused.status_code == 422
    assert resumed.json() == {"posts_made": 0}
    assert polled["next_reason"] == "asked for by hand"
    assert (changed["interval_minutes"], freed["interval_minutes"]) == (15, None)


def test_what_a_feed_holds_is_listed_and_released(reader: Reader, program: TestClient) -> None:
    feed = reader.feed()
    route = reader.route([feed])
    because = "12 entries came at once, where hardly any is usual"
    with writing(reader.place.engine) as session:
        for row in session.exec(select(Ledger).where(col(Ledger.route_id) == route.id)):
            row.fate, row.reason = "held", FEED_ASKS
            session.add(row)
        asking = session.get_one(Feed, feed.id)
        asking.ask, asking.asks_because = True, because
        session.commit()
    here = f"{FEEDS}/{feed.id}"

    shown = program.get(here).json()
    waiting = program.get(f"{here}/entries?held=true").json()["rows"]
    wrong = program.post(f"{here}/release", json={"existing": "some"})
    released = program.post(f"{here}/release", json={"existing": "all"})
    again = program.post(f"{here}/release", json={})

    assert (shown["health"], shown["asks_because"]) == ("asks", because)
    assert len(waiting) == shown["held"] > 0
    assert wrong.status_code == 422
    assert released.json() == {"posts_made": len(waiting)}
    assert again.status_code == 422
    assert program.get(f"{here}/entries?held=true").json()["rows"] == []


def test_a_route_is_tried_added_changed_paused_and_resumed(reader: Reader, program: TestClient) -> None:
    feed = reader.feed(existing="newest")
    rules = {"template": "New: {{ title }}", "timing": "at_once", "exclude": ["Entry 4"]}
    where = {"feed_ids": [str(feed.id)], "channel_id": str(reader.channel.id)}

    tried = program.post(f"{ROUTES}/preview", json={**rules, **where}).json()
    made = program.post(ROUTES, json={"name": "A", **rules, **where})
    route = made.json()
    here = f"{ROUTES}/{route['id']}"
    changed = program.patch(here, json={"late": "ask", "include": ["Entry"]}).json()
    paused = program.post(f"{here}/pause").json()
    resumed = program.post(f"{here}/resume").json()

    assert tried[0]["would_post"]["text"] == "New: Entry 5"
    assert (tried[1]["fate"], tried[1]["reason"]) == ("filtered", "has the excluded word: Entry 4")
    assert made.status_code == 201
    assert (route["seen"], route["fates"]["queued"], route["holds"]) == (5, 1, True)
    assert route["channel"] == {"id": str(reader.channel.id), "name": "News & more"}
    assert (changed["late"], changed["include"], changed["template"]) == ("ask", ["Entry"], rules["template"])
    assert paused["paused_at"]
    assert resumed == {"posts_made": 0}
    assert [row["name"] for row in everything(program, ROUTES)] == ["A"]
    assert program.get(f"{here}/preview").json()[1]["fate"] == "filtered"


def test_a_route_reads_one_more_feed(reader: Reader, program: TestClient) -> None:
    first = reader.feed()
    reader.site.feeds["/b.xml"] = reader.site.feeds["/feed.xml"][:2]
    second = reader.feed(url="https://blog.test/b.xml")
    route = reader.route([first])

    answer = program.post(
        f"{ROUTES}/{route.id}/feeds", json={"feed_id": str(second.id), "existing": "last:1"}
    )

    assert answer.json() == {"posts_made": 1}
    assert len(program.get(f"{ROUTES}/{route.id}").json()["feeds"]) == 2


@pytest.mark.parametrize(
    ("path", "body", "status"),
    [
        (FEEDS, {"url": "https://blog.test/none", "existing": "none"}, 502),
        (FEEDS, {"url": "ftp://blog.test/", "existing": "none"}, 502),
        (FEEDS, {"url": URL, "existing": "some"}, 422),
        (FEEDS, {"url": URL, "existing": "since:0001-01-01"}, 422),
        (FEEDS, {"url": URL, "existing": "none", "color": "red"}, 422),
        (FEEDS, {"url": URL + "\x00"}, 422),
        (f"{FEEDS}/7/pause", {}, 404),
        (ROUTES, {"name": "A", "feed_ids": ["7"], "channel_id": "7"}, 404),
        (ROUTES, {"name": "A", "feed_ids": [], "channel_id": "7"}, 422),
        (ROUTES, {"name": "A", "feed_ids": ["7"], "channel_id": "7", "template": "{{ x }}"}, 422),
        (f"{ROUTES}/7/resume", {}, 404),
    ],
)
def test_refusals_are_problem_details_that_say_what_is_wrong(
    program: TestClient, path: str, body: dict[str, Any], status: int
) -> None:
    answer = program.post(path, json=body)

    assert answer.status_code == status, answer.text
    assert answer.headers["content-type"] == "application/problem+json"
    assert len(answer.json()["detail"]) > 10


def test_a_read_token_reads_only(reader: Reader) -> None:
    feed = reader.feed()
    client = with_token(reader, Scope.READ)

    assert client.get(FEEDS).status_code == 200
    for path in (f"{FEEDS}/preview", FEEDS, f"{FEEDS}/{feed.id}/poll", ROUTES, f"{ROUTES}/preview"):
        answer = client.post(path, json={"url": URL})
        assert answer.status_code == 403, path
