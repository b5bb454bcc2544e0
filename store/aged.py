"""What posts had at one age: their counts at one checkpoint, and the followers they went out to."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from sqlalchemy import select
from sqlmodel import Session, col

from domain.metrics import Metric
from store import steps
from store.measuring import followers_reading
from store.tables import ChannelReading, Post, Reading
from store.values import PostScope


@dataclass(frozen=True, slots=True)
class Aged:
    """One post at that age."""

    published_at: datetime
    #: By metric, those that were read at that checkpoint, and when the last of them was.
    counts: dict[str, int] = field(default_factory=dict)
    read_at: list[datetime] = field(default_factory=list)
    #: The channel's followers when it went out; None: not asked, or never counted.
    followers: int | None = None


def at_age(
    session: Session, scope: PostScope, metrics: Collection[Metric], *, age: timedelta, start: datetime,
    end: datetime, followers: bool,
) -> Sequence[Aged]:  # fmt: skip
    """The posts of a scope published in [start, end), oldest first, also those that were not read.

    Args:
        age: of one of the checkpoints.
        followers: whether these are asked too.
    """
    counted = followers_reading(col(ChannelReading.value)) if followers else col(Post.id)
    within = (*steps.in_scope(scope), col(Post.published_at) >= start, col(Post.published_at) < end)
    posts = select(col(Post.id), col(Post.published_at), counted).where(*within)
    found: dict[int, Aged] = {
        post_id: Aged(at, followers=number if followers else None)
        for post_id, at, number in session.connection().execute(posts.order_by(col(Post.published_at)))
    }
    readings = (
        select(col(Reading.post_id), col(Reading.metric), col(Reading.value), col(Reading.read_at))
        .join(Post, col(Post.id) == col(Reading.post_id))
        .where(*within, col(Reading.metric).in_(list(metrics)))
        .where(col(Reading.checkpoint) == round(age.total_seconds()))
    )
    for post_id, metric, value, read_at in session.connection().execute(readings):
        found[post_id].counts[metric] = value
        found[post_id].read_at.append(read_at)
    return list(found.values())
