"""RSS and Atom through feedparser, which sees only those entries that were never read as they are now."""

import io
from collections.abc import Container, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

import feedparser

from domain.entry import Entry
from feeds.clean import resolve
from feeds.entries import authors_of, entry_from, language_tag, title_text
from feeds.hints import feed_hints
from feeds.parsed import ParsedFeed, Place, base_of, newest
from feeds.plain import cut, sayable
from feeds.quirks import UNFORESEEN, TooComplex
from feeds.scan import NotSliceable, Span, cut_middle, keep_only, scan

_UTF8: Final = "application/xml; charset=utf-8"


class NoFeed(ValueError):
    """feedparser finds neither a feed nor an entry."""


def read_xml(body: bytes, *, url: str, now: datetime, limit: int, known: Container[bytes]) -> ParsedFeed:
    """Read an RSS or Atom document; the arguments are those of `feeds.parse.parse`.

    Args:
        body: UTF-8 with a declaration that says so.

    Raises:
        NoFeed: it is none.
        TooComplex: it is built to keep a parser busy.
    """
    try:
        spans = scan(body, context=base_of(url))
    except NotSliceable:
        body = cut_middle(body, limit)
        document = _Document(body, _feedparser(body, url), url, now)
        return document.feed([Place(None, entry) for entry in document.entries()[:limit]])
    return _sliced(body, spans, url=url, now=now, limit=limit, known=known)


def _sliced(
    body: bytes, spans: Sequence[Span], *, url: str, now: datetime, limit: int, known: Container[bytes]
) -> ParsedFeed:
    def date(position: int) -> datetime | None:
        [entry, *_] = read([position]).entries() or [None]
        return entry.published_at if entry else None

    def read(wanted: Sequence[int]) -> _Document:
        part = keep_only(body, spans, frozenset(wanted))
        return _Document(part, _feedparser(part, url, is_feed=len(wanted) < len(spans)), url, now)

    window = newest(len(spans), limit, date)
    wanted = [position for position in window if spans[position].fingerprint not in known]
    document = read(wanted)
    entries = document.entries()
    if len(entries) != len(wanted):  # the two parsers see different entries: believe feedparser's alone
        document = read(window)
        return document.feed([Place(None, entry) for entry in document.entries()])
    found = dict(zip(wanted, entries, strict=True))
    return document.feed([Place(spans[position].fingerprint, found.get(position)) for position in window])


def _feedparser(body: bytes, url: str, *, is_feed: bool = False) -> Any:
    """feedparser is given bytes in a stream: a text that is a path or an address would be opened.

    Args:
        is_feed: whether the document counts as a feed even if nothing in it says so but the entries that were
            cut out of it.
    """
    try:
        found = feedparser.parse(
            io.BytesIO(body),
            response_headers={"content-location": url, "content-type": _UTF8},
            sanitize_html=False,
            resolve_relative_uris=False,
        )
    except TooComplex:
        raise
    except UNFORESEEN as exc:
        raise TooComplex("something that no parser can read") from exc
    if not is_feed and not found.get("version") and not found["entries"]:
        raise NoFeed
    return found


@dataclass
class _Document:
    """feedparser's result, and what it is read against."""

    body: bytes
    found: Any
    url: str
    now: datetime

    def __post_init__(self) -> None:
        top = self.found["feed"]
        self.base = resolve((top.get("title_detail") or {}).get("base"), base=self.url) or self.url
        self.site_url = resolve(top.get("link"), base=self.base)
        self.language = language_tag(top.get("language"))

    def entries(self) -> list[Entry | None]:
        """All entries that feedparser found; None for those that hold nothing."""
        authors = authors_of(self.found["feed"])
        read = (
            entry_from(
                item,
                url=self.url,
                site_url=self.site_url,
                language=self.language,
                authors=authors,
                now=self.now,
            )
            for item in self.found["entries"]
        )
        return [entry if entry.guid or entry.link or entry.title or entry.text else None for entry in read]

    def feed(self, places: Sequence[Place]) -> ParsedFeed:
        """The values of the feed itself, with its entries as they were read."""
        top = self.found["feed"]
        links = top.get("links") or ()
        image = top.get("image") or {}
        return ParsedFeed(
            title=cut(sayable(title_text(top)), 300),
            site_url=self.site_url,
            language=self.language,
            places=tuple(places),
            hints=feed_hints(
                ttl=top.get("ttl"),
                period=top.get("sy_updateperiod"),
                frequency=top.get("sy_updatefrequency"),
                skip_hours=_inside(self.body, b"skipHours"),
                skip_days=_inside(self.body, b"skipDays"),
            ),
            new_url=resolve(top.get("itunes_new-feed-url") or top.get("newlocation"), base=self.url),
            hub_url=_link(links, "hub", self.url),
            self_url=_link(links, "self", self.url),
            image_url=resolve(image.get("href") or top.get("logo") or top.get("icon"), base=self.base),
        )


def _inside(body: bytes, name: bytes) -> str:
    """The raw content of the first element of that name; feedparser keeps only its last child."""
    start = body.find(b"<" + name)
    return body[start : start + 2000].partition(b"</" + name)[0].decode("latin-1") if start >= 0 else ""


def _link(links: Any, rel: str, url: str) -> str | None:
    return next((resolve(link.get("href"), base=url) for link in links if link.get("rel") == rel), None)
