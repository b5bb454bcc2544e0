"""The feeds that a web page names, and the places where sites of known kinds keep theirs."""

import re
from collections.abc import Iterator
from typing import Final
from urllib.parse import urlsplit

from feeds.clean import resolve
from feeds.link_header import links
from feeds.plain import one_line
from feeds.sites import Candidate, feeds_of_site
from feeds.tags import tags

#: Only the beginning of a page is searched, in bytes.
SEARCHED: Final = 512 * 1024
_TYPES: Final = frozenset(
    {
        "application/rss+xml",
        "application/atom+xml",
        "application/feed+json",
        "application/rdf+xml",
        "application/xml",
        "text/xml",
        "application/json",
    }
)
_COMMENTS: Final = re.compile(r"/comments/(?:feed|default)|comments?[-_ ]feed|[?&]feed=comments", re.I)
_COMMENTS_TITLE: Final = re.compile(r"\bcomments?\b|\bkomentar\b|\bKommentare?\b", re.IGNORECASE)
_CHARSET: Final = re.compile(rb"""<meta[^>]{0,200}charset\s*=\s*["']?\s*([\w-]{2,20})""", re.IGNORECASE)
#: Tried in this order on the site, where a page names nothing.
WELL_KNOWN: Final = (
    "/feed",
    "/feed.xml",
    "/rss",
    "/rss.xml",
    "/atom.xml",
    "/index.xml",
    "/feed.json",
    "/feeds/posts/default",
    "/blog/feed",
)
#: Tried before those, below the page that was given.
_BELOW: Final = ("feed", "feed.xml", "rss.xml", "atom.xml", "index.xml")


def discover(page: bytes, *, url: str, link_header: str = "") -> tuple[Candidate, ...]:
    """The feeds of a page, the main one first, each once.

    Order: the HTTP ``Link`` header, ``<link rel="alternate">`` in document order, then what the site's kind
    is known for (YouTube, GitHub, Reddit, Mastodon). Feeds of comments and WordPress's API are left out.

    Args:
        page: HTML; searched up to 512 KiB.
        url: its final address, the base unless the page names another.
        link_header: the raw ``Link`` header.
    """
    text = decode_page(page[:SEARCHED])
    found = [*_from_header(link_header, url), *_from_page(text, url), *feeds_of_site(url, text)]
    unique: dict[str, Candidate] = {}
    for candidate in found:
        if not _is_side_feed(candidate):
            unique.setdefault(candidate.url, candidate)
    return tuple(unique.values())


def well_known(url: str) -> tuple[str, ...]:
    """Addresses worth a try on the site of ``url`` when its page names no feed, each once."""
    path = urlsplit(url).path
    folder = path if path.endswith("/") else f"{path}/"
    below = [f"{folder}{name}" for name in _BELOW] if path.strip("/") else []
    found = (resolve(place, base=url) for place in (*below, *WELL_KNOWN))
    return tuple(dict.fromkeys(address for address in found if address))


def _from_page(text: str, url: str) -> Iterator[Candidate]:
    base = url
    for tag in tags(text, ("base", "link")):
        given = tag.attributes
        if tag.name == "base":
            base = resolve(given.get("href"), base=base) or base
            continue
        kind = given.get("type", "").split(";")[0].strip().lower()
        address = resolve(given.get("href"), base=base)
        if address and kind in _TYPES and {"alternate", "feed"} & set(given.get("rel", "").lower().split()):
            yield Candidate(address, one_line(given.get("title", "")), kind)


def decode_page(page: bytes) -> str:
    """The text of a page, by the charset that it declares, else UTF-8."""
    declared = _CHARSET.search(page[:4096])
    try:
        return page.decode(declared[1].decode("ascii") if declared else "utf-8", "replace")
    except LookupError:
        return page.decode("utf-8", "replace")


def _from_header(header: str, url: str) -> Iterator[Candidate]:
    for link in links(header, base=url):
        if "alternate" in link.rels and link.kind in _TYPES:
            yield Candidate(link.url, kind=link.kind)


def _is_side_feed(candidate: Candidate) -> bool:
    """Feeds of comments, and addresses of an API that only look like feeds."""
    if "/wp-json/" in candidate.url or "/oembed" in candidate.url:
        return True
    return bool(_COMMENTS.search(candidate.url) or _COMMENTS_TITLE.search(candidate.title))
