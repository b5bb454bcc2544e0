"""Texts in Reddit's Markdown, and what its refusals mean.

Sources: support.reddithelp.com (formatting guide), reddit-archive/reddit (r2/lib/errors.py and
controllers/api.py).
"""

import re
from datetime import timedelta
from typing import Any

from domain.errors import NeedsReconnect, OutcomeUnknown, PublishError, RateLimited, Rejected
from publishers.text import links

_MARKUP = re.compile(r"[\\*_~^`\[\]]|^(?:#+|>|[-+](?=\s))", re.MULTILINE)
_WAIT = re.compile(r"(\d+)\s*(millisecond|second|minute|hour)")
_SECONDS = {"millisecond": 0.001, "second": 1, "minute": 60, "hour": 3600}
#: What only the owner of the channel can mend.
_OWNERS = {
    "SUBREDDIT_NOEXIST": "There is no such community. Correct the channel's settings.",
    "SUBREDDIT_NOTALLOWED": "You may not post in that community. Join it, or choose another.",
    "SUBREDDIT_REQUIRED": "No community is named. Correct the channel's settings.",
    "USER_REQUIRED": "Reddit asks who you are. Connect the channel again.",
    "SUBMIT_VALIDATION_FLAIR_REQUIRED": "The community asks for a flair. Name one in the channel's settings.",
    "BAD_FLAIR_TEMPLATE_ID": "The community has no such flair. Correct the channel's settings.",
}


def escaped(text: str, *, link: str | None = None) -> str:
    """The text such that readers see its own signs and lines, not what Markdown would make of them.

    Args:
        link: an address that stays as it is, odd signs included; others are found.
    """
    pieces, at = [], 0
    for start, end in links(text, known=link):
        pieces += [_MARKUP.sub(r"\\\g<0>", text[at:start]), text[start:end]]
        at = end
    whole = "".join((*pieces, _MARKUP.sub(r"\\\g<0>", text[at:])))
    return re.sub(r"(?<!\n)\n(?!\n)", "  \n", whole)


def read_back(text: str) -> str:
    """What readers see of a text that `escaped` wrote."""
    return re.sub(r"\\([\\*_~^`\[\]#>+-])", r"\1", text.replace("  \n", "\n"))


def refusal_of(errors: list[Any]) -> PublishError:
    """What the errors of an answer with HTTP 200 mean: lists of a code, words and a field."""
    first = errors[0] if isinstance(errors[0], list) and errors[0] else ["?"]
    code, said = str(first[0]), " ".join(str(one) for one in first[1:2])
    if code == "RATELIMIT":
        found = _WAIT.search(said)
        seconds = int(found[1]) * _SECONDS[found[2]] if found else 600
        wait = timedelta(seconds=max(1, min(seconds, 24 * 3600)))
        return RateLimited(f"Reddit asks us to wait {wait.total_seconds():g} s.", retry_after=wait)
    if code in _OWNERS:
        return NeedsReconnect(f"{_OWNERS[code]} (Reddit: {code}).")
    if code == "ALREADY_SUB":
        return Rejected("This link was posted in that community before. Post another, or a text.")
    if code in ("SERVER_ERROR", "UNKNOWN"):
        return OutcomeUnknown(f"Reddit failed in the middle of it ({code}).")
    return Rejected(f"Reddit refuses this post: {code} {said}".rstrip(" .") + ".")
