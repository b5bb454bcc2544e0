"""What a server and a feed say about how often to look: HTTP freshness, ttl, sy:*, skipHours, skipDays."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from typing import Final

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
    retry_after: timedelta | None = None


@dataclass(frozen=True, slots=True)
class FeedHints:
    """What the document itself asks for."""

    #: The larger of ttl and the sy: period, None when neither is given.
    every: timedelta | None = None
    #: Hours (0-23) and weekdays (Monday is 0) in UTC on which nobody should look.
    skip_hours: frozenset[int] = field(default_factory=frozenset)
    skip_days: frozenset[int] = field(default_factory=frozenset)


def cache_hints(headers: Mapping[str, str], *, now: datetime) -> CacheHints:
    """Read the freshness headers of an answer. ``now`` is the current time, UTC."""
    control = headers.get("cache-control", "").lower()
    max_age = _MAX_AGE.search(control)
    expires = http_date(headers.get("expires"))
    sent_at = http_date(headers.get("date")) or now
    return CacheHints(
        max_age=_bounded(timedelta(seconds=int(max_age[1]))) if max_age else None,
        expires_in=_bounded(expires - sent_at) if expires else None,
        retry_after=retry_after(headers, now=now),
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


def _is_number(text: str) -> bool:
    return bool(re.fullmatch(r"\d+(\.\d+)?", text))
