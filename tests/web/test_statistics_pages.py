"""The statistics pages: any order, missing values with their reason, totals in two ways, one post whole."""

import re
import shutil
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Engine
from sqlmodel import col, select
from starlette.testclient import TestClient

from domain.person import Role
from store import changed_texts, people
from store.engine import open_engine, reading, writing
from store.tables import Post, Workspace
from tests.web import filled
from tests.web.reading import in_language, words
from tests.web.setting import NOW, Installation


@pytest.fixture(scope="module")
def full(sqlite_template: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[filled.Filling]:
    """Three plausible weeks; nothing here changes them."""
    path = tmp_path_factory.mktemp("statistics") / "tabuh.db"
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


def ids(answer: Any) -> list[str]:
    """The posts of a list, in its order."""
    return re.findall(r'<a href="/statistics/posts/(\d+)">', answer.text)


def numbers(answer: Any, label: str) -> list[float]:
    """The values of one column, top down; missing ones are left out."""
    posts = answer.text.partition("</table>")[0]
    cells = re.findall(rf'data-label="{re.escape(label)}" class="numeric"><div>([\d,.]+)', posts)
    return [float(cell.replace(",", "")) for cell in cells]


def linked(answer: Any, relation: str) -> str:
    """Where a link with this relation leads; empty when there is none."""
    found = re.search(rf'rel="{relation}" href="([^"]+)"', answer.text)
    return found[1].replace("&amp;", "&") if found else ""


def test_every_published_post_is_on_one_page_of_the_list_exactly_once(client: TestClient) -> None:
    seen: list[str] = []
    address = "/statistics"
    while address:
        page = client.get(address)
        seen += ids(page)
        address = linked(page, "next")

    assert len(seen) == len(set(seen))
    assert len(seen) > 60
    assert linked(page, "prev") == "/statistics"


@pytest.mark.parametrize(
    ("key", "label"),
    [
        ("clicks", "Clicks"),
        ("engagement", "Engagement"),
        ("impressions", "Impressions"),
        ("er_followers", "Engagement rate (ER/followers)"),
    ],
)
def test_a_column_sorts_down_then_up_and_missing_values_come_last(
    client: TestClient, key: str, label: str
) -> None:
    down = client.get(f"/statistics?sort={key}")
    up = client.get(f"/statistics?sort={key}&order=up")

    assert numbers(down, label) == sorted(numbers(down, label), reverse=True)
    assert numbers(up, label) == sorted(numbers(up, label))
    assert f'aria-sort="descending"><a href="/statistics?sort={key}&amp;order=up">' in " ".join(
        down.text.split()
    ).replace("> <a", "><a")
    first = re.search(rf'data-label="{re.escape(label)}" class="numeric"><div>(.)', up.text)
    assert first
    assert first[1].isdigit()


def test_a_value_that_is_missing_says_why_in_the_readers_language(full: filled.Filling) -> None:
    client = full.place.signed_in()
    english = words(client.get("/statistics"))
    indonesian = words(in_language(client, "id").get("/statistics"))

    assert "Mastodon does not supply Impressions." in english
    assert "Mastodon tidak menyediakan Tayangan." in indonesian
    assert "None" not in english


def test_filters_keep_what_they_name(client: TestClient, full: filled.Filling) -> None:
    page, route = full.channels["page"], full.routes[1]

    of_page = client.get(f"/statistics?channel={page.id}")
    of_route = client.get(f"/statistics?route={route.id}")
    of_days = client.get("/statistics?since=2026-11-20&until=2026-11-21")

    assert ids(of_page)
    assert "@toko@mastodon.example" not in of_page.text.split("<table")[1]
    assert f'value="{page.id}" selected' in of_page.text
    assert {"Blog to Mastodon"} == set(re.findall(r"· ([\w ]+)</span>", of_route.text))
    assert "Totals are those of whole channels" in words(of_route)
    assert {"Fri 20", "Sat 21"} == set(
        re.findall(r">(\w{3} \d+) Nov, ", of_days.text.partition("</table>")[0])
    )


@pytest.mark.parametrize(
    ("query", "sentence"),
    [
        ("since=soon", "This is no day. Write it as 2026-12-31."),
        ("until=0001-01-01", "Choose a day of our time."),
        ("since=2026-11-20&until=2026-11-01", "The last day lies before the first."),
    ],
)
def test_days_that_make_no_sense_are_explained_and_stay_typed(
    client: TestClient, query: str, sentence: str
) -> None:
    answer = client.get(f"/statistics?{query}")

    assert answer.status_code == 422
    assert sentence in words(answer)
    assert f'value="{query.rpartition("=")[2]}"' in answer.text
    assert ids(answer)


@pytest.mark.parametrize("query", ["sort=nonsense", "cursor=x", "sort=clicks&cursor=eA==", "channel=9"])
def test_what_cannot_be_read_in_the_address_begins_anew(client: TestClient, query: str) -> None:
    answer = client.get(f"/statistics?{query}")

    assert answer.status_code == 200
    assert len(ids(answer)) == 25


def test_totals_are_told_in_two_ways_with_where_they_come_from(client: TestClient) -> None:
    said = words(client.get("/statistics?since=2026-11-10&until=2026-11-23"))

    assert "Totals, 10 Nov 2026 to 23 Nov 2026" in said
    assert "Activity in the period What happened in these days, whatever the age of the posts." in said
    assert "Posts published in the period What the posts that went out" in said
    assert "All channels" in said
    assert "counted by Tabuh" in said
    assert "(reactions + comments + shares) ÷ followers at publishing (version 1)" in said


def post_on(full: filled.Filling, platform: str, *, old: bool = True) -> Post:
    """A post of this platform, several days old or the newest."""
    with reading(full.place.engine) as session:
        query = select(Post).where(col(Post.channel_id) == full.channels[platform].id)
        rows = session.exec(query.order_by(col(Post.published_at))).all()
    return rows[len(rows) // 2] if old else rows[-1]


def test_one_post_is_told_whole(client: TestClient, full: filled.Filling) -> None:
    post = post_on(full, "mastodon")

    answer = client.get(f"/statistics/posts/{post.id}")
    said = words(answer)

    assert re.search(r"After [\w ]+: (more|less) engagement than \d+% of the posts of @toko", said)
    assert "Reactions: " in said
    assert "favourites_count" in said
    assert "Mastodon does not supply Impressions." in said
    assert "Growth: Engagement" in said
    assert "Usual: middle" in said
    assert "Who clicked People" in said
    assert "The same story elsewhere" in said
    assert post.delivery_key in said
    assert "0.84 s published" in said
    assert f'href="https://mastodon.example/{post.remote_id}"' in answer.text
    assert f'href="/posts/{post.id}"' in answer.text
    assert "Blog to Mastodon" in said


def test_the_growth_of_another_count_can_be_chosen(client: TestClient, full: filled.Filling) -> None:
    post = post_on(full, "mastodon")

    replies = words(client.get(f"/statistics/posts/{post.id}?curve=replies"))
    unknown = words(client.get(f"/statistics/posts/{post.id}?curve=nonsense"))

    assert "Growth: Comments" in replies
    assert "Growth: Engagement" in unknown


def test_pictures_are_for_signed_in_people_and_never_change(client: TestClient, full: filled.Filling) -> None:
    post = post_on(full, "mastodon")
    addresses = re.findall(r'"(/charts/\w+\.svg)"', client.get(f"/statistics/posts/{post.id}").text)

    picture = client.get(addresses[0])

    assert len(addresses) >= 4
    assert picture.headers["content-type"] == "image/svg+xml"
    assert picture.headers["cache-control"] == "private, max-age=31536000, immutable"
    assert picture.text.startswith("<svg")
    assert full.place.private().get(addresses[0]).status_code == 303
    assert client.get("/charts/00.svg").status_code == 404


def test_a_young_post_says_that_nothing_is_measured_yet(engine: Engine) -> None:
    place = Installation(engine)
    post = place.post(place.page(), "Hello\nthere")
    client = place.signed_in()

    one = words(client.get(f"/statistics/posts/{post.id}"))
    listed = words(client.get("/statistics"))

    assert "Nothing is measured yet" in one
    assert "Too few posts of this channel were measured" in one
    assert "Hello News & more" in listed
    assert "not read yet" in listed


def test_a_post_that_is_not_published_has_no_statistics_and_a_foreign_one_is_not_there(
    engine: Engine,
) -> None:
    place = Installation(engine)
    draft = place.post(place.page(), "x", state="draft", published_at=None, remote_id=None)
    foreign = place.post(place.page("other", name="Other"), "y")
    with writing(place.engine) as session:
        session.get_one(Post, foreign.id).workspace_id = people.add_workspace(session, "B", now=NOW).id
        session.commit()
    client = place.signed_in()

    assert "This post is not published" in words(client.get(f"/statistics/posts/{draft.id}"))
    assert client.get(f"/statistics/posts/{foreign.id}").status_code == 404
    assert "No published post here" in words(client.get("/statistics"))


def test_a_reader_may_look(full: filled.Filling) -> None:
    name = "Tamu"
    guest = full.place.signed_in(full.place.person(name, Role.READER))

    assert guest.get("/statistics").status_code == 200
    assert full.place.private().get("/statistics").headers["location"].startswith("/sign-in")


def test_a_text_that_was_changed_there_is_shown_with_what_differs_and_nothing_of_it_is_markup(
    engine: Engine,
) -> None:
    place = Installation(engine)
    post = place.post(place.page(), "Drums at <b>nine</b>", age=timedelta(days=2))
    address = f"/statistics/posts/{post.id}"
    client = place.signed_in()
    assert "How its text was changed" not in client.get(address).text
    there = "Gongs at <script>alert(1)</script> </pre>{{ 7*7 }}"
    with writing(engine) as session:
        changed_texts.note(session, post.id, sent="Drums at <b>nine</b>", there=there, now=NOW)
        session.commit()

    shown, told = client.get(address).text, client.get(f"/api/v1/statistics/posts/{post.id}").json()

    assert "<del>Drums</del><ins>Gongs</ins> at &lt;" in shown
    assert "<script>alert" not in shown
    assert "{{ 7*7 }}" in shown
    assert "Bagaimana teksnya diubah" in in_language(client, "id").get(address).text
    assert told["changed_text"]["there"] == there
    assert told["changed_there_at"] is not None
    with writing(engine) as session:
        changed_texts.forget(session, post.id)
        session.commit()
    assert "<del>" not in client.get(address).text
