"""The page of a channel's best hours, and its JSON twin."""

import secrets
import shutil
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from starlette.testclient import TestClient

from store.engine import open_engine, writing
from store.tables import ChannelRow, PastPost
from tests.web import filled
from tests.web.reading import in_language, words
from tests.web.setting import NOW, Installation


@pytest.fixture(scope="module")
def full(sqlite_template: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[filled.Filling]:
    """Three plausible weeks."""
    path = tmp_path_factory.mktemp("slots") / "tabuh.db"
    shutil.copyfile(sqlite_template, path)
    engine = open_engine(f"sqlite:///{path}")
    yield filled.fill(Installation(engine), weeks=3)
    engine.dispose()


@pytest.fixture
def client(full: filled.Filling) -> TestClient:
    return full.place.signed_in()


def rows_of(client: TestClient) -> list[dict[str, Any]]:
    """The channels, by API."""
    found: list[dict[str, Any]] = client.get("/api/v1/channels").json()["rows"]
    return found


@pytest.fixture
def channel_id(client: TestClient) -> str:
    return str(rows_of(client)[0]["id"])


def test_the_week_of_a_channel_is_told_with_intervals_and_what_stands_behind_it(
    client: TestClient, channel_id: str
) -> None:
    told = client.get(f"/api/v1/channels/{channel_id}/slots").json()

    assert len(told["hours"]) == 168
    assert all(hour["low"] <= hour["percent"] <= hour["high"] for hour in told["hours"])
    assert sum(hour["posts"] for hour in told["hours"]) == told["measured"] + told["imported"] > 0
    assert told["earned"]["gain"] is None or told["earned"]["gain"]["low"] <= told["earned"]["gain"]["high"]


@pytest.fixture
def new_channel(full: filled.Filling) -> int:
    """A channel that has no post yet."""
    with writing(full.place.engine) as session:
        row = ChannelRow(
            workspace_id=full.place.workspace.id, platform="page", name=f"New {secrets.token_hex(4)}",
            slug=secrets.token_hex(4), zone="Asia/Jakarta", created_at=NOW,
        )  # fmt: skip
        session.add(row)
        session.commit()
        return row.id


def test_the_page_says_honestly_that_there_is_no_evidence(client: TestClient, new_channel: int) -> None:
    page = client.get(f"/channels/{new_channel}/slots")

    assert page.status_code == 200
    assert "No evidence yet" in words(page)
    assert "Not enough data yet" in words(page)
    assert "%%" not in page.text


def test_the_page_speaks_indonesian(client: TestClient, new_channel: int) -> None:
    page = in_language(client, "id").get(f"/channels/{new_channel}/slots")

    assert "Jam terbaik" in words(page)
    assert "Belum ada bukti" in words(page)


def test_a_clear_habit_of_the_audience_is_shown_as_evidence(full: filled.Filling, new_channel: int) -> None:
    client = full.place.signed_in()
    with writing(full.place.engine) as session:
        for number in range(240):
            at = (NOW - timedelta(days=number + 1)).replace(hour=(2, 6, 13)[number % 3], minute=0)
            session.add(
                PastPost(
                    workspace_id=full.place.workspace.id, channel_id=new_channel, key=f"p{number}", at=at,
                    engagement=(30 if at.hour != 13 else 200) + number % 7, imported_at=NOW,
                )
            )  # fmt: skip
        session.commit()

    told = client.get(f"/api/v1/channels/{new_channel}/slots").json()

    assert told["has_evidence"]
    assert told["best_over_usual"]["low"] > 0
    assert "The best hour earns" in words(client.get(f"/channels/{new_channel}/slots"))
