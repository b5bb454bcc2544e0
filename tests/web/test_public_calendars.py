"""Calendars at secret addresses, as calendar programs see them."""

from datetime import timedelta

import pytest
from sqlalchemy import Engine
from sqlmodel import Session

from scheduler import calendars
from scheduler import posts as commands
from store.changes import Actor
from store.tables import CalendarFeed
from tests.ics import read_calendar
from tests.web.queued import Queue
from tests.web.setting import Installation


@pytest.fixture
def place(engine: Engine) -> Installation:
    return Installation(engine, public_url="http://localhost:8000")


def make(place: Installation, channel_id: int | None = None) -> tuple[CalendarFeed, str]:
    row, address = calendars.make_feed(
        place.web.context, place.workspace.id, "Sari", channel_id=channel_id, actor=Actor("person")
    )
    return row, address.removeprefix(place.public_url)


def test_planned_and_published_posts_are_shown_with_their_states(place: Installation) -> None:
    queue = Queue(place)
    queued = queue.add("queued", "Pasar, buka; besok\nlihat", hours=3, campaign="Sale", tags=["a"])
    queue.add("draft", "Later", hours=30)
    queue.add("skipped", "Never", hours=4, reason="no")
    queue.add("draft", "Without an hour")
    queue.add("published", "Was", hours=-5, published_at=place.now - timedelta(hours=4), remote_id="1",
              remote_url="https://example.org/1")  # fmt: skip
    _, path = make(place)

    answer = place.public().get(path)

    assert answer.headers["content-type"] == "text/calendar; charset=utf-8"
    found = read_calendar(answer.text)
    told = {event["SUMMARY"]: event for event in found.events}
    assert set(told) == {
        "Kabar Sari: Pasar, buka; besok lihat", "[draft] Kabar Sari: Later", "[skipped] Kabar Sari: Never",
        "Kabar Sari: Was",
    }  # fmt: skip
    first = told["Kabar Sari: Pasar, buka; besok lihat"]
    assert first["DTSTART"] == f"{queued.planned_at:%Y%m%dT%H%M%SZ}"
    assert (first["STATUS"], first["CATEGORIES"]) == ("CONFIRMED", "Sale,a")
    assert first["URL"] == f"http://localhost:8000/posts/{queued.id}"
    assert told["[skipped] Kabar Sari: Never"]["STATUS"] == "CANCELLED"
    assert told["[draft] Kabar Sari: Later"]["STATUS"] == "TENTATIVE"
    assert told["Kabar Sari: Was"]["URL"] == "https://example.org/1"


def test_an_event_keeps_its_uid_and_its_sequence_rises_when_it_is_moved(place: Installation) -> None:
    queue = Queue(place)
    post = queue.add("queued", "Hello", hours=3)
    _, path = make(place)
    client = place.public()

    [before] = read_calendar(client.get(path).text).events
    tag = client.get(path).headers["etag"]
    assert client.get(path, headers={"if-none-match": tag}).status_code == 304
    place.later(minutes=1)
    commands.move(
        place.web.context, place.workspace.id, post.id, when="2026-12-01 09:00 channel", actor=Actor("person")
    )
    [after] = read_calendar(client.get(path, headers={"if-none-match": tag}).text).events

    assert after["UID"] == before["UID"]
    assert int(after["SEQUENCE"]) > int(before["SEQUENCE"])
    assert after["LAST-MODIFIED"] > before["LAST-MODIFIED"]
    assert after["DTSTART"] == "20261201T020000Z"


def test_a_feed_of_one_channel_shows_only_that(place: Installation) -> None:
    queue = Queue(place)
    queue.add("queued", "Here", hours=3)
    queue.add("queued", "There", hours=3, channel=queue.paused)
    _, path = make(place, queue.paused.id)

    found = read_calendar(place.public().get(path).text)

    assert [event["SUMMARY"] for event in found.events] == ["Halaman lama: There"]
    assert found.properties["X-WR-TIMEZONE"] == "Europe/Berlin"


def test_the_address_is_kept_as_a_hash_is_noted_when_read_and_closes_for_good(place: Installation) -> None:
    row, path = make(place)
    token = path.removeprefix("/c/").removesuffix(".ics")
    client = place.public()

    assert token not in str(row.model_dump())
    assert client.get(path).status_code == 200
    with Session(place.engine) as session:
        assert session.get_one(CalendarFeed, row.id).read_at == place.now
    calendars.revoke_feed(place.web.context, place.workspace.id, row.id, actor=Actor("person"))
    assert client.get(path).status_code == 404
    assert client.get(path.replace(token, "x" * 43)).status_code == 404
    assert client.post(path).status_code == 405
