"""The pages of posts in groups: every grouping, its picture, its files, and its twin for programs."""

import csv
import io
import json
import re
import shutil
import zipfile
from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlmodel import col, select
from starlette.testclient import TestClient

from domain.breakdown import By
from store.engine import open_engine, reading, writing
from store.tables import ChannelRow, Feed, Route, Workspace
from tests.web import filled
from tests.web.reading import in_language, words
from tests.web.setting import Installation

PAGE = "/statistics/breakdown"


@pytest.fixture(scope="module")
def full(sqlite_template: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[filled.Filling]:
    """Three plausible weeks; nothing here changes them."""
    path = tmp_path_factory.mktemp("breakdowns") / "tabuh.db"
    shutil.copyfile(sqlite_template, path)
    engine = open_engine(f"sqlite:///{path}")
    place = Installation(engine)
    with writing(engine) as session:
        session.get_one(Workspace, place.workspace.id).zone = "Asia/Jakarta"
        session.commit()
    yield filled.fill(place, weeks=3)
    engine.dispose()


@pytest.fixture
def client(full: filled.Filling) -> TestClient:
    return full.place.signed_in()


@pytest.mark.parametrize("by", list(By))
def test_every_grouping_has_a_table_a_json_twin_and_groups_that_lead_to_their_posts(
    client: TestClient, by: By
) -> None:
    page = client.get(f"{PAGE}?by={by}&days=28")

    assert page.status_code == 200
    assert "All posts" in words(page)
    twin = re.search(r'rel="alternate" type="application/json" href="([^"]+)"', page.text)
    assert twin is not None
    told = client.get(twin[1].replace("&amp;", "&")).json()
    assert told["total"]["posts"] > 60
    if by is not By.TAG:
        assert sum(group["posts"] for group in told["groups"]) == told["total"]["posts"]
    listed = re.findall(r'<a href="(/statistics\?[^"]+)"', page.text)
    group = next((one for one in told["groups"] if one["key"] is not None), None)
    if group is None:
        return
    link = next(one for one in listed if group["name"] in page.text.partition(one)[2][:200])
    posts = re.search(r"([\d,]+) posts?\b", words(client.get(link.replace("&amp;", "&"))))
    assert posts is not None
    assert int(posts[1].replace(",", "")) == group["posts"]


def test_the_picture_of_a_grouping_has_its_table_and_can_be_kept(client: TestClient) -> None:
    page = client.get(f"{PAGE}?by=channel&days=28&figure=engagement")

    assert "Show as a table" in page.text
    href = re.search(r'href="(/charts/groups/picture\.svg\?[^"]+)"', page.text)
    assert href is not None
    picture = client.get(href[1].replace("&amp;", "&"))
    assert picture.headers["content-type"].startswith("image/svg")
    assert "<svg" in picture.text


def test_hours_are_a_week_of_cells_by_default(client: TestClient) -> None:
    assert "by hour of the week" in client.get(f"{PAGE}?by=slot").text


def test_sorting_by_a_figure_puts_the_best_first(client: TestClient) -> None:
    for order in ("down", "up"):
        page = client.get(f"{PAGE}?by=weekday&sort=engagement&order={order}")
        cells = re.findall(r'data-label="Engagement" class="numeric"><div>([\d,]+)', page.text)
        numbers = [int(cell.replace(",", "")) for cell in cells[:-1]]
        assert len(numbers) == 7
        assert numbers == sorted(numbers, reverse=order == "down")


def test_what_is_shown_can_be_kept_as_files_with_definitions(client: TestClient) -> None:
    rows = list(csv.DictReader(io.StringIO(client.get(f"{PAGE}.csv?by=channel").content.decode("utf-8-sig"))))
    document = json.loads(client.get(f"{PAGE}.json?by=channel").content)
    archive = zipfile.ZipFile(io.BytesIO(client.get(f"{PAGE}.zip?by=channel").content))

    assert [row["Posts"] for row in rows[:-1]] == [str(group["posts"]) for group in document["groups"]]
    assert rows[-1]["Channel"] == "All posts"
    assert {one["key"] for one in document["definitions"]} >= {"engagement", "er_followers"}
    assert sorted(archive.namelist()) == ["definitions.csv", "groups.csv"]


@pytest.mark.parametrize(
    "query", ["by=nonsense", "sort=nonsense", "days=99999999", "figure=%00", "since=2026-99-99", "tag=%F0%9F"]
)
def test_what_cannot_be_read_is_passed_over(client: TestClient, query: str) -> None:
    assert client.get(f"{PAGE}?{query}").status_code in (200, 422)


def test_a_group_that_a_program_cannot_have_is_refused(client: TestClient) -> None:
    period = "start=2026-01-01T00:00:00Z&end=2026-12-01T00:00:00Z"
    assert client.get(f"/api/v1{PAGE}?by=nonsense&{period}").status_code == 422
    assert client.get(f"/api/v1{PAGE}?by=channel&{period}&figures=followers").status_code == 422


def test_the_page_is_in_indonesian_too(client: TestClient) -> None:
    page = in_language(client, "id").get(f"{PAGE}?by=slot")
    assert "Pos mana yang menghasilkan" in words(page)


def numbers_of(full: filled.Filling, table: type[ChannelRow | Feed | Route]) -> list[int]:
    with reading(full.place.engine) as session:
        return list(session.scalars(select(table.id).order_by(col(table.id))))


@pytest.mark.parametrize(("noun", "table"), [("channels", ChannelRow), ("feeds", Feed), ("routes", Route)])
def test_a_channel_a_feed_and_a_route_have_statistics_of_their_own(
    full: filled.Filling, client: TestClient, noun: str, table: type[ChannelRow | Feed | Route]
) -> None:
    for number in numbers_of(full, table):
        page = client.get(f"/statistics/{noun}/{number}?days=90")
        assert page.status_code == 200
        assert ("From entries to revenue" in words(page)) is (noun != "channels")
        twin = re.search(r'rel="alternate" type="application/json" href="([^"]+)"', page.text)
        assert twin is not None
        assert client.get(twin[1].replace("&amp;", "&")).json()["by"] == "kind"
        own = client.get(f"/{noun}/{number}")
        assert own.status_code == 404 or f'href="/statistics/{noun}/{number}"' in own.text
        for chart in re.findall(r'href="(/charts/[a-z-]+/picture\.svg\?[^"]+)"', page.text):
            assert "<svg" in client.get(chart.replace("&amp;", "&")).text
    assert client.get(f"/statistics/{noun}/12345").status_code == 404
