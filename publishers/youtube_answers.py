"""What YouTube's refusals mean.

Sources, below developers.google.com/youtube/v3: docs/errors, determine_quota_cost (a day ends at midnight in
California).
"""

from collections.abc import Mapping
from datetime import UTC, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import httpx

from domain.errors import NeedsReconnect, PostGone, PublishError, RateLimited
from publishers.http import refusal, said_by

NO_CHANNEL = "This Google account has no YouTube channel. Make one there, or choose another."

_DAY_ENDS_IN = ZoneInfo("America/Los_Angeles")
#: Reasons that pass, with what they say and how long they take; None: until the day ends.
_WAITS: Mapping[str, tuple[str, timedelta | None]] = {
    "quotaExceeded": ("takes no more calls of this application today", None),
    "dailyLimitExceeded": ("takes no more calls of this application today", None),
    "uploadLimitExceeded": ("takes no more videos of this channel for now", timedelta(hours=24)),
    "uploadRateLimitExceeded": ("takes no more videos of this channel for now", timedelta(hours=24)),
    "rateLimitExceeded": ("asks us to wait", timedelta(minutes=1)),
    "userRateLimitExceeded": ("asks us to wait", timedelta(minutes=1)),
}


def meaning(response: httpx.Response, *, now: datetime) -> PublishError:
    """The error that an answer which is no success means."""
    said, reason = said_by(response), _reason(response)
    if reason in _WAITS:
        words, wait = _WAITS[reason]
        return RateLimited(f"YouTube {words}{said}.", retry_after=wait or until_midnight(now))
    match reason:
        case "youtubeSignupRequired":
            return NeedsReconnect(NO_CHANNEL)
        case "videoNotFound":
            return PostGone("YouTube no longer has this video.")
    if response.status_code == 403:
        return NeedsReconnect(
            f"YouTube does not let us do this (403{said}). "
            "Connect the channel again, and leave everything ticked."
        )
    return refusal(response)


def until_midnight(now: datetime) -> timedelta:
    """How long a day of quotas still lasts."""
    tomorrow = now.astimezone(_DAY_ENDS_IN).date() + timedelta(days=1)
    return datetime.combine(tomorrow, time(), _DAY_ENDS_IN).astimezone(UTC) - now


def moment(text: Any) -> datetime | None:
    """A time of YouTube in UTC; None when it cannot be read."""
    try:
        then = datetime.fromisoformat(text)
    except (TypeError, ValueError):
        return None
    return then.replace(tzinfo=then.tzinfo or UTC).astimezone(UTC)


def _reason(response: httpx.Response) -> str:
    try:
        return str(response.json()["error"]["errors"][0]["reason"])
    except (ValueError, RecursionError, KeyError, IndexError, TypeError):
        return ""
