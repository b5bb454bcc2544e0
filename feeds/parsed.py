"""What a feed document says, whatever its format."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from urllib.parse import urlsplit, urlunsplit

from domain.entry import Entry
from feeds.hints import FeedHints


@dataclass(frozen=True, slots=True)
class Place:
    """One entry of a document, in its order."""

    #: 16 bytes over what it is read from; None where the document could not be taken apart.
    fingerprint: bytes | None
    #: None: it was not read, since its fingerprint is known, or it holds nothing.
    entry: Entry | None


@dataclass(frozen=True, slots=True)
class ParsedFeed:
    """A feed document, read."""

    #: Plain text; empty when the feed has none.
    title: str
    #: The page that the feed belongs to, absolute.
    site_url: str | None
    language: str | None
    #: In document order, at most as many as were asked for.
    places: tuple[Place, ...]
    hints: FeedHints = field(default_factory=FeedHints)
    #: Where the feed says that it lives now (``itunes:new-feed-url``, ``newLocation``).
    new_url: str | None = None
    #: WebSub hub and the feed's own address as it names itself.
    hub_url: str | None = None
    self_url: str | None = None
    image_url: str | None = None

    @property
    def entries(self) -> tuple[Entry, ...]:
        """Those that were read, in document order; their keys are not set yet."""
        return tuple(place.entry for place in self.places if place.entry is not None)


def newest(count: int, limit: int, date: Callable[[int], datetime | None]) -> Sequence[int]:
    """The positions of the ``limit`` newest of ``count`` entries, in document order.

    Feeds put the newest first; one whose last entry is dated after its first is the other way round.

    Args:
        date: when the entry at a position was published; asked for the first and the last one only.
    """
    if count <= limit:
        return range(count)
    first, last = date(0), date(count - 1)
    if first and last and last > first:
        return range(count - limit, count)
    return range(limit)


def base_of(url: str) -> bytes:
    """The part of an address that relative links depend on; a query may change at every look."""
    try:
        return urlunsplit(urlsplit(url)._replace(query="", fragment="")).encode("utf-8", "replace")
    except ValueError:
        return url.encode("utf-8", "replace")
