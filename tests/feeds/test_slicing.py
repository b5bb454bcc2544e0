"""377 real feeds: what a slice gives is what feedparser gives for the whole document."""

import io
import json
import os
import random
import xml.etree.ElementTree as ET
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import feedparser
import pytest

from domain.errors import NotAFeed
from feeds.charset import as_utf8
from feeds.document import Document, Unchanged, read_document
from feeds.memory import pack, unpack
from feeds.parse import parse
from feeds.scan import NotSliceable, keep_only, scan
from net.decode import inflate

NOW = datetime(2030, 1, 1, tzinfo=UTC)
BASE = "http://base.invalid/feed"
KIND = "application/xml"
#: Slices of one entry for each document; ALL_SLICES=1 tries every entry of every document.
MOST_SINGLES = 10**6 if os.environ.get("ALL_SLICES") else 2


@pytest.fixture(scope="module")
def files(shared: Path) -> Mapping[str, bytes]:
    folder = shared / "feeds"
    names = json.loads((folder / "expected.json").read_text())
    return {name: (folder / name).read_bytes() for name in names}


@pytest.fixture(scope="module")
def documents(files: Mapping[str, bytes]) -> Mapping[str, Document]:
    return dict(readable(files))


def readable(files: Mapping[str, bytes]) -> Iterator[tuple[str, Document]]:
    for name, body in files.items():
        try:
            yield name, read(body)
        except NotAFeed:
            continue


def read(body: bytes, memory: bytes | None = None) -> Document:
    return read_document(body, url=BASE, content_type=None, now=NOW, memory=memory)


def whole(body: bytes) -> Any:
    """feedparser on the document as it came, with nothing of ours but the raw ids."""
    headers = {"content-location": BASE, "content-type": KIND}
    return feedparser.parse(
        io.BytesIO(body), response_headers=headers, sanitize_html=False, resolve_relative_uris=False
    )


def plain(entry: Any) -> str:
    return json.dumps(entry, sort_keys=True, default=str)


def test_every_slice_gives_feedparsers_own_entries_and_feed(files: Mapping[str, bytes]) -> None:
    """Every field, details, tags, files and media included: none, all, each alone, and random parts."""
    rng = random.Random(3)
    sliced = compared = 0
    for name, raw in files.items():
        body = inflate(raw, max_bytes=2**24).lstrip()
        if body[:1] == b"{":
            continue
        try:
            document = as_utf8(body, KIND)
            spans = scan(document)
        except NotSliceable:
            continue
        complete = whole(body)
        entries = [plain(entry) for entry in complete["entries"]]
        assert len(entries) == len(spans), name
        for wanted in samples(len(spans), rng):
            part = whole(keep_only(document, spans, wanted))
            expected = [entries[position] for position in sorted(wanted)]
            assert [plain(entry) for entry in part["entries"]] == expected, (name, sorted(wanted))
            assert plain(part["feed"]) == plain(complete["feed"]), (name, sorted(wanted))
            assert part["version"] == complete["version"], name
            compared += len(wanted)
        sliced += bool(spans)
    assert sliced > 270
    assert compared > 3000


def samples(count: int, rng: random.Random) -> list[set[int]]:
    """Which entries to keep: as many single ones as there is time for, and sets of all sizes."""
    if not count:
        return [set()]
    everything = range(count)
    singles = rng.sample(everything, min(MOST_SINGLES, count))
    return [
        set(),
        set(everything),
        {0},
        {count - 1},
        *({position} for position in singles),
        *({position for position in everything if rng.random() < share} for share in (0.2, 0.8)),
    ]


def test_few_documents_have_to_be_read_whole(documents: Mapping[str, Document]) -> None:
    with_entries = [document for document in documents.values() if document.entries]
    remembered = [document for document in with_entries if document.memory]

    assert len(remembered) / len(with_entries) > 0.95


def test_a_document_that_has_not_changed_gives_the_same_keys_and_reads_nothing(
    files: Mapping[str, bytes], documents: Mapping[str, Document]
) -> None:
    for name, first in documents.items():
        again = read(files[name], first.memory)

        assert again.memory == first.memory, name
        assert [entry.keys for entry in again.entries] == [entry.keys for entry in first.entries], name
        if first.memory:
            assert not again.parsed.entries, name


def test_whatever_is_remembered_the_rest_is_read_as_ever(
    files: Mapping[str, bytes], documents: Mapping[str, Document]
) -> None:
    rng = random.Random(7)
    mixed = 0
    for name, first in documents.items():
        kept = pack([pair for pair in unpack(first.memory).items() if rng.random() < 0.5])
        part = read(files[name], kept)
        assert part.memory == first.memory, name
        for entry, expected in zip(part.entries, first.entries, strict=True):
            if isinstance(entry, Unchanged):
                assert (entry.keys, entry.published_at) == (expected.keys, expected.published_at), name
                mixed += 1
            else:
                assert entry == expected, name
    assert mixed > 1000


def test_ids_are_those_that_stand_in_the_document(files: Mapping[str, bytes]) -> None:
    """feedparser resolves ids against the feed's address by a private list; a release may bring it back."""
    checked = 0
    for name, raw in files.items():
        body = inflate(raw, max_bytes=2**24).lstrip()
        try:
            document = as_utf8(body, KIND)
            spans = scan(document)
            found = parse(body, url=BASE, content_type=None, now=NOW, limit=10**6).places
        except (NotSliceable, NotAFeed):
            continue
        raw_ids = [raw_id(element) for element in elements(document)]
        assert len(raw_ids) == len(spans) == len(found), name
        for place, expected in zip(found, raw_ids, strict=True):
            if expected and place.entry:
                assert place.entry.guid == expected, name
                checked += 1
    assert checked > 2000


def elements(document: bytes) -> list[ET.Element]:
    root = ET.fromstring(document.decode().partition("\n")[2].strip())
    return [one for one in root.iter() if str(one.tag).rpartition("}")[2] in ("item", "entry")]


def raw_id(element: ET.Element) -> str | None:
    """The guid of an RSS entry or the id of an Atom one; of several, feedparser takes the last."""
    names = ("guid", "{http://www.w3.org/2005/Atom}id", "{http://purl.org/atom/ns#}id")
    texts = [(one.text or "").strip() for one in element if one.tag in names and not len(one)]
    return texts[-1] if texts else None
