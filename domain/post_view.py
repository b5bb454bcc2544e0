"""What a list of published posts shows: filters, columns and order, as they are saved and asked for."""

from collections.abc import Mapping
from dataclasses import dataclass, fields
from datetime import date
from typing import Any

from domain.errors import UsageError
from domain.post_columns import BY_TIME
from domain.post_filters import KINDS, LONGEST_SEARCH, ORIGINS

#: Longest period that ends today, in days.
LONGEST_PERIOD = 3_660


@dataclass(frozen=True, slots=True, kw_only=True)
class PostView:
    """Filters, columns and order of a list; days are those of the workspace's zone."""

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
    #: A key of `domain.post_filters.KINDS`.
    kind: str | None = None
    #: When it went out in its channel's zone: 0 is Monday, and 0 to 23.
    weekday: int | None = None
    hour: int | None = None
    #: As stated on the post, such as ``id``; ``und``: not stated.
    language: str | None = None
    #: A key of `domain.post_filters.ORIGINS`.
    origin: str | None = None
    #: Posts of any of its arms.
    experiment_id: int | None = None
    #: Words in the text, in any case.
    text: str | None = None
    #: Published on one of the last days, today included; else on these days, both included.
    days: int | None = None
    since: date | None = None
    until: date | None = None
    #: Keys of `domain.post_columns`; empty: whatever is usual for the reader.
    columns: tuple[str, ...] = ()
    sort: str = BY_TIME
    descending: bool = True

    def __post_init__(self) -> None:
        _known("type", self.kind, KINDS)
        _known("origin", self.origin, ORIGINS)
        _within("weekday", self.weekday, 6, "0 is Monday and 6 is Sunday")
        _within("hour", self.hour, 23, "hours go from 0 to 23")
        if self.text is not None and len(self.text) > LONGEST_SEARCH:
            raise UsageError(f"Search for at most {LONGEST_SEARCH} characters.")
        if self.days is not None and not 1 <= self.days <= LONGEST_PERIOD:
            raise UsageError(f"A period has 1 to {LONGEST_PERIOD:,} days.")
        if self.since and self.until and self.until < self.since:
            raise UsageError("The last day lies before the first.")

    def stored(self) -> dict[str, Any]:
        """As JSON, only what differs from a list that nobody changed."""
        return {name: _plain(value) for name, value in self._changed().items()}

    def _changed(self) -> dict[str, Any]:
        plain = PostView()
        named = ((one.name, getattr(self, one.name)) for one in fields(self))
        return {name: value for name, value in named if value != getattr(plain, name)}


def view_from(stored: Mapping[str, Any]) -> PostView:
    """The view that `PostView.stored` wrote.

    Raises:
        UsageError: it names something that is not known (any more).
    """
    known = {one.name for one in fields(PostView)}
    if unknown := sorted(set(stored) - known):
        raise UsageError(f"A view has no {unknown[0]!r}. Known: {', '.join(sorted(known))}.")
    values = dict(stored)
    for name in ("since", "until"):
        if values.get(name) is not None:
            values[name] = _day(values[name])
    return PostView(**{**values, "columns": tuple(values.get("columns") or ())})


def _known(name: str, value: str | None, known: Mapping[str, Any]) -> None:
    if value is not None and value not in known:
        raise UsageError(f"Unknown {name} {value!r}. Known: {', '.join(known)}.")


def _within(name: str, value: int | None, most: int, words: str) -> None:
    if value is not None and not 0 <= value <= most:
        raise UsageError(f"{value} is no {name}: {words}.")


def _day(text: Any) -> date:
    try:
        return date.fromisoformat(str(text))
    except ValueError:
        raise UsageError("This is no day. Write it as 2026-12-31.") from None


def _plain(value: Any) -> Any:
    if isinstance(value, date):
        return value.isoformat()
    return list(value) if isinstance(value, tuple) else value
