"""Statistics and KPIs by API: figures with passports, absent ones with reasons, walks, totals, and KPIs."""

import csv
import shutil
from collections.abc import Iterator
from io import BytesIO, StringIO
from pathlib import Path
from typing import Any
from zipfile import ZipFile

import pytest
from sqlalchemy import Engine
from starlette.testclient import TestClient

from domain.catalogue import CATALOGUE
from store.engine import open_engine
from tests.web import filled
from tests.web.setting import Installation

POSTS, KPIS = "/api/v1/statistics/posts", "/api/v1/kpis"


@pytest.fixture(scope="module")
def full(sqlite_template: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[filled.Filling]:
    """Two plausible weeks."""
    path = tmp_path_factory.mktemp("api") / "tabuh.db"
    shutil.copyfile(sqlite_template, path)
    engine = open_engine(f"sqlite:///{path}")
    yield filled.fill(Installation(engine), weeks=2)
    engine.dispose()


@pytest.fixture
def client(full: filled.Filling) -> TestClient:
    return full.place.signed_in()


def walk(client: TestClient, **query: Any) -> list[dict[str, Any]]:
    """All rows of the list of posts, stretch by stretch."""
    rows: list[dict[str, Any]] = []
    cursor: str | None = ""
    while cursor is not None:
        answer = client.get(POSTS, params={**query, "limit": 20, **({"cursor": cursor} if cursor else {})})
        assert answer.status_code == 200, answer.text
        rows += answer.json()["rows"]
        cursor = answer.json()["next_cursor"]
    return rows


def test_every_post_comes_once_in_the_order_that_was_asked_for(client: TestClient) -> None:
    by_time, by_clicks = walk(client), walk(client, sort="clicks", descending=False)

    assert len({row["id"] for row in by_time}) == len(by_time) == len(by_clicks)
    times = [row["published_at"] for row in by_time]
    assert times == sorted(times, reverse=True)
    clicks = [row["figures"]["clicks"]["value"] for row in by_clicks]
    assert clicks == sorted(clicks)
    assert isinstance(by_time[0]["id"], str)


def test_a_figure_has_its_passport_and_an_absent_one_its_reason(
    client: TestClient, full: filled.Filling
) -> None:
    rows = walk(client, channel_id=full.channels["mastodon"].id, end="2026-11-20T00:00:00Z")
    rate, impressions = (rows[0]["figures"][key] for key in ("er_followers", "impressions"))

    assert rate["passport"]["formula"] == "100 × (reactions + replies + shares) ÷ followers"
    assert rate["passport"]["denominator"] == "followers"
    assert "favourites_count" in rate["passport"]["sources"]
    assert (rate["unit"], rate["absence"]) == ("percent", None)
    assert impressions["value"] is None
    assert (impressions["absence"], impressions["reason"]) == (
        "not_supplied",
        "Mastodon does not supply Impressions.",
    )


def test_one_post_has_curves_usual_clicks_siblings_and_attempts(
    client: TestClient, full: filled.Filling
) -> None:
    [post, *_] = walk(client, channel_id=full.channels["mastodon"].id, end="2026-11-20T00:00:00Z")

    body = client.get(f"{POSTS}/{post['id']}").json()

    ages = [point["age_seconds"] for point in body["curves"]["engagement"]]
    assert ages[:3] == [900, 3600, 10800]
    assert 0 <= body["usual"]["engagement"]["percentile"] <= 100
    assert body["usual"]["engagement"]["bands"][0]["middle"] is not None
    assert set(body["clicks"]["by_audience"]) == {"human", "bot", "unknown"}
    assert sum(one["clicks"] for one in body["clicks"]["by_hour"]) == body["clicks"]["by_audience"]["human"]
    assert body["siblings"][0]["channel"]["name"] == "Kabar Toko Sari"
    assert body["attempts"][-1]["outcome"] == "published"
    assert client.get(f"{POSTS}/7").status_code == 404


def test_totals_come_in_two_ways_for_each_channel_and_all(client: TestClient) -> None:
    query = {"start": "2026-11-10T00:00:00Z", "end": "2026-11-24T00:00:00Z"}

    body = client.get("/api/v1/statistics/totals", params=query).json()

    assert [one["channel"]["name"] for one in body["channels"]] == [
        "@toko@mastodon.example",
        "Kabar Toko Sari",
        "toko.bsky.example",
    ]
    total = body["total"]
    clicks = [one["activity"]["clicks"]["value"] for one in body["channels"]]
    assert total["activity"]["clicks"]["value"] == sum(number or 0 for number in clicks) > 0
    assert total["published"]["clicks"]["passport"]["basis"] == "published"
    assert total["activity"]["clicks"]["passport"]["basis"] == "activity"
    assert total["channel"] is None


FORTNIGHT = {"by": "channel", "start": "2026-11-10T00:00:00Z", "end": "2026-11-24T00:00:00Z"}


def test_groups_are_the_same_as_a_file(client: TestClient) -> None:
    told = client.get("/api/v1/statistics/breakdown", params=FORTNIGHT).json()
    files = {
        kind: client.get(f"/api/v1/statistics/breakdown.{kind}", params=FORTNIGHT)
        for kind in ("csv", "json", "zip", "xlsx")
    }

    assert {kind: one.status_code for kind, one in files.items()} == dict.fromkeys(files, 200)
    names = [group["name"] for group in told["groups"]]
    rows = list(csv.DictReader(StringIO(files["csv"].content.decode("utf-8-sig"))))
    # A name that begins with a sign is kept from being read as a formula.
    assert [next(iter(row.values())).removeprefix("'") for row in rows][: len(names)] == names
    with ZipFile(BytesIO(files["zip"].content)) as archive:
        assert archive.testzip() is None
        assert "definitions.csv" in archive.namelist()
    with ZipFile(BytesIO(files["xlsx"].content)) as book:
        assert "xl/workbook.xml" in book.namelist()
    assert files["json"].json()["groups"]
    assert files["csv"].headers["content-disposition"].endswith('.csv"')
    assert client.get("/api/v1/statistics/breakdown.exe", params=FORTNIGHT).status_code in {404, 422}


def test_a_kpi_of_conversions_names_the_days_of_its_window(engine: Engine) -> None:
    client = Installation(engine).signed_in()
    assert client.post("/api/v1/sites", json={"name": "Shop", "hosts": ["shop.example"]}).status_code == 201
    body = {"name": "Sales", "metric": "conversion_rate", "target": 50, "every": "month"}

    made = client.post(KPIS, json={**body, "window": 45})
    refused = client.post(KPIS, json={**body, "name": "Too far", "window": 366})
    senseless = client.post(KPIS, json={**body, "name": "Of clicks", "metric": "clicks", "window": 45})

    assert (made.status_code, refused.status_code, senseless.status_code) == (201, 422, 422), made.text
    assert made.json()["metric"] == "conversion_rate_45"
    assert "45 days" in str(made.json())
    assert "clicks looks for no time from a click" in senseless.json()["detail"]


@pytest.mark.parametrize(
    "address",
    [
        f"{POSTS}?sort=joy",
        f"{POSTS}?cursor=x",
        f"{POSTS}?start=2026-11-20",
        f"{POSTS}?start=2026-11-20T00:00:00Z&end=2026-11-19T00:00:00Z",
        f"{POSTS}?limit=0",
        "/api/v1/statistics/totals",
        "/api/v1/statistics/totals?start=0001-01-01T00:00:00Z&end=2026-11-19T00:00:00Z",
    ],
)
def test_questions_that_make_no_sense_are_refused(client: TestClient, address: str) -> None:
    answer = client.get(address)

    assert answer.status_code == 422, answer.text
    assert answer.headers["content-type"] == "application/problem+json"


def test_the_catalogue_lists_every_metric(client: TestClient) -> None:
    rows = client.get("/api/v1/metrics").json()

    assert [row["key"] for row in rows] == list(CATALOGUE)
    assert all(row["name"] and row["definition"] and row["formula"] for row in rows)


def test_kpis_are_listed_as_they_stand_with_their_readings(client: TestClient) -> None:
    rows = client.get(KPIS).json()["rows"]
    visits = next(row for row in rows if row["metric"] == "visits")
    later = next(row for row in rows if row["name"] == "Next year")
    readings = client.get(f"{KPIS}/{visits['id']}/readings").json()

    assert visits["sentence"]["id"].startswith("Kunjungan: sedikitnya 5.000 per bulan")
    assert (visits["period_first"], visits["period_last"]) == ("2026-11-01", "2026-11-30")
    assert visits["expected"] < visits["period_target"] == 5000
    assert visits["actual"]["passport"]["in_scope"] > 0
    assert (later["status"], later["forecast"]) == ("not_started", None)
    assert len(readings["current"]) == 23
    assert readings["current"][0]["period_start"] == "2026-11-01"
    assert client.get(f"{KPIS}/{visits['id']}").json()["name"] == "Visits in a month"


def test_a_kpi_is_added_refused_and_closed(client: TestClient, full: filled.Filling) -> None:
    scope = {"kind": "channel", "id": str(full.channels["mastodon"].id)}
    body = {"name": "By API", "metric": "reactions", "target": 500, "every": "month", "scope": scope}

    made = client.post(KPIS, json=body)
    refused = client.post(KPIS, json={**body, "name": "x", "metric": "visits"})
    closed = client.post(f"{KPIS}/{made.json()['id']}/close")

    assert made.status_code == 201, made.text
    assert (made.json()["scope"], made.json()["scope_name"]) == (scope, "@toko@mastodon.example")
    assert made.json()["starts_on"] == "2026-11-24"
    assert refused.status_code == 422
    assert "which Mastodon does not supply" in refused.json()["detail"]
    assert closed.json()["closed_at"]
    assert client.post(f"{KPIS}/{made.json()['id']}/close").status_code == 422
    assert "By API" not in [row["name"] for row in client.get(KPIS).json()["rows"]]
    assert "By API" in [row["name"] for row in client.get(f"{KPIS}?closed=true").json()["rows"]]


@pytest.mark.parametrize(
    "change",
    [
        {"scope": {"kind": "channel"}},
        {"scope": {"kind": "workspace", "id": "7"}},
        {"metric": "joy"},
        {"target": -1},
        {"starts_on": "0001-01-01"},
        {"zone": "Mars/Base"},
        {"name": ""},
    ],
)
def test_a_kpi_that_makes_no_sense_is_refused(client: TestClient, change: dict[str, Any]) -> None:
    body = {"name": "Nonsense", "metric": "clicks", "target": 500, "every": "month", **change}

    assert client.post(KPIS, json=body).status_code == 422


def test_the_openapi_document_describes_every_answer_of_these_parts(client: TestClient) -> None:
    document = client.get("/api/v1/openapi.json").json()
    parts = ("/feeds", "/routes", "/statistics", "/kpis", "/metrics")
    paths = {path: one for path, one in document["paths"].items() if path[7:].startswith(parts)}

    assert len(paths) > 20
    assert [name for name in document["components"]["schemas"] if "__" in name] == []
    for path, operations in paths.items():
        for method, operation in operations.items():
            code, good = next(one for one in operation["responses"].items() if one[0][0] == "2")
            if path.endswith("/opml") and method == "get":
                assert list(good["content"]) == ["text/x-opml"]
            elif path.endswith(".{kind}"):
                assert "application/zip" in good["content"]
            elif code != "204":
                assert good["content"]["application/json"]["schema"], f"{method} {path}"
            assert operation["summary"]
            assert "4XX" in operation["responses"]
    for name in ("FeedShown", "RouteShown", "PostWhole", "KpiShown"):
        assert document["components"]["schemas"][name]["properties"]["id"]["type"] == "string"
