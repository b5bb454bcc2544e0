"""The first page: first steps where nothing is, what goes out by itself, and what needs a person."""

from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import Engine

from domain.person import Role
from store.engine import writing
from store.tables import Feed, Workspace
from tests.web import queued
from tests.web.queued import Queue
from tests.web.setting import Installation
from web.i18n import Voice


@pytest.fixture
def place(engine: Engine) -> Installation:
    return Installation(engine)


def test_a_new_installation_tells_the_first_steps(place: Installation) -> None:
    place.page("toko", name="Toko")
    page = place.signed_in().get("/").text

    assert "Nothing here yet" in page
    assert "tabuh feed add https://example.org/feed.xml --existing last:3" in page
    assert "--channel &#39;Toko&#39;" in page
    assert f"{place.public_url}/p/toko" in page
    assert 'href="/feeds/new"' in page


def test_a_reader_is_offered_nothing_that_readers_may_not_do(place: Installation) -> None:
    reader = place.signed_in(place.person("Rini", Role.READER))
    assert 'href="/feeds/new"' not in reader.get("/").text

    queued.fill(place)
    page = reader.get("/").text
    assert "Kosong" in page
    assert 'action="/posts/' not in page
    assert 'href="/posts/new"' not in page


def test_the_promise_counts_what_goes_out_if_nobody_does_anything(place: Installation) -> None:
    queue = Queue(place)
    queue.add("queued", hours=2)
    queue.add("queued", hours=30)
    queue.add("queued", hours=24 * 8)
    queue.add("awaiting_approval", hours=4)
    queue.add("queued", hours=4, channel=queue.paused)

    page = place.signed_in().get("/").text
    assert (
        "If nobody does anything, 2 posts go out on 1 channel in the coming 7 days, the first in 2 hours."
        in page
    )
    told = place.signed_in().get("/api/v1/home").json()
    assert (told["promised_posts"], told["promised_channels"]) == (2, 1)
    assert told["promised_first_at"] == "2026-11-24T03:30:00Z"


def test_a_paused_workspace_promises_nothing_and_says_so(place: Installation) -> None:
    Queue(place).add("queued", hours=2)
    with writing(place.engine) as session:
        row = session.get_one(Workspace, place.workspace.id)
        row.paused_at, row.paused_reason = place.now, "Nyepi"
        session.add(row)
        session.commit()

    page = place.signed_in().get("/").text
    assert "Everything is paused:" in page
    assert "Nyepi" in page
    assert "If nobody does anything" not in page


def test_what_needs_a_person_says_why_and_what_to_do(place: Installation) -> None:
    posts = queued.fill(place)
    page = place.signed_in().get("/").text

    assert "Channel Kait must be connected again; its posts wait." in page
    assert "hook.example refuses this post (422: the text is empty)." in page
    assert "Look on Webhook yourself and say whether it is there." in page
    assert f'action="/posts/{posts["uncertain"].id}/found"' in page
    assert f'action="/posts/{posts["failed"].id}/retry"' in page
    assert f'action="/posts/{posts["approval"].id}/approve"' in page
    assert "Channel Halaman lama is paused" in page


@pytest.mark.parametrize(
    ("values", "sentence"),
    [
        ({"failures": 2, "last_error": "gone"}, "Feed Kabar cannot be read."),
        ({"ask": True}, "Feed Kabar asks what to post."),
    ],
)
def test_a_feed_in_trouble_is_named(place: Installation, values: dict[str, Any], sentence: str) -> None:
    with writing(place.engine) as session:
        feed = Feed(
            workspace_id=place.workspace.id,
            url="https://example.org/feed",
            title="Kabar",
            existing="none",
            created_at=place.now,
        )
        for name, value in values.items():
            setattr(feed, name, value)
        session.add(feed)
        session.commit()

    page = place.signed_in().get("/").text
    assert sentence in page
    assert f'href="/feeds/{feed.id}"' in page


def test_with_nothing_to_do_nobody_is_bothered(place: Installation) -> None:
    Queue(place).add("queued", hours=2)
    page = place.signed_in().get("/").text
    assert "Needs a person" in page  # the webhook that must be connected again

    place2 = place.signed_in(place.person("Rini", Role.READER)).get("/api/v1/home").json()
    assert place2["needs_a_person"] == []
    assert len(place2["channels_to_reconnect"]) == 1


def test_the_last_published_posts_show_figures_or_why_there_are_none(place: Installation) -> None:
    channel = place.page("toko", name="Toko")
    post = place.post(channel, "Sudah terbit", age=timedelta(hours=2))
    page = place.signed_in().get("/").text

    assert f'href="/posts/{post.id}"' in page
    assert "2 hours ago" in page
    assert "not supplied" in page
    assert "Where this number comes from: Impressions" in page
    [last] = place.signed_in().get("/api/v1/home").json()["last_published"]
    figures = {one["key"]: one for one in last["figures"]}
    assert last["id"] == str(post.id)
    assert figures["impressions"]["value"] == 0
    assert figures["engagement"] | {"sources": []} == {
        "key": "engagement",
        "value": None,
        "absence": "not_supplied",
        "sources": [],
        "read_at": None,
    }


def test_reasons_are_told_in_the_readers_language(place: Installation) -> None:
    queued.fill(place)
    client = place.signed_in()
    client.cookies.set("tabuh_language", "id")
    page = client.get("/").text

    assert "hook.example menolak pos ini (422: the text is empty)." in page
    assert "Lihat sendiri di Webhook dan katakan apakah ada di sana." in page
    assert Voice("id").gettext("Needs a person") in page
    for english in ("Needs a person", "Look on", "If nobody", "must be connected", "Change"):
        assert english not in page


def test_text_of_posts_is_escaped(place: Installation) -> None:
    Queue(place).add("failed", "<script>alert(1)</script>", reason="<b>%(no)s 100% {x}</b>")
    page = place.signed_in().get("/").text

    assert "<script>alert(1)" not in page
    assert "&lt;b&gt;%(no)s 100% {x}&lt;/b&gt;" in page
