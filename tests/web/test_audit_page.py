"""The page of audits, its JSON twin and its log."""

import re
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import update
from sqlmodel import col
from starlette.testclient import TestClient

from domain.audit_sentences import RULES
from domain.person import Role
from store.engine import open_engine, writing
from store.tables import ChannelRow
from tests.web import filled
from tests.web.reading import in_language, words
from tests.web.setting import Installation


@pytest.fixture
def full(sqlite_template: Path, tmp_path: Path) -> Iterator[filled.Filling]:
    path = tmp_path / "tabuh.db"
    shutil.copyfile(sqlite_template, path)
    engine = open_engine(f"sqlite:///{path}")
    yield filled.fill(Installation(engine), weeks=1)
    engine.dispose()


@pytest.fixture
def client(full: filled.Filling) -> TestClient:
    return full.place.signed_in()


def test_without_an_audit_the_page_says_how_one_comes(client: TestClient) -> None:
    assert "No audit yet" in words(client.get("/statistics/audit"))
    assert client.get("/api/v1/statistics/audit").json() is None


def test_an_audit_is_made_kept_and_told_in_both_languages(full: filled.Filling, client: TestClient) -> None:
    assert client.post("/statistics/audit").status_code == 303
    with writing(full.place.engine) as session:
        mine = update(ChannelRow).where(col(ChannelRow.workspace_id) == full.place.workspace.id)
        session.connection().execute(mine.values(state="needs_reconnect"))
        session.commit()
    full.place.later(hours=1)
    made = client.post("/api/v1/statistics/audit", json={"days": 7})

    assert made.status_code == 201, made.text
    told = made.json()
    assert told["wrong"] >= 1
    assert {one["rule"] for one in told["checks"]} == set(RULES)
    assert {"channel_old"} <= {one["rule"] for one in told["new"]}
    assert client.get("/api/v1/statistics/audit").json() == told
    log = client.get("/api/v1/statistics/audits?limit=1").json()
    assert [row["id"] for row in log["rows"]] == [told["id"]]
    [earlier] = client.get(f"/api/v1/statistics/audits?cursor={log['next_cursor']}").json()["rows"]
    assert client.get(f"/api/v1/statistics/audits/{earlier['id']}").json()["days"] == 30

    english = words(client.get("/statistics/audit"))
    assert "The channel must be connected again" in english
    assert "Since the audit before" in english
    assert client.get(f"/statistics/audit?number={earlier['id']}").status_code == 200
    indonesian = words(in_language(client, "id").get("/statistics/audit"))
    assert "Kanal harus disambungkan lagi" in indonesian
    assert "Perlu dilihat" in indonesian


def test_every_link_of_the_page_leads_somewhere(client: TestClient) -> None:
    client.post("/statistics/audit")
    page = client.get("/statistics/audit").text.partition("<main")[2]
    found = set(re.findall(r'href="(/(?:statistics|channels|routes|links|kpis|business)[^"]*)"', page))

    assert {path: client.get(path).status_code for path in found} == dict.fromkeys(found, 200)


def test_making_anew_ends_with_an_audit_and_standings_that_pass(client: TestClient) -> None:
    client.post("/statistics/audit/rebuild")

    told = client.get("/api/v1/statistics/audit").json()
    assert {one["rule"]: one["passed"] for one in told["checks"]}["standings"]


def test_who_may_only_look_cannot_audit_and_bad_days_are_refused(
    full: filled.Filling, client: TestClient
) -> None:
    viewer = full.place.signed_in(full.place.person("Vi", Role.READER))

    assert viewer.get("/statistics/audit").status_code == 200
    assert "Audit now" not in viewer.get("/statistics/audit").text
    assert viewer.post("/api/v1/statistics/audit", json={}).status_code == 403
    assert client.post("/api/v1/statistics/audit", json={"days": 0}).status_code == 422
    assert client.get("/statistics/audit?number=77").status_code == 404
