"""The pages of feeds: looking before adding, the question about old entries, health in words, and fates."""

from datetime import timedelta

import pytest
from sqlalchemy import Engine
from sqlmodel import Session, col, select

from domain.person import Role
from scheduler.routing import FEED_ASKS
from store import feeds
from store.engine import reading, writing
from store.tables import Feed, Ledger
from tests.publisher_site import html
from tests.web.reading import URL, Reader, in_language, notice, words
from tests.web.setting import NOW


@pytest.fixture
def reader(engine: Engine) -> Reader:
    return Reader(engine)


def stored(reader: Reader) -> list[Feed]:
    with reading(reader.place.engine) as session:
        return list(feeds.listed(session, reader.workspace_id))


def test_a_feed_is_shown_with_what_would_be_posted_and_nothing_is_stored(reader: Reader) -> None:
    answer = reader.browser.post("/feeds/new", data={"url": URL, "act": "look"})

    said = words(answer)
    assert answer.status_code == 200
    assert "It shows 3 entries." in said
    assert "Entry 3 https://blog.test/posts/3 would be posted" in said
    assert "What about the entries that are there already?" in said
    assert stored(reader) == []


def test_without_an_answer_about_old_entries_nothing_is_added(reader: Reader) -> None:
    answer = reader.browser.post("/feeds/new", data={"url": URL, "act": "add"})

    assert answer.status_code == 422
    assert "Choose which of the entries that are there already to post." in words(answer)
    assert f'value="{URL}"' in answer.text
    assert stored(reader) == []


@pytest.mark.parametrize(
    ("typed", "kept"),
    [
        ({"existing": "none"}, "none"),
        ({"existing": "newest"}, "newest"),
        ({"existing": "last", "last": "2"}, "last:2"),
        ({"existing": "since", "since": "2026-11-24"}, "since:2026-11-24"),
    ],
)
def test_each_answer_about_old_entries_is_kept_with_the_feed(
    reader: Reader, typed: dict[str, str], kept: str
) -> None:
    answer = reader.browser.post("/feeds/new", data={"url": URL, "act": "add", **typed})

    [feed] = stored(reader)
    assert feed.existing == kept
    said = notice(reader.browser, answer)
    assert "Added Feed /feed.xml." in said
    assert "Now say with a route what is posted of it" in said


@pytest.mark.parametrize(
    ("typed", "sentence"),
    [
        ({"existing": "last", "last": ""}, "Write how many, such as 3."),
        ({"existing": "last", "last": "-1"}, "Write how many, such as 3."),
        ({"existing": "since", "since": ""}, "Choose the first day that counts."),
        ({"existing": "since", "since": "soon"}, "This is no day. Write it as 2026-12-31."),
        ({"existing": "since", "since": "0001-01-01"}, "Choose a day of our time."),
        ({"existing": "some"}, "Choose one of these."),
    ],
)
def test_half_an_answer_says_what_is_wanted_and_stays(
    reader: Reader, typed: dict[str, str], sentence: str
) -> None:
    answer = reader.browser.post("/feeds/new", data={"url": URL, "act": "add", **typed})

    assert answer.status_code == 422
    assert sentence in words(answer)
    if typed["existing"] in ("last", "since"):
        assert f'value="{typed["existing"]}" checked' in answer.text
    assert stored(reader) == []


def test_an_address_that_is_no_feed_is_explained_in_the_readers_language(reader: Reader) -> None:
    reader.site.special["/"] = html({})
    reader.site.feeds.clear()  # not even at a well-known place
    browser = in_language(reader.browser, "id")

    answer = browser.post("/feeds/new", data={"url": "https://blog.test/", "act": "look"})
    missing = browser.post("/feeds/new", data={"url": "https://blog.test/none", "act": "look"})

    assert answer.status_code == missing.status_code == 422
    assert "https://blog.test/ adalah halaman web tanpa feed" in words(answer)
    assert 'value="https://blog.test/"' in answer.text
    assert "periksa alamatnya" in words(missing)


def test_a_page_that_names_its_feed_leads_to_it_and_a_known_feed_is_not_added_twice(reader: Reader) -> None:
    reader.site.special["/"] = html({URL: "The blog"})
    look = reader.browser.post("/feeds/new", data={"url": "https://blog.test/", "act": "look"})
    assert "named by the page that you gave" in words(look)

    reader.feed()
    again = reader.browser.post("/feeds/new", data={"url": URL, "act": "add", "existing": "none"})

    assert f"{URL} is one of your feeds already." in words(again)
    assert "tabuh feed list" not in words(again)


def test_one_feed_tells_each_entrys_fate_and_the_numbers_add_up(reader: Reader) -> None:
    feed = reader.feed(existing="last:2")
    route = reader.route([feed], exclude=["Entry 3"])

    said = words(reader.browser.get(f"/feeds/{feed.id}"))

    assert "3 seen = 0 posted + 1 queued + 0 held + 1 filtered + 0 duplicate + 1 skipped + 0 failed" in said
    assert "Entry 3" in said
    assert "filtered Blog to page · has the excluded word: Entry 3" in said
    assert "skipped Blog to page · existed before the route" in said
    assert f'href="/routes/{route.id}"' in reader.browser.get(f"/feeds/{feed.id}").text


