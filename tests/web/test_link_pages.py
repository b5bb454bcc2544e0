"""Short links on pages and for programs."""

import csv
import io
import xml.etree.ElementTree as ET
from datetime import timedelta

import pytest
from PIL import Image
from sqlalchemy import Engine
from sqlmodel import Session, select

from domain.metrics import Audience
from domain.person import Role
from scheduler.links import add_link
from store.changes import Actor
from store.engine import writing
from store.links import NewClick, record_clicks
from store.tables import Link
from tests.web.setting import NOW, Installation
from web.codes import qr_png, qr_svg

ME = Actor("person")
TARGET = "https://shop.example/?utm_source=poster&utm_campaign=sale"


@pytest.fixture
def place(engine: Engine) -> Installation:
    return Installation(engine, public_url="https://post.example.org")


def clicked(
    place: Installation, link: Link, *made: tuple[Audience, str | None, str | None, str | None]
) -> None:
    """Clicks an hour ago: class, reason, referrer, hash."""
    with writing(place.engine) as session:
        record_clicks(
            session,
            [
                NewClick(
                    link_id=link.id, post_id=None, at=NOW - timedelta(hours=1), audience=audience, why=why,
                    referrer=referrer, day_hash=day_hash,
                )
                for audience, why, referrer, day_hash in made
            ],
        )  # fmt: skip
        session.commit()


def made(place: Installation) -> Link:
    link = add_link(place.web.context, place.workspace.id, TARGET, code="sale", note="Poster", actor=ME)
    clicked(
        place, link,
        (Audience.HUMAN, "browser", "news.example", "a"), (Audience.HUMAN, "browser", "news.example", "a"),
        (Audience.HUMAN, "browser", None, None), (Audience.BOT, "preview", None, None),
        (Audience.UNKNOWN, None, "=cmd()", None),
    )  # fmt: skip
    return link


def test_an_empty_list_teaches_and_a_form_makes_the_first_link(place: Installation) -> None:
    client = place.signed_in()
    assert "No link yet" in client.get("/links").text

    answer = client.post("/links", data={"target": "https://shop.example/", "code": "Sale", "note": "Poster"})

    assert answer.status_code == 303
    page = client.get(answer.headers["location"]).text
    assert "https://post.example.org/l/sale" in page
    assert "Nobody has followed it in these days." in page
    assert "sale" in client.get("/links?of=own&words=post").text
    assert "No link like this" in client.get("/links?of=posts").text


@pytest.mark.parametrize(
    ("typed", "says"),
    [
        ({"target": "javascript:alert(1)"}, "is no web address"),
        ({"target": "https://a.example/", "code": "admin"}, "is reserved"),
        ({"target": "https://a.example/", "code": "x y"}, "A code has letters"),
        ({}, "Say where the link leads"),
    ],
)
def test_a_mistake_is_said_and_what_was_typed_stays(
    place: Installation, typed: dict[str, str], says: str
) -> None:
    answer = place.signed_in().post("/links", data=typed)
    assert answer.status_code == 422
    assert says in answer.text
    assert (typed.get("code") or "") in answer.text


def test_the_page_of_a_link_shows_classes_reasons_people_and_coverage(place: Installation) -> None:
    link = made(place)
    page = place.signed_in().get(f"/links/{link.id}").text

    assert "of 5 clicks" in page
    assert "from 2 of 3 clicks of people" in page
    assert "a platform&#39;s link preview" in page
    assert "not kept: older than reasons" in page
    assert "news.example" in page
    assert "Not configured: name a local file of countries" in page
    assert "utm_campaign" in page
    indonesian = place.signed_in()
    indonesian.cookies.set("tabuh_language", "id")
    assert "pratinjau tautan sebuah platform" in indonesian.get(f"/links/{link.id}").text


def test_a_link_is_changed_removed_and_restored_on_its_page(place: Installation) -> None:
    link, client = made(place), place.signed_in()
    client.post(f"/links/{link.id}", data={"target": "https://other.example/", "note": ""})
    assert place.public().get("/l/sale").headers["location"] == "https://other.example/"
    assert client.post(f"/links/{link.id}", data={"target": "x", "note": ""}).status_code == 422
    client.post(f"/links/{link.id}/remove")
    assert place.public().get("/l/sale").status_code == 404
    assert "It leads nowhere since" in client.get(f"/links/{link.id}").text
    client.post(f"/links/{link.id}/restore")
    assert place.public().get("/l/sale").status_code == 302
    page = client.get(f"/links/{link.id}").text
    assert [what in page for what in ("added link", "changed link", "removed link", "restored link")] == [
        True
    ] * 4


def test_who_may_only_see_changes_nothing(place: Installation) -> None:
    link = made(place)
    reader = place.signed_in(place.person("Reader", Role.READER))
    assert reader.get(f"/links/{link.id}").status_code == 200
    for path in ("/links", f"/links/{link.id}", f"/links/{link.id}/remove", f"/links/{link.id}/restore"):
        assert reader.post(path, data={"target": "https://a.example/"}).status_code == 403
    editor = place.signed_in(place.person("Editor", Role.EDITOR))
    assert editor.post("/links/domain", data={"domain": "go.example.org"}).status_code == 403


