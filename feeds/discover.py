"""The feeds that a web page names, and the places where sites of known kinds keep theirs."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from html.parser import HTMLParser
from typing import Final
from urllib.parse import parse_qs, urlsplit

from feeds.clean import resolve

#: Only the beginning of a page is searched, in bytes.
_SEARCHED: Final = 512 * 1024
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
_YOUTUBE_CHANNEL: Final = re.compile(r'(?:"(?:channelId|externalId)":"|/channel/)(UC[\w-]{22})')
_HEADER_LINK: Final = re.compile(r"<([^>]{1,2000})>([^,<]{0,500})")
#: Tried in this order where a page names nothing.
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


@dataclass(frozen=True, slots=True)
class Candidate:
    """An address that a page names as a feed."""

    url: str
    title: str = ""
    #: Media type as the page gives it.
    kind: str = ""


def discover(page: bytes, *, url: str, link_header: str = "") -> tuple[Candidate, ...]:
    """The feeds of a page, the main one first, each once.

    Order: the HTTP ``Link`` header, ``<link rel="alternate">`` in document order, then what the site's kind
    is known for (YouTube, GitHub, Reddit, Mastodon). Feeds of comments and WordPress's API are left out.

    Args:
        page: HTML; searched up to 512 KiB.
        url: its final address, the base unless the page names another.
        link_header: the raw ``Link`` header.
    """
    reader = _PageReader(url)
    text = _decode(page[:_SEARCHED])
    reader.feed(text)
    found = [*_from_header(link_header, url), *reader.candidates(), *_known_site(url, text)]
    unique: dict[str, Candidate] = {}
    for candidate in found:
        if not _is_side_feed(candidate):
            unique.setdefault(candidate.url, candidate)
    return tuple(unique.values())


def well_known(url: str) -> tuple[str, ...]:
    """Addresses worth a try on the site of ``url`` when its page names no feed."""
    found = (resolve(path, base=url) for path in WELL_KNOWN)
    return tuple(address for address in found if address)


class _PageReader(HTMLParser):
    """Collects ``<link>`` and ``<base>``; a broken page never raises."""

    def __init__(self, url: str) -> None:
        super().__init__(convert_charrefs=True)
        self._base = url
        self._links: list[dict[str, str]] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        values = {name: value or "" for name, value in attrs}
        if tag == "base" and values.get("href"):
            self._base = resolve(values["href"], base=self._base) or self._base
        elif tag == "link":
            self._links.append(values)

    def error(self, message: str) -> None:
        """Older HTML parsers call this; there is nothing to do."""

    def candidates(self) -> Iterator[Candidate]:
        for link in self._links:
            kind = link.get("type", "").split(";")[0].strip().lower()
            rels = link.get("rel", "").lower().split()
            address = resolve(link.get("href"), base=self._base)
            if address and kind in _TYPES and {"alternate", "feed"} & set(rels):
                yield Candidate(address, link.get("title", "").strip(), kind)


def _decode(page: bytes) -> str:
    declared = _CHARSET.search(page[:4096])
    try:
        return page.decode(declared[1].decode("ascii") if declared else "utf-8", "replace")
    except LookupError:
        return page.decode("utf-8", "replace")


def _from_header(header: str, url: str) -> Iterator[Candidate]:
    for target, parameters in _HEADER_LINK.findall(header[:10_000]):
        lowered = parameters.lower()
        kind = next((name for name in _TYPES if name in lowered), "")
        address = resolve(target, base=url)
        if address and kind and re.search(r"rel=\"?[^;\"]*\balternate\b", lowered):
            yield Candidate(address, kind=kind)


def _known_site(url: str, text: str) -> Iterator[Candidate]:
    parts = urlsplit(url)
    host = (parts.hostname or "").removeprefix("www.")
    path = parts.path.rstrip("/")
    if host in ("youtube.com", "m.youtube.com"):
        playlist = parse_qs(parts.query).get("list")
        channel = _YOUTUBE_CHANNEL.search(url) or _YOUTUBE_CHANNEL.search(text)
        if playlist:
            yield Candidate(f"https://www.youtube.com/feeds/videos.xml?playlist_id={playlist[0]}")
        elif channel:
            yield Candidate(f"https://www.youtube.com/feeds/videos.xml?channel_id={channel[1]}")
    elif host == "github.com" and path.count("/") == 2:
        yield Candidate(f"https://github.com{path}/releases.atom", "Releases", "application/atom+xml")
    elif host.endswith("reddit.com") and re.match(r"/(?:r|u|user)/[^/]+", path):
        yield Candidate(f"https://www.reddit.com{path}/.rss")
    elif re.fullmatch(r"/@[\w.]+", path) and re.search("mastodon", text, re.IGNORECASE):
        yield Candidate(f"{parts.scheme}://{parts.netloc}{path}.rss", kind="application/rss+xml")


def _is_side_feed(candidate: Candidate) -> bool:
    """Feeds of comments, and addresses of an API that only look like feeds."""
    if "/wp-json/" in candidate.url or "/oembed" in candidate.url:
        return True
    return bool(_COMMENTS.search(candidate.url) or _COMMENTS_TITLE.search(candidate.title))
