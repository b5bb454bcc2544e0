"""What errors of Meta's Graph API mean: one dialect for Facebook, Instagram and Threads.

Sources: developers.facebook.com/docs/graph-api/guides/error-handling,
developers.facebook.com/docs/graph-api/overview/rate-limiting,
developers.facebook.com/docs/instagram-platform/instagram-graph-api/reference/error-codes.
"""

import json
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx

from domain.errors import (
    NeedsReconnect,
    NotSent,
    OutcomeUnknown,
    PostGone,
    PublishError,
    RateLimited,
    Rejected,
)
from publishers.http import refusal, retry_after, said_by

#: Sessions and tokens.
_CREDENTIALS = frozenset({102, 190, 463, 467})
#: Calls of an application, a person, a page or an ad account; 80000 to 80014 are business use cases.
_TOO_MANY = frozenset({4, 17, 32, 613, *range(80000, 80015)})
_PERMISSIONS = frozenset({3, 10, *range(200, 300)})
#: "Unknown error", "service temporarily unavailable".
_THEIR_FAULT = frozenset({1, 2})
#: The object is not there, or no longer.
_ABSENT = frozenset({(100, 33), (803, None), (10, 2207006), (24, 2207006)})
#: Instagram and Threads: the container is still being worked on; a day's posts are used up.
_NOT_READY = frozenset({2207027, 4279009})
_DAY_USED_UP = frozenset({2207042, 2207051, 4279001})
_DAY_WAIT = timedelta(hours=3)
#: When no header says how long.
_WAIT = timedelta(minutes=15)
_LONGEST = timedelta(hours=24)


def refused(response: httpx.Response) -> PublishError:
    """The error that an answer which is no success means."""
    error = error_in(response)
    code, subcode = _number(error.get("code")), _number(error.get("error_subcode"))
    if code is None:
        return refusal(response)
    shown = f"{response.status_code}, code {code}{said_by(response)}"
    waiting = _to_wait(response, shown, code, subcode)
    if waiting is not None:
        return waiting
    host = response.request.url.host
    if (code, subcode) in _ABSENT or (code, None) in _ABSENT:
        return PostGone(f"{host} no longer has it ({shown}).")
    if code in _CREDENTIALS:
        return NeedsReconnect(f"{host} refuses our credentials ({shown}). Connect the channel again.")
    if code in _THEIR_FAULT or error.get("is_transient"):
        return OutcomeUnknown(f"{host} failed ({shown}).")
    return _other(response, shown, code)


def _to_wait(response: httpx.Response, shown: str, code: int, subcode: int | None) -> NotSent | None:
    host = response.request.url.host
    if subcode in _NOT_READY:
        return NotSent(f"{host} is still working on a file ({shown}).")
    if subcode in _DAY_USED_UP or code == 9:
        return RateLimited(f"{host} takes no more posts today ({shown}).", retry_after=_DAY_WAIT)
    if code in _TOO_MANY:
        wait = regained_after(response.headers)
        seconds = int(wait.total_seconds())
        return RateLimited(f"{host} asks us to wait {seconds} s ({shown}).", retry_after=wait)
    return None


def error_in(response: httpx.Response) -> Mapping[str, Any]:
    """The error of an answer; empty when none can be read."""
    try:
        answer = response.json()
    except (ValueError, RecursionError):
        return {}
    error = answer.get("error") if isinstance(answer, dict) else None
    return error if isinstance(error, dict) else {}


def regained_after(headers: httpx.Headers) -> timedelta:
    """How long until calls are taken again, by Meta's own header (minutes, per business use case)."""
    try:
        usage = json.loads(headers.get("x-business-use-case-usage", ""))
        minutes = [
            int(one.get("estimated_time_to_regain_access") or 0)
            for entries in usage.values()
            for one in entries
        ]
    except (ValueError, TypeError, AttributeError):
        minutes = []
    longest = max(minutes, default=0)
    if longest > 0:
        return min(timedelta(minutes=longest), _LONGEST)
    return retry_after(headers["retry-after"], now=datetime.now(UTC)) if "retry-after" in headers else _WAIT


def _other(response: httpx.Response, shown: str, code: int) -> PublishError:
    host = response.request.url.host
    if code in _PERMISSIONS:
        return NeedsReconnect(
            f"{host} does not let us do this ({shown}). Connect the channel again, and leave every "
            "permission ticked; some need Meta's review of your application."
        )
    match code:
        case 368:
            return NeedsReconnect(
                f"{host} has blocked this channel for a while ({shown}). See there why, and connect again."
            )
        case 506:
            return Rejected(f"{host} refuses a text that was posted a short while ago ({shown}). Change it.")
        case 2635:
            return Rejected(
                f"{host} no longer answers this version of its API ({shown}). Set a newer one at the channel."
            )
    if response.request.method == "GET":
        return Rejected(f"{host} answered {shown}.")
    return Rejected(f"{host} refuses this post ({shown}).")


def _number(value: Any) -> int | None:
    return value if isinstance(value, int) and not isinstance(value, bool) else None
