"""Questions and changes about past posts and what was learned of a channel's week."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import sqlalchemy as sa
from sqlmodel import Session, col, select

from store.tables import ChannelRow, PastPost, Post, Reading, SlotChoice, SlotWeek

#: Rows in one statement.
_BATCH = 500


@dataclass(frozen=True, slots=True)
class Measured:
    """One published post with all its readings of some metrics."""

    post_id: int
    published_at: datetime
    content: Any
    #: Cumulative values: metric → age at which it was due → value.
    readings: Mapping[str, Mapping[timedelta, int]]


def measured_posts(
    session: Session, channel_id: int, *, metrics: Sequence[str], since: datetime, most: int
) -> list[Measured]:
    """Those of the newest ``most`` posts of a channel that have readings of these metrics, oldest first."""
    newest = (
        sa.select(col(Post.id), col(Post.published_at), col(Post.content))
        .where(col(Post.channel_id) == channel_id, col(Post.published_at) >= since)
        .order_by(col(Post.published_at).desc(), col(Post.id).desc())
        .limit(most)
    )
    connection = session.connection()
    posts = connection.execute(newest).all()
    # By themselves: beside its readings a post's content would be read once for each of them.
    chosen = newest.with_only_columns(col(Post.id)).subquery()
    counted = (
        sa.select(col(Reading.post_id), col(Reading.metric), col(Reading.checkpoint), col(Reading.value))
        .join(chosen, chosen.c.id == col(Reading.post_id))
        .where(col(Reading.metric).in_(metrics))
    )
    readings: dict[int, dict[str, dict[timedelta, int]]] = {}
    for post_id, metric, checkpoint, value in connection.execute(counted):
        readings.setdefault(post_id, {}).setdefault(metric, {})[timedelta(seconds=checkpoint)] = value
    return [
        Measured(post_id, published_at, content, readings[post_id])
        for post_id, published_at, content in reversed(posts)
        if post_id in readings
    ]


def past_posts(session: Session, channel_id: int) -> Sequence[PastPost]:
    """Imported posts of a channel, oldest first."""
    query = (
        select(PastPost)
        .where(col(PastPost.channel_id) == channel_id)
        .order_by(col(PastPost.at), col(PastPost.id))
    )
    return session.scalars(query).all()


def known_past(session: Session, channel_id: int, keys: Iterable[str]) -> dict[str, PastPost]:
    """Past posts that were imported before, by key."""
    wanted = list(keys)
    found: dict[str, PastPost] = {}
    for start in range(0, len(wanted), _BATCH):
        query = select(PastPost).where(
            col(PastPost.channel_id) == channel_id, col(PastPost.key).in_(wanted[start : start + _BATCH])
        )
        found |= {row.key: row for row in session.scalars(query)}
    return found


def own_times(session: Session, channel_id: int) -> frozenset[datetime]:
    """Minutes at which Tabuh published on a channel: what an export tells again."""
    query = select(col(Post.published_at)).where(
        col(Post.channel_id) == channel_id, col(Post.published_at).is_not(None)
    )
    return frozenset(at.replace(second=0, microsecond=0) for at in session.scalars(query) if at is not None)


def week_of(session: Session, workspace_id: int, channel_id: int) -> SlotWeek | None:
    """What was learned of a channel's week; None: nothing yet."""
    query = select(SlotWeek).where(
        col(SlotWeek.channel_id) == channel_id, col(SlotWeek.workspace_id) == workspace_id
    )
    return session.scalar(query)


def keep_week(
    session: Session, channel: ChannelRow, *, zone: str, week: Mapping[str, Any], now: datetime
) -> None:
    """Put what was learned in place of what was learned before."""
    row = session.get(SlotWeek, channel.id) or SlotWeek(
        channel_id=channel.id, workspace_id=channel.workspace_id, learned_at=now, zone=zone, week={}
    )
    row.learned_at, row.zone, row.week = now, zone, dict(week)
    session.add(row)


def forget_week(session: Session, channel_id: int) -> None:
    """Nothing is known of a channel's week any more."""
    row = session.get(SlotWeek, channel_id)
    if row is not None:
        session.delete(row)


def chosen_posts(session: Session, workspace_id: int, channel_id: int) -> Sequence[tuple[SlotChoice, Post]]:
    """Automatic choices whose post was published in the chosen slot, oldest first."""
    query = (
        select(SlotChoice, Post)
        .join(Post, col(Post.id) == col(SlotChoice.post_id))
        .where(
            col(SlotChoice.workspace_id) == workspace_id,
            col(SlotChoice.channel_id) == channel_id,
            col(Post.published_at).is_not(None),
            col(Post.slot_at) == col(SlotChoice.chosen_at),
        )
        .order_by(col(SlotChoice.at), col(SlotChoice.id))
    )
    found = {post.id: (choice, post) for choice, post in session.exec(query)}
    return list(found.values())
