"""Lists of subscriptions: OPML in, however broken, and OPML out. Format: http://opml.org/spec2.opml"""

import html
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from email.utils import format_datetime
from typing import Final
from xml.sax.saxutils import escape, quoteattr

from domain.errors import UsageError
from feeds.charset import BadProlog, as_utf8
from feeds.clean import is_web, resolve
from feeds.plain import cut, one_line, sayable
from feeds.tags import Tag, tags

#: Largest file, in bytes; the longest public lists have a hundredth of it.
MAX_BYTES: Final = 8 * 2**20
MAX_FEEDS: Final = 20_000
#: Folders inside folders, beyond which they count as one.
_MAX_DEPTH: Final = 10
_MAX_NAME: Final = 300
_TITLE: Final = re.compile(r"<title[^<>]{0,200}>([^<]{1,1000})</title", re.IGNORECASE)
_OUTLINE: Final = re.compile(r"</?(?:outline|body)\b", re.IGNORECASE)
_ADDRESS: Final = re.compile(r"""\bxmlUrl\s*=\s*["']([^"'<>]+)["']""", re.IGNORECASE)
_SPACE: Final = re.compile(r"\s")
#: Longest outline that is mended, in characters.
_LONGEST: Final = 20_000


@dataclass(frozen=True, slots=True)
class Subscription:
    """One feed of a list."""

    url: str
    title: str = ""
    site_url: str | None = None
    #: From the outermost to the innermost.
    folders: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class SubscriptionList:
    """What a file lists."""

    title: str
    #: In the order of the file, each address once.
    feeds: tuple[Subscription, ...]
    #: What stands in the place of an address and is none, for the person to see.
    refused: tuple[str, ...] = ()
    #: Addresses that stand in the file more than once.
    repeated: tuple[str, ...] = ()


def read_opml(body: bytes) -> SubscriptionList:
    """Read a list, well-formed or not: half of those on the web are no XML.

    Raises:
        UsageError: it is larger than 8 MiB, lists more than 20,000 feeds, or none.
    """
    if len(body) > MAX_BYTES:
        raise UsageError(f"The list is larger than {MAX_BYTES // 2**20} MiB: split it into several files.")
    try:
        text = as_utf8(body.lstrip(), "application/xml").decode()
    except BadProlog as exc:
        raise UsageError(f"This is no list of feeds: it holds {exc}.") from exc
    feeds, refused, repeated = _collect(text)
    if not feeds and not refused:
        raise UsageError("This file lists no feeds: give an OPML file, as feed readers export it.")
    title = _TITLE.search(text)
    name = cut(one_line(html.unescape(title[1])), _MAX_NAME) if title else ""
    return SubscriptionList(name, tuple(feeds), tuple(refused), tuple(repeated))


def write_opml(title: str, feeds: Iterable[Subscription], *, now: datetime) -> bytes:
    """The list as OPML 2.0 in UTF-8; feeds of a folder stand together.

    Args:
        now: the date of the list, UTC.
    """
    lines = [
        '<?xml version="1.0" encoding="UTF-8"?>',
        '<opml version="2.0">',
        f"  <head><title>{escape(_sayable(title))}</title>"
        f"<dateCreated>{format_datetime(now)}</dateCreated></head>",
        "  <body>",
        *_outlines(sorted(feeds, key=lambda feed: feed.folders), depth=0),
        "  </body>",
        "</opml>",
    ]
    return "\n".join(lines).encode() + b"\n"


def _collect(text: str) -> tuple[list[Subscription], list[str], list[str]]:
    found: dict[str, Subscription] = {}
    repeated: dict[str, None] = {}
    refused: list[str] = []
    folders: list[str] = []
    for tag in (_mended(tag, text) for tag in tags(text, ("outline",), raw=False)):
        if tag.is_end:
            del folders[-1:]
            continue
        address = tag.attributes.get("xmlurl", "").strip()
        url = _web_address(address)
        if url:
            site = tag.attributes.get("htmlurl", "").strip()
            path = tuple(filter(None, folders[:_MAX_DEPTH]))
            one = Subscription(url, _name(tag), site if is_web(site) else None, path)
            if found.setdefault(url, one) is not one:
                repeated[url] = None
        elif address or tag.attributes.get("type", "").lower() == "rss":
            refused.append(cut(address or _name(tag), _MAX_NAME))
        if len(found) > MAX_FEEDS or len(refused) > MAX_FEEDS:
            raise UsageError(f"The list holds more than {MAX_FEEDS:,} feeds: split it into several files.")
        if not tag.is_empty:
            folders.append("" if address else _name(tag))
    return list(found.values()), refused, list(repeated)


def _mended(tag: Tag, text: str) -> Tag:
    """A description that holds tags or quotes breaks the outline off before its address."""
    if tag.is_end or "xmlurl" in tag.attributes:
        return tag
    following = _OUTLINE.search(text, tag.end, tag.end + _LONGEST)
    rest = text[tag.end : following.start() if following else tag.end]
    address = _ADDRESS.search(rest)
    if address is None:
        return tag
    attributes = {**tag.attributes, "xmlurl": html.unescape(address[1])}
    return replace(tag, attributes=attributes, is_empty=rest.rstrip().endswith("/>"))


def _web_address(address: str) -> str | None:
    """An http(s) address; ``feed:`` stands before it in the lists of some readers."""
    if address.lower().startswith("feed:"):
        address = address[5:]
        address = f"http:{address}" if address.startswith("//") else address
    url = resolve(address.replace(" ", "%20"), base=None)
    return url if url and len(url) <= 2048 and not _SPACE.search(url) else None


def _name(tag: Tag) -> str:
    return cut(one_line(tag.attributes.get("title", "") or tag.attributes.get("text", "")), _MAX_NAME)


def _outlines(feeds: Sequence[Subscription], *, depth: int) -> Iterable[str]:
    indent = "  " * (depth + 2)
    inside: dict[str, list[Subscription]] = {}
    for feed in feeds:
        if len(feed.folders) > depth:
            inside.setdefault(feed.folders[depth], []).append(feed)
        else:
            name = quoteattr(_sayable(feed.title or feed.url))
            site = f" htmlUrl={quoteattr(sayable(feed.site_url))}" if feed.site_url else ""
            address = quoteattr(sayable(feed.url))
            yield f'{indent}<outline type="rss" text={name} title={name} xmlUrl={address}{site}/>'
    for folder, its_feeds in inside.items():
        name = quoteattr(_sayable(folder))
        yield f"{indent}<outline text={name} title={name}>"
        yield from _outlines(its_feeds, depth=depth + 1)
        yield f"{indent}</outline>"


def _sayable(text: str) -> str:
    return sayable(one_line(text))
