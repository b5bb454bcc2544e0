"""Figures of a scope in slices of time: posts, both sides of a rate, and what channels were counted at."""

from collections.abc import Collection, Sequence
from datetime import datetime, timedelta

import numpy as np
from sqlalchemy import select
from sqlmodel import Session, col

from domain.definition import Definition
from domain.metrics import Metric
from store.blocks import Posts
from store.board import load
from store.columns import PUBLISHED, Numbers
from store.tables import ChannelReading
from store.traffic import slice_start
from store.values import Filters, PostScope
from store.worth import needs, worth

#: Every zone's day begins with a quarter of an hour (UTC).
QUARTER = timedelta(minutes=15)


def published_by_slice(
    session: Session, scope: PostScope, *, start: datetime, end: datetime
) -> list[tuple[datetime, int]]:
    """How many posts went out in each quarter of an hour of [start, end) that had any, in no order."""
    posts = load(session, scope, {PUBLISHED}, filters=Filters(start=start, end=end), before=end)
    numbers, counts = np.unique(_slices(posts), return_counts=True)
    return [
        (slice_start(int(number), QUARTER), int(count)) for number, count in zip(numbers, counts, strict=True)
    ]


def pairs_by_slice(
    session: Session, scope: PostScope, definition: Definition, *, start: datetime, end: datetime
) -> list[tuple[datetime, int, int]]:
    """Numerator and denominator of the posts that went out in each quarter of [start, end), in no order.

    As they stood at the end; only posts that have both.
    """
    names = needs(definition) | {PUBLISHED}
    posts = load(session, scope, names, filters=Filters(start=start, end=end), before=end)
    found = worth(session, posts, definition, scope.local_ids)
    numbers, places = np.unique(_slices(posts)[found.known], return_inverse=True)
    above = np.bincount(places, weights=found.above[found.known], minlength=len(numbers))
    below = np.bincount(places, weights=found.below[found.known], minlength=len(numbers))
    return [
        (slice_start(int(number), QUARTER), int(one), int(other))
        for number, one, other in zip(numbers, above, below, strict=True)
    ]


def _slices(posts: Posts) -> Numbers:
    """The slice in which each post went out, as `slice_start` counts them."""
    slices: Numbers = posts.columns[PUBLISHED] // int(QUARTER / timedelta(microseconds=1))
    return slices


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
