"""What a figure is of each of many posts, from their columns."""

from collections.abc import Collection
from dataclasses import dataclass

import numpy as np
from sqlalchemy import Connection
from sqlmodel import Session

from domain.definition import FOLLOWERS, OF_LINKS, OF_PAGES, POSTS, Definition, Shape
from domain.metrics import Metric
from store import answers, arrays, rows
from store.blocks import Block, Posts
from store.bulk import plain_times
from store.columns import (
    LINKED,
    PUBLISHED,
    Mask,
    Numbers,
    anchor_of,
    blank,
    counted,
    of_definition,
    read,
    read_at,
)


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
    each = [
        worth_of(session, block, definition, local=block.channel_id in local_ids) for block in posts.blocks
    ]
    if not each:
        return Worth(np.empty(0), np.empty(0), np.empty(0), definition)
    above, below, at = zip(*((one.above, one.below, one.read_at) for one in each), strict=True)
    return Worth(np.concatenate(above), np.concatenate(below), np.concatenate(at), definition)


def worth_of(session: Session, posts: Block, definition: Definition, *, local: bool) -> Worth:
    """A figure of each of the posts of one channel; ``local``: Tabuh serves them."""
    anchor = anchor_of(definition)
    live = definition.shape is Shape.FLOW
    above = _metric(posts, definition.numerator[0], anchor, local=local, live_links=live)
    for metric in definition.numerator[1:]:
        above = above + _metric(posts, metric, anchor, local=local, live_links=live)
    if definition.denominator == FOLLOWERS:
        below = followers(session, posts)
    elif definition.read_denominator:
        below = _metric(posts, definition.read_denominator, anchor, local=local, live_links=False)
    else:
        below = np.full(posts.size, 1.0) if definition.denominator == POSTS else blank(PUBLISHED, posts.size)
    if local and anchor in OF_PAGES | OF_LINKS:
        return Worth(above, below, blank(read_at(anchor), posts.size), definition)
    return Worth(above, below, posts.column(read_at(anchor)), definition)


def unknown(posts: Block, definition: Definition, *, local: bool) -> bool:
    """Whether it is plain that no post has the figure: a number that it needs is known of none."""
    if local:
        return False
    anchor = anchor_of(definition)
    live = definition.shape is Shape.FLOW
    metrics = [one for one in definition.read if not (live and one in OF_LINKS)]
    return any(posts.known(read(metric, anchor)) is None for metric in metrics)


def needs(definition: Definition) -> set[str]:
    """The columns that `worth` reads."""
    more = {PUBLISHED} if definition.denominator == FOLLOWERS else set()
    return {*of_definition(definition), *more}


def _metric(posts: Block, metric: Metric, anchor: Metric, *, local: bool, live_links: bool) -> Numbers:
    """Counted here for posts that we serve, and for clicks outside of rates; else as it was read."""
    if metric in OF_LINKS and live_links and not local:
        return np.where(posts.column(LINKED) == 1, posts.column(counted(metric)), np.nan)
    if local and metric in OF_PAGES | OF_LINKS:
        return posts.column(counted(metric))
    return posts.column(read(metric, anchor))


def followers(session: Session, posts: Block) -> Numbers:
    """For each post its channel's followers when it went out: the last count before, else the first after."""
    return posts.keep(FOLLOWERS, lambda: _followers(session, posts))


def _followers(session: Session, posts: Block) -> Numbers:
    one = posts.channel_id
    at, counts = answers.once(session, ("followers", one), lambda: _series(session.connection(), one))
    if not len(at):
        return np.full(posts.size, np.nan)
    places = np.searchsorted(at, posts.column(PUBLISHED), side="right") - 1
    found: Numbers = counts[np.maximum(places, 0)].astype(np.float64)
    return found


def _series(connection: Connection, channel_id: int) -> tuple[Numbers, Numbers]:
    """When a channel's followers were counted, in order, and how many they were."""
    if rows.on_postgresql(connection):
        rest = "FROM channel_reading WHERE channel_id = %b AND metric = %b"
        told = arrays.gathered(
            connection, rest, [channel_id, str(Metric.FOLLOWERS)], numbers=["value"], instants=["at"]
        )
        for _, (counts, at) in told:
            order = np.argsort(at, kind="stable")
            return at[order], counts[order]
    else:
        query = "SELECT at, value FROM channel_reading WHERE channel_id = ? AND metric = ? ORDER BY at"
        if found := rows.fetched(connection, query, [channel_id, str(Metric.FOLLOWERS)]):
            times, values = zip(*found, strict=True)
            return plain_times(times), np.array(values, np.int64)
    return np.empty(0, np.int64), np.empty(0, np.int64)
