"""What a list of published posts shows: filters, columns and order, as they are saved and asked for."""

from collections.abc import Mapping
from dataclasses import dataclass, fields
from datetime import date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from domain.errors import UsageError
from domain.period import day_start
from domain.post_columns import BY_TIME
from domain.post_filters import PostFilters

#: Longest period that ends today, in days.
LONGEST_PERIOD = 3_660
_FILTERS = tuple(one.name for one in fields(PostFilters) if one.name not in ("start", "end"))


@dataclass(frozen=True, slots=True, kw_only=True)
class PostView:
    """Filters, columns and order of a list; days are those of the workspace's zone."""

    platform: str | None = None
    channel_id: int | None = None
    route_id: int | None = None
    feed_id: int | None = None
    author_id: int | None = None
    campaign: str | None = None
    tag: str | None = None
    kind: str | None = None
    weekday: int | None = None
    hour: int | None = None
    language: str | None = None
    origin: str | None = None
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
        PostFilters(**self._said())
        if self.days is not None and not 1 <= self.days <= LONGEST_PERIOD:
            raise UsageError(f"A period has 1 to {LONGEST_PERIOD:,} days.")
        if self.since and self.until and self.until < self.since:
            raise UsageError("The last day lies before the first.")

    def _said(self) -> dict[str, Any]:
        return {name: getattr(self, name) for name in _FILTERS}

    def filters(self, zone: str, *, now: datetime) -> PostFilters:
        """The same filters with instants for days."""
        where = ZoneInfo(zone)
        first, last = self.since, self.until
        if self.days is not None and first is None and last is None:
            first = now.astimezone(where).date() - timedelta(days=self.days - 1)
        return PostFilters(
            **self._said(),
            start=day_start(first, where) if first else None,
            end=day_start(last + timedelta(days=1), where) if last else None,
        )

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


def _day(text: Any) -> date:
    try:
        return date.fromisoformat(str(text))
    except ValueError:
        raise UsageError("This is no day. Write it as 2026-12-31.") from None


def _plain(value: Any) -> Any:
    if isinstance(value, date):
        return value.isoformat()
    return list(value) if isinstance(value, tuple) else value
