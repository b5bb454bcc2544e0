"""Writing a post in the browser: channel, text, hour, the live preview, and every wrong form."""

import re
from collections.abc import Callable

import pytest
from sqlalchemy import Engine
from sqlmodel import Session, select

from domain.errors import UsageError
from domain.person import Role
from domain.schedule import parse_schedule, parse_when, zone
from store.engine import writing
from store.tables import ChannelRow, Post
from tests.web.queued import Queue
from tests.web.setting import Installation
from web.i18n import Voice
from web.posted import LONGEST_TEXT, clean
from web.said import said


@pytest.fixture
def place(engine: Engine) -> Installation:
    return Installation(engine)


@pytest.fixture
def queue(place: Installation) -> Queue:
    return Queue(place)


def mastodon(place: Installation) -> ChannelRow:
    """A channel whose publisher counts a link as 23 characters."""
    row = place.page("masto", name="Masto", platform="mastodon", settings={"server": "https://m.example"})
    with writing(place.engine) as session:
        row.credentials = place.web.context.seal.close(row.id, {"access_token": "s3cret"})
        session.add(row)
        session.commit()
    return row


def written(place: Installation) -> list[Post]:
    with Session(place.engine) as session:
        return list(session.exec(select(Post)).all())


@pytest.mark.parametrize(
    ("hour", "wall", "state"),
    [
        ({"when": "next-slot"}, "2026-11-24T09:00:00", "queued"),
        ({"when": "now"}, "2026-11-24T08:30:00", "queued"),
        ({"when": "at", "at": "2026-12-01T21:15", "zone": "Asia/Jayapura"}, "2026-12-01T21:15:00", "queued"),
        ({"when": "draft"}, None, "draft"),
    ],
)
def test_a_post_is_written_with_the_hour_that_was_meant(
    place: Installation, queue: Queue, hour: dict[str, str], wall: str | None, state: str
) -> None:
    client = place.signed_in()
    typed = {"channel": str(queue.page.id), "text": "Halo\r\ndunia\x00", "link": "https://example.org/x"}
    answer = client.post("/posts/new", data={**typed, **hour})

    [post] = written(place)
    assert answer.headers["location"] == f"/posts/{post.id}"
    assert (post.state, post.planned_wall) == (state, wall)
    assert post.content["text"] == "Halo\ndunia"
    assert post.created_by == place.owner.id
    page = client.get(answer.headers["location"]).text
    assert ("Kept as a draft." if state == "draft" else "oes out") in page


@pytest.mark.parametrize(
    ("typed", "field", "sentence"),
    [
        ({"channel": "9"}, "channel", "Choose a channel."),
        ({"text": ""}, "text", "The post has neither text nor link."),
        ({"text": "x" * (LONGEST_TEXT + 1)}, "text", "A text has at most 50,000 characters: shorten it."),
        ({"link": "example.org"}, "link", "This is no web address."),
        ({"link": "javascript:alert(1)"}, "link", "This is no web address."),
        ({"when": ""}, "when", "Choose when it goes out."),
        ({"when": "at", "at": "2026-01-01T09:00", "zone": "UTC"}, "at", "This time has passed."),
    ],
)
def test_a_wrong_form_says_so_beside_its_field_and_keeps_what_was_typed(
    place: Installation, queue: Queue, typed: dict[str, str], field: str, sentence: str
) -> None:
    whole = {"channel": str(queue.page.id), "text": "Teks saya", "link": "", "when": "now", **typed}
    answer = place.signed_in().post("/posts/new", data=whole)

    assert answer.status_code == 422
    assert re.search(rf'id="e-{field}">.*?{re.escape(sentence)}', answer.text, re.DOTALL)
    assert f'href="#f-{field}"' in answer.text
    assert whole["text"] in answer.text
    assert written(place) == []


def test_the_form_begins_with_a_channel_that_works_and_its_zone(place: Installation, queue: Queue) -> None:
    page = place.signed_in().get("/posts/new").text

    assert re.search(rf'value="{queue.page.id}" selected', page)
    assert '<option value="Asia/Jakarta" selected>Asia/Jakarta (WIB)</option>' in page
    assert re.search(r'value="next-slot" checked', page)


def test_without_a_channel_there_is_nowhere_to_write(place: Installation) -> None:
    page = place.signed_in().get("/posts/new").text
    assert "A post goes out on a channel: add one first." in page
    assert "<textarea" not in page


def test_the_preview_counts_as_the_platform_counts(place: Installation) -> None:
    row = mastodon(place)
    typed = {"channel": str(row.id), "text": "Halo 👩‍👩‍👧", "link": "https://example.org/" + "x" * 200}
    answer = place.signed_in().post("/posts/preview", data=typed, headers={"HX-Request": "true"})

    assert "31 of 500" in answer.text  # six graphemes, two line ends, 23 for any link
    assert "<html" not in answer.text
    assert "HX-Trigger" not in answer.headers


def test_a_text_that_is_too_long_is_shown_as_it_would_be_shortened(place: Installation) -> None:
    row = mastodon(place)
    answer = place.signed_in().post("/posts/preview", data={"channel": str(row.id), "text": "kata " * 110})

    assert "Too long by 49" in answer.text
    assert "kata…" in answer.text
    assert "Too long; it would be shortened." in answer.headers["HX-Trigger"]


def test_an_edit_keeps_link_and_card_in_its_preview(place: Installation, queue: Queue) -> None:
    post = queue.add("queued", "Lama", hours=2)
    answer = place.signed_in().post("/posts/preview", data={"post": str(post.id), "text": "Baru <b>"})

    assert "Baru &lt;b&gt;" in answer.text
    assert "with the link https://example.org/kopi" in answer.text
    assert "Dari kebun ke cangkir." in answer.text


