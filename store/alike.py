"""Texts of a channel that are nearly the same: found by keys that alike texts share (`domain.likeness`)."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import delete, func, insert
from sqlmodel import Session, col, or_, select

from domain.likeness import NEARLY, keys, likeness
from domain.post import PostState
from store.tables import Post, PostKey

#: Posts that are compared letter by letter, the newest first; those that share most keys come first.
_COMPARED = 40
#: These will not go out, so nothing repeats them.
_GONE = (PostState.SKIPPED, PostState.FAILED)


@dataclass(frozen=True, slots=True)
class Alike:
    """A post whose text is nearly the same."""

    post: Post
    #: Share of what both have in common, from `NEARLY` to 1.
    share: float
    #: When it went or goes out; where it has no hour, when it was written.
    at: datetime


def remember(session: Session, post: Post) -> None:
    """Keep the keys of a post's text, in place of those it had."""
    session.add_all(
        PostKey(channel_id=post.channel_id, key=key, post_id=post.id) for key in keys(_text(post))
    )


def remember_all(session: Session, posts: Sequence[Post]) -> None:
    """As `remember`, for many posts that are in the database already, written at once."""
    rows = [
        {"channel_id": post.channel_id, "key": key, "post_id": post.id}
        for post in posts
        for key in keys(_text(post))
    ]
    if rows:
        session.connection().execute(insert(PostKey), rows)


def remember_again(session: Session, post: Post) -> None:
    """As `remember`, for a post whose text has changed."""
    session.connection().execute(delete(PostKey).where(col(PostKey.post_id) == post.id))
    remember(session, post)


def _text(post: Post) -> str:
    return str(post.content.get("text") or "")


def find(
    session: Session, channel_id: int, text: str, *, since: datetime, without: Sequence[int] = ()
) -> list[Alike]:
    """Posts of a channel with the same or nearly the same text, most alike first.

    Args:
        since: posts that went out, or were written, before this are passed over.
    """
    wanted = keys(text)
    if not wanted:
        return []
    shared = (
        select(col(PostKey.post_id))
        .where(col(PostKey.channel_id) == channel_id, col(PostKey.key).in_(wanted))
        .group_by(col(PostKey.post_id))
        .order_by(func.count().desc(), col(PostKey.post_id).desc())
        .limit(_COMPARED)
    )
    at = func.coalesce(col(Post.published_at), col(Post.planned_at), col(Post.created_at))
    query = select(Post).where(
        col(Post.id).in_(shared),
        col(Post.state).not_in(_GONE),
        or_(at >= since, col(Post.planned_at) >= since),
        col(Post.id).not_in(without),
    )
    found = [
        Alike(post, likeness(text, _text(post)), post.published_at or post.planned_at or post.created_at)
        for post in session.scalars(query)
    ]
    return sorted((one for one in found if one.share >= NEARLY), key=lambda one: (-one.share, -one.post.id))
