"""Which published posts are meant: the filters of lists, views and exports, as plain values."""

from collections.abc import Mapping
from dataclasses import dataclass, fields
from datetime import datetime
from enum import StrEnum
from typing import Any

from domain.errors import UsageError
from domain.rules import Kind
from domain.sentence import Words

#: What a post is, for filters: its kind, or a thread of any kind.
THREAD = "thread"
KINDS: Mapping[str, Words] = {
    Kind.TEXT: Words("Text", "Teks"),
    Kind.IMAGE: Words("Picture", "Gambar"),
    Kind.VIDEO: Words("Video", "Video"),
    Kind.LINK: Words("Link", "Tautan"),
    Kind.POLL: Words("Poll", "Jajak pendapat"),
    THREAD: Words("Thread", "Utas"),
}


class Origin(StrEnum):
    """Where a post comes from."""

    #: A route made it of an entry.
    ROUTE = "route"
    #: Somebody wrote it here.
    PERSON = "person"
    #: One cycle of an evergreen.
    EVERGREEN = "evergreen"


ORIGINS: Mapping[str, Words] = {
    Origin.ROUTE: Words("From a feed, by a route", "Dari feed, lewat rute"),
    Origin.PERSON: Words("Written by hand", "Ditulis tangan"),
    Origin.EVERGREEN: Words("Evergreen", "Pos abadi"),
}
#: Longest text that is searched for.
LONGEST_SEARCH = 200


@dataclass(frozen=True, slots=True, kw_only=True)
class PostFilters:
    """Which published posts are meant; what is not said does not restrict."""

    #: Registry name of a platform.
    platform: str | None = None
    channel_id: int | None = None
    route_id: int | None = None
    feed_id: int | None = None
    #: Who wrote it.
    author_id: int | None = None
    campaign: str | None = None
    #: Upper and lower case are told apart.
    tag: str | None = None
    #: A key of `KINDS`.
    kind: str | None = None
    #: When it went out in its channel's zone: 0 is Monday, and 0 to 23.
    weekday: int | None = None
    hour: int | None = None
    #: As stated on the post, such as ``id``; ``und``: not stated.
    language: str | None = None
    #: A value of `Origin`.
    origin: str | None = None
    #: Words in the text, in any case.
    text: str | None = None
    #: Published in [start, end), UTC.
    start: datetime | None = None
    end: datetime | None = None

    def __post_init__(self) -> None:
        _known("kind", self.kind, KINDS)
        _known("origin", self.origin, ORIGINS)
        _within("weekday", self.weekday, 6, "0 is Monday and 6 is Sunday")
        _within("hour", self.hour, 23, "0 to 23")
        if self.text is not None and len(self.text) > LONGEST_SEARCH:
            raise UsageError(f"Search for at most {LONGEST_SEARCH} characters.")

    def stated(self) -> dict[str, Any]:
        """Those that restrict, by name."""
        named = ((one.name, getattr(self, one.name)) for one in fields(self))
        return {name: value for name, value in named if value is not None}


def _known(name: str, value: str | None, known: Mapping[str, Words]) -> None:
    if value is not None and value not in known:
        raise UsageError(f"Unknown {name} {value!r}. Known: {', '.join(known)}.")


def _within(name: str, value: int | None, most: int, words: str) -> None:
    if value is not None and not 0 <= value <= most:
        raise UsageError(f"{value} is no {name}: {words}.")
