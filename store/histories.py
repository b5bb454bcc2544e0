"""Figures of a scope in slices of time: posts, both sides of a rate, and what channels were counted at."""

from collections.abc import Collection, Sequence
from datetime import datetime, timedelta

from sqlalchemy import and_, func, select
from sqlmodel import Session, col

from domain.definition import Definition
from domain.metrics import Metric
from store.tables import ChannelReading, Post
from store.traffic import slice_of, slice_start
from store.values import PostScope, in_scope, post_values

#: Every zone's day begins with a quarter of an hour (UTC).
QUARTER = timedelta(minutes=15)


def published_by_slice(
    session: Session, scope: PostScope, *, start: datetime, end: datetime
) -> list[tuple[datetime, int]]:
    """How many posts went out in each quarter of an hour of [start, end) that had any, in no order."""
    part = slice_of(session, col(Post.published_at), QUARTER).label("slice")
    within = (col(Post.published_at) >= start, col(Post.published_at) < end)
    query = select(part, func.count()).where(*in_scope(scope), *within).group_by(part)
    return [
        (slice_start(number, QUARTER), int(posts)) for number, posts in session.connection().execute(query)
    ]


def pairs_by_slice(
    session: Session, scope: PostScope, definition: Definition, *, start: datetime, end: datetime
) -> list[tuple[datetime, int, int]]:
    """Numerator and denominator of the posts that went out in each quarter of [start, end), in no order.

    As they stood at the end; only posts that have both.
    """
    within = (col(Post.published_at) >= start, col(Post.published_at) < end)
    values = post_values(definition, scope, before=end, within=within)
    part = slice_of(session, values.c.published_at, QUARTER).label("slice")
    both = and_(values.c.above.is_not(None), values.c.below.is_not(None))
    query = select(part, func.sum(values.c.above), func.sum(values.c.below)).where(both).group_by(part)
    return [
        (slice_start(number, QUARTER), int(above), int(below))
        for number, above, below in session.connection().execute(query)
    ]


def channel_series(
    session: Session, channel_ids: Collection[int], metric: Metric, *, since: datetime, before: datetime
) -> Sequence[tuple[int, datetime, int]]:
    """What channels were counted at in [since, before): (channel, when, value), oldest first by channel."""
    columns = (col(ChannelReading.channel_id), col(ChannelReading.at), col(ChannelReading.value))
    query = select(*columns).where(
        col(ChannelReading.channel_id).in_(sorted(channel_ids)),
        col(ChannelReading.metric) == metric,
        col(ChannelReading.at) >= since,
        col(ChannelReading.at) < before,
    )
    found = session.connection().execute(query.order_by(columns[0], columns[1]))
    return [(channel_id, at, int(value)) for channel_id, at, value in found]
