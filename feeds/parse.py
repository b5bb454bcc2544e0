"""From the bytes of a feed to its entries: RSS and Atom through feedparser, JSON Feed by our own reader."""

import re
from collections.abc import Container
from datetime import datetime
from typing import Final

from domain.errors import NotAFeed, TooLarge
from feeds.charset import BadProlog, as_utf8
from feeds.discover import discover
from feeds.json_feed import read_json
from feeds.parsed import ParsedFeed
from feeds.quirks import TooComplex
from feeds.xml_feed import NoFeed, read_xml
from net.decode import BrokenCoding, CapReached, inflate, is_gzip

__all__ = ["MAX_BYTES", "MAX_ENTRIES", "ParsedFeed", "parse"]

#: Most entries that are looked at in one document, the newest ones.
MAX_ENTRIES: Final = 300
#: Cap on a document that is itself a gzip file, unpacked.
MAX_BYTES: Final = 15 * 2**20

#: White space and byte order marks; a class of single bytes, since a group takes memory for each turn.
_BEFORE_DOCUMENT: Final = re.compile(rb"\A[\xef\xbb\xbf\s]++(?=[<{\[])")
#: A page, unless the root of a feed comes first.
_COMMENT: Final = re.compile(rb"<!--.*?-->", re.DOTALL)
_HTML: Final = re.compile(rb"\A(?:(?!<(?:rss|feed|rdf:RDF)\b).)*?<html\b", re.IGNORECASE | re.DOTALL)


def parse(
    body: bytes,
    *,
    url: str,
    content_type: str | None,
    now: datetime,
    limit: int = MAX_ENTRIES,
    known: Container[bytes] = frozenset(),
    link_header: str = "",
) -> ParsedFeed:
    """Read a feed document.

    Args:
        body: decoded as far as HTTP goes; a gzip file inside is unpacked.
        url: where it came from, for relative addresses.
        content_type: the raw header; its charset counts.
        now: current time, UTC; dates far ahead of it are dropped.
        limit: most entries to look at, the newest ones.
        known: fingerprints of entries that need not be read again.
        link_header: the raw ``Link`` header, which may name the feeds of a page.

    Raises:
        NotAFeed: it is no feed; ``candidates`` holds the feeds that an HTML page names.
        TooLarge: a gzip file that unpacks to more than 15 MiB.
    """
    body = _unpacked(body, url)
    if body[:1] in (b"{", b"["):
        try:
            return read_json(body, url=url, now=now, limit=limit, known=known)
        except ValueError as exc:
            text = f"{url} answers with JSON that is no JSON Feed ({exc}); give the address of a feed"
            raise NotAFeed(text, url=url) from exc
    if _is_page(body):
        raise _not_a_feed(body, url, link_header)
    try:
        document = as_utf8(body, content_type or "application/xml")
        return read_xml(document, url=url, now=now, limit=limit, known=known)
    except NoFeed:
        raise _not_a_feed(body, url, link_header) from None
    except (TooComplex, BadProlog) as exc:
        raise NotAFeed(f"{url} is not read: it holds {exc}", url=url) from exc


def _unpacked(body: bytes, url: str) -> bytes:
    try:
        if is_gzip(body):
            body = inflate(body, max_bytes=MAX_BYTES)
    except CapReached as exc:
        raise TooLarge(f"the feed unpacks to more than {MAX_BYTES // 2**20} MiB", url=url) from exc
    except BrokenCoding as exc:
        raise NotAFeed(f"the feed is {exc}", url=url) from exc
    return _BEFORE_DOCUMENT.sub(b"", body)


def _is_page(body: bytes) -> bool:
    return bool(_HTML.search(_COMMENT.sub(b"", body[:4000])))


def _not_a_feed(body: bytes, url: str, link_header: str) -> NotAFeed:
    candidates = tuple(found.url for found in discover(body, url=url, link_header=link_header))
    if candidates:
        text = f"{url} is a web page, not a feed; it names these feeds: {', '.join(candidates[:5])}"
    elif not body.strip():
        text = f"{url} answers with an empty document; check the address"
    elif _is_page(body):
        text = f"{url} is a web page that names no feed; look for an RSS or Atom link on the site"
    else:
        text = f"{url} answers with something that is no RSS, Atom or JSON feed; check the address"
    return NotAFeed(text, url=url, candidates=candidates)