def test_the_domain_is_set_on_the_page_and_links_are_printed_with_it(place: Installation) -> None:
    made(place)
    client = place.signed_in()
    assert client.post("/links/domain", data={"domain": "x"}).status_code == 422
    assert client.post("/links/domain", data={"domain": "go.example.org"}).status_code == 303
    assert client.get("/api/v1/links").json()["rows"][0]["address"] == "https://go.example.org/sale"
    assert client.get("/api/v1/link-domain").json() == {"domain": "go.example.org"}
    assert client.put("/api/v1/link-domain", json={"domain": None}).json() == {"domain": None}


def test_every_click_is_exported_and_no_cell_runs_as_a_formula(place: Installation) -> None:
    link = made(place)
    answer = place.signed_in().get(f"/links/{link.id}/clicks.csv")
    rows = list(csv.DictReader(io.StringIO(answer.text)))
    assert [row["class"] for row in rows] == ["human", "human", "human", "bot", "unknown"]
    assert rows[0] == {
        "time_utc": "2026-11-24T00:30:00Z", "class": "human", "reason": "browser", "referrer": "news.example",
        "country": "",
    }  # fmt: skip
    assert rows[4]["referrer"] == "'=cmd()"


def test_the_code_can_be_scanned_and_comes_as_picture_and_drawing(place: Installation) -> None:
    link, client = made(place), place.signed_in()
    drawing = client.get(f"/links/{link.id}/qr.svg")
    assert drawing.headers["content-type"] == "image/svg+xml"
    assert ET.fromstring(drawing.content).tag.endswith("svg")
    picture = client.get(f"/api/v1/links/{link.id}/qr.png")
    assert picture.content == qr_png("https://post.example.org/l/sale")
    assert drawing.content == qr_svg("https://post.example.org/l/sale")
    with Image.open(io.BytesIO(picture.content)) as opened:
        quiet = opened.convert("L").crop((0, 0, opened.width, 4 * 12))
        assert quiet.getextrema() == (255, 255), "four modules of white around"
        assert opened.width == opened.height > 300


def test_programs_make_change_and_remove_links(place: Installation) -> None:
    client = place.signed_in()
    new = {"target": TARGET, "code": "sale"}
    first = client.post("/api/v1/links", json=new, headers={"Idempotency-Key": "1"})
    again = client.post("/api/v1/links", json=new, headers={"Idempotency-Key": "1"})
    assert (first.status_code, again.status_code) == (201, 201)
    assert first.json() == again.json()
    number = first.json()["id"]
    assert first.json()["clicks"] == {"human": 0, "bot": 0, "unknown": 0}
    refused = client.post("/api/v1/links", json=new)
    assert (refused.status_code, "is taken" in refused.json()["detail"]) == (422, True)

    changed = client.patch(
        f"/api/v1/links/{number}", json={"target": "https://other.example/", "note": "x"}
    ).json()
    assert (changed["target"], changed["note"]) == ("https://other.example/", "x")
    assert client.delete(f"/api/v1/links/{number}").status_code == 204
    assert client.get(f"/api/v1/links/{number}").json()["removed_at"]
    assert client.patch(f"/api/v1/links/{number}", json={"note": "y"}).status_code == 422
    back = client.patch(f"/api/v1/links/{number}", json={"removed": False, "note": "y"}).json()
    assert (back["removed_at"], back["note"]) == (None, "y")
    assert client.get("/api/v1/links/1").status_code == 404


def test_programs_read_the_clicks_of_a_link(place: Installation) -> None:
    link = made(place)
    told = place.signed_in().get(f"/api/v1/links/{link.id}/clicks?days=7").json()
    assert (told["total"], told["clicks"]) == (5, {"human": 3, "bot": 1, "unknown": 1})
    [day] = told["days"]
    assert (day["day"], day["people"], day["people_known_of"]) == ("2026-11-24", 1, 2)
    assert told["by_reason"][0] == {
        "audience": "human", "why": "browser", "words": "a browser opened it", "clicks": 3
    }  # fmt: skip
    assert told["by_country"] is None
    assert told["by_referrer"] == [{"name": "news.example", "clicks": 2}, {"name": None, "clicks": 1}]


def test_a_list_goes_on_where_it_ended(place: Installation) -> None:
    for number in range(5):
        add_link(place.web.context, place.workspace.id, f"https://a.example/{number}", actor=ME)
    client = place.signed_in()
    seen: list[str] = []
    cursor: str | None = ""
    while cursor is not None:
        stretch = client.get("/api/v1/links?limit=2" + (f"&cursor={cursor}" if cursor else "")).json()
        seen += [row["target"] for row in stretch["rows"]]
        cursor = stretch["next_cursor"]
    assert seen == [f"https://a.example/{number}" for number in (4, 3, 2, 1, 0)]
    with Session(place.engine) as session:
        assert len(session.exec(select(Link)).all()) == 5
