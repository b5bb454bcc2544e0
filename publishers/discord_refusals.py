"""What Discord's refusals mean.

Sources: docs.discord.com/developers/topics/opcodes-and-status-codes (JSON error codes), topics/rate-limits.
"""

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import httpx

from domain.errors import NeedsReconnect, PostGone, PublishError, RateLimited, Rejected
from publishers.http import refusal, said_by

_UNKNOWN_MESSAGE = 10008
#: What only the owner of the server can mend, by Discord's own codes.
_OWNERS = {
    10003: "Discord knows no such channel. Check its number.",
    10004: "The bot is in no such server. Invite it there.",
    10015: "The webhook is gone. Make another in the channel's settings, and connect it.",
    50001: "The bot may not see that channel. Give it the right to view it.",
    50013: "The bot may not do that there. Let it send messages, embed links and attach files.",
    50027: "The webhook's address is not right any more. Copy it from the channel's settings again.",
}


def refused(response: httpx.Response) -> PublishError:
    """The error that a refusal in Discord's own dialect means."""
    answer, said = _object(response), said_by(response)
    code = answer.get("code")
    if response.status_code == 429:
        return _wait(response, answer)
    if code == _UNKNOWN_MESSAGE:
        return PostGone("The message is no longer on Discord.")
    if response.status_code in (400, 403, 404) and isinstance(code, int) and code in _OWNERS:
        return NeedsReconnect(f"{_OWNERS[code]} ({response.status_code}{said}).")
    if response.status_code == 401:
        return NeedsReconnect(f"Discord refuses our token (401{said}). Connect the channel again.")
    if response.status_code == 403:
        return NeedsReconnect(f"Discord forbids us to act (403{said}). Check the rights in that channel.")
    return _with_detail(refusal(response), answer.get("errors"))


def _with_detail(error: PublishError, errors: Any) -> PublishError:
    """Which field Discord complains of, where it says so deep inside its answer."""
    found = next(_details(errors, ()), None)
    if type(error) is not Rejected or found is None:
        return error
    return Rejected(f"{str(error).rstrip('.')}: {found[:200].rstrip('.')}.")


def _details(errors: Any, path: tuple[str, ...]) -> Iterator[str]:
    if not isinstance(errors, dict) or len(path) > 8:
        return
    for name, inner in errors.items():
        if name == "_errors" and isinstance(inner, list):
            said = (one.get("message") for one in inner if isinstance(one, dict))
            yield from (f"{'.'.join(path)} {one}" for one in said if isinstance(one, str))
        else:
            yield from _details(inner, (*path, str(name)))


def _wait(response: httpx.Response, answer: dict[str, Any]) -> PublishError:
    """How long a bucket, or all of Discord, is closed: the body says it to the millisecond."""
    wait = answer.get("retry_after", response.headers.get("x-ratelimit-reset-after"))
    try:
        seconds = float(wait)
    except (TypeError, ValueError):
        return refusal(response)
    seconds = max(1.0, min(seconds, 24 * 3600.0))
    scope = response.headers.get("x-ratelimit-scope", "")
    whose = {"shared": "this channel", "global": "this bot"}.get(scope, "calls of this kind")
    if answer.get("global") is True:
        whose = "this bot"
    return RateLimited(
        f"Discord asks us to wait {seconds:g} s: too many requests for {whose}.",
        retry_after=timedelta(seconds=seconds),
    )


def _object(response: httpx.Response) -> dict[str, Any]:
    try:
        answer = response.json()
    except (ValueError, RecursionError):
        return {}
    return answer if isinstance(answer, dict) else {}
