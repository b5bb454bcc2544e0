"""What happened in a stretch of time, summed over readings, clicks and views themselves.

Slow where there are many; `store.activity` asks it only for what is not in the sums that are kept.
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, Select, Subquery, and_, case, func, select
from sqlmodel import Session, col

from domain.definition import OWN_SOURCE
from domain.metrics import Metric
from domain.post import PostState
from store.answers import once
from store.audiences import CLICK_METRICS, PAGE_METRICS
from store.rollups import QUARTER
from store.tables import Click, EntryRow, Measurement, PageCount, Post, Reading
from store.traffic import slice_of, slice_start
from store.values import PostScope

#: So long a time holds few readings of all.
_MOMENT = timedelta(hours=1)
#: Posts that are named in a query at most.
_MANY = 5_000


@dataclass(frozen=True, slots=True)
class Sum:
    """What one channel had of one metric, and where it was read."""

    channel_id: int
    metric: Metric
    value: int
    source: str
    #: When the oldest and newest reading in it were taken; None: counted here.
    oldest: datetime | None = None
    newest: datetime | None = None


def happened(
    session: Session, scope: PostScope, metrics: Collection[Metric], *, start: datetime, end: datetime
) -> list[Sum]:
    """What happened in [start, end), whatever the age of the posts, by channel, metric and source."""
    return [
        *_steps(session, scope, metrics, start, end),
        *_clicks(session, scope, metrics, start, end),
        *_shown(session, scope, metrics, start, end),
    ]


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


def _steps(
    session: Session, scope: PostScope, metrics: Collection[Metric], start: datetime, end: datetime
) -> list[Sum]:
    posts = read_in_moment(session, metrics, start, end)
    if posts is not None and not posts:
        return []
    steps = stepped(scope, metrics, start, end, posts=posts)
    key = (steps.c.channel_id, steps.c.metric, steps.c.source)
    times = (func.min(steps.c.read_at), func.max(steps.c.read_at))
    query = select(*key, func.sum(steps.c.step), *times).where(steps.c.read_at >= start).group_by(*key)
    return [
        Sum(channel_id, Metric(metric), int(value), source, oldest, newest)
        for channel_id, metric, source, value, oldest, newest in session.connection().execute(query)
    ]


def read_in_moment(
    session: Session, metrics: Collection[Metric], start: datetime, end: datetime
) -> Sequence[int] | None:
    """The posts, of whatever scope, that were read in a moment; None: it is too long, or they are many."""
    if end - start > _MOMENT:
        return None
    names = sorted(metrics)
    within = (col(Reading.metric).in_(names), col(Reading.read_at) >= start, col(Reading.read_at) < end)
    query = select(col(Reading.post_id)).where(*within).distinct().limit(_MANY + 1)
    found = once(
        session,
        ("read in a moment", *names, start, end),
        lambda: session.connection().execute(query).scalars().all(),
    )
    return None if len(found) > _MANY else found


def stepped(
    scope: PostScope,
    metrics: Collection[Metric],
    start: datetime,
    end: datetime,
    *,
    posts: Sequence[int] | None = None,
) -> Subquery:
    """Platforms' readings before ``end``, and how much each grew since the one read before it, or from 0.

    Across a change of the platform's field nothing is said to have grown: the two sides are not joined.
    Only of posts that were read since ``start``: all others have no step there.

    Args:
        posts: what `read_in_moment` found, if it was asked.
    """
    read: ColumnElement[bool] = _read_within(metrics, start, end)
    if posts is not None:
        read = and_(col(Post.id).in_(posts), col(Reading.post_id).in_(posts))
    series = (col(Reading.post_id), col(Reading.metric))
    order = (col(Reading.read_at), col(Reading.checkpoint))
    before = func.lag(col(Reading.value), 1, 0).over(partition_by=series, order_by=order)
    # What the platform reads from another field may mean another thing: how much it grew is not known.
    source_before = func.lag(col(Reading.source)).over(partition_by=series, order_by=order)
    changed = source_before != col(Reading.source)
    where_and_when = (col(Reading.post_id), col(Reading.metric), col(Reading.source), col(Reading.read_at))
    columns = (col(Post.channel_id), *where_and_when)
    return (
        select(*columns, case((changed, 0), else_=col(Reading.value) - before).label("step"))
        .join(Post, col(Post.id) == col(Reading.post_id))
        .where(*in_scope(scope), read)
        # As expressions: else SQLite may take the index by metric and time, and read all posts' readings.
        .where(func.coalesce(col(Reading.metric), "").in_(sorted(metrics)))
        .where(func.coalesce(col(Reading.read_at), end) < end, col(Reading.source) != OWN_SOURCE)
        .subquery()
    )


def _read_within(metrics: Collection[Metric], start: datetime, end: datetime) -> ColumnElement[bool]:
    """Conditions on `Post`: all others have no step in [start, end). For a moment the posts are found by when
    they were read; for a long time, of which most posts were read, they are gone through."""
    if end - start <= _MOMENT:
        within = (col(Reading.metric).in_(sorted(metrics)), col(Reading.read_at) >= start)
        return col(Post.id).in_(select(col(Reading.post_id)).where(*within, col(Reading.read_at) < end))
    last_read_before = (
        select(col(Measurement.id))
        .where(col(Measurement.post_id) == col(Post.id), col(Measurement.last_read_at) < start)
        .correlate(Post)
        .exists()
    )
    return ~last_read_before


def _clicks(
    session: Session, scope: PostScope, metrics: Collection[Metric], start: datetime, end: datetime
) -> list[Sum]:
    audiences = [audience for audience, metric in CLICK_METRICS.items() if metric in metrics]
    if not audiences:
        return []
    query = select(col(Post.channel_id), col(Click.audience), func.count())
    query = query.join(Post, col(Post.id) == _clicked_post(start, end))
    query = query.where(*clicked_within(audiences, start, end), *in_scope(scope))
    found = session.connection().execute(query.group_by(col(Post.channel_id), col(Click.audience)))
    return [Sum(channel_id, CLICK_METRICS[audience], n, OWN_SOURCE) for channel_id, audience, n in found]


def clicked_within(
    audiences: Collection[str], start: datetime, end: datetime
) -> Sequence[ColumnElement[bool]]:
    """Conditions on `Click`: of these audiences, in [start, end)."""
    return (col(Click.audience).in_(sorted(audiences)), col(Click.at) >= start, col(Click.at) < end)


def _clicked_post(start: datetime, end: datetime) -> ColumnElement[Any]:
    """The post of a click in [start, end); in a moment as an expression: else SQLite would go through all
    posts, and look for the clicks of each."""
    post: Any = col(Click.post_id)
    found: ColumnElement[Any] = post + 0 if end - start <= _MOMENT else post
    return found


def _shown(
    session: Session, scope: PostScope, metrics: Collection[Metric], start: datetime, end: datetime
) -> list[Sum]:
    kinds = {pair: metric for pair, metric in PAGE_METRICS.items() if metric in metrics}
    if not kinds or not scope.local_ids:
        return []
    columns = (col(PageCount.channel_id), col(PageCount.kind), col(PageCount.audience))
    query = select(*columns, func.sum(col(PageCount.shown))).where(*shown_within(scope, kinds, start, end))
    found = session.connection().execute(query.group_by(*columns))
    return [
        Sum(channel_id, kinds[kind, audience], int(number), OWN_SOURCE)
        for channel_id, kind, audience, number in found
        if (kind, audience) in kinds
    ]


def shown_within(
    scope: PostScope, kinds: Collection[tuple[str, str]], start: datetime, end: datetime
) -> Sequence[ColumnElement[bool]]:
    """Counts of the whole page belong to its channel, not to a route or feed."""
    conditions = [
        col(PageCount.channel_id).in_(sorted(scope.local_ids)),
        col(PageCount.kind).in_(sorted({kind for kind, _ in kinds})),
        col(PageCount.hour) >= start,
        col(PageCount.hour) < end,
    ]
    if not scope.whole_channels:
        conditions.append(col(PageCount.post_id).in_(select(col(Post.id)).where(*in_scope(scope))))
    return conditions


def by_slice(
    session: Session, scope: PostScope, metric: Metric, *, start: datetime, end: datetime
) -> list[tuple[datetime, int]]:
    """What happened of one metric in each quarter of an hour of [start, end) that had any, in no order.

    Every zone's day begins with a quarter (UTC). What a platform reported counts when it was read,
    views of our pages at the start of their hour; a quarter may come twice.
    """
    posts = read_in_moment(session, (metric,), start, end)
    queries: list[Select[*tuple[Any, ...]]] = []
    if posts is None or posts:
        steps = stepped(scope, (metric,), start, end, posts=posts)
        read = slice_of(session, steps.c.read_at, QUARTER).label("slice")
        queries.append(select(read, func.sum(steps.c.step)).where(steps.c.read_at >= start).group_by(read))
    for audience in (each for each, counts_for in CLICK_METRICS.items() if counts_for == metric):
        clicked = slice_of(session, col(Click.at), QUARTER).label("slice")
        clicks = select(clicked, func.count()).join(Post, col(Post.id) == _clicked_post(start, end))
        within: Sequence[ColumnElement[bool]] = (*clicked_within([audience], start, end), *in_scope(scope))
        queries.append(clicks.where(*within).group_by(clicked))
    for kind, audience in (pair for pair, counts_for in PAGE_METRICS.items() if counts_for == metric):
        hour = slice_of(session, col(PageCount.hour), QUARTER).label("slice")
        within = (*shown_within(scope, [(kind, audience)], start, end), col(PageCount.audience) == audience)
        queries.append(select(hour, func.sum(col(PageCount.shown))).where(*within).group_by(hour))
    connection = session.connection()
    return [
        (slice_start(number, QUARTER), int(count))
        for query in queries
        for number, count in connection.execute(query)
    ]
