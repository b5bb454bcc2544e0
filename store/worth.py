"""What a figure is of each of many posts, from their columns."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from hashlib import sha256

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


def worth_of(
    session: Session,
    posts: Block,
    definition: Definition,
    *,
    local: bool,
    series: Mapping[int, "Series"] | None = None,
) -> Worth:
    """A figure of each of the posts of one channel.

    Args:
        local: Tabuh serves them.
        series: the followers of channels, as `series_of` tells them; None: they are asked when needed.
    """
    anchor = anchor_of(definition)
    live = definition.shape is Shape.FLOW
    above = _metric(posts, definition.numerator[0], anchor, local=local, live_links=live)
    for metric in definition.numerator[1:]:
        above = above + _metric(posts, metric, anchor, local=local, live_links=live)
    if definition.denominator == FOLLOWERS:
        below = followers(session, posts, series)
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


@dataclass(frozen=True)
class Series:
    """When a channel's followers were counted (microseconds since 1970), in order, and how many they were."""

    at: Numbers
    counts: Numbers

    @cached_property
    def mark(self) -> bytes:
        """The same for the same series, and for no other."""
        return sha256(self.at.tobytes() + self.counts.tobytes()).digest()


def followers(session: Session, posts: Block, series: Mapping[int, Series] | None = None) -> Numbers:
    """For each post its channel's followers when it went out: the last count before, else the first after."""
    return posts.keep(FOLLOWERS, lambda: _followers(session, posts, series))


def _followers(session: Session, posts: Block, series: Mapping[int, Series] | None) -> Numbers:
    known = series_of(session, [posts.channel_id]) if series is None else series
    own = known.get(posts.channel_id)
    if own is None:
        return np.full(posts.size, np.nan)
    places = np.searchsorted(own.at, posts.column(PUBLISHED), side="right") - 1
    found: Numbers = own.counts[np.maximum(places, 0)].astype(np.float64)
    return found


def series_of(session: Session, channel_ids: Collection[int]) -> Mapping[int, Series]:
    """The followers of these channels; those whose followers were never counted are absent."""
    wanted = tuple(sorted(channel_ids))
    if not wanted:
        return {}
    return answers.once(session, ("followers", wanted), lambda: _series(session.connection(), wanted))


def _series(connection: Connection, channel_ids: Sequence[int]) -> dict[int, Series]:
    where, values = rows.among(connection, "channel_id", channel_ids)
    metric = str(Metric.FOLLOWERS)
    if rows.on_postgresql(connection):
        rest = "FROM channel_reading WHERE channel_id = ANY(%b) AND metric = %b"
        told = arrays.gathered(
            connection, rest, [list(channel_ids), metric],
            keys=["channel_id"], numbers=["value"], instants=["at"],
        )  # fmt: skip
        return {one: _in_order(at, counts) for (one,), (counts, at) in told}
    query = f"SELECT channel_id, at, value FROM channel_reading WHERE {where} AND metric = ?"  # noqa: S608 - marks
    found = rows.fetched(connection, query, [*values, metric])
    if not found:
        return {}
    channels, times, counts = zip(*found, strict=True)
    own, at, number = np.array(channels, np.int64), plain_times(times), np.array(counts, np.int64)
    return {one: _in_order(at[own == one], number[own == one]) for one in np.unique(own).tolist()}


def _in_order(at: Numbers, counts: Numbers) -> Series:
    order = np.argsort(at, kind="stable")
    return Series(at[order], counts[order])
