"""What X's answers mean: refusals, posts that are gone, and the words of a post as they were sent.

Source: docs.x.com/x-api/fundamentals/response-codes-and-errors.
"""

import html
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx

from domain.errors import NeedsReconnect, NotSent, PostGone, PublishError, RateLimited, Rejected
from publishers.http import refusal, said_by

#: X asks for payment, or a month's reads are used up: nothing changes that within minutes.
_UNTIL_PAID = timedelta(hours=1)


def refused(response: httpx.Response) -> PublishError:
    """What an answer of X that is no success means."""
    said, kind = said_by(response), _kind(response)
    match response.status_code:
        case 402:
            return RateLimited(f"X asks for payment (402{said}). Buy credits there.", retry_after=_UNTIL_PAID)
        case 403 if "duplicate" in said.lower():
            return Rejected("X refuses a text that was posted a short while ago. Change it.")
        case 403 if kind in ("unsupported-authentication", "client-forbidden", "oauth1-permissions"):
            return NeedsReconnect(
                f"X does not let this application act for the channel (403{said}). Give it read and write "
                "access in X's developer console, then connect the channel again."
            )
        case 404 if response.request.url.path.startswith("/2/tweets/"):
            return PostGone("X no longer has this post.")
        case 429 if kind == "usage-capped":
            return RateLimited(
                f"What this application may use of X is used up (429{said}).", retry_after=_UNTIL_PAID
            )
    return refusal(response)


def _kind(response: httpx.Response) -> str:
    """The last part of the address that names the kind of problem, such as ``usage-capped``."""
    try:
        said = response.json()
    except (ValueError, RecursionError):
        return ""
    kind = said.get("type") if isinstance(said, dict) else None
    return kind.rstrip("/").rsplit("/", 1)[-1] if isinstance(kind, str) else ""


def missing(answer: Mapping[str, Any], *, what: str = "the post") -> PublishError:
    """What 200 without data means."""
    errors = [one for one in answer.get("errors") or () if isinstance(one, Mapping)]
    if what == "the post" and any("not-found" in str(one.get("type")) for one in errors):
        return PostGone("X no longer has this post.")
    why = next((str(one["detail"]) for one in errors if one.get("detail")), "it gives no reason")
    return NotSent(f"X does not show {what}: {why[:200].rstrip('.')}.")


def missing_of(answer: Mapping[str, Any], remote_id: str) -> PublishError:
    """What it means that one of several posts is not in an answer."""
    errors = [one for one in answer.get("errors") or () if isinstance(one, Mapping)]
    own = [one for one in errors if remote_id in (str(one.get("resource_id")), str(one.get("value")))]
    return missing({"errors": own})


def text_of(post: Mapping[str, Any]) -> str:
    """The words as they were sent: with the addresses that X has shortened, without those of its pictures."""
    long = post.get("note_tweet") or {}
    text = str(long.get("text") or post.get("text") or "")
    entities = [
        *((long.get("entities") or {}).get("urls") or ()),
        *((post.get("entities") or {}).get("urls") or ()),
    ]
    for one in entities:
        is_file = bool(one.get("media_key")) or str(one.get("display_url", "")).startswith("pic.")
        text = text.replace(str(one.get("url")), "" if is_file else str(one.get("expanded_url", "")))
    return html.unescape(text)


def answers(post: Mapping[str, Any]) -> str | None:
    """The id of the post that this one answers."""
    for one in post.get("referenced_tweets") or ():
        if one.get("type") == "replied_to":
            return str(one.get("id"))
    return None


def files_of(post: Mapping[str, Any]) -> int:
    """How many pictures and videos the post shows."""
    return len((post.get("attachments") or {}).get("media_keys") or ())


def moment(text: Any) -> datetime | None:
    """A time of X in UTC; None when it cannot be read."""
    try:
        moment = datetime.fromisoformat(text)
    except (TypeError, ValueError):
        return None
    return moment.replace(tzinfo=moment.tzinfo or UTC).astimezone(UTC)
