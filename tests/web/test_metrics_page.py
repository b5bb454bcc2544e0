"""The page about what the numbers mean, its JSON twin, and the switch for posts written on the platform."""

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from starlette.testclient import TestClient

from domain.catalogue import CATALOGUE
from store.engine import open_engine
from tests.web import filled
from tests.web.reading import in_language, notice, words
from tests.web.setting import Installation


@pytest.fixture(scope="module")
def full(sqlite_template: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[filled.Filling]:
    path = tmp_path_factory.mktemp("metrics") / "tabuh.db"
    shutil.copyfile(sqlite_template, path)
    engine = open_engine(f"sqlite:///{path}")
    yield filled.fill(Installation(engine), weeks=1)
    engine.dispose()


@pytest.fixture
def client(full: filled.Filling) -> TestClient:
    return full.place.signed_in()


def test_every_metric_is_on_the_page_with_its_sources_in_both_languages(client: TestClient) -> None:
    page = client.get("/statistics/metrics?platforms=all")

    assert page.status_code == 200
    for key, entry in CATALOGUE.items():
        assert f'id="{key}"' in page.text, key
        assert entry.formula or entry.stated
    assert "post_total_media_view_unique" in page.text
    assert "15 Nov 2025" in words(page)
    indonesian = in_language(client, "id").get("/statistics/metrics?platforms=all")
    assert "Tingkat keterlibatan (ER/jangkauan)" in words(indonesian)


def test_the_page_shows_the_platforms_of_the_channels_unless_all_are_asked_for(client: TestClient) -> None:
    mine, every = client.get("/statistics/metrics").text, client.get("/statistics/metrics?platforms=all").text

    assert "favourites_count" in mine
    assert "ig_reels_video_view_total_time" not in mine
    assert "ig_reels_video_view_total_time" in every


def test_programs_get_the_same_with_dates_and_breaks(client: TestClient) -> None:
    rows = {row["key"]: row for row in client.get("/api/v1/metrics").json()}

    impressions = rows["impressions"]
    facebook = {one["field"]: one for one in impressions["sources"] if one["platform"] == "facebook"}
    assert facebook["post_impressions"]["until"] == facebook["post_media_view"]["since"] == "2025-11-15"
    assert [one["on"] for one in impressions["breaks"]] == ["2025-04-21", "2025-11-15"]
    assert (rows["reach"]["additive"], rows["clicks"]["additive"]) == (False, True)
    assert rows["er_reach_mean"]["name_id"].endswith("rata-rata pos)")


def test_native_posts_are_switched_on_and_off_on_the_page_and_by_programs(full: filled.Filling) -> None:
    client = full.place.signed_in()
    rows = client.get("/api/v1/channels").json()["rows"]
    channel = next(row for row in rows if row["platform"] == "mastodon")
    assert channel["native_posts"] is True

    answer = client.post(f"/channels/{channel['id']}/native-posts", data={"included": "no"})
    assert "not taken in any more" in notice(client, answer)
    again = client.put(f"/api/v1/channels/{channel['id']}/native-posts", json={"included": True})
    assert again.json()["native_posts"] is True
    page = next(row for row in rows if row["platform"] == "page")
    refused = client.put(f"/api/v1/channels/{page['id']}/native-posts", json={"included": True})
    assert refused.status_code == 422
    assert "cannot be asked for posts that were written there" in refused.text


def test_the_list_is_narrowed_by_who_sent_the_posts(client: TestClient) -> None:
    every = client.get("/api/v1/statistics/posts").json()["rows"]
    native = client.get("/api/v1/statistics/posts?sender=native").json()["rows"]

    assert every
    assert {row["sender"] for row in every} == {"tabuh"}
    assert native == []
