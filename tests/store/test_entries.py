"""Which entries are known, by which of their keys."""

import pytest
from sqlalchemy import Engine
from sqlmodel import Session

from domain.entry import Entry, EntryKey, KeyKind
from store import entries, feeds
from store.engine import writing
from store.entries import MAX_EDITS, entry_of, recognise
from store.tables import EntryRow, Feed
from tests.world import NOON, new_world


def entry(name: str, **keys: str) -> Entry:
    """An entry with one key of each kind that is named."""
    made = tuple(EntryKey(KeyKind[kind.upper()], value.encode().ljust(16)) for kind, value in keys.items())
    return Entry(guid=name, link=None, title=name, keys=made, digest=name.encode().ljust(16))


def keys(*document: Entry) -> list[tuple[EntryKey, ...]]:
    return [one.keys for one in document]


@pytest.fixture
def feed(engine: Engine) -> Feed:
    world = new_world(engine)
    made = Feed(workspace_id=world.workspace.id, url="https://x.test", existing="none", created_at=NOON)
    with writing(engine) as session:
        session.add(made)
        session.commit()
    return made


def stored(session: Session, feed: Feed, *given: Entry) -> list[EntryRow]:
    return entries.add(session, feed, given, origins=["new"] * len(given), now=NOON)


@pytest.mark.parametrize("kind", ["guid", "guid_path", "link", "text"])
def test_one_known_key_of_any_kind_is_enough(session: Session, feed: Feed, kind: str) -> None:
    [row] = stored(session, feed, entry("a", **{kind: "same"}))
    other = entry("c", **{"guid": "new", "text": "more", kind: "same"})
    found = recognise(session, feed.id, keys(entry("b", guid="other"), other))
    assert found.rows == {1: row.id}
    assert found.leading == {1}


def test_keys_of_another_feed_or_kind_do_not_count(session: Session, feed: Feed) -> None:
    stored(session, feed, entry("a", guid="same"))
    assert recognise(session, feed.id, keys(entry("b", link="same"))).rows == {}
    assert recognise(session, feed.id + 1, keys(entry("b", guid="same"))).rows == {}


def test_the_better_match_stands_for_the_entry(session: Session, feed: Feed) -> None:
    [row] = stored(session, feed, entry("a", guid="g", text="t"))
    found = recognise(session, feed.id, keys(entry("b", text="t"), entry("c", guid="g")))
    assert found.rows == {0: row.id, 1: row.id}
    assert found.leading == {1}


def test_learned_keys_make_a_chain(session: Session, feed: Feed) -> None:
    [row] = stored(session, feed, entry("a", guid="1", link="1"))
    entries.add_keys(session, feed.id, [(row.id, entry("b", guid="2").keys)])
    assert recognise(session, feed.id, keys(entry("c", guid="2", link="9"))).rows == {0: row.id}


def test_an_entry_comes_back_from_its_row_as_it_was(session: Session, feed: Feed) -> None:
    given = Entry(
        guid="1", link="https://x.test/1", title="T", summary_html="<p>S</p>", text="S", authors=("A",),
        categories=("B",), published_at=NOON, language="id", image_url="https://x.test/i", digest=b"d" * 16,
    )  # fmt: skip
    [row] = stored(session, feed, given)
    session.expire(row)
    assert entry_of(row) == given


def test_positions_rise_and_edits_are_counted_up_to_a_limit(session: Session, feed: Feed) -> None:
    first = stored(session, feed, entry("a"), entry("b"))
    [third] = stored(session, feed, entry("c"))
    assert [row.position for row in (*first, third)] == [1, 2, 3]
    edits = [entries.change(session, third, entry(f"c{n}")) for n in range(MAX_EDITS + 3)]
    assert edits == [True] * MAX_EDITS + [False] * 3
    assert entries.change(session, third, entry(f"c{MAX_EDITS - 1}")) is False


def test_feeds_are_found_by_number_address_and_title(session: Session, feed: Feed) -> None:
    for which in (str(feed.id), feed.url):
        assert feeds.find(session, feed.workspace_id, which).id == feed.id


def test_what_a_database_refuses_is_taken_out(session: Session, feed: Feed) -> None:
    odd = "a\0b\ud800c 👍"
    [row] = stored(session, feed, Entry(guid=odd, link=None, title=odd, authors=(odd,), categories=(odd,)))
    session.expire(row)
    assert (row.title, row.guid, row.authors) == ("ab?c 👍", "ab?c 👍", ["ab?c 👍"])
