"""The list of posts as people keep it: columns, views, files, comparisons; notes and the next post."""

import csv
import io
import json
import re
import shutil
from collections.abc import Iterator, Sequence
from datetime import timedelta
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from markupsafe import escape
from sqlmodel import col, select
from starlette.testclient import TestClient

from domain.catalogue import CATALOGUE
from domain.metrics import CHECKPOINTS
from domain.person import Role
from domain.post_columns import ABOUT, name_of, offered, sortable
from store import views
from store.engine import open_engine, reading
from store.tables import Change, Post, PostNote, StatisticsView
from tests.web import filled
from tests.web.reading import in_language, words
from tests.web.setting import OWN, Installation
from web.figures import amount
from web.i18n import Voice


@pytest.fixture(scope="module")
def full(sqlite_template: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[filled.Filling]:
    """A plausible week."""
    path = tmp_path_factory.mktemp("lists") / "tabuh.db"
    shutil.copyfile(sqlite_template, path)
    engine = open_engine(f"sqlite:///{path}")
    yield filled.fill(Installation(engine), weeks=1)
    engine.dispose()


def ids(text: str) -> list[str]:
    """The posts of a list, in its order."""
    return re.findall(r'<a href="/statistics/posts/(\d+)">', text)


def cells(text: str, label: str) -> list[str]:
    """What the rows say in one column, missing values as ``–``."""
    body = text.partition('action="/statistics/compare"')[2].partition("</table>")[0]
    named = re.escape(str(escape(label)))  # as an attribute has it: a name may hold an apostrophe
    found = re.findall(rf'data-label="{named}"[^>]*><div>(.*?)</div></td>', body, re.DOTALL)
    return ["–" if "missing" in one else re.sub(r"<[^>]+>", " ", one).split()[0] for one in found]


def walk(client: TestClient, query: str) -> Iterator[str]:
    """All pages of a list."""
    address = f"/statistics?{query}"
    while address:
        text = client.get(address).text
        yield text
        found = re.search(r'rel="next" href="([^"]+)"', text)
        address = found[1].replace("&amp;", "&") if found else ""


_FIGURES = [key for key in offered() if key not in ABOUT]


def test_a_file_is_exactly_what_the_pages_show(full: filled.Filling) -> None:
    client = full.place.signed_in()

    @settings(max_examples=6, deadline=None)
    @given(
        columns=st.lists(st.sampled_from(_FIGURES), min_size=1, max_size=4, unique=True),
        sort=st.sampled_from([key for key in offered() if sortable(key)]),
        order=st.sampled_from(["up", "down"]),
        filters=st.sampled_from([{}, {"platform": "mastodon"}, {"kind": "link"}, {"q": "kopi"},
                                 {"weekday": "2"}, {"days": "4"}, {"origin": "person"}]),
    )  # fmt: skip
    def check(columns: Sequence[str], sort: str, order: str, filters: dict[str, str]) -> None:
        query = urlencode({"columns": ",".join(columns), "sort": sort, "order": order, **filters})
        pages = list(walk(client, query))
        head, *rows = csv.reader(io.StringIO(client.get(f"/statistics/export.csv?{query}").text[1:]))

        assert [row[0] for row in rows] == [one for text in pages for one in ids(text)]
        for key in columns:
            label, unit = name_of(key).en, CATALOGUE[key].unit
            place = head.index(label)
            shown = [one for text in pages for one in cells(text, label)]
            written = [amount(float(row[place]), unit, Voice("en")) if row[place] else "–" for row in rows]
            assert written == shown, key
            assert all(bool(row[place]) != bool(row[place + 1]) for row in rows)

    check()


def test_columns_that_were_chosen_are_remembered_until_the_usual_ones_are(full: filled.Filling) -> None:
    place = full.place
    one, two = place.signed_in(), place.signed_in(place.person("Other", Role.EDITOR))

    done = one.post(
        "/statistics/columns",
        data={
            "column_tags": "on",
            "column_replies": "on",
            "column_nonsense": "on",
            "back": "/statistics?q=a",
        },
        headers=OWN,
    )
    mine, theirs = one.get("/statistics").text, two.get("/statistics").text
    one.post("/statistics/columns", data={"usual": "1"}, headers=OWN)

    assert done.headers["location"] == "/statistics?q=a"
    assert re.findall(r'data-label="([^"]+)"', mine.partition("</tr>")[2].partition("</tr>")[0]) == [
        "Comments", "Tags",
    ]  # fmt: skip
    assert 'data-label="Published"' in theirs
    assert 'data-label="Published"' in one.get("/statistics").text


def view_named(place: Installation, name: str) -> StatisticsView:
    with reading(place.engine) as session:
        return session.exec(select(StatisticsView).where(col(StatisticsView.name) == name)).one()


def test_a_view_is_kept_shared_begun_with_renamed_and_removed(full: filled.Filling) -> None:
    place = full.place
    owner = place.signed_in()
    guest = place.signed_in(place.person("Guest", Role.READER))
    shows = "/statistics?platform=mastodon&sort=engagement&columns=post,engagement"

    kept = owner.post(
        "/statistics/views", data={"name": " Toots  by talk ", "shows": shows, "shared": "on"}, headers=OWN
    )
    row = view_named(place, "Toots by talk")
    seen = guest.get("/statistics").text
    refused = guest.post(f"/statistics/views/{row.id}/remove", headers=OWN)
    owner.post("/statistics/views/first", data={"view": str(row.id)}, headers=OWN)
    first, everything = owner.get("/statistics").text, owner.get("/statistics?all=1").text
    owner.post(f"/statistics/views/{row.id}/rename", data={"name": "Toots"}, headers=OWN)
    renamed = view_named(place, "Toots")
    owner.post(f"/statistics/views/{row.id}/remove", headers=OWN)

    assert f"view={row.id}" in kept.headers["location"]
    assert row.whose == views.EVERYBODY
    assert "Toots by talk" in seen
    assert refused.status_code == 403
    assert 'aria-sort="descending"><a href="/statistics?' in " ".join(first.split()).replace("> <a", "><a")
    assert set(re.findall(r'<span class="hint">([^ ]+) ·', first)) == {"@toko@mastodon.example"}
    assert "Kabar Toko Sari" in everything.partition("<table")[2]
    assert renamed.id == row.id
    assert "Kabar Toko Sari" in owner.get("/statistics").text.partition("<table")[2]
    with reading(place.engine) as session:
        query = select(Change).where(col(Change.subject) == "statistics_view")
        done = [change.what for change in session.exec(query.order_by(col(Change.at), col(Change.id)))]
    assert done[-3:] == ["saved", "renamed", "removed"]


def test_ones_own_view_is_nobody_elses_and_its_name_may_be_taken_by_others(full: filled.Filling) -> None:
    place = full.place
    one, two = (place.signed_in(place.person(name, Role.READER)) for name in ("Ani", "Budi"))
    shows = {"name": "Mine", "shows": "/statistics?q=kopi"}

    first = one.post("/statistics/views", data=shows, headers=OWN)
    again = one.post("/statistics/views", data=shows, headers=OWN)
    told = words(one.get("/statistics?q=kopi"))
    others = two.get("/statistics").text
    second = two.post("/statistics/views", data=shows, headers=OWN)
    number = re.search(r"view=(\d+)", first.headers["location"])
    assert number
    shared = one.post("/statistics/views", data={**shows, "shared": "on"}, headers=OWN)

    assert "view=" in first.headers["location"]
    assert again.headers["location"] == "/statistics?q=kopi"
    assert "There is a view called 'Mine' already." in told
    assert "Mine" not in others
    assert "view=" in second.headers["location"]
    assert two.post(f"/statistics/views/{number[1]}/remove", headers=OWN).status_code == 404
    assert shared.status_code == 403


def test_a_comparison_shows_posts_beside_each_other_and_is_drawn_as_svg_and_png(full: filled.Filling) -> None:
    client = full.place.signed_in()
    chosen = ids(client.get("/statistics?platform=mastodon").text)[:3]
    query = "&".join(f"post={one}" for one in chosen)

    page = client.get(f"/statistics/compare?{query}")
    links = re.findall(r'href="(/charts/compared/picture\.\w+\?[^"]+)"', page.text)
    svg, png = (client.get(link.replace("&amp;", "&")) for link in links)
    indonesian = words(in_language(client, "id").get(f"/statistics/compare?{query}"))

    assert "As they stood at the age of" in words(page)
    assert ids(page.text) == chosen
    assert svg.headers["content-type"] == "image/svg+xml"
    assert svg.text.startswith("<svg")
    assert "attachment" in svg.headers["content-disposition"]
    assert png.content.startswith(b"\x89PNG")
    assert "Keadaannya pada umur" in indonesian
    assert client.get("/charts/compared/picture.svg").status_code == 404
    assert client.get("/charts/nothing/picture.png").status_code == 404
    assert full.place.private().get(links[0].replace("&amp;", "&")).status_code == 303


@pytest.mark.parametrize("query", ["", "post=1", "post=x&post=2"])
def test_what_cannot_be_compared_is_said(full: filled.Filling, query: str) -> None:
    answer = full.place.signed_in().get(f"/statistics/compare?{query}")

    assert answer.status_code in (303, 404)


def test_notes_stand_on_the_post_with_who_and_when_and_go_again(full: filled.Filling) -> None:
    place = full.place
    client = place.signed_in()
    [number, *_] = ids(client.get("/statistics").text)
    page = f"/statistics/posts/{number}"

    client.post(f"{page}/notes", data={"text": "An <b>ad</b> ran.\nTwo days."}, headers=OWN)
    empty = client.post(f"{page}/notes", data={"text": "  "}, headers=OWN)
    shown = client.get(page).text
    with reading(place.engine) as session:
        note = session.exec(select(PostNote)).one()
    guest = place.signed_in(place.person("Reads", Role.READER))
    refused = guest.post(f"{page}/notes", data={"text": "x"}, headers=OWN)
    client.post(f"{page}/notes/{note.id}/remove", headers=OWN)

    assert "An &lt;b&gt;ad&lt;/b&gt; ran.\nTwo days." in shown
    assert "owner" in shown.partition('id="notes"')[2].partition("</section>")[0]
    assert empty.status_code == 303
    assert refused.status_code == 403
    assert "An &lt;b&gt;" not in client.get(page).text.partition('id="notes"')[2].partition("</section>")[0]


def test_a_post_is_repeated_and_followed_up_as_drafts_of_its_story(full: filled.Filling) -> None:
    place = full.place
    client = place.signed_in()
    with reading(place.engine) as session:
        post = session.exec(
            select(Post).where(col(Post.state) == "published", col(Post.remote_url).is_not(None)).limit(1)
        ).one()
    page = f"/statistics/posts/{post.id}"

    same = client.post(f"{page}/repeat", headers=OWN).headers["location"]
    after = client.post(f"{page}/follow-up", data={"text": "And then?"}, headers=OWN).headers["location"]
    nothing = client.post(f"{page}/follow-up", data={"text": " "}, headers=OWN).headers["location"]

    with reading(place.engine) as session:
        copy, next_ = (session.get_one(Post, int(one.rpartition("/")[2])) for one in (same, after))
    assert (copy.state, next_.state) == ("draft", "draft")
    assert (copy.story_id, next_.story_id) == (post.story_id, post.story_id)
    assert copy.content["text"] == post.content["text"]
    assert next_.content["text"] == "And then?"
    assert next_.content["link"]
    assert nothing.startswith(page)
    assert "wrote as a follow-up" in words(client.get(after))


def test_the_interface_for_programs_does_the_same(full: filled.Filling) -> None:
    place = full.place
    client = place.signed_in()
    api = "/api/v1/statistics"
    shows = {"platform": "mastodon", "sort": "replies", "columns": ["post", "replies"]}

    made = client.post(f"{api}/views", json={"name": "By talk", "shows": shows}, headers=OWN)
    number = made.json()["id"]
    changed = client.put(f"{api}/views/{number}", json={**shows, "descending": False}, headers=OWN)
    client.put(f"{api}/views/first", json={"view_id": number}, headers=OWN)
    listed = client.get(f"{api}/views").json()["rows"]
    of_view = client.get(f"{api}/views/{number}/export.json").json()
    by_body = client.post(f"{api}/export.csv", json=shows, headers=OWN)
    wrong = client.post(f"{api}/export.csv", json={"columns": ["colour"]}, headers=OWN)
    renamed = client.patch(f"{api}/views/{number}", json={"name": "Talk"}, headers=OWN).json()
    gone = client.delete(f"{api}/views/{number}", headers=OWN)

    assert made.status_code == 201
    assert changed.json()["shows"]["descending"] is False
    assert [(row["name"], row["first"]) for row in listed if row["id"] == number] == [("By talk", True)]
    values = [row["replies"]["value"] for row in of_view["posts"]]
    assert values == sorted(values)
    assert {one["key"] for one in of_view["definitions"]} == {"post", "replies"}
    assert by_body.text.startswith("\ufeffNumber,Post,Comments,Comments: why it is absent")
    assert wrong.status_code == 422
    assert "Unknown column" in wrong.json()["detail"]
    assert renamed["name"] == "Talk"
    assert gone.status_code == 204


def test_programs_filter_compare_and_note(full: filled.Filling) -> None:
    client = full.place.signed_in()
    api = "/api/v1"

    by_words = client.get(f"{api}/statistics/posts", params={"text": "KOPI", "platform": "bluesky"}).json()
    rows = client.get(f"{api}/statistics/posts", params={"platform": "mastodon"}).json()["rows"]
    pair = [rows[0]["id"], rows[-1]["id"]]
    compared = client.get(f"{api}/statistics/compare", params={"post_id": pair}).json()
    note = client.post(f"{api}/posts/{pair[0]}/notes", json={"text": "Seen."}, headers=OWN).json()
    notes = client.get(f"{api}/posts/{pair[0]}/notes").json()["rows"]
    draft = client.post(f"{api}/posts/{pair[0]}/follow-up", json={"text": "More"}, headers=OWN)

    assert by_words["rows"]
    assert all("kopi" in row["text"].lower() for row in by_words["rows"])
    assert [one["id"] for one in compared["posts"]] == pair
    assert timedelta(seconds=compared["age_seconds"]) in CHECKPOINTS
    assert [one["text"] for one in notes] == ["Seen."]
    assert client.delete(f"{api}/notes/{note['id']}", headers=OWN).status_code == 204
    assert draft.status_code == 201


@pytest.mark.parametrize(
    "query",
    ["kind=song", "weekday=9", "hour=x", "origin=mars", "days=0", "days=99999999999999999999", "feed=-1",
     "feed=99999999999999999999", "author=1", "columns=a,b,<script>", "tag=%23x", "language=zz", "view=x",
     "q=%25", "platform=nothing", "q=" + "x" * 201],
)  # fmt: skip
def test_hostile_addresses_are_answered_with_the_list(full: filled.Filling, query: str) -> None:
    answer = full.place.signed_in().get(f"/statistics?{query}")

    assert answer.status_code in (200, 422)
    assert "<script>" not in answer.text.partition("<main")[2]


@pytest.mark.parametrize(
    ("action", "typed"),
    [
        ("/statistics/views", {"name": "", "shows": "/statistics"}),
        ("/statistics/views", {"name": "x" * 81, "shows": "/statistics"}),
        ("/statistics/views", {"name": "x", "shows": "https://evil.test/?columns=zz"}),
        ("/statistics/views/first", {"view": "9" * 30}),
        ("/statistics/columns", {"back": "https://evil.test/"}),
    ],
)
def test_forms_that_make_no_sense_lead_nowhere_else(
    full: filled.Filling, action: str, typed: dict[str, Any]
) -> None:
    answer = full.place.signed_in().post(action, data=typed, headers=OWN)

    assert answer.status_code == 303
    assert answer.headers["location"].startswith("/")


def test_json_of_the_whole_list_is_one_document(full: filled.Filling) -> None:
    document = json.loads(full.place.signed_in().get("/statistics/export.json").text)

    assert document["columns"][0] == "post"
    assert document["posts"]
    assert document["definitions"]
