"""Questions and changes about links for reviewers without account."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import CursorResult, update
from sqlmodel import Session, col, select

from domain.errors import NotFound
from store.people import new_secret, token_hash
from store.tables import ChannelRow, Post, ReviewedPost, ReviewLink


def issue(
    session: Session,
    workspace_id: int,
    post_ids: Sequence[int],
    *,
    name: str,
    now: datetime,
    expires_at: datetime,
    created_by: int | None,
) -> tuple[ReviewLink, str]:
    """A new link to these posts, and the secret of its address, which is not kept."""
    token, hashed = new_secret()
    row = ReviewLink(
        workspace_id=workspace_id,
        token_hash=hashed,
        name=name,
        created_at=now,
        created_by=created_by,
        expires_at=expires_at,
    )
    session.add(row)
    session.flush()
    session.add_all(ReviewedPost(link_id=row.id, post_id=post_id) for post_id in post_ids)
    session.flush()
    return row, token


def by_token(session: Session, token: str) -> ReviewLink | None:
    """The link at a secret address, also one that expired or was revoked; None: there never was one."""
    return session.scalar(select(ReviewLink).where(col(ReviewLink.token_hash) == token_hash(token)))


def get(session: Session, workspace_id: int, link_id: int) -> ReviewLink:
    """The link. Raises `NotFound` when the workspace has none by that number."""
    query = select(ReviewLink).where(
        col(ReviewLink.id) == link_id, col(ReviewLink.workspace_id) == workspace_id
    )
    found = session.scalar(query)
    if found is None:
        raise NotFound(f"There is no approval link {link_id}. `tabuh approval list` shows those there are.")
    return found


def listed(session: Session, workspace_id: int, *, limit: int = 100) -> Sequence[ReviewLink]:
    """The links of a workspace, newest first."""
    query = select(ReviewLink).where(col(ReviewLink.workspace_id) == workspace_id)
    return session.scalars(query.order_by(col(ReviewLink.id).desc()).limit(limit)).all()


def posts_of(session: Session, link: ReviewLink) -> list[tuple[ReviewedPost, Post, ChannelRow]]:
    """What a link shows, by the posts' hours."""
    query = (
        select(ReviewedPost, Post, ChannelRow)
        .join(Post, col(Post.id) == col(ReviewedPost.post_id))
        .join(ChannelRow, col(ChannelRow.id) == col(Post.channel_id))
        .where(col(ReviewedPost.link_id) == link.id, col(Post.workspace_id) == link.workspace_id)
        .order_by(col(Post.planned_at).is_(None), col(Post.planned_at), col(Post.id))
    )
    return list(session.exec(query).all())


def decide(
    session: Session,
    link_id: int,
    post_id: int,
    *,
    decision: str,
    reviewer: str,
    comment: str | None,
    payload_hash: str,
    now: datetime,
) -> bool:
    """Write down a decision; False when the link holds no such post, or its post was decided before."""
    result = session.connection().execute(
        update(ReviewedPost)
        .where(
            col(ReviewedPost.link_id) == link_id,
            col(ReviewedPost.post_id) == post_id,
            col(ReviewedPost.decision).is_(None),
        )
        .values(
            decision=decision,
            decided_at=now,
            reviewer=reviewer,
            comment=comment,
            payload_hash=payload_hash,
        )
    )
    assert isinstance(result, CursorResult)
    return result.rowcount == 1


def revoke(session: Session, row: ReviewLink, *, now: datetime) -> None:
    """Close a link for good."""
    row.revoked_at = row.revoked_at or now
    session.add(row)
