"""What platforms say, in the headers of their answers, of how many calls are left, in all their dialects.

Sources: docs.x.com (x-rate-limit-*), docs.joinmastodon.org/api/rate-limits (X-RateLimit-*, ISO reset),
docs.bsky.app (ratelimit-*, reset as epoch), discord.com/developers (X-RateLimit-Reset-After),
tumblr.com/docs (X-Ratelimit-Perday-*), draft-ietf-httpapi-ratelimit-headers (RateLimit: r=5;t=30).
"""

import re
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

#: Before "remaining", "reset" and "reset-after".
_DIALECTS = ("x-rate-limit-", "x-ratelimit-", "ratelimit-", "x-ratelimit-perhour-", "x-ratelimit-perday-")
#: What is larger counts seconds since 1970, and since then in milliseconds.
_EPOCH_FROM, _MILLIS_FROM = 1_000_000_000, 100_000_000_000
#: Nothing that a header says is believed for longer.
_LONGEST = timedelta(hours=25)
_DRAFT = re.compile(r"(?:^|[;,\s])(?:remaining|r)=(\d{1,9})\b.*?(?:reset|t)=(\d{1,9})\b")


@dataclass(frozen=True, slots=True)
class Left:
    """How many more calls of a kind a platform takes until a time (UTC)."""

    calls: int
    until: datetime


def left(headers: Mapping[str, str], *, now: datetime) -> Left | None:
    """The least that an answer's headers say is left; None: they say nothing that can be read."""
    found = [one for one in (_said(headers, dialect, now) for dialect in _DIALECTS) if one is not None]
    if drafted := _DRAFT.search(headers.get("ratelimit", "")):
        found.append(Left(int(drafted[1]), now + timedelta(seconds=int(drafted[2]))))
    fresh = [one for one in found if now < one.until <= now + _LONGEST]
    return min(fresh, key=lambda one: (one.calls, -one.until.timestamp()), default=None)


def _said(headers: Mapping[str, str], dialect: str, now: datetime) -> Left | None:
    calls = headers.get(f"{dialect}remaining", "").strip()
    if not re.fullmatch(r"\d{1,9}(\.\d+)?", calls):  # Reddit counts in tenths
        return None
    after = headers.get(f"{dialect}reset-after", "").strip()
    until = _until(after, now) if after else _until(headers.get(f"{dialect}reset", "").strip(), now)
    return None if until is None else Left(int(float(calls)), until)


def _until(value: str, now: datetime) -> datetime | None:
    """An ISO time, seconds or milliseconds since 1970, or seconds from now."""
    if re.fullmatch(r"\d{1,16}(\.\d+)?", value):
        number = float(value)
        if number >= _MILLIS_FROM:
            number /= 1000
        return datetime.fromtimestamp(number if number >= _EPOCH_FROM else now.timestamp() + number, UTC)
    try:
        then = datetime.fromisoformat(value)
    except ValueError:
        return None
    return then.replace(tzinfo=then.tzinfo or UTC).astimezone(UTC)


@dataclass(frozen=True, slots=True)
class _Ear:
    now: datetime
    heard: list[Left]


_listening: ContextVar[_Ear | None] = ContextVar("who listens to what platforms say is left", default=None)


@contextmanager
def listening(*, now: datetime) -> Iterator[list[Left]]:
    """What answers say while the block runs, in this thread, to calls that make something."""
    ear = _Ear(now, [])
    token = _listening.set(ear)
    try:
        yield ear.heard
    finally:
        _listening.reset(token)


def hear(method: str, headers: Mapping[str, str]) -> None:
    """Note what an answer says, if somebody listens; reads have budgets of their own."""
    ear = _listening.get()
    if ear is not None and method not in ("GET", "HEAD"):
        said = left(headers, now=ear.now)
        if said is not None:
            ear.heard.append(said)
