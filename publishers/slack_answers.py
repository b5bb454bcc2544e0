"""What Slack's answers mean: it says HTTP 200 and ``"ok": false`` where others give a status.

Sources: docs.slack.dev/reference/methods/chat.postMessage (errors), apis/web-api/rate-limits,
changelog/2016-05-17-changes-to-errors-for-incoming-webhooks.
"""

from datetime import UTC, datetime
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
from publishers.http import json_object, refusal, wait_asked

_TOKEN = "Slack refuses the token. Install the app again, and connect the channel with its new token."  # noqa: S105
_INVITE = "The bot is not in that channel. Invite it there: /invite @its-name."
#: What only an owner can mend, by Slack's own codes.
_OWNERS = {
    **dict.fromkeys(
        ("invalid_auth", "not_authed", "token_revoked", "token_expired", "account_inactive", "access_denied"),
        _TOKEN,
    ),
    **dict.fromkeys(("org_login_required", "ekm_access_denied", "team_access_not_granted"), _TOKEN),
    "channel_not_found": "Slack knows no such channel, or the bot may not see it. Invite it there.",
    "not_in_channel": _INVITE,
    "is_archived": "The channel is archived. Choose another.",
    "channel_is_archived": "The channel is archived. Choose another.",
    "no_service": "The webhook is gone or switched off. Make another, and connect it.",
    "no_service_id": "The webhook is gone or switched off. Make another, and connect it.",
    "no_active_hooks": "The webhook is gone or switched off. Make another, and connect it.",
    "invalid_token": "The webhook's address is not right. Copy it again.",
    "no_team": "The workspace of this webhook is gone. Connect another.",
    "team_disabled": "The workspace of this webhook is closed. Connect another.",
    **dict.fromkeys(
        (
            "restricted_action",
            "restricted_action_read_only_channel",
            "restricted_action_thread_only_channel",
            "action_prohibited",
            "posting_to_general_channel_denied",
        ),
        "The workspace lets this app post nothing there. Ask its administrators, or choose another channel.",
    ),
}
_WAIT = ("ratelimited", "rate_limited", "message_limit_exceeded")
#: After these, Slack says itself, some aspect of the call may have succeeded.
_UNCLEAR = ("internal_error", "fatal_error", "service_unavailable", "request_timeout", "rollup_error")
_GONE = ("message_not_found", "thread_not_found")


class NotReady(NotSent):
    """Slack still works on a file that the message shows."""


def answer_of(response: httpx.Response) -> dict[str, Any]:
    """The answer of a call that Slack has carried out.

    Raises:
        PublishError: it says that it has not, or cannot be read.
    """
    answer = json_object(response)
    if answer.get("ok") is True:
        return answer
    if "ok" not in answer:
        raise OutcomeUnknown("Slack gave an answer that cannot be read.")
    raise _meaning(response, str(answer.get("error")), answer)


def refused(response: httpx.Response) -> PublishError:
    """The error of an answer with a status of its own: the Web API's, or the word of a webhook."""
    if response.status_code in (429, 401) or response.status_code >= 500:
        return refusal(response)
    word = response.text.strip()
    if not word.isascii() or not word.replace("_", "").isalnum() or len(word) > 60:
        return refusal(response)
    return _meaning(response, word, {})


def _meaning(response: httpx.Response, word: str, answer: dict[str, Any]) -> PublishError:
    if word in _OWNERS:
        return NeedsReconnect(f"{_OWNERS[word]} (Slack: {word}).")
    if word == "missing_scope":
        needed = answer.get("needed") or "another right"
        return NeedsReconnect(f"The app lacks the scope {needed}. Add it, and install the app again.")
    if word in _WAIT:
        wait = wait_asked(response.headers, now=datetime.now(UTC))
        return RateLimited(f"Slack asks us to wait {int(wait.total_seconds())} s ({word}).", retry_after=wait)
    if word in _GONE:
        return PostGone("The message is no longer on Slack.")
    if word in _UNCLEAR:
        return OutcomeUnknown(f"Slack failed in the middle of it ({word}).")
    return _rejected(word, _details(answer))


def _rejected(word: str, said: str) -> PublishError:
    if word == "invalid_blocks" and "slack file" in said:
        return NotReady("Slack is still working on a picture.")
    return Rejected(f"Slack refuses this post: {word}{said}.")


def _details(answer: dict[str, Any]) -> str:
    metadata = answer.get("response_metadata")
    messages = metadata.get("messages") if isinstance(metadata, dict) else None
    said = [one for one in (messages or answer.get("errors") or ()) if isinstance(one, str)]
    return f" ({' '.join(' '.join(said).split())[:200]})" if said else ""
