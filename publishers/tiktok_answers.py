"""What TikTok's answers mean: a success names itself ``ok``, and a refusal has a code besides its status.

Sources, below developers.tiktok.com/doc: content-posting-api-reference-direct-post (error codes),
content-posting-api-reference-get-video-status (fail reasons), tiktok-api-v2-error-handling.
"""

from collections.abc import Mapping
from datetime import timedelta
from typing import Any

import httpx

from domain.errors import NeedsReconnect, PostGone, PublishError, RateLimited, Rejected
from publishers.http import json_object, refusal, said_by

_DAY = timedelta(hours=24)
_AGAIN = "Connect the channel again."
_TICKED = "Connect the channel again, and leave everything ticked."
#: What is wrong, and what to do.
_TO_RECONNECT: Mapping[str, tuple[str, str]] = {
    "access_token_invalid": ("refuses our credentials", _AGAIN),
    "access_token_expired": ("refuses our credentials", _AGAIN),
    "invalid_token": ("refuses our credentials", _AGAIN),
    "scope_not_authorized": ("does not let us do this", _TICKED),
    "scope_permission_missed": ("does not let us do this", _TICKED),
    "spam_risk_user_banned_from_posting": ("has banned this channel from posting", "See there why."),
}
#: A day's posts, or a day's people, are used up.
_USED_UP = frozenset(
    {"spam_risk_too_many_posts", "reached_active_user_cap", "spam_risk_too_many_pending_share"}
)

#: Why a publication failed, in words.
FAILURES: Mapping[str, str] = {
    "file_format_check_failed": "it does not take this kind of file; convert it to MP4",
    "duration_check_failed": "it is too long or too short",
    "frame_rate_check_failed": "its frames are too many or too few in a second",
    "picture_size_check_failed": "its picture is too small or too large",
    "internal": "TikTok failed; try again",
    "spam_risk": "TikTok takes it for spam",
    "publish_cancelled": "it was cancelled there",
    "auth_removed": "the channel has taken its permission back; connect it again",
}


def whole(response: httpx.Response) -> dict[str, Any]:
    """What a success holds.

    Raises:
        PublishError: the answer is a refusal all the same.
    """
    answer = json_object(response)
    error = answer.get("error")
    if isinstance(error, Mapping) and error.get("code") not in (None, "ok"):
        raise meaning(response)
    held = answer.get("data")
    return held if isinstance(held, dict) else {}


def meaning(response: httpx.Response) -> PublishError:
    """The error that a refusal means."""
    code = _code(response)
    shown = f"{code}{said_by(response)}"
    if code in _USED_UP:
        return RateLimited(f"TikTok takes no more posts for now ({shown}).", retry_after=_DAY)
    if code in _TO_RECONNECT:
        wrong, remedy = _TO_RECONNECT[code]
        return NeedsReconnect(f"TikTok {wrong} ({shown}). {remedy}")
    match code:
        case "invalid_publish_id":
            return PostGone("TikTok no longer knows this publication.")
        case "unaudited_client_can_only_post_to_private_accounts":
            return Rejected(
                "TikTok has not audited your application: until then it posts to private channels only, for "
                "nobody else to see. Set SELF_ONLY at the channel, and make it private there."
            )
    return Rejected(f"TikTok refuses this ({shown}).") if response.is_success else refusal(response)


def _code(response: httpx.Response) -> str:
    try:
        return str(response.json()["error"]["code"])
    except (ValueError, RecursionError, KeyError, TypeError):
        return ""
