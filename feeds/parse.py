"""From the bytes of a feed to its entries: RSS and Atom through feedparser, JSON Feed by our own reader."""

import io
import re
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Final

import feedparser

from domain.entry import Entry
from domain.errors import NotAFeed, TooLarge
from feeds import json_feed
from feeds.clean import resolve
from feeds.discover import discover
from feeds.entries import authors_of, entry_from, title_text
from feeds.hints import FeedHints, feed_hints
from feeds.plain import cut
from feeds.quirks import TooComplex
from feeds.scan import NotSliceable, cut_middle, keep_only, scan
from net.decode import BrokenCoding, CapReached, inflate, is_gzip

#: Most entries that are read from one document, the first ones.
MAX_ENTRIES: Final = 300
#: Cap on a document that is itself a gzip file, unpacked.
MAX_BYTES: Final = 15 * 2**20

_BEFORE_XML: Final = re.compile(rb"\A(?:\xef\xbb\xbf|\s)+(?=[<{])")
#: A page, unless the root of a feed comes first.
_HTML: Final = re.compile(rb"\A(?:(?!<(?:rss|feed|rdf:RDF)\b).)*?<html\b", re.IGNORECASE | re.DOTALL)


@dataclass(frozen=True, slots=True)
class ParsedFeed:
    """A feed document, read."""

    #: Plain text; empty when the feed has none.
    title: str
    #: The page that the feed belongs to, absolute.
    site_url: str | None
    language: str | None
    #: In document order, at most the limit that was asked for; keys are not set yet.
    entries: tuple[Entry, ...]
    hints: FeedHints = field(default_factory=FeedHints)
    #: Where the feed says that it lives now (``itunes:new-feed-url``, ``newLocation``).
    new_url: str | None = None
    #: WebSub hub and the feed's own address as it names itself.
    hub_url: str | None = None
    self_url: str | None = None
    image_url: str | None = None


def parse(
    body: bytes, *, url: str, content_type: str | None, now: datetime, limit: int = MAX_ENTRIES
) -> ParsedFeed:
    """Read a feed document.

    Args:
        body: decoded as far as HTTP goes; a gzip file inside is unpacked.
        url: where it came from, for relative addresses.
        content_type: the raw header; its charset counts.
        now: current time, UTC; dates far ahead of it are dropped.
        limit: most entries to read.

    Raises:
        NotAFeed: it is no feed; ``candidates`` holds the feeds that an HTML page names.
        TooLarge: a gzip file that unpacks to more than 15 MiB.
    """
    body = _unpacked(body, url)
    start = body[:1]
    if start in (b"{", b"["):
        return _from_json(body, url=url, now=now, limit=limit)
    if _HTML.search(body[:2000]):
        raise _not_a_feed(body, url)
    body = _first_entries(body, limit)
    headers = {"content-location": url, "content-type": content_type or "application/xml"}
    try:
        found = feedparser.parse(
            io.BytesIO(body), response_headers=headers, sanitize_html=False, resolve_relative_uris=False
        )
    except TooComplex as exc:
        raise NotAFeed(f"{url} is not read: it holds {exc}", url=url) from exc
    if not found.get("version") and not found["entries"]:
        raise _not_a_feed(body, url)
    return _from_feedparser(found, body, url=url, now=now, limit=limit)


def _unpacked(body: bytes, url: str) -> bytes:
    try:
        if is_gzip(body):
            body = inflate(body, max_bytes=MAX_BYTES)
    except CapReached as exc:
        raise TooLarge(f"the feed unpacks to more than {MAX_BYTES // 2**20} MiB", url=url) from exc
    except BrokenCoding as exc:
        raise NotAFeed(f"the feed is {exc}", url=url) from exc
    return _BEFORE_XML.sub(b"", body)


def _first_entries(body: bytes, limit: int) -> bytes:
    """Cut the document to its first entries before the slow parser sees the rest."""
    try:
        spans = scan(body)
    except NotSliceable:
        return cut_middle(body, limit)
    return body if len(spans) <= limit else keep_only(body, spans, range(limit))


def _from_feedparser(found: Any, body: bytes, *, url: str, now: datetime, limit: int) -> ParsedFeed:
    feed = found["feed"]
    base = resolve((feed.get("title_detail") or {}).get("base"), base=url) or url
    site_url = resolve(feed.get("link"), base=base)
    language = (feed.get("language") or "").strip() or None
    authors = authors_of(feed)
    entries = (
        entry_from(item, url=url, site_url=site_url, language=language, authors=authors, now=now)
        for item in found["entries"][:limit]
    )
    links = feed.get("links") or ()
    image = feed.get("image") or {}
    return ParsedFeed(
        title=cut(title_text(feed), 300),
        site_url=site_url,
        language=language,
        entries=tuple(entry for entry in entries if not _is_empty(entry)),
        hints=feed_hints(
            ttl=feed.get("ttl"),
            period=feed.get("sy_updateperiod"),
            frequency=feed.get("sy_updatefrequency"),
            skip_hours=_inside(body, b"skipHours"),
            skip_days=_inside(body, b"skipDays"),
        ),
        new_url=resolve(feed.get("itunes_new-feed-url") or feed.get("newlocation"), base=url),
        hub_url=_link(links, "hub", url),
        self_url=_link(links, "self", url),
        image_url=resolve(image.get("href") or feed.get("logo") or feed.get("icon"), base=base),
    )


def _inside(body: bytes, name: bytes) -> str:
    """The raw content of the first element of that name; feedparser keeps only its last child."""
    start = body.find(b"<" + name)
    return body[start : start + 2000].partition(b"</" + name)[0].decode("latin-1") if start >= 0 else ""


def _is_empty(entry: Entry) -> bool:
    return not (entry.guid or entry.link or entry.title or entry.text)


def _link(links: Any, rel: str, url: str) -> str | None:
    return next((resolve(link.get("href"), base=url) for link in links if link.get("rel") == rel), None)


def _from_json(body: bytes, *, url: str, now: datetime, limit: int) -> ParsedFeed:
    try:
        document = json_feed.load(body)
    except ValueError as exc:
        raise NotAFeed(
            f"{url} answers with JSON that is no JSON Feed ({exc}); give the address of a feed", url=url
        ) from exc
    return ParsedFeed(
        title=cut(document.title, 300),
        site_url=resolve(document.home_page_url, base=url),
        language=document.language,
        entries=tuple(json_feed.entries(document, url=url, now=now, limit=limit)),
        self_url=resolve(document.feed_url, base=url),
        hub_url=resolve(document.hub_url, base=url),
        image_url=resolve(document.icon, base=url),
    )


def _not_a_feed(body: bytes, url: str) -> NotAFeed:
    candidates = tuple(found.url for found in discover(body, url=url))
    if candidates:
        text = f"{url} is a web page, not a feed; it names these feeds: {', '.join(candidates[:5])}"
    elif not body.strip():
        text = f"{url} answers with an empty document; check the address"
    elif _HTML.search(body[:2000]):
        text = f"{url} is a web page that names no feed; look for an RSS or Atom link on the site"
    else:
        text = f"{url} answers with something that is no RSS, Atom or JSON feed; check the address"
    return NotAFeed(text, url=url, candidates=candidates)
