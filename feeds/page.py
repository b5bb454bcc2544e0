"""What a new entry's feed leaves out and its page tells: where a shortened link leads, and a picture.

Both cost requests, so they are for new entries only, a few at a time, within one deadline. Nothing here
fails: an entry about which nothing can be found out stays as it is.
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Final
from urllib.parse import urlsplit

from domain.entry import Entry
from domain.errors import FetchError
from feeds.clean import resolve
from feeds.discover import SEARCHED, decode_page
from feeds.identity import canonical_link
from feeds.images import is_picture
from feeds.tags import tags
from net.client import Client, Response, read
from net.deadline import is_over, time_limit

#: For all entries of one document together.
DEADLINE: Final = timedelta(seconds=20)
#: For one request.
_ONE: Final = timedelta(seconds=8)
#: Most entries of one document that are completed, the newest ones.
MOST: Final = 10
#: A page that is larger than this, decoded, is left alone.
_MAX_PAGE: Final = 4 * 2**20
_MAX_HOPS: Final = 5
#: Hosts that exist to lead somewhere else, and FeedBurner's, which lead to the entry's own page.
SHORTENERS: Final = frozenset(
    {
        "amzn.to", "bit.ly", "buff.ly", "cutt.ly", "dlvr.it", "fb.me", "feedproxy.google.com",
        "feeds.feedblitz.com", "feeds.feedburner.com", "flip.it", "goo.gl", "hubs.la", "hubs.li", "ift.tt",
        "is.gd", "j.mp", "lnkd.in", "ow.ly", "rebrand.ly", "rss.feedsportal.com", "shorturl.at", "t.co",
        "t.ly", "tiny.cc", "tinyurl.com", "tr.im", "trib.al", "wp.me",
    }
)  # fmt: skip
#: Names under which a page gives its picture, the best first.
_NAMES: Final = ("og:image:secure_url", "og:image", "og:image:url", "twitter:image", "twitter:image:src")


@dataclass(frozen=True, slots=True)
class Page:
    """What is known of a page."""

    #: After redirects.
    url: str
    #: Absolute; None when it names none.
    image_url: str | None


def complete(
    client: Client,
    entries: Sequence[Entry],
    *,
    images: bool,
    deadline: timedelta = DEADLINE,
    shorteners: Collection[str] = SHORTENERS,
    feed_image: str | None = None,
) -> tuple[Entry, ...]:
    """New entries with their shortened links followed and, where they have none, their page's picture.

    Args:
        entries: newest first; those beyond the tenth cost no request. Their keys do not change.
        images: whether to read the pages of entries that have no picture.
        deadline: for all of them together.
        shorteners: hosts whose links are followed.
        feed_image: the feed's own picture, for entries that have none even so.
    """
    with time_limit(deadline):
        found = [
            entry if place >= MOST or is_over() else _completed(client, entry, images, shorteners)
            for place, entry in enumerate(entries)
        ]
    if images and feed_image:
        found = [entry if entry.image_url else replace(entry, image_url=feed_image) for entry in found]
    return tuple(found)


def unroll(client: Client, url: str, *, shorteners: Collection[str] = SHORTENERS) -> str:
    """Where a shortened link leads, without what only tracks the reader; ``url`` itself when nobody knows.

    The target is never asked, only the hosts that shorten, at most five of them, each through the guard.
    """
    found = url
    for _ in range(_MAX_HOPS):
        if not is_shortened(found, shorteners):
            return canonical_link(found)
        answer = _ask(client, "HEAD", found)
        if answer is None or not _location(answer):
            answer = _ask(client, "GET", found)
        target = _location(answer) if answer else None
        if target is None:
            return url
        found = target
    return url if is_shortened(found, shorteners) else canonical_link(found)


def is_shortened(url: str, shorteners: Collection[str] = SHORTENERS) -> bool:
    """Whether an address is one of a host that only leads elsewhere."""
    try:
        return (urlsplit(url).hostname or "").removeprefix("www.") in shorteners
    except ValueError:
        return False


def read_page(client: Client, url: str) -> Page:
    """Read what a page says about itself.

    Raises:
        FetchError: it cannot be read.
    """
    answer = read(client, url, headers={"Accept": "text/html"}, deadline=_ONE, max_bytes=_MAX_PAGE)
    return Page(answer.url, picture_of(answer.body, url=answer.url))


def picture_of(page: bytes, *, url: str) -> str | None:
    """The picture that a page gives for itself: og:image, twitter:image, or ``<link rel="image_src">``.

    Args:
        page: HTML; searched up to 512 KiB.
        url: its address, the base unless the page names another.
    """
    base = url
    found: dict[str, str] = {}
    for tag in tags(decode_page(page[:SEARCHED]), ("base", "link", "meta")):
        given = tag.attributes
        if tag.name == "base":
            base = resolve(given.get("href"), base=url) or base
        elif tag.name == "meta":
            name = (given.get("property") or given.get("name") or "").lower()
            found.setdefault(name, given.get("content", ""))
        elif "image_src" in given.get("rel", "").lower().split():
            found.setdefault("image_src", given.get("href", ""))
    pictures = (resolve(found.get(name), base=base) for name in (*_NAMES, "image_src"))
    return next((picture for picture in pictures if picture and is_picture(picture)), None)


def _completed(client: Client, entry: Entry, images: bool, shorteners: Collection[str]) -> Entry:
    link, image_url = entry.link, entry.image_url
    if link and is_shortened(link, shorteners):
        link = unroll(client, link, shorteners=shorteners)
    if images and link and not image_url and not is_shortened(link, shorteners):
        try:
            image_url = read_page(client, link).image_url
        except FetchError:
            image_url = None
    return replace(entry, link=link, image_url=image_url)


def _ask(client: Client, method: str, url: str) -> Response | None:
    try:
        request = client.build_request(method, url)
        return read(client, request, deadline=_ONE, max_bytes=SEARCHED, max_redirects=None)
    except (FetchError, ValueError):
        return None


def _location(answer: Response) -> str | None:
    if not 300 <= answer.status < 400:
        return None
    location = answer.headers.get("location", "").encode("latin-1", "replace").decode("utf-8", "replace")
    return resolve(location, base=answer.url)
