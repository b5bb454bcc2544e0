"""Past posts as a page and for programs: what was recognised is shown first, and every fault at once."""

import re
from html import unescape

import pytest
from sqlalchemy import Engine
from sqlmodel import Session, select
from starlette.testclient import TestClient

from domain.person import Role, Scope
from store.tables import ChannelRow, PastPost
from tests.web.reading import in_language
from tests.web.setting import Installation
from tests.web.test_api_base import program

META = (
    "Post ID,Page name,Publish time,Permalink,Post type,Date,"
    '"Reactions, Comments and Shares",Reactions,Comments,Shares\n'
    '1,Toko,01/25/2026 21:30,https://fb.example/1,Photos,Lifetime,1203,"1,200",1,2\n'
    "2,Toko,01/26/2026 09:30,https://fb.example/2,Links,Lifetime,5,3,1,1\n"
)


@pytest.fixture
def place(engine: Engine) -> Installation:
    return Installation(engine)


@pytest.fixture
def channel(place: Installation) -> ChannelRow:
    return place.page()


def kept(place: Installation) -> list[tuple[str, int]]:
    with Session(place.engine) as session:
        return sorted((row.at.isoformat(), row.engagement) for row in session.scalars(select(PastPost)))


def look(client: TestClient, channel: ChannelRow, text: str, **fields: str) -> str:
    files = {"file": ("a.csv", text.encode(), "text/csv")}
    return client.post(f"/channels/{channel.id}/past", data={"act": "look", **fields}, files=files).text


def carried(page: str) -> dict[str, str]:
    form = page.split('<form class="actions"')[1].partition("</form>")[0]
    return dict(re.findall(r'<input type="hidden" name="([\w-]+)" value="([^"]*)"', form))


def test_a_file_is_looked_at_first_with_the_columns_that_were_recognised(
    place: Installation, channel: ChannelRow
) -> None:
    client = place.signed_in()
    assert client.get(f"/channels/{channel.id}/past").status_code == 200

    page = look(client, channel, META, zone="Asia/Jakarta")

    assert "An export of Meta Business Suite." in unescape(page)
    assert "Publish time" in unescape(page)
    assert "Reactions + Comments + Shares" in unescape(page)
    assert "Learn from 2 posts" in page
    assert kept(place) == []
    answer = client.post(f"/channels/{channel.id}/past", data={**carried(page), "act": "import"})
    assert (answer.status_code, answer.headers["location"]) == (303, f"/channels/{channel.id}/slots")
    assert kept(place) == [("2026-01-25T14:30:00+00:00", 1203), ("2026-01-26T02:30:00+00:00", 5)]
    assert "2 posts are known already" in look(client, channel, META, zone="Asia/Jakarta")


def test_times_without_a_zone_are_all_refused_until_one_is_chosen(
    place: Installation, channel: ChannelRow
) -> None:
    client = place.signed_in()

    page = look(client, channel, META)

    assert "2 rows are wrong" in page
    assert page.count("has neither zone nor offset. Choose whose clock it was.") == 2
    assert "--zone" not in page
    forced = client.post(
        f"/channels/{channel.id}/past", data={**carried(page), "act": "import", "skip_bad": ""}
    )
    assert (forced.status_code, kept(place)) == (422, [])


def test_a_column_that_is_not_recognised_can_be_chosen(place: Installation, channel: ChannelRow) -> None:
    client = place.signed_in()
    odd = "moment,hearts\n2026-01-05T09:00Z,4\n"

    refused = look(client, channel, odd)
    assert "No column holds the time of the posts. Choose below which one does." in unescape(refused)
    [packed] = re.findall(r'name="packed" value="([^"]+)"', refused)
    chosen = {"packed": packed, "column-time": "moment", "column-reactions": "hearts", "act": "look"}
    page = client.post(f"/channels/{channel.id}/past", data=chosen).text

    assert "Learn from 1 post" in page
    client.post(f"/channels/{channel.id}/past", data={**carried(page), "act": "import"})
    assert kept(place) == [("2026-01-05T09:00:00+00:00", 4)]


@pytest.mark.parametrize("text", ["", "\x00\x01", "time,likes\n", "time,likes\n2026-13-45T09:00Z,1\n"])
def test_what_is_no_file_of_posts_comes_back_with_a_sentence(
    place: Installation, channel: ChannelRow, text: str
) -> None:
    client = place.signed_in()
    files = {"file": ("a.csv", text.encode(), "text/csv")}

    answer = client.post(f"/channels/{channel.id}/past", data={"act": "import"}, files=files)

    assert answer.status_code == 422
    assert 'class="notice bad"' in answer.text


def test_who_may_only_look_imports_nothing(place: Installation, channel: ChannelRow) -> None:
    client = place.signed_in(place.person("Guest", Role.READER))

    assert client.get(f"/channels/{channel.id}/past").status_code == 403
    assert client.post(f"/channels/{channel.id}/past", data={"pasted": META}).status_code == 403


def test_the_page_and_its_faults_are_told_in_indonesian(place: Installation, channel: ChannelRow) -> None:
    client = place.signed_in()
    in_language(client, "id")

    page = look(client, channel, META)

    assert "tanpa zona maupun selisih waktu" in page
    assert "Ekspor dari Meta Business Suite." in unescape(page)


def test_programs_learn_from_past_posts_too(place: Installation, channel: ChannelRow) -> None:
    client, path = program(place, Scope.WRITE), f"/api/v1/channels/{channel.id}/past-posts"

    refused = client.post(path, json={"csv": META})
    dry = client.post(path, json={"csv": META, "zone": "Asia/Jakarta", "dry_run": True}).json()

    assert (refused.status_code, len(refused.json()["errors"])) == (422, 2)
    assert refused.json()["errors"][0]["where"] == "row 2"
    assert (dry["export"], dry["columns"]["time"], dry["added"]) == ("Meta Business Suite", "Publish time", 2)
    assert kept(place) == []
    done = client.post(path, json={"csv": META, "zone": "Asia/Jakarta"})
    assert (done.status_code, done.json()["added"], done.json()["posts"]) == (201, 2, 2)
    assert client.post(path, json={"csv": META, "zone": "Nowhere/Land"}).status_code == 422
    assert client.post("/api/v1/channels/77/past-posts", json={"csv": META}).status_code == 404


def test_a_post_that_is_still_to_come_is_a_fault_of_its_row(place: Installation, channel: ChannelRow) -> None:
    client, path = program(place, Scope.WRITE), f"/api/v1/channels/{channel.id}/past-posts"
    text = "time,likes\n2026-01-05T09:00Z,1\n2199-01-05T09:00Z,1\n2199-01-06T09:00Z,1\n"

    faults = client.post(path, json={"csv": text, "dry_run": True}).json()["faults"]

    assert [fault["row"] for fault in faults] == [3, 4]
    assert "still to come" in faults[0]["sentence"]
