"""The posts that stand in a Bluesky repository, whoever wrote them there.

Source: the lexicon com.atproto.repo.listRecords, which lists record keys downwards: the newest first.
"""

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any, Final

from domain.content import NativePost
from domain.errors import OutcomeUnknown

_POST: Final = "app.bsky.feed.post"
_PAGE: Final = "100"
#: Pages read at most in one look.
_PAGES: Final = 20
#: Keys of our own posts are hashes, and stand among those that follow the time: so many older posts in a row
#: mean that the rest is older too.
_OLD_IN_A_ROW: Final = 100


def native_posts(
    ask: Callable[..., dict[str, Any]], did: str, since: datetime, *, url: Callable[[str], str]
) -> list[NativePost]:
    """The repository's posts since then (UTC), replies left out.

    Raises:
        OutcomeUnknown: there are more than one look may read.
    """
    found: list[NativePost] = []
    params: dict[str, str] = {"repo": did, "collection": _POST, "limit": _PAGE}
    for _ in range(_PAGES):
        answer = ask("com.atproto.repo.listRecords", **params)
        records = [one for one in answer.get("records") or () if isinstance(one, dict)]
        for one in records:
            post = _read(one, url)
            if post is not None and post.published_at >= since:
                found.append(post)
        cursor = answer.get("cursor")
        if not records or not cursor or _all_old(records, since):
            return found
        params["cursor"] = str(cursor)
    raise OutcomeUnknown("Bluesky holds too many posts to look through.")


def _all_old(records: list[dict[str, Any]], since: datetime) -> bool:
    made = [_at(one.get("value") or {}) for one in records]
    return len(records) >= _OLD_IN_A_ROW and all(at is not None and at < since for at in made)


def _read(one: dict[str, Any], url: Callable[[str], str]) -> NativePost | None:
    value, uri = one.get("value"), str(one.get("uri") or "")
    if not isinstance(value, dict) or not uri or value.get("reply") is not None:
        return None
    at = _at(value)
    if at is None:
        return None
    embed = value.get("embed")
    card = embed.get("external") if isinstance(embed, dict) else None
    link = str(card["uri"]) if isinstance(card, dict) and card.get("uri") else None
    return NativePost(uri, url(uri.rsplit("/", 1)[-1]), at, str(value.get("text") or ""), link)


def _at(value: dict[str, Any]) -> datetime | None:
    try:
        at = datetime.fromisoformat(str(value.get("createdAt")))
    except ValueError:
        return None
    return at.replace(tzinfo=at.tzinfo or UTC).astimezone(UTC)
