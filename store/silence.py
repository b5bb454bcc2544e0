"""What has fallen silent: questions about queues, measurements and posts from which nothing comes."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import and_, case, func, select
from sqlalchemy.orm import aliased
from sqlmodel import Session, col

from domain.definition import OWN_SOURCE
from domain.post import PostState
from store.tables import ChannelReading, ChannelRow, Measurement, Post, Reading, Route, RouteFeed


def paces(session: Session, workspace_id: int, *, now: datetime, days: int = 28) -> dict[int, float]:
    """Posts a week that each channel published in the last days; channels without any are absent."""
    since = now - timedelta(days=days)
    query = (
        select(col(Post.channel_id), func.count(), func.min(col(Post.published_at)))
        .where(
            col(Post.workspace_id) == workspace_id,
            col(Post.state) == PostState.PUBLISHED,
            col(Post.published_at) >= since,
        )
        .group_by(col(Post.channel_id))
    )
    found = {}
    for channel_id, number, first in session.connection().execute(query):
        assert first is not None, "published posts have a time"
        known = max((now - first) / timedelta(days=7), 1.0)
        found[channel_id] = number / known
    return found


def queued(session: Session, workspace_id: int) -> dict[int, tuple[int, datetime]]:
    """By channel: how many posts will go out by themselves, and the hour of the last."""
    query = (
        select(col(Post.channel_id), func.count(), func.max(col(Post.planned_at)))
        .where(
            col(Post.workspace_id) == workspace_id,
            col(Post.state).in_((PostState.QUEUED, PostState.AWAITING_APPROVAL, PostState.PUBLISHING)),
            col(Post.planned_at).is_not(None),
        )
        .group_by(col(Post.channel_id))
    )
    rows = session.connection().execute(query)
    return {channel_id: (number, last) for channel_id, number, last in rows if last is not None}


def last_published_at(session: Session, channel_id: int) -> datetime | None:
    """When a channel last published something; None: never."""
    query = select(func.max(col(Post.published_at))).where(
        col(Post.channel_id) == channel_id, col(Post.state) == PostState.PUBLISHED
    )
    found: datetime | None = session.connection().execute(query).scalar()
    return found


def needy(session: Session, workspace_id: int, *, limit: int = 50) -> Sequence[tuple[Post, ChannelRow]]:
    """Posts that are uncertain or failed, newest first."""
    query = (
        select(Post, ChannelRow)
        .join(ChannelRow, col(ChannelRow.id) == col(Post.channel_id))
        .where(
            col(Post.workspace_id) == workspace_id,
            col(Post.state).in_((PostState.UNCERTAIN, PostState.FAILED)),
        )
        .order_by(col(Post.id).desc())
        .limit(limit)
    )
    return [(post, channel) for post, channel in session.execute(query)]


def late(
    session: Session, workspace_id: int, *, before: datetime, limit: int = 50
) -> Sequence[tuple[Post, ChannelRow]]:
    """Posts of working channels that were to go out before then and still wait, earliest first."""
    query = (
        select(Post, ChannelRow)
        .join(ChannelRow, col(ChannelRow.id) == col(Post.channel_id))
        .where(
            col(Post.workspace_id) == workspace_id,
            col(Post.state).in_((PostState.QUEUED, PostState.PUBLISHING)),
            col(Post.planned_at) < before,
            col(ChannelRow.state) == "active",
        )
        .order_by(col(Post.planned_at), col(Post.id))
        .limit(limit)
    )
    return [(post, channel) for post, channel in session.execute(query)]


@dataclass(frozen=True, slots=True)
class Measuring:
    """How the looks after the posts of one channel go."""

    #: Posts whose first look was due, and of these those that were ever read.
    due: int
    read: int
    #: Posts whose last looks failed, and since when the oldest of them was not read.
    failing: int
    since: datetime | None
    #: What the platform said last.
    reason: str | None


def measuring(
    session: Session, workspace_id: int, *, since: datetime, before: datetime, failures: int
) -> dict[int, Measuring]:
    """By channel: posts that went out in [since, before), and how reading their numbers went."""
    fails = col(Measurement.failures) >= failures
    seen = func.coalesce(col(Measurement.last_read_at), col(Measurement.published_at))
    query = (
        select(
            col(Measurement.channel_id),
            func.count(),
            func.sum(case((col(Measurement.last_read_at).is_not(None), 1), else_=0)),
            func.sum(case((fails, 1), else_=0)),
            func.min(case((fails, seen))),
            func.max(case((fails, col(Measurement.last_error)))),
        )
        .join(Post, col(Post.id) == col(Measurement.post_id))
        .where(
            col(Measurement.workspace_id) == workspace_id,
            col(Measurement.published_at) >= since,
            col(Measurement.published_at) < before,
            col(Post.deleted_at).is_(None),
        )
        .group_by(col(Measurement.channel_id))
    )
    return {
        channel_id: Measuring(int(due), int(read), int(failing), at, reason)
        for channel_id, due, read, failing, at, reason in session.connection().execute(query)
    }


@dataclass(frozen=True, slots=True)
class Fall:
    """A count that was less than at the look before."""

    channel_id: int
    metric: str
    before: int
    after: int
    at: datetime
    post_id: int | None = None


def falls(session: Session, workspace_id: int, *, since: datetime) -> list[Fall]:
    """Counts of posts that fell at a look since then, by a tenth and five at least; the largest a channel."""
    earlier = aliased(Reading)
    last = (
        select(func.max(col(earlier.checkpoint)))
        .where(
            col(earlier.post_id) == col(Reading.post_id),
            col(earlier.metric) == col(Reading.metric),
            col(earlier.checkpoint) < col(Reading.checkpoint),
        )
        .correlate(Reading)
        .scalar_subquery()
    )
    query = (
        select(
            col(Post.channel_id), col(Reading.metric), col(earlier.value), col(Reading.value),
            col(Reading.read_at), col(Reading.post_id),
        )
        .join(Post, col(Post.id) == col(Reading.post_id))
        .join(
            earlier,
            and_(
                col(earlier.post_id) == col(Reading.post_id),
                col(earlier.metric) == col(Reading.metric),
                col(earlier.checkpoint) == last,
            ),
        )
        .where(
            col(Post.workspace_id) == workspace_id,
            col(Reading.read_at) >= since,
            col(Reading.source) != OWN_SOURCE,
            col(earlier.source) == col(Reading.source),
            col(Reading.value) * 10 <= col(earlier.value) * 9,
            col(Reading.value) + 5 <= col(earlier.value),
        )
    )  # fmt: skip
    worst: dict[tuple[int, str], Fall] = {}
    for found in session.connection().execute(query):
        fall = Fall(*found)
        known = worst.get((fall.channel_id, fall.metric))
        if known is None or fall.before - fall.after > known.before - known.after:
            worst[fall.channel_id, fall.metric] = fall
    return list(worst.values())


def follower_falls(
    session: Session, channel_ids: Sequence[int], metric: str, *, since: datetime, share: float
) -> list[Fall]:
    """Channels whose last count since then is so much less than the one before it."""
    found = []
    for channel_id in channel_ids:
        query = (
            select(ChannelReading)
            .where(col(ChannelReading.channel_id) == channel_id, col(ChannelReading.metric) == metric)
            .order_by(col(ChannelReading.at).desc())
            .limit(2)
        )
        rows = session.scalars(query).all()
        if len(rows) == 2 and rows[0].at >= since and rows[0].source == rows[1].source:
            after, before = rows[0].value, rows[1].value
            if before - after >= max(5, share * before):
                found.append(Fall(channel_id, metric, before, after, rows[0].at))
    return found


@dataclass(frozen=True, slots=True)
class Source:
    """From which field of a platform a channel's count has been read since when."""

    channel_id: int
    metric: str
    source: str
    first_at: datetime
    last_at: datetime


