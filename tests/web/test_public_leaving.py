"""Readers leave a newsletter: by the page or the one click of mail programs, never by being looked at."""

import pytest
from fastapi.testclient import TestClient
from sqlalchemy import Engine
from sqlmodel import Session

from domain.ids import new_id
from publishers.platforms.email import Email
from store.changes import changes_of
from store.engine import writing
from store.tables import ChannelRow
from tests.web.setting import OWN, Installation

READERS = "ani@a.example, budi@b.example"


@pytest.fixture
def place(engine: Engine) -> Installation:
    return Installation(engine, public_url="https://tabuh.example")


@pytest.fixture
def newsletter(place: Installation) -> ChannelRow:
    known = {"username": "", "password": None, "recipients": READERS, "leave_key": "k" * 40, "left": ""}
    row = ChannelRow(
        id=new_id(),
        workspace_id=place.workspace.id,
        platform="email",
        name="Mading & more",
        slug="mading",
        zone="UTC",
        settings={"host": "mail.example", "sender": "news@mail.example"},
        created_at=place.now,
    )
    row.credentials = place.web.context.seal.close(row.id, known)
    with writing(place.engine) as session:
        session.add(row)
        session.commit()
    return row


def publisher(place: Installation, newsletter: ChannelRow) -> Email:
    with Session(place.engine) as session:
        found = place.web.context.publisher(session.get_one(ChannelRow, newsletter.id))
    assert isinstance(found, Email)
    return found


def address(place: Installation, newsletter: ChannelRow, reader: str) -> str:
    link = publisher(place, newsletter)._leave(reader)
    assert link.startswith("https://tabuh.example/u/")
    return link.removeprefix("https://tabuh.example")


def readers(place: Installation, newsletter: ChannelRow) -> str:
    return publisher(place, newsletter).credentials.recipients


def from_a_mail_program(place: Installation) -> TestClient:
    """A mail provider's server: it sends no header of a browser."""
    client = place.public()
    for name in OWN:
        del client.headers[name]
    return client


def test_looking_leaves_nothing_and_the_button_does(place: Installation, newsletter: ChannelRow) -> None:
    where = address(place, newsletter, "budi@b.example")
    page = place.public().get(where)
    place.public().head(where)

    assert page.status_code == 200
    assert "Mading &amp; more" in page.text
    assert "budi@b.example" not in page.text
    assert (page.headers["cache-control"], page.headers["x-robots-tag"]) == ("no-store", "noindex, nofollow")
    assert readers(place, newsletter) == READERS

    done = place.public().post(where)

    assert "You get no more mails of Mading &amp; more." in done.text
    assert readers(place, newsletter) == "ani@a.example"
    with Session(place.engine) as session:
        [change] = changes_of(session, "channel", newsletter.id)
    assert (change.actor, change.what) == ("reader", "lost a reader, who left")
    assert change.before is None
    assert change.after is None


def test_one_click_of_a_mail_program_is_enough_and_a_second_one_harmless(
    place: Installation, newsletter: ChannelRow
) -> None:
    where = address(place, newsletter, "ani@a.example")
    program = from_a_mail_program(place)

    answers = [program.post(where, data={"List-Unsubscribe": "One-Click"}).status_code for _ in range(2)]

    assert answers == [200, 200]
    assert readers(place, newsletter) == "budi@b.example"
    assert place.public().get(where).status_code == 404


def test_a_guessed_address_leaves_nobody_and_guessing_has_an_end(
    place: Installation, newsletter: ChannelRow
) -> None:
    client = place.public()
    page_channel = place.page()

    for number in (newsletter.id, page_channel.id, 12345):
        assert client.get(f"/u/{number}/{'x' * 24}").status_code == 404
        assert client.post(f"/u/{number}/{'x' * 24}").status_code == 200
    assert client.get(f"/u/{newsletter.id}/short").status_code == 404
    assert readers(place, newsletter) == READERS
    for _ in range(60):
        last = client.get(f"/u/{newsletter.id}/{'y' * 24}").status_code
    assert last == 429


def test_the_page_speaks_the_reader_s_language(place: Installation, newsletter: ChannelRow) -> None:
    where = address(place, newsletter, "ani@a.example")

    page = place.public().get(where, headers={"accept-language": "id"})

    assert '<html lang="id"' in page.text
    assert "Ya, jangan kirimi saya lagi" in page.text
