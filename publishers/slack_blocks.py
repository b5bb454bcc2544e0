"""Texts as Slack shows them, word for word, and the escaped form of them that notifications show.

Sources: docs.slack.dev/messaging/formatting-message-text (what is escaped), reference/block-kit/blocks/
rich-text-block and image-block (alternative texts of 2,000 characters). A rich text holds text and links as
they are: no sign of a post can become markup or ping anybody.
"""

import re
from typing import Any

from domain.content import Content, Payload
from publishers.text import Limit, fit, links

#: Slack cuts texts at 40,000 characters and asks for at most 4,000 (docs.slack.dev, chat.postMessage).
MAX_TEXT = 4000
MAX_ALT = 2000
_SIGNS = {"&": "&amp;", "<": "&lt;", ">": "&gt;"}


def escaped(text: str) -> str:
    """The text for a field in which Slack gives ``&``, ``<`` and ``>`` a meaning."""
    return re.sub("[&<>]", lambda sign: _SIGNS[sign[0]], text)


def read_back(text: str) -> str:
    """What readers see of a text that `escaped` wrote."""
    return text.replace("&lt;", "<").replace("&gt;", ">").replace("&amp;", "&")


def fitted(content: Content) -> str:
    """The text with its link, within Slack's limit.

    Raises:
        UsageError: the link alone does not fit.
    """
    return fit(content.text, content.link, [Limit(MAX_TEXT, len)])


def message_of(content: Content, *, unfurl: bool) -> Payload:
    """The words of a post as bot and webhook send them, with what goes along.

    Raises: as `fitted`.
    """
    text = fitted(content)
    payload: Payload = {
        "text": escaped(text),
        "blocks": rich_text(text, link=content.link),
        "unfurl_links": unfurl and not content.media,
    }
    if content.media:
        payload["media"] = [one.as_json() for one in content.media]
    return payload


def rich_text(text: str, *, link: str | None) -> list[dict[str, Any]]:
    """The text as blocks; none for an empty one.

    Args:
        link: an address that is one wherever it stands; others are found.
    """
    pieces, at = [], 0
    for start, end in links(text, known=(link or "").strip() or None):
        if start > at:
            pieces.append({"type": "text", "text": text[at:start]})
        pieces.append({"type": "link", "url": text[start:end]})
        at = end
    if at < len(text):
        pieces.append({"type": "text", "text": text[at:]})
    if not pieces:
        return []
    return [{"type": "rich_text", "elements": [{"type": "rich_text_section", "elements": pieces}]}]


def image(alt: str, number: int, **source: Any) -> dict[str, Any]:
    """A picture's block. Slack asks for a description of each."""
    return {"type": "image", "alt_text": alt or f"Picture {number}", **source}
