"""What is known of the posts of a page beside their readings: by one question, however many they are."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, Final

from sqlalchemy import ColumnElement, bindparam, exists
from sqlalchemy import select as sa_select
from sqlalchemy.orm import aliased
from sqlmodel import Session, col

from domain.errors import NotFound
from store.measuring import followers_reading
from store.tables import ChannelReading, ChannelRow, ExperimentPost, Link, Measurement, Post, PostNote


@dataclass(frozen=True, slots=True)
class Known:
    """A post with its channel."""

    post: Post
    channel: ChannelRow
    measurement: Measurement | None
    #: The channel's followers when the post went out.
    followers: ChannelReading | None
    #: Whether the post carries a link of ours.
    linked: bool


@dataclass(frozen=True, slots=True)
class One(Known):
    """A post by itself, and whether there is anything about it that few posts have."""

    has_siblings: bool
    in_experiment: bool
    noted: bool


#: The reading of the followers that counts for a post.
_FOLLOWERS: Final[Any] = aliased(ChannelReading)
_SIBLING: Final[Any] = aliased(Post)


def _there(of: Any) -> ColumnElement[bool]:
    return exists().where(of == col(Post.id)).correlate(Post)


_POSTS: Final = (
    sa_select(Post, ChannelRow, Measurement, _FOLLOWERS, _there(col(Link.post_id)))
    .join(ChannelRow, col(ChannelRow.id) == col(Post.channel_id))
    .outerjoin(Measurement, col(Measurement.post_id) == col(Post.id))
    .outerjoin(_FOLLOWERS, _FOLLOWERS.id == followers_reading(col(ChannelReading.id)))
)
_SOME: Final = _POSTS.where(col(Post.id).in_(bindparam("ids", expanding=True)))
_ONE: Final = _POSTS.add_columns(
    exists().where(_SIBLING.story_id == col(Post.story_id), _SIBLING.id != col(Post.id)).correlate(Post),
    _there(col(ExperimentPost.post_id)),
    _there(col(PostNote.post_id)),
).where(col(Post.id) == bindparam("post_id"), col(Post.workspace_id) == bindparam("workspace_id"))


def some(session: Session, post_ids: Iterable[int]) -> dict[int, Known]:
    """These posts; those that are not there are absent."""
    wanted = list(post_ids)
    if not wanted:
        return {}
    return {row[0].id: Known(*row) for row in session.execute(_SOME, {"ids": wanted})}


def one(session: Session, workspace_id: int, post_id: int) -> One:
    """One post. Raises `NotFound` when this workspace has none by that number."""
    asked = {"workspace_id": workspace_id, "post_id": post_id}
    found = session.execute(_ONE, asked).first()
    if found is None:
        raise NotFound(f"There is no post {post_id}. `tabuh post list` shows those there are.")
    return One(*found)
