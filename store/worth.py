"""What a figure is of each of many posts, from their columns."""

from collections.abc import Collection
from dataclasses import dataclass

import numpy as np
from sqlalchemy import select
from sqlmodel import Session, col

from domain.definition import FOLLOWERS, OF_LINKS, OF_PAGES, POSTS, Definition, Shape
from domain.metrics import Metric
from store.board import Posts, any_of
from store.bulk import plain_time, plain_times
from store.columns import LINKED, PUBLISHED, Mask, Numbers, anchor_of, counted, of_definition, read, read_at
from store.tables import ChannelReading


@dataclass(frozen=True, slots=True)
class Worth:
    """A figure of each post: numerator, denominator and when it was read; NaN is absent."""

    above: Numbers
    #: 0 where there is no denominator.
    below: Numbers
    #: Microseconds since 1970; NaN: counted here, live.
    read_at: Numbers
    definition: Definition

    @property
    def known(self) -> Mask:
        """Which posts have both sides."""
        known: Mask = ~np.isnan(self.above)
        return known if self.definition.denominator is None else known & ~np.isnan(self.below)

    @property
    def values(self) -> Numbers:
        """The figure of each post; NaN when it is absent or undefined."""
        if self.definition.denominator is None:
            return self.above
        below = np.where(self.below == 0, np.nan, self.below)
        return self.definition.factor * self.above / below


def worth(session: Session, posts: Posts, definition: Definition, local_ids: Collection[int]) -> Worth:
    """A figure of each of these posts, loaded with the columns `store.columns.of_definition` names."""
    local = any_of(posts.channels, local_ids)
    anchor = anchor_of(definition)
    live = definition.shape is Shape.FLOW
    above = np.zeros(posts.size)
    for metric in definition.numerator:
        above = above + _metric(posts, metric, anchor, local, live_links=live)
    if definition.denominator == FOLLOWERS:
        below = followers(session, posts)
    elif definition.read_denominator:
        below = _metric(posts, definition.read_denominator, anchor, local, live_links=False)
    else:
        below = np.full(posts.size, 1.0 if definition.denominator == POSTS else 0.0)
    at = posts.columns[read_at(anchor)]
    if anchor in OF_PAGES | OF_LINKS:
        at = np.where(local, np.nan, at)
    return Worth(above, below, at, definition)


def needs(definition: Definition) -> set[str]:
    """The columns that `worth` reads."""
    more = {PUBLISHED} if definition.denominator == FOLLOWERS else set()
    return {*of_definition(definition), *more}


def _metric(posts: Posts, metric: Metric, anchor: Metric, local: Mask, *, live_links: bool) -> Numbers:
    """Counted here for posts that we serve, and for clicks outside of rates; else as it was read."""
    if metric in OF_LINKS and live_links:
        served = local | (posts.columns[LINKED] == 1)
        return np.where(served, posts.columns[counted(metric)], np.nan)
    as_read = posts.columns[read(metric, anchor)]
    if metric not in OF_PAGES | OF_LINKS or not local.any():
        return as_read
    return np.where(local, posts.columns[counted(metric)], as_read)


def followers(session: Session, posts: Posts) -> Numbers:
    """For each post its channel's followers when it went out: the last count before, else the first after."""
    if posts.followers is None:
        posts.followers = _followers(session, posts.channels, posts.columns[PUBLISHED])
    return posts.followers


def _followers(session: Session, channels: Numbers, published: Numbers) -> Numbers:
    found = np.full(len(channels), np.nan)
    own = [int(one) for one in np.unique(channels)]
    query = (
        select(
            col(ChannelReading.channel_id), plain_time(session, col(ChannelReading.at)),
            col(ChannelReading.value),
        )
        .where(col(ChannelReading.channel_id).in_(own), col(ChannelReading.metric) == Metric.FOLLOWERS)
        .order_by(col(ChannelReading.channel_id), col(ChannelReading.at))
    )  # fmt: skip
    rows = session.connection().execute(query).all()
    if not rows:
        return found
    of_channel, at, counts = zip(*rows, strict=True)
    series, times = np.array(of_channel, np.int64), plain_times(at)
    values = np.array(counts, np.float64)
    for channel_id in np.unique(series).tolist():
        low, high = np.searchsorted(series, [channel_id, channel_id + 1])
        mine = channels == channel_id
        places = np.searchsorted(times[low:high], published[mine], side="right") - 1
        found[mine] = values[low:high][np.maximum(places, 0)]
    return found
