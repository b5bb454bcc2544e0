"""Figures of a scope in slices of time: posts, both sides of a rate, and what channels were counted at."""

from collections.abc import Collection, Sequence
from datetime import datetime, timedelta

import numpy as np
from sqlalchemy import func, select
from sqlmodel import Session, col

from domain.definition import Definition
from domain.metrics import Metric
from store.activity import in_scope
from store.board import load, needs, worth
from store.columns import PUBLISHED, instant
from store.tables import ChannelReading, Post
from store.traffic import slice_of, slice_start
from store.values import Filters, PostScope

#: Every zone's day begins with a quarter of an hour (UTC).
QUARTER = timedelta(minutes=15)
_QUARTER = QUARTER // timedelta(microseconds=1)


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
) -> list[tuple[datetime, float, float]]:
    """Numerator and denominator of the posts that went out in each quarter of [start, end), oldest first.

    As they stood at the end; only posts that have both.
    """
    posts = load(
        session, scope, {PUBLISHED, *needs(definition)}, filters=Filters(start=start, end=end), before=end
    )
    found = worth(session, posts, definition, scope.local_ids)
    both = found.known
    slices, places = np.unique(posts.columns[PUBLISHED][both] // _QUARTER, return_inverse=True)
    sides = [np.bincount(places, side[both], len(slices)) for side in (found.above, found.below)]
    return [
        (instant(number * _QUARTER), float(above), float(below))
        for number, above, below in zip(slices, *sides, strict=True)
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
