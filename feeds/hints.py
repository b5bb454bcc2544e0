"""What a server and a feed say about how often to look: HTTP freshness, ttl, sy:*, skipHours, skipDays."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from typing import Any, Final, Self

#: Nobody makes us wait longer than this, whatever a header says.
LONGEST_WAIT: Final = timedelta(hours=24)
#: How long to stay away after 429 or 503 without a Retry-After.
DEFAULT_RETRY_AFTER: Final = timedelta(hours=4)
_PERIODS: Final = {"hourly": 1, "daily": 24, "weekly": 168, "monthly": 720, "yearly": 8760}
_DAYS: Final = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
_MAX_AGE: Final = re.compile(r"(?:^|[\s,])max-age\s*=\s*\"?(\d{1,10})")


@dataclass(frozen=True, slots=True)
class CacheHints:
    """What the headers of one answer ask for; None where they say nothing."""

    max_age: timedelta | None = None
    #: ``Expires`` minus ``Date``; zero when it has passed.
    expires_in: timedelta | None = None
    #: Nothing remains of our allowance: no request before this time has passed.
    retry_after: timedelta | None = None


@dataclass(frozen=True, slots=True)
class FeedHints:
    """What the document itself asks for."""

    #: The larger of ttl and the sy: period, None when neither is given.
    every: timedelta | None = None
    #: Hours (0-23) and weekdays (Monday is 0) in UTC on which nobody should look.
    skip_hours: frozenset[int] = field(default_factory=frozenset)
    skip_days: frozenset[int] = field(default_factory=frozenset)


@dataclass(frozen=True, slots=True)
class Hints:
    """All that a feed and its server asked for at the last look that brought a document."""

    feed: FeedHints = field(default_factory=FeedHints)
    #: A 304 that names none leaves it as it was (RFC 9111, section 4.3.4).
    max_age: timedelta | None = None

    @classmethod
    def stored(cls, kept: Any) -> Self:
        """What `as_json` made; nothing asked for when nothing was kept."""
        if not kept:
            return cls()
        every, max_age = (_seconds(kept.get(name)) for name in ("every", "max_age"))
        hours, days = (frozenset(kept.get(name) or ()) for name in ("skip_hours", "skip_days"))
        return cls(FeedHints(every, hours, days), max_age)

    def as_json(self) -> dict[str, Any] | None:
        """For the feed's row, in seconds; None when nothing was asked for."""
        kept = {
            "every": self.feed.every.total_seconds() if self.feed.every else None,
            "skip_hours": sorted(self.feed.skip_hours),
            "skip_days": sorted(self.feed.skip_days),
            "max_age": self.max_age.total_seconds() if self.max_age is not None else None,
        }
        return {name: value for name, value in kept.items() if value or value == 0} or None

    def renewed(self, cache: CacheHints) -> Self:
        """After an answer that brought no document."""
        return replace(self, max_age=cache.max_age) if cache.max_age is not None else self


def cache_hints(headers: Mapping[str, str], *, now: datetime) -> CacheHints:
    """Read the freshness headers of an answer. ``now`` is the current time, UTC."""
    control = headers.get("cache-control", "").lower()
    max_age = _MAX_AGE.search(control)
    expires = http_date(headers.get("expires"))
    sent_at = http_date(headers.get("date")) or now
    return CacheHints(
        max_age=_bounded(timedelta(seconds=int(max_age[1]))) if max_age else None,
        expires_in=_bounded(expires - sent_at) if expires else None,
        retry_after=retry_after(headers, now=now) if "x-ratelimit-remaining" in headers else None,
    )


def retry_after(headers: Mapping[str, str], *, now: datetime) -> timedelta | None:
    """How long the server asks us to stay away: 0 to 24 h, None when it does not say.

    ``Retry-After`` in seconds or as an HTTP date, else ``x-ratelimit-reset`` in seconds from now or as a
    Unix time, when nothing remains of the allowance.

    Source: RFC 9110, section 10.2.3.
    """
    value = headers.get("retry-after", "").strip()
    if re.fullmatch(r"\d{1,9}(\.\d+)?", value):
        return _bounded(timedelta(seconds=float(value)))
    when = http_date(value)
    if when:
        return _bounded(when - now)
    reset = headers.get("x-ratelimit-reset", "").strip()
    remaining = headers.get("x-ratelimit-remaining", "0").strip()
    if re.fullmatch(r"\d{1,11}(\.\d+)?", reset) and float(remaining or 0 if _is_number(remaining) else 0) < 1:
        seconds = float(reset)
        return _bounded(timedelta(seconds=seconds - now.timestamp() if seconds > 1e9 else seconds))
    return None


def feed_hints(
    *, ttl: str | None, period: str | None, frequency: str | None, skip_hours: str = "", skip_days: str = ""
) -> FeedHints:
    """Read a document's own wishes, raw as it spells them; what makes no sense is left out."""
    waits = []
    if ttl and re.fullmatch(r"\d{1,7}", ttl.strip()):
        waits.append(timedelta(minutes=int(ttl)))
    hours = _PERIODS.get((period or "").strip().lower())
    if hours:
        times = int(frequency) if frequency and re.fullmatch(r"\d{1,4}", frequency.strip()) else 1
        waits.append(timedelta(hours=hours) / max(1, times))
    wait = _bounded(max(waits)) if waits and max(waits) > timedelta(0) else None
    hours_off = frozenset(int(text) % 24 for text in re.findall(r"\d+", skip_hours) if int(text) <= 24)
    days_off = frozenset(
        _DAYS.index(text.lower()) for text in re.findall(r"[A-Za-z]+", skip_days) if text.lower() in _DAYS
    )
    return FeedHints(every=wait, skip_hours=hours_off, skip_days=days_off)


def http_date(value: str | None) -> datetime | None:
    """An HTTP date as a UTC instant; None when it is absent or unreadable."""
    if not value or not re.search(r"[A-Za-z]", value):
        return None
    try:
        found = parsedate_to_datetime(value)
    except (ValueError, TypeError, IndexError, OverflowError):
        return None
    return found.replace(tzinfo=UTC) if found.tzinfo is None else found.astimezone(UTC)


def _bounded(wait: timedelta) -> timedelta:
    return min(max(wait, timedelta(0)), LONGEST_WAIT)


def _seconds(number: float | None) -> timedelta | None:
    return timedelta(seconds=number) if number is not None else None


def _is_number(text: str) -> bool:
    return bool(re.fullmatch(r"\d+(\.\d+)?", text))
