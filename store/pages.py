"""Questions that the public page of a page channel asks."""

from collections.abc import Sequence
from datetime import datetime
from typing import Final

from sqlalchemy import bindparam, func
from sqlmodel import Session, col, or_, select

from domain.errors import NotFound
from domain.post import PostState
from store.tables import ChannelRow, Link, Post, Workspace


def page_channel(session: Session, slug: str) -> tuple[ChannelRow, Workspace]:
    """The page channel at this address. Raises `NotFound` when there is none."""
    query = (
        select(ChannelRow, Workspace)
        .join(Workspace, col(Workspace.id) == col(ChannelRow.workspace_id))
        .where(col(ChannelRow.slug) == slug, col(ChannelRow.platform) == "page")
    )
    found = session.exec(query).first()
    if found is None:
        raise NotFound("There is no page at this address.")
    return found[0], found[1]


def page_post(session: Session, channel_id: int, key: str) -> Post:
    """A post that was published on the page, also when it was taken down since.

    Raises:
        NotFound: nothing was ever published at this address.
    """
    query = select(Post).where(
        col(Post.channel_id) == channel_id,
        col(Post.remote_id) == key,
        col(Post.state) == PostState.PUBLISHED,
    )
    found = session.scalar(query)
    if found is None:
        raise NotFound("There is no post at this address.")
    return found


def page_posts(
    session: Session, channel_id: int, *, before: Post | None = None, limit: int
) -> Sequence[Post]:
    """What the page shows, newest first, from the post that follows ``before``."""
    query = select(Post).where(
        col(Post.channel_id) == channel_id,
        col(Post.state) == PostState.PUBLISHED,
        col(Post.deleted_at).is_(None),
    )
    if before is not None:
        older = col(Post.published_at) < before.published_at
        same_time = (col(Post.published_at) == before.published_at) & (col(Post.id) < before.id)
        query = query.where(or_(older, same_time))
    query = query.order_by(col(Post.published_at).desc(), col(Post.id).desc()).limit(limit)
    return session.scalars(query).all()


def page_changed_at(session: Session, channel: ChannelRow) -> datetime:
    """When a post was last published on the page or taken down; else when the channel was made."""
    query = select(func.max(col(Post.published_at)), func.max(col(Post.deleted_at))).where(
        col(Post.channel_id) == channel.id, col(Post.state) == PostState.PUBLISHED
    )
    published, deleted = session.exec(query).one()
    return max(filter(None, (published, deleted)), default=channel.created_at)


_LINKS: Final = select(Link).where(col(Link.post_id).in_(bindparam("posts", expanding=True)))


def links_by_post(session: Session, posts: Sequence[Post]) -> dict[int, dict[str, str]]:
    """For each of these posts: the codes of our links, by the target they lead to."""
    found: dict[int, dict[str, str]] = {post.id: {} for post in posts}
    for link in session.scalars(_LINKS, {"posts": list(found)}):
        if link.post_id is not None:
            found[link.post_id][link.target] = link.code
    return found
