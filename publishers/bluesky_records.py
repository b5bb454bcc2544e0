"""Records of Bluesky posts: their text within the limits, the card, what they answer, and their keys.

Sources: the lexicons of app.bsky.feed.post and app.bsky.embed.external; atproto.com/specs/tid.
"""

import re
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any
from urllib.parse import urlsplit

from domain.content import Card, Content, Counting, Payload
from domain.errors import UsageError
from publishers.atproto import record_key
from publishers.facets import facets
from publishers.parts import Part, Sent
from publishers.text import Limit, clip, contains_link, counter, fit

MAX_GRAPHEMES = 300
MAX_BYTES = 3000
#: Graphemes of a card's texts: the lexicon sets no limit, readers see less.
_MAX_TITLE, _MAX_DESCRIPTION = 300, 1000
POST = "app.bsky.feed.post"
LIMITS = [Limit(MAX_GRAPHEMES, counter(Counting.GRAPHEMES)), Limit(MAX_BYTES, counter(Counting.BYTES))]
_LANGUAGE = re.compile(r"[A-Za-z]{2,3}(-[A-Za-z0-9]{1,8})*")


def text_and_card(content: Content) -> tuple[str, dict[str, str] | None]:
    """The text within the limits, and the card; the link is in at least one of them."""
    # A post shows either pictures or a card.
    link, card = (content.link or "").strip(), None if content.media else content.card
    if not link:
        return fit(content.text, None, LIMITS), None
    external = _external(link, card) if card and card.title.strip() else None
    if external and not contains_link(content.text, link):
        return fit(content.text, None, LIMITS), external
    try:
        return fit(content.text, link, LIMITS), external
    except UsageError:  # longer than a post may be: a card has room for it
        if content.media:
            raise
        bare = _external(link, Card(title=urlsplit(link).hostname or link))
        return fit(content.text, None, LIMITS), external or bare


def _external(link: str, card: Card) -> dict[str, str]:
    title, description = clip(card.title, _MAX_TITLE), clip(card.description, _MAX_DESCRIPTION)
    return {"uri": link, "title": title, "description": description}


def with_thumb(thumb: dict[str, Any] | None, record: dict[str, Any]) -> dict[str, Any]:
    """The record with a picture on its card; None: as it is."""
    if thumb is None:
        return record
    embed = record["embed"]
    return {**record, "embed": {**embed, "external": {**embed["external"], "thumb": thumb}}}


def record_of(text: str, content: Content, *, link: str | None = None) -> dict[str, Any]:
    """A post's record, with what in its text is a link, a mention or a tag."""
    record: dict[str, Any] = {"$type": POST, "text": text}
    if marked := facets(text, link=link):
        record["facets"] = marked
    if content.language and _LANGUAGE.fullmatch(content.language):
        record["langs"] = [content.language]
    return record


def reply_to(part: Part, before: Sequence[Sent]) -> dict[str, Any]:
    """What a part stands below: the part before it, and a comment below the post itself."""
    if not before:
        return {}
    root, parent = before[0], before[0] if part.optional else before[-1]
    refs = {"root": {"uri": root.id, "cid": root.mark}, "parent": {"uri": parent.id, "cid": parent.mark}}
    return {"reply": refs}


def key_of(payload: Payload, key: str, index: int) -> str:
    """The key at which a part of a post stands: the same for every try."""
    return record_key(datetime.fromisoformat(payload["created_at"]), key, index=index)


def timestamp(at: datetime) -> str:
    """A moment as lexicons write it, in milliseconds and UTC."""
    return at.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
