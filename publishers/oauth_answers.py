"""How a token address answers: a grant, a refusal of the grant or the application, or a moment's weakness."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import httpx

from domain.errors import NeedsReconnect, NotSent, OutcomeUnknown, RateLimited
from publishers.http import json_object, refusal, said_by

TokenRefusal = Callable[[httpx.Response], NeedsReconnect | NotSent | OutcomeUnknown]

#: Errors of RFC 6749 (and of their users) that mean the application, not the grant.
_APPLICATION = frozenset(
    {"invalid_client", "unauthorized_client", "invalid_client_id", "incorrect_client_credentials"}
)
#: Errors that pass by themselves.
_PASSING = frozenset({"temporarily_unavailable", "server_error", "slow_down", "internal_error"})
#: No token lives longer; what says so is another unit or nonsense.
_LONGEST = timedelta(days=3660)


def read_answer(response: httpx.Response, refused: TokenRefusal) -> dict[str, Any]:
    """The JSON object of a success; platforms that say 200 to a refusal are understood.

    Raises:
        OutcomeUnknown: it holds something else.
    """
    answer = json_object(response)
    if answer.get("error") and not answer.get("access_token"):
        raise refused(response)
    return answer


def refusal_of_token(response: httpx.Response, *, platform: str) -> NeedsReconnect | NotSent | OutcomeUnknown:
    """What a refusal means: only the platform's own word makes a grant dead, no failure does."""
    host, said, code = response.request.url.host, said_by(response), error_code(response)
    if response.status_code == 429:
        error = refusal(response)
        assert isinstance(error, RateLimited)
        return error
    if response.status_code >= 500 or response.status_code == 408 or code in _PASSING:
        return OutcomeUnknown(f"{host} answered {response.status_code}{said}.")
    shown = f"{response.status_code}{said or (f': {code}' if code else '')}"
    if code in _APPLICATION:
        return NeedsReconnect(
            f"{host} refuses the application ({shown}). Correct its id and secret with "
            f"`tabuh platform set {platform}`."
        )
    if code or response.status_code in (400, 401):
        return NeedsReconnect(f"{host} no longer grants access ({shown}). Connect the channel again.")
    return OutcomeUnknown(f"{host} answered {shown}.")


def error_code(response: httpx.Response) -> str:
    """The error's short name, such as ``invalid_grant``; empty when none can be read."""
    try:
        answer = response.json()
    except (ValueError, RecursionError):
        return ""
    error = answer.get("error") if isinstance(answer, dict) else None
    if isinstance(error, dict):
        error = error.get("type") or error.get("status")
    return error if isinstance(error, str) else ""


def words(value: Any) -> str:
    """A text of an answer; empty for anything else."""
    return value.strip() if isinstance(value, str) else ""


def seconds(value: Any) -> timedelta | None:
    """How long a token lives, by a number of seconds or its digits; None when nothing is said."""
    if isinstance(value, str) and value.strip().isdecimal():
        value = int(value.strip()[:12])
    if (
        isinstance(value, bool)
        or not isinstance(value, int | float)
        or not 0 < value <= _LONGEST.total_seconds()
    ):
        return None
    return timedelta(seconds=int(value) or 1)