def test_a_failing_feed_says_why_and_when_it_is_read_again_in_both_languages(reader: Reader) -> None:
    feed = reader.feed()
    reader.change(
        feed,
        failures=3,
        last_error="blog.test has trouble of its own (503); the next look comes later",
        next_at=NOW + timedelta(hours=2),
        next_reason="in 2 h: the feed could not be read 3 times in a row",
    )

    english = words(reader.browser.get("/feeds"))
    page = words(reader.browser.get(f"/feeds/{feed.id}"))
    indonesian = words(in_language(reader.browser, "id").get("/feeds"))

    assert "Cannot be read The last 3 looks failed. blog.test has trouble of its own (503)" in english
    assert "Next look in 2 hours." in english
    assert "in 2 hours: the feed could not be read 3 times in a row" in page
    assert "3 pembacaan terakhir gagal. blog.test sedang bermasalah (503); dibaca lagi nanti." in indonesian


def test_a_feed_is_paused_with_a_reason_resumed_and_looked_at(reader: Reader) -> None:
    feed = reader.feed()
    here = f"/feeds/{feed.id}"

    paused = notice(reader.browser, reader.browser.post(f"{here}/pause", data={"reason": "moving house"}))
    assert "Paused just now: moving house." in paused
    refused = reader.browser.post(f"{here}/poll")
    assert "is paused: resume it first" in notice(reader.browser, refused)
    assert "The feed is read again." in notice(reader.browser, reader.browser.post(f"{here}/resume"))
    assert "looked at within a few seconds" in notice(reader.browser, reader.browser.post(f"{here}/poll"))
    assert reader.reread(feed).next_at == NOW


def test_the_interval_can_be_chosen_and_given_back(reader: Reader) -> None:
    feed = reader.feed()
    for typed, kept in (("30", 1800), ("0", None)):
        answer = reader.browser.post(f"/feeds/{feed.id}/interval", data={"minutes": typed})
        assert "The interval is set." in notice(reader.browser, answer)
        assert reader.reread(feed).interval_override == kept
    wrong = reader.browser.post(f"/feeds/{feed.id}/interval", data={"minutes": "x"})
    assert "Choose how often to look." in notice(reader.browser, wrong)
    far = reader.browser.post(f"/feeds/{feed.id}/interval", data={"minutes": "999999"})
    assert "An interval is between" in notice(reader.browser, far)


def test_a_feed_that_asks_needs_a_word_on_what_waits(reader: Reader) -> None:
    feed = reader.feed()
    route = reader.route([feed])
    with writing(reader.place.engine) as session:
        for row in session.exec(select(Ledger).where(col(Ledger.route_id) == route.id)):
            row.fate, row.reason = "held", FEED_ASKS
            session.add(row)
        asking = session.get_one(Feed, feed.id)
        asking.ask = True
        asking.asks_because = "11 entries came at once, where about 2 are usual"
        session.commit()

    asks = words(reader.browser.get(f"/feeds/{feed.id}"))
    silent = reader.browser.post(f"/feeds/{feed.id}/resume", data={})
    answered = reader.browser.post(f"/feeds/{feed.id}/resume", data={"existing": "newest"})

    assert "3 entries wait for your word" in asks
    assert "Why: 11 entries came at once, where about 2 are usual." in asks
    assert "All of them" in asks
    assert silent.status_code == 422
    assert "Choose which of the entries that wait are posted." in words(silent)
    assert "1 post was made." in notice(reader.browser, answered)
    assert not reader.reread(feed).ask


def test_old_entries_are_a_page_further(engine: Engine) -> None:
    reader = Reader(engine, entries=30)
    feed = reader.feed()

    first = reader.browser.get(f"/feeds/{feed.id}")
    [older] = [part.split('"')[0] for part in first.text.split('rel="next" href="')[1:]]
    second = reader.browser.get(older.replace("&amp;", "&"))

    assert "Entry 30" in words(first)
    assert "Entry 6 " in words(first)
    assert "Entry 5 " not in words(first)
    assert "Entry 5 " in words(second)
    assert "Entry 1 " in words(second)
    assert 'rel="next"' not in second.text
    assert reader.browser.get(f"/feeds/{feed.id}?before=nonsense").status_code == 200


def test_a_reader_sees_everything_and_changes_nothing(reader: Reader) -> None:
    feed = reader.feed()
    guest = reader.place.signed_in(reader.place.person("Tamu", Role.READER))

    listed, one = guest.get("/feeds"), guest.get(f"/feeds/{feed.id}")

    assert "Feed /feed.xml" in words(listed)
    assert "Add a feed" not in words(listed)
    assert "<form" not in one.text.split('id="content"')[1]
    for path, data in (
        ("/feeds/new", {"url": URL, "act": "add", "existing": "none"}),
        (f"/feeds/{feed.id}/pause", {}),
        (f"/feeds/{feed.id}/resume", {}),
        (f"/feeds/{feed.id}/poll", {}),
        (f"/feeds/{feed.id}/interval", {"minutes": "5"}),
    ):
        assert guest.post(path, data=data).status_code == 403, path
    assert guest.get("/feeds/new").status_code == 403


def test_what_is_not_there_is_404_and_a_feed_of_another_workspace_is_not_there(reader: Reader) -> None:
    feed = reader.feed()
    with Session(reader.place.engine) as session:
        from store import people

        other = people.add_workspace(session, "Other", now=NOW)
        session.get_one(Feed, feed.id).workspace_id = other.id
        session.commit()

    for path in (f"/feeds/{feed.id}", "/feeds/7", "/feeds/abc"):
        assert reader.browser.get(path).status_code == 404, path
    assert reader.browser.post(f"/feeds/{feed.id}/pause").status_code == 404
