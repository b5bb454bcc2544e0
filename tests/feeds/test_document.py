"""Only what has changed is read again, and nothing that is new or edited is ever missed."""

import json
from datetime import UTC, datetime
from typing import Any

import pytest

from domain.entry import Entry, EntryKey, KeyKind
from feeds.document import Document, Unchanged, allows_deltas, read_document
from feeds.identity import Marks, with_keys
from feeds.memory import Remembered, pack, unpack

NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)
URL = "https://blog.example/feed.xml"


def item(number: int, more: str = "", title: str = "") -> str:
    return (
        f"<item><guid>g{number}</guid><title>{title or f'Title {number}'}</title>"
        f"<link>https://blog.example/{number}</link>"
        f"<pubDate>{number % 28 + 1:02} Feb 2026 10:00:00 GMT</pubDate>{more}</item>"
    )


def rss(*items: str, head: str = "") -> bytes:
    return f'<rss version="2.0"><channel><title>T</title>{head}{"".join(items)}</channel></rss>'.encode()


def atom(*numbers: int) -> bytes:
    entries = "".join(
        f"<entry><id>{n}</id><title>{n}</title><updated>2026-02-01T00:00:00Z</updated></entry>"
        for n in numbers
    )
    return f'<feed xmlns="http://www.w3.org/2005/Atom"><title>T</title>{entries}</feed>'.encode()


def json_feed(*numbers: int) -> bytes:
    items = [{"id": str(n), "title": f"t{n}", "date_published": "2026-02-01T00:00:00Z"} for n in numbers]
    return json.dumps({"version": "https://jsonfeed.org/version/1.1", "title": "T", "items": items}).encode()


def read(body: bytes, memory: bytes | None = None, **changes: Any) -> Document:
    given = {"url": URL, "content_type": None, "now": NOW, "memory": memory}
    return read_document(body, **{**given, **changes})


def fresh(document: Document) -> list[str]:
    return [entry.title for entry in document.entries if isinstance(entry, Entry)]


@pytest.mark.parametrize("make", [lambda *n: rss(*map(item, n)), atom, json_feed])
def test_only_entries_that_were_never_read_are_read(make: Any) -> None:
    first = read(make(3, 2, 1))
    second = read(make(4, 3, 2), first.memory)
    whole = read(make(4, 3, 2))

    assert len(fresh(first)) == 3
    assert [type(entry) for entry in second.entries] == [Entry, Unchanged, Unchanged]
    assert second.entries[0] == whole.entries[0]
    assert [entry.keys for entry in second.entries] == [entry.keys for entry in whole.entries]
    assert [entry.published_at for entry in second.entries] == [e.published_at for e in whole.entries]
    assert second.memory == whole.memory
    assert (second.parsed.title, second.parsed.hints) == (whole.parsed.title, whole.parsed.hints)


def test_the_same_document_again_reads_nothing() -> None:
    body = rss(item(2), item(1))
    first = read(body)

    assert fresh(read(body, first.memory)) == []


def test_an_edit_is_read_and_a_counter_is_not() -> None:
    slash = 'xmlns:slash="http://purl.org/rss/1.0/modules/slash/"'
    before = read(rss(item(2, f"<slash:comments {slash}>1</slash:comments>"), item(1)))
    after = rss(item(2, f"<slash:comments {slash}>77</slash:comments>"), item(1, title="Edited"))

    assert fresh(read(after, before.memory)) == ["Edited"]


def test_entries_are_read_again_when_the_meaning_of_their_bytes_changes() -> None:
    before = read(rss(item(1)))

    moved = rss(item(1)).replace(b"<rss", b'<rss xml:base="https://other.example/"')
    assert fresh(read(moved, before.memory)) == ["Title 1"]
    assert fresh(read(rss(item(1)), before.memory, url="https://other.example/feed.xml")) == ["Title 1"]
    assert fresh(read(rss(item(1)), before.memory, url=f"{URL}?token=2")) == []


def test_a_feed_that_changes_its_charset_reads_nothing_again() -> None:
    body = rss(item(1, title="Grüße")).decode()
    before = read(body.encode())

    after = read(f'<?xml version="1.0" encoding="windows-1252"?>{body}'.encode("cp1252"), before.memory)
    assert fresh(after) == []


def test_a_document_that_cannot_be_taken_apart_is_read_whole_each_time() -> None:
    broken = rss(item(2, "&nbsp;"), item(1))
    first = read(broken)

    assert first.memory == b""
    assert fresh(read(broken, first.memory)) == ["Title 2", "Title 1"]
    assert [entry.keys for entry in first.entries] == [e.keys for e in read(rss(item(2), item(1))).entries]


