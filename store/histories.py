"""Figures of a scope between instants: posts, both sides of a rate, and what channels were counted at."""

from collections.abc import Collection, Sequence
from datetime import datetime

import numpy as np
from sqlalchemy import select
from sqlmodel import Session, col

from domain.definition import Definition
from domain.metrics import Metric
from store.answers import remembered
from store.blocks import Posts
from store.board import load
from store.columns import PUBLISHED, Numbers
from store.rollups import micros
from store.tables import ChannelReading
from store.values import Filters, PostScope
from store.worth import needs, worth


def published(session: Session, scope: PostScope, edges: Sequence[datetime]) -> list[int]:
    """How many posts went out between each of these instants and the next; at least two, in order."""
    start, end = edges[0], edges[-1]
    posts = load(session, scope, {PUBLISHED}, filters=Filters(start=start, end=end), before=end)
    counts: list[int] = np.bincount(_places(posts, edges), minlength=len(edges) - 1).tolist()
    return counts


def pairs(
    session: Session, scope: PostScope, definition: Definition, edges: Sequence[datetime], *, end: datetime
) -> tuple[list[float], list[float]]:
    """Numerators and denominators of the posts that went out between each of these instants and the next.

    As they stood at the end, which lies at the last edge or before; only posts that have both.
    """
    names = needs(definition) | {PUBLISHED}
    posts = load(session, scope, names, filters=Filters(start=edges[0], end=end), before=end)
    found = worth(session, posts, definition, scope.local_ids)
    known, most = found.known, len(edges) - 1
    places = _places(posts, edges)[known]
    above = np.bincount(places, weights=found.above[known], minlength=most)
    below = np.bincount(places, weights=found.below[known], minlength=most)
    return above.tolist(), below.tolist()


def _places(posts: Posts, edges: Sequence[datetime]) -> Numbers:
    """Between which edges each post went out."""
    bounds = np.array([micros(one) for one in edges], np.int64)
    places: Numbers = np.searchsorted(bounds, posts.columns[PUBLISHED], side="right") - 1
    return places


@remembered
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
