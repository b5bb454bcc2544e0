"""Routes by API: rules and pace as JSON, what would differ, replays, copies and removals."""

from typing import Any

import pytest
from sqlalchemy import Engine
from starlette.testclient import TestClient

from domain.person import Scope
from tests.web.reading import Reader
from tests.web.test_api_feeds import ROUTES, with_token

RULES: dict[str, Any] = {
    "template": "{{ title }}",
    "timing": "at_once",
    "filters": [
        {"act": "never", "need": "any", "rules": [{"field": "title", "how": "has", "value": "4"}]},
        {"act": "only", "rules": [{"field": "age", "how": "under", "value": "30 days"}]},
    ],
    "prefix": "New:",
    "tags": {"always": ["#blog"], "most": 1},
    "picture": {"source": "none"},
    "per_day": 2,
    "gap_minutes": 5,
    "newest_first": True,
}


@pytest.fixture
def reader(engine: Engine) -> Reader:
    return Reader(engine, entries=5)


@pytest.fixture
def program(reader: Reader) -> TestClient:
    return with_token(reader, Scope.READ, Scope.WRITE)


@pytest.fixture
def where(reader: Reader) -> dict[str, Any]:
    return {"feed_ids": [str(reader.feed().id)], "channel_id": str(reader.channel.id)}


def test_rules_and_pace_are_kept_and_changed_one_by_one(program: TestClient, where: dict[str, Any]) -> None:
    made = program.post(ROUTES, json={"name": "A", **RULES, **where}).json()
    assert made["filters"][1] == {
        "act": "only",
        "need": "any",
        "rules": [{"field": "age", "how": "under", "value": "30 days"}],
    }
    assert (made["per_day"], made["per_run"], made["gap_minutes"], made["newest_first"]) == (2, None, 5, True)
    assert made["tags"] == {"instead": {}, "always": ["#blog"], "most": 1}
    changed = program.patch(f"{ROUTES}/{made['id']}", json={"per_day": None, "filters": []}).json()
    assert (changed["per_day"], changed["filters"], changed["prefix"]) == (None, [], "New:")
    assert changed["picture"]["source"] == "none"


def test_what_would_differ_is_shown_and_kept_by_nobody(program: TestClient, where: dict[str, Any]) -> None:
    made = program.post(ROUTES, json={"name": "A", **RULES, **where}).json()
    here = f"{ROUTES}/{made['id']}"
    lines = program.post(f"{here}/preview", json={"filters": [], "per_day": None}).json()
    assert [line["fate"] for line in lines] == ["queued"] * 5
    assert lines[0]["before"] is None
    assert lines[1]["before"]["reason"] == "stopped by the rule: never if title has 4"
    assert lines[4]["before"]["fate"] == "held"
    assert lines[0]["at"] < lines[1]["at"]
    assert program.get(here).json()["per_day"] == 2


def test_days_are_replayed_for_a_route_a_change_and_a_trial(
    program: TestClient, where: dict[str, Any]
) -> None:
    made = program.post(ROUTES, json={"name": "A", **RULES, **where}).json()
    here = f"{ROUTES}/{made['id']}/replay"
    past = program.get(here, params={"days": 10}).json()
    assert past["seen"] == sum(past["fates"].values()) == 5
    assert past["fates"]["filtered"] == 1
    assert max(past["days"].values()) <= 2
    loose = program.post(here, json={"per_day": None, "filters": []}).json()
    assert (loose["fates"]["posted"], loose["held_back"]) == (5, 0)
    trial = program.post(f"{ROUTES}/replay", json={**RULES, **where, "days": 10}).json()
    assert [line["fate"] for line in trial["entries"]] == [line["fate"] for line in past["entries"]]
    assert program.get(here, params={"days": 1000}).status_code == 422


def test_a_route_is_copied_once_and_removed(program: TestClient, where: dict[str, Any]) -> None:
    made = program.post(ROUTES, json={"name": "A", **RULES, **where, "existing": "last:2"}).json()
    here = f"{ROUTES}/{made['id']}"
    once = {"Idempotency-Key": "one"}
    copies = [program.post(f"{here}/clone", json={"name": "B"}, headers=once).json()["id"] for _ in range(2)]
    assert copies[0] == copies[1]
    assert program.delete(here).status_code == 422
    assert program.delete(here, params={"posts": "skip"}).json()["removed_at"]
    assert [row["name"] for row in program.get(ROUTES).json()["rows"]] == ["B"]
    assert program.get(here).json()["fates"]["held"] == 0
    assert program.post(f"{here}/pause").status_code == 404


@pytest.mark.parametrize(
    "wrong",
    [
        {"filters": [{"act": "only", "rules": []}]},
        {"filters": [{"act": "only", "rules": [{"field": "age", "how": "has", "value": "x"}]}]},
        {"filters": [{"act": "only", "rules": [{"field": "text", "how": "matches", "value": "(a+)+$"}]}]},
        {"per_run": 0},
        {"gap_minutes": 99_999},
        {"picture": {"source": "biggest"}},
        {"picture": {"fallback": "javascript:x"}},
        {"tags": {"instead": {"a": "1"}}},
    ],
)
def test_what_cannot_be_is_refused(program: TestClient, where: dict[str, Any], wrong: dict[str, Any]) -> None:
    answer = program.post(ROUTES, json={"name": "A", **RULES, **where, **wrong})
    assert answer.status_code == 422
    assert program.get(ROUTES).json()["rows"] == []


def test_a_channel_has_a_template(reader: Reader, program: TestClient, where: dict[str, Any]) -> None:
    here = f"/api/v1/channels/{reader.channel.id}/template"
    assert program.get(here).json() == {"template": None}
    assert program.put(here, json={"template": "{{ titel }}"}).status_code == 422
    assert program.put(here, json={"template": "At {{ channel }}: {{ title }}"}).status_code == 200
    tried = program.post(f"{ROUTES}/preview", json={"timing": "at_once", "template": "", **where}).json()
    assert tried[0]["would_post"]["text"] == "At News & more: Entry 5"
