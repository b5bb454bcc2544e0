"""Questions and changes about calendar feeds, and what a calendar shows of posts."""

from collections.abc import Collection, Sequence
from datetime import datetime

from sqlalchemy import func, update
from sqlmodel import Session, col, select

from domain.errors import NotFound
from store.people import new_secret, token_hash
from store.tables import CalendarFeed, Change, Post

#: Feeds of one workspace that are not revoked.
MOST = 50


def issue(
    session: Session,
    workspace_id: int,
    *,
    name: str,
    channel_id: int | None,
    now: datetime,
    created_by: int | None,
) -> tuple[CalendarFeed, str]:
    """A new feed's row, and the secret of its address, which is not kept."""
    token, hashed = new_secret()
    row = CalendarFeed(
        workspace_id=workspace_id,
        token_hash=hashed,
        name=name,
        channel_id=channel_id,
        created_at=now,
        created_by=created_by,
    )
    session.add(row)
    session.flush()
    return row, token


def listed(session: Session, workspace_id: int) -> Sequence[CalendarFeed]:
    """The feeds of a workspace that are not revoked, oldest first."""
    query = (
        select(CalendarFeed)
        .where(col(CalendarFeed.workspace_id) == workspace_id, col(CalendarFeed.revoked_at).is_(None))
        .order_by(col(CalendarFeed.id))
    )
    return session.scalars(query).all()


def get(session: Session, workspace_id: int, feed_id: int) -> CalendarFeed:
    """The feed. Raises `NotFound` when the workspace has none by that number, or it was revoked."""
    query = select(CalendarFeed).where(
        col(CalendarFeed.id) == feed_id,
        col(CalendarFeed.workspace_id) == workspace_id,
        col(CalendarFeed.revoked_at).is_(None),
    )
    found = session.scalar(query)
    if found is None:
        raise NotFound(f"There is no calendar feed {feed_id}. `tabuh calendar list` shows those there are.")
    return found


def by_token(session: Session, token: str) -> CalendarFeed:
    """The feed at a secret address. Raises `NotFound` when there is none, or it was revoked."""
    query = select(CalendarFeed).where(
        col(CalendarFeed.token_hash) == token_hash(token), col(CalendarFeed.revoked_at).is_(None)
    )
    found = session.scalar(query)
    if found is None:
        raise NotFound("There is no calendar at this address. Ask for a new one.")
    return found


def note_read(session: Session, feed_id: int, *, now: datetime) -> None:
    """Remember that a calendar program came."""
    session.connection().execute(
        update(CalendarFeed).where(col(CalendarFeed.id) == feed_id).values(read_at=now)
    )


def changed(session: Session, posts: Collection[Post]) -> dict[int, tuple[int, datetime]]:
    """For each of these posts that was changed: how often, and when last."""
    query = (
        select(col(Change.subject_id), func.count(), func.max(col(Change.at)))
        .where(col(Change.subject) == "post", col(Change.subject_id).in_([post.id for post in posts]))
        .group_by(col(Change.subject_id))
    )
    return {number: (times, last) for number, times, last in session.connection().execute(query)}