def test_keys_are_those_of_the_whole_document_even_when_only_one_entry_is_read() -> None:
    """A link that all entries share identifies none, also when the others are not read again."""

    def shared_link(number: int) -> str:
        return item(number).replace(f"blog.example/{number}<", "blog.example/all<")

    first = read(rss(shared_link(2), shared_link(1)))
    second = read(rss(shared_link(3), shared_link(2), shared_link(1)), first.memory)

    kinds = [[key.kind for key in entry.keys] for entry in second.entries]
    assert kinds == [[KeyKind.GUID, KeyKind.TEXT]] * 3


def test_exact_repetitions_and_empty_entries_are_left_out_with_and_without_memory() -> None:
    body = rss(item(1), item(1), "<item/>", "<item><title></title></item>", item(2))
    first = read(body)

    assert fresh(first) == ["Title 1", "Title 2"]
    again = read(body, first.memory)
    assert (len(again.entries), fresh(again)) == (2, [])


def test_the_newest_entries_count_in_feeds_of_either_order() -> None:
    down = rss(*(item(n) for n in range(27, 0, -1)))
    up = rss(*(item(n) for n in range(1, 28)))

    assert fresh(read(down, limit=3)) == ["Title 27", "Title 26", "Title 25"]
    assert fresh(read(up, limit=3)) == ["Title 25", "Title 26", "Title 27"]
    assert fresh(read(rss(*(f"<item><title>{n}</title></item>" for n in range(9))), limit=2)) == ["0", "1"]


def test_a_long_feed_in_order_of_age_shows_its_new_entry() -> None:
    before = read(rss(*(item(n, f"<x>{n}</x>") for n in range(1, 20))), limit=5)
    after = read(rss(*(item(n, f"<x>{n}</x>") for n in range(1, 21))), before.memory, limit=5)

    assert fresh(after) == ["Title 20"]


def test_keys_are_the_same_as_without_any_memory() -> None:
    body = rss(item(3), item(2), item(1), head="<link>https://blog.example/</link>")
    document = read(body)

    plain = with_keys(document.parsed.entries, site_url=document.parsed.site_url)
    assert document.entries == plain


def test_a_partial_document_stands_above_what_is_remembered() -> None:
    first = read(rss(item(3), item(2), item(1)))
    assert allows_deltas(first.memory)

    part = read(rss(item(4), item(2, title="Edited")), first.memory, is_partial=True)

    assert fresh(part) == ["Title 4", "Edited"]
    assert [type(entry) for entry in part.entries] == [Entry, Entry, Unchanged, Unchanged]
    whole = read(rss(item(4), item(2, title="Edited"), item(3), item(1)))
    assert [entry.keys for entry in part.entries] == [entry.keys for entry in whole.entries]
    assert part.memory == whole.memory
    assert len(read(rss(item(9)), part.memory, is_partial=True, limit=3).entries) == 3


def test_partial_documents_will_do_only_where_each_entry_has_its_own_guid() -> None:
    without = item(2).replace("<guid>g2</guid>", "")

    assert not allows_deltas(read(rss(item(1), without)).memory)
    assert not allows_deltas(read(rss(item(1), item(2).replace("g2", "g1"))).memory)
    assert not allows_deltas(read(rss()).memory)
    assert allows_deltas(read(rss(item(1), "<item/>")).memory)


MARKS = Marks(
    (EntryKey(KeyKind.GUID, b"g" * 16), EntryKey(KeyKind.TEXT, b"t" * 16)), whole=b"w" * 16, site=b"s" * 8
)


@pytest.mark.parametrize(
    "entry",
    [
        Remembered(MARKS, NOW),
        Remembered(Marks(MARKS.keys[:1], b"\0" * 16, b""), None),
        Remembered(Marks((), b"w" * 16, b"")),
        Remembered(None),
    ],
)
def test_a_memory_comes_back_as_it_was(entry: Remembered) -> None:
    other = Remembered(MARKS, datetime(1999, 12, 31, tzinfo=UTC))

    assert unpack(pack([(b"1" * 16, entry), (b"2" * 16, other)])) == {b"1" * 16: entry, b"2" * 16: other}


def test_a_memory_is_small_and_nothing_is_nothing() -> None:
    many = [(number.to_bytes(16, "big"), Remembered(MARKS, NOW)) for number in range(300)]

    assert len(pack(many)) < 300 * 110
    assert pack([]) == b""
    assert unpack(None) == unpack(b"") == {}


@pytest.mark.parametrize("length", [2, 40, 100, 150])
def test_a_memory_that_is_damaged_or_of_another_edition_is_forgotten(length: int) -> None:
    whole = pack([(b"1" * 16, Remembered(MARKS, NOW)), (b"2" * 16, Remembered(MARKS, NOW))])

    assert unpack(whole[:length]) == {}
    assert unpack(b"\0" + whole[1:]) == {}
