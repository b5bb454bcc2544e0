"""What YouTube's refusals mean.

Sources, below developers.google.com/youtube/v3: docs/errors, determine_quota_cost (a day ends at midnight in
California).
"""

from datetime import UTC, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import httpx

from domain.errors import NeedsReconnect, PostGone, PublishError, RateLimited
from publishers.http import refusal, said_by

NO_CHANNEL = "This Google account has no YouTube channel. Make one there, or choose another."

_DAY_ENDS_IN = ZoneInfo("America/Los_Angeles")
_DAY_USED_UP = frozenset({"quotaExceeded", "dailyLimitExceeded"})
_UPLOADS_USED_UP = frozenset({"uploadLimitExceeded", "uploadRateLimitExceeded"})
_TOO_FAST = frozenset({"rateLimitExceeded", "userRateLimitExceeded"})


def meaning(response: httpx.Response, *, now: datetime) -> PublishError:
    """The error that an answer which is no success means."""
    reason, shown = _reason(response), f"{response.status_code}{said_by(response)}"
    if reason in _DAY_USED_UP:
        said = f"YouTube takes no more calls of this application today ({shown})."
        return RateLimited(said, retry_after=until_midnight(now))
    if reason in _UPLOADS_USED_UP:
        said = f"YouTube takes no more videos of this channel for now ({shown})."
        return RateLimited(said, retry_after=timedelta(hours=24))
    if reason in _TOO_FAST:
        return RateLimited(f"YouTube asks us to wait 60 s ({shown}).", retry_after=timedelta(minutes=1))
    return _other(response, reason, shown)


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


def _other(response: httpx.Response, reason: str, shown: str) -> PublishError:
    if reason == "youtubeSignupRequired":
        return NeedsReconnect(NO_CHANNEL)
    if reason == "videoNotFound":
        return PostGone("YouTube no longer has this video.")
    if response.status_code == 403:
        return NeedsReconnect(
            f"YouTube does not let us do this ({shown}). "
            "Connect the channel again, and leave everything ticked."
        )
    return refusal(response)


def _reason(response: httpx.Response) -> str:
    try:
        return str(response.json()["error"]["errors"][0]["reason"])
    except (ValueError, RecursionError, KeyError, IndexError, TypeError):
        return ""