def test_without_a_script_the_preview_is_a_button(place: Installation, queue: Queue) -> None:
    typed = {
        "channel": str(queue.page.id),
        "text": "Halo",
        "when": "at",
        "at": "2026-12-01T09:00",
        "zone": "UTC",
    }
    answer = place.signed_in().post("/posts/new", data={**typed, "act": "preview"})

    assert answer.status_code == 200
    assert "4 characters; the channel sets no limit." in answer.text
    assert 'value="2026-12-01T09:00"' in answer.text
    assert '<option value="UTC" selected>' in answer.text
    assert written(place) == []


def test_a_preview_of_what_does_not_exist_is_no_error(place: Installation) -> None:
    client = place.signed_in()
    assert "Write something" in client.post("/posts/preview", data={"text": "Halo"}).text
    assert client.post("/posts/preview", data={"post": "12", "text": "Halo"}).status_code == 404
    reader = place.signed_in(place.person("Rini", Role.READER))
    assert reader.post("/posts/preview", data={"text": "Halo"}).status_code == 403


def test_a_channel_whose_settings_do_not_suffice_is_a_sentence(place: Installation) -> None:
    row = place.page("rusak", name="Rusak", platform="mastodon")
    answer = place.signed_in().post("/posts/preview", data={"channel": str(row.id), "text": "Halo"})

    assert "What is known of this channel does not suffice: connect it again." in answer.text


def test_what_was_typed_is_stored_without_signs_that_no_database_takes() -> None:
    assert clean("a\r\nb\rc\x00\x1b[1m\x7f\td\ud800") == "a\nb\nc[1m\td"


def refusal(refused: str) -> str:
    """The sentence of a real refusal."""
    refusals: dict[str, Callable[[], object]] = {
        "zone": lambda: zone("Mars/Base"),
        "day": lambda: parse_schedule("someday 09:00"),
        "part": lambda: parse_schedule("???"),
        "clock": lambda: parse_schedule("mon 99:00"),
        "time": lambda: parse_when("x", channel_zone="UTC"),
        "no zone": lambda: parse_when("2026-12-01 09:00", channel_zone="UTC"),
    }
    with pytest.raises(UsageError) as caught:
        refusals[refused]()
    return str(caught.value)


@pytest.mark.parametrize("refused", ["zone", "day", "part", "clock", "time", "no zone"])
def test_refusals_from_below_are_said_in_the_words_of_the_page(refused: str) -> None:
    sentence = refusal(refused)
    indonesian = said(Voice("id"), sentence)

    assert indonesian != sentence
    assert "tabuh" not in said(Voice("en"), sentence)
    assert not re.search(r"%\(\w+\)s|\b(the|Write|such as|Unknown)\b", indonesian)


def test_a_reason_within_a_reason_is_translated_too() -> None:
    looked = (
        "hook.example did not answer: timed out. Looked 3 times: look there yourself, then mark it published "
        "or queue it again."
    )
    assert said(Voice("id"), looked) == (
        "hook.example tidak menjawab: timed out. Sudah dilihat 3 kali: lihat sendiri di sana, lalu tandai "
        "terbit atau antrekan lagi."
    )
    assert said(Voice("en"), "something a person wrote 100%") == "something a person wrote 100%"


THREAD = {"text": "One", "thread": "Two\n---\nThree", "first_comment": "More tomorrow", "poll": "Ya\nTidak"}


def test_a_thread_is_seen_part_by_part_with_its_counts_and_kept(place: Installation) -> None:
    row, client = mastodon(place), place.signed_in()
    typed = {"channel": str(row.id), **THREAD, "poll_minutes": "60", "when": "draft"}

    looked = client.post(
        "/posts/new", data={**typed, "act": "preview", "thread": "Two\n---\n" + "x" * 501}
    ).text
    assert "Part 2 of 3" in looked
    assert "Too long by 1" in looked
    assert "Poll, open for 60 minutes" in looked
    assert written(place) == []
    answer = client.post("/posts/new", data=typed)

    [post] = written(place)
    assert (post.content["thread"], post.content["first_comment"]) == (["Two", "Three"], "More tomorrow")
    assert post.content["poll"] == {"options": ["Ya", "Tidak"], "minutes": 60, "multiple": False}
    page = client.get(answer.headers["location"]).text
    assert "Part 3 of 3" in page
    form = client.get(f"/posts/{post.id}/edit").text
    assert "Two\n---\nThree" in form
    client.post(f"/posts/{post.id}/edit", data={"text": "One", "thread": "Only two", "title": "A title"})
    [post] = written(place)
    assert (post.content["thread"], "poll" in post.content, post.content["title"]) == (
        ["Only two"],
        False,
        "A title",
    )


@pytest.mark.parametrize(
    ("typed", "sentence"),
    [
        ({"poll": "Ya"}, "A poll needs at least two answers."),
        ({"poll": "Ya\nTidak", "poll_minutes": "soon"}, "The time of a poll is a number of minutes"),
        ({"thread": "\n---\n".join("abcdefghijklmnopqrstuvwxyz")}, "takes threads of at most 25 parts"),
    ],
)
def test_what_the_channel_does_not_take_is_said_at_its_field(
    place: Installation, typed: dict[str, str], sentence: str
) -> None:
    row = mastodon(place)
    sent = {"channel": str(row.id), "text": "One", "when": "draft", **typed}
    answer = place.signed_in().post("/posts/new", data=sent)

    assert answer.status_code == 422
    assert sentence in answer.text
    assert written(place) == []