def sources(session: Session, workspace_id: int, *, since: datetime) -> list[Source]:
    """The platforms' fields behind each channel's counts since then."""
    query = (
        select(
            col(Post.channel_id), col(Reading.metric), col(Reading.source),
            func.min(col(Reading.read_at)), func.max(col(Reading.read_at)),
        )
        .join(Post, col(Post.id) == col(Reading.post_id))
        .where(
            col(Post.workspace_id) == workspace_id,
            col(Reading.read_at) >= since,
            col(Reading.source) != OWN_SOURCE,
        )
        .group_by(col(Post.channel_id), col(Reading.metric), col(Reading.source))
    )  # fmt: skip
    return [Source(*found) for found in session.connection().execute(query)]


def feeds_of_channel(session: Session, channel_id: int) -> list[int]:
    """The feeds that routes to a channel read, without paused and removed routes."""
    query = (
        select(col(RouteFeed.feed_id))
        .join(Route, col(Route.id) == col(RouteFeed.route_id))
        .where(
            col(Route.channel_id) == channel_id,
            col(Route.removed_at).is_(None),
            col(Route.paused_at).is_(None),
        )
    )
    return list(session.scalars(query))


def has_routes(session: Session, channel_id: int) -> bool:
    """Whether any route leads to a channel, paused or not."""
    query = select(col(Route.id)).where(col(Route.channel_id) == channel_id, col(Route.removed_at).is_(None))
    return session.connection().execute(query.limit(1)).first() is not None


def channels_of_feed(session: Session, feed_id: int) -> bool:
    """Whether any working route reads a feed."""
    query = (
        select(col(RouteFeed.route_id))
        .join(Route, col(Route.id) == col(RouteFeed.route_id))
        .where(
            col(RouteFeed.feed_id) == feed_id,
            col(Route.removed_at).is_(None),
            col(Route.paused_at).is_(None),
        )
    )
    return session.connection().execute(query.limit(1)).first() is not None
