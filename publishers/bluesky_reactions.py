"""Likes, reposts and replies of a Bluesky post with their times.

A like is a record with its own time (`app.bsky.feed.getLikes`); so is a reply. Who reposted is told
without a time (`getRepostedBy` dates the profiles): that comes from the channel's notifications.
Sources: the lexicons app.bsky.feed.getLikes, getPostThread and app.bsky.notification.listNotifications.
"""

from collections.abc import Callable, Iterator, Mapping
from datetime import UTC, datetime
from typing import Any, Final

from domain.errors import NeedsReconnect, PublishError, RateLimited
from domain.metrics import Metric
from publishers.base import Reaction

_PAGE: Final = "100"
#: Pages read at most of each list in one look.
_PAGES: Final = 5

#: The answer to a query with these parameters.
Ask = Callable[..., dict[str, Any]]


def dated_reactions(ask: Ask, uri: str, since: datetime, *, owner: str) -> list[Reaction]:
    """What came to a post from ``since`` on; ``owner`` (DID) wrote it, and its own replies do not count.

    A list that the server does not give is left out.

    Raises:
        RateLimited: the server asked us to wait.
    """
    found: list[Reaction] = []
    for part in (_likes, _replies, _reposts):
        try:
            found.extend(part(ask, uri, since, owner))
        except (RateLimited, NeedsReconnect):
            raise
        except PublishError:
            continue
    return found


def _likes(ask: Ask, uri: str, since: datetime, owner: str) -> Iterator[Reaction]:
    for like in _listed(ask, "app.bsky.feed.getLikes", "likes", since, uri=uri):
        who, at = _who(like.get("actor")), _at(like, like)
        if at is not None and who != owner:
            yield Reaction(Metric.REACTIONS, at, f"like {who}")


def _replies(ask: Ask, uri: str, since: datetime, owner: str) -> Iterator[Reaction]:
    thread = ask("app.bsky.feed.getPostThread", uri=uri, depth="1", parentHeight="0").get("thread")
    for reply in thread.get("replies") or () if isinstance(thread, Mapping) else ():
        post = reply.get("post") if isinstance(reply, Mapping) else None
        if not isinstance(post, Mapping):
            continue  # it was removed, or its author is blocked
        at = _at(post, post.get("record"))
        if at is not None and at >= since and _who(post.get("author")) != owner:
            yield Reaction(Metric.REPLIES, at, f"reply {post.get('uri')}")


def replies_of_others(ask: Ask, uri: str, *, owner: str) -> int:
    """How many direct replies below a post somebody else than its ``owner`` (DID) wrote."""
    thread = ask("app.bsky.feed.getPostThread", uri=uri, depth="1", parentHeight="0").get("thread")
    replies = thread.get("replies") or () if isinstance(thread, Mapping) else ()
    posts = [one.get("post") for one in replies if isinstance(one, Mapping)]
    return sum(isinstance(one, Mapping) and _who(one.get("author")) != owner for one in posts)


def _reposts(ask: Ask, uri: str, since: datetime, owner: str) -> Iterator[Reaction]:
    told = _listed(ask, "app.bsky.notification.listNotifications", "notifications", since, reasons="repost")
    for one in told:
        at = _at(one, one.get("record"))
        is_ours = one.get("reason") == "repost" and one.get("reasonSubject") == uri
        if is_ours and at is not None and _who(one.get("author")) != owner:
            yield Reaction(Metric.SHARES, at, f"repost {one.get('uri')}")


def _listed(ask: Ask, name: str, key: str, since: datetime, **params: str) -> Iterator[Mapping[str, Any]]:
    """The rows of a list, newest first, down to ``since``."""
    for _ in range(_PAGES):
        answer = ask(name, limit=_PAGE, **params)
        rows = answer.get(key) or ()
        for row in rows:
            seen = _time(row.get("indexedAt"))
            if seen is not None and seen < since:
                return
            yield row
        cursor = answer.get("cursor")
        if not rows or not cursor:
            return
        params["cursor"] = str(cursor)


def _at(row: Mapping[str, Any], record: Any) -> datetime | None:
    """When it was done: as its record says, and never later than the server saw it."""
    said = _time(record.get("createdAt")) if isinstance(record, Mapping) else None
    return min((at for at in (said, _time(row.get("indexedAt"))) if at is not None), default=None)


def _who(actor: Any) -> str:
    return str(actor.get("did", "")) if isinstance(actor, Mapping) else ""


def _time(text: Any) -> datetime | None:
    try:
        at = datetime.fromisoformat(str(text))
    except ValueError:
        return None
    return at.replace(tzinfo=at.tzinfo or UTC).astimezone(UTC)
