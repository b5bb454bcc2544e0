"""What is fuzzed: each function takes any bytes, and lets out nothing but what its callers expect."""

from collections.abc import Callable, Iterator, Mapping
from contextlib import suppress
from dataclasses import astuple
from datetime import UTC, datetime, timedelta
from functools import cache
from ssl import SSLContext
from typing import Any, Final

import httpcore
import httpx

from domain.errors import TabuhError
from feeds.charset import BadProlog, as_utf8
from feeds.clean import clean
from feeds.dates import utc
from feeds.discover import discover, well_known
from feeds.document import Unchanged, read_document
from feeds.fetch import Fetched, Validators, fetch
from feeds.link_header import links
from feeds.opml import read_opml, write_opml
from feeds.page import picture_of
from feeds.plain import one_line, plain, sayable
from feeds.scan import NotSliceable, keep_only, scan
from net.decode import BrokenCoding, CapReached, decode
from net.oneshot import OneShot

_URL: Final = "http://blog.example/feed"
_NOW: Final = datetime(2026, 3, 1, 12, tzinfo=UTC)
_CAP: Final = 2**20


def fuzz_fetch(raw: bytes) -> None:
    """What a server answers, byte for byte: announcements, redirects, headers, chunks, codings."""
    client = httpx.Client(transport=OneShot(_Server(raw), _tls()))
    with suppress(TabuhError), client:
        found = fetch(
            client,
            _URL,
            validators=Validators('"a"', None),
            now=_NOW,
            deltas=True,
            deadline=timedelta(seconds=5),
            max_bytes=_CAP,
        )
        assert not isinstance(found, Fetched) or len(found.body) <= _CAP


def fuzz_decode(raw: bytes) -> None:
    """A body and the coding that its header names; both stand in ``raw``, parted by a NUL."""
    coding, _, body = raw.partition(b"\0")
    with suppress(BrokenCoding, CapReached):
        assert len(decode([body], coding.decode("latin-1"), max_bytes=_CAP)) <= _CAP


def fuzz_charset(raw: bytes) -> None:
    """A Content-Type header and a document, parted by a NUL."""
    kind, _, body = raw.partition(b"\0")
    with suppress(BadProlog):
        document = as_utf8(body, kind.decode("latin-1"))
        document.decode("utf-8")
        assert len(document) < 4 * len(body) + 100


def fuzz_scan(raw: bytes) -> None:
    """The spans of entries do not overlap, and a document that lost some of them can be scanned again."""
    try:
        spans = scan(raw)
    except NotSliceable:
        return
    ends = [0, *(border for span in spans for border in (span.start, span.end))]
    assert ends == sorted(ends)
    assert not spans or ends[-1] <= len(raw)
    kept = scan(keep_only(raw, spans, range(0, len(spans), 2)))
    assert len(kept) == len(range(0, len(spans), 2))


def fuzz_parse(raw: bytes) -> None:
    """A document of any kind: it is read, or refused in a sentence, and read alike once it is known."""
    try:
        found = read_document(raw, url=_URL, content_type=None, now=_NOW)
    except TabuhError:
        return
    keys = [key for entry in found.entries for key in entry.keys]
    assert len(keys) == len(set(keys))
    assert all(entry.keys for entry in found.entries)
    again = read_document(raw, url=_URL, content_type=None, now=_NOW, memory=found.memory)
    assert [entry.keys for entry in again.entries] == [entry.keys for entry in found.entries]
    if found.memory:
        assert all(isinstance(entry, Unchanged) for entry in again.entries)
    for entry in found.parsed.entries:
        assert entry.link is None or entry.link.startswith(("http://", "https://"))
        assert all(sayable(text) == text for text in _texts(astuple(entry)))


def fuzz_json(raw: bytes) -> None:
    """A JSON Feed."""
    fuzz_parse(b"{" + raw.removeprefix(b"{"))


def fuzz_opml(raw: bytes) -> None:
    """A list of feeds; what is read of it can be written and read again."""
    with suppress(TabuhError):
        found = read_opml(raw)
        assert all(one.url.startswith(("http://", "https://")) for one in found.feeds)
        again = read_opml(write_opml(found.title, found.feeds, now=_NOW)) if found.feeds else found
        assert {one.url for one in again.feeds} == {one.url for one in found.feeds}


def fuzz_page(raw: bytes) -> None:
    """A web page, searched for feeds and for its picture, and a ``Link`` header."""
    text = raw.decode("latin-1")
    for candidate in discover(raw, url=_URL, link_header=text[:2000]):
        assert candidate.url.startswith(("http://", "https://"))
        well_known(candidate.url)
    picture = picture_of(raw, url=_URL)
    assert picture is None or picture.startswith(("http://", "https://"))
    assert all(link.url.startswith(("http://", "https://")) for link in links(text, base=_URL))


def fuzz_markup(raw: bytes) -> None:
    """HTML, cleaned and made plain; what is clean stays so when a browser reads it and writes it again."""
    text = raw.decode("utf-8", "replace")
    safe = clean(text, base=_URL)
    for markup in (safe, clean(safe, base=_URL)):
        assert not any(bad in markup.lower() for bad in ("<script", "<iframe", "<style", "<form", "<object"))
    assert one_line(plain(text)) == " ".join(one_line(plain(text)).split())


def fuzz_dates(raw: bytes) -> None:
    """A date, alone."""
    found = utc(raw.decode("utf-8", "replace"), now=_NOW)
    assert found is None or (found.tzinfo is UTC and 1990 <= found.year <= 2026)


TARGETS: Final[Mapping[str, Callable[[bytes], None]]] = {
    name.removeprefix("fuzz_"): target for name, target in dict(globals()).items() if name.startswith("fuzz_")
}


def _texts(value: object) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, tuple):
        for part in value:
            yield from _texts(part)


class _Server(httpcore.NetworkBackend):
    """Answers every connection with the same bytes, in pieces of growing size."""

    def __init__(self, answer: bytes) -> None:
        self._answer = answer

    def connect_tcp(self, *_address: Any, **_options: Any) -> httpcore.NetworkStream:
        return _Answer(self._answer)

    def sleep(self, seconds: float) -> None:
        raise AssertionError("nothing here waits")


class _Answer(httpcore.NetworkStream):
    def __init__(self, answer: bytes) -> None:
        self._left = answer
        self._size = 1

    def read(self, max_bytes: int, timeout: float | None = None) -> bytes:
        self._size = min(2 * self._size, max_bytes)
        piece, self._left = self._left[: self._size], self._left[self._size :]
        return piece

    def write(self, buffer: bytes, timeout: float | None = None) -> None:
        assert buffer

    def start_tls(self, *_options: Any, **_more: Any) -> httpcore.NetworkStream:
        raise httpcore.ConnectError("there is no TLS here")

    def close(self) -> None:
        self._left = b""


@cache
def _tls() -> SSLContext:
    return httpx.create_ssl_context()
