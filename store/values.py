"""What one post has of a metric or rate, as columns of a query over many posts.

Readings are looked up by their unique index, a few seeks for each post: a million readings are
never loaded nor sorted. Numerator and denominator of a rate come from the same checkpoint.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import CTE, ColumnElement, Float, Select, case, cast, func, literal, null, select
from sqlalchemy.orm import aliased
from sqlmodel import col

from domain.definition import FOLLOWERS, OF_LINKS, OF_PAGES, POSTS, Definition, Shape
from domain.metrics import Metric
from domain.post import PostState
from store.measuring import followers_reading
from store.tables import ChannelReading, Click, EntryRow, Link, PageCount, Post, Reading
from store.traffic import CLICK_METRICS, PAGE_METRICS


@dataclass(frozen=True, slots=True, kw_only=True)
class PostScope:
    """Which published posts of a workspace are meant."""

    workspace_id: int
    channel_ids: frozenset[int]
    #: Channels among them whose posts Tabuh serves itself.
    local_ids: frozenset[int] = frozenset()
    route_id: int | None = None
    feed_id: int | None = None

    @property
    def whole_channels(self) -> bool:
        """Whether all posts of the channels are meant."""
        return self.route_id is None and self.feed_id is None


def in_scope(scope: PostScope) -> Sequence[ColumnElement[bool]]:
    """Conditions on `Post`: published, and within the scope."""
    conditions = [
        col(Post.workspace_id) == scope.workspace_id,
        col(Post.channel_id).in_(sorted(scope.channel_ids)),
        col(Post.state) == PostState.PUBLISHED,
    ]
    if scope.route_id is not None:
        conditions.append(col(Post.route_id) == scope.route_id)
    if scope.feed_id is not None:
        entries = select(col(EntryRow.id)).where(col(EntryRow.feed_id) == scope.feed_id)
        conditions.append(col(Post.entry_id).in_(entries))
    return conditions


def post_values(
    definition: Definition, scope: PostScope, *, before: datetime, within: Sequence[ColumnElement[bool]] = ()
) -> CTE:
    """One row for each post in scope: its part of a figure, as it stood ``before`` an instant.

    Columns: ``id``, ``channel_id``, ``published_at``, ``above`` (numerator, NULL: absent),
    ``below`` (denominator; NULL: absent, 0 where there is none) and ``read_at`` (NULL: counted here, live).
    """
    anchor = definition.read_denominator or definition.numerator[0]
    columns: list[Any] = [col(Post.id), col(Post.channel_id), col(Post.published_at)]
    columns.append(_last_checkpoint(anchor, before).label("checkpoint"))
    if definition.denominator == FOLLOWERS:
        columns.append(followers_reading(col(ChannelReading.value)).label("followers"))
    published = (*in_scope(scope), col(Post.published_at) < before)
    posts = _once(select(*columns).where(*published, *within))
    live_links = definition.shape is Shape.FLOW
    above = sum(
        (_value(metric, posts, scope, before, live_links=live_links) for metric in definition.numerator),
        start=literal(0),
    )
    return _once(
        select(
            posts.c.id,
            posts.c.channel_id,
            posts.c.published_at,
            above.label("above"),
            _denominator(definition, posts, scope, before).label("below"),
            _read_at(anchor, posts, scope).label("read_at"),
        )
    )


def _once(query: Select[Any]) -> CTE:
    """Computed once, however often its columns are used: else each use would look the readings up again."""
    return query.cte().prefix_with("MATERIALIZED")


def value_of(values: CTE, definition: Definition) -> ColumnElement[Any]:
    """The figure of one row of `post_values`; NULL when it is absent or undefined."""
    above = cast(values.c.above, Float)
    if definition.denominator is None:
        return above
    return definition.factor * above / func.nullif(cast(values.c.below, Float), 0.0)


def _denominator(
    definition: Definition, posts: CTE, scope: PostScope, before: datetime
) -> ColumnElement[Any]:
    if definition.denominator == FOLLOWERS:
        return posts.c.followers
    if definition.denominator == POSTS:
        return literal(1)
    below = definition.read_denominator
    return literal(0) if below is None else _value(below, posts, scope, before, live_links=False)


def _last_checkpoint(metric: Metric, before: datetime) -> ColumnElement[Any]:
    # As an expression: else SQLite may prefer the index by time, and scan all posts for each.
    read_at = func.coalesce(col(Reading.read_at), before)
    return (
        select(func.max(col(Reading.checkpoint)))
        .where(col(Reading.post_id) == col(Post.id), col(Reading.metric) == metric, read_at < before)
        .correlate(Post)
        .scalar_subquery()
    )


def _value(
    metric: Metric, posts: CTE, scope: PostScope, before: datetime, *, live_links: bool
) -> ColumnElement[Any]:
    """Counted here for posts that we serve, and for clicks outside of rates; else as it was read."""
    if metric in OF_LINKS and live_links:
        links = select(col(Link.id)).where(col(Link.post_id) == posts.c.id).correlate(posts).exists()
        served = links | posts.c.channel_id.in_(sorted(scope.local_ids))
        return case((served, _clicks(metric, posts, before)), else_=null())
    read = _reading(col(Reading.value), metric, posts)
    if not scope.local_ids or metric not in OF_PAGES | OF_LINKS:
        return read
    here = _clicks(metric, posts, before) if metric in OF_LINKS else _shown(metric, posts, before)
    return case((posts.c.channel_id.in_(sorted(scope.local_ids)), here), else_=read)


def _read_at(anchor: Metric, posts: CTE, scope: PostScope) -> ColumnElement[Any]:
    read = aliased(Reading)
    at = (
        select(col(read.read_at))
        .where(
            col(read.post_id) == posts.c.id,
            col(read.metric) == anchor,
            col(read.checkpoint) == posts.c.checkpoint,
        )
        .correlate(posts)
        .scalar_subquery()
    )
    if anchor in OF_PAGES | OF_LINKS and scope.local_ids:
        return case((posts.c.channel_id.in_(sorted(scope.local_ids)), null()), else_=at)
    return at


def _reading(wanted: Any, metric: Metric, posts: CTE) -> ColumnElement[Any]:
    return (
        select(wanted)
        .where(
            col(Reading.post_id) == posts.c.id,
            col(Reading.metric) == metric,
            col(Reading.checkpoint) == posts.c.checkpoint,
        )
        .correlate(posts)
        .scalar_subquery()
    )


def _clicks(metric: Metric, posts: CTE, before: datetime) -> ColumnElement[Any]:
    [audience] = [audience for audience, counts_for in CLICK_METRICS.items() if counts_for == metric]
    return (
        select(func.count())
        .where(col(Click.post_id) == posts.c.id, col(Click.audience) == audience, col(Click.at) < before)
        .correlate(posts)
        .scalar_subquery()
    )


def _shown(metric: Metric, posts: CTE, before: datetime) -> ColumnElement[Any]:
    [(kind, audience)] = [pair for pair, counts_for in PAGE_METRICS.items() if counts_for == metric]
    return (
        select(func.coalesce(func.sum(col(PageCount.shown)), 0))
        .where(
            col(PageCount.post_id) == posts.c.id,
            col(PageCount.kind) == kind,
            col(PageCount.audience) == audience,
            col(PageCount.hour) < before,
        )
        .correlate(posts)
        .scalar_subquery()
    )
