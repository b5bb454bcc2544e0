"""Readings of posts and channels: appended at each look, never changed."""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any, Final

from sqlalchemy import ColumnElement, bindparam, func, update
from sqlalchemy import select as sa_select
from sqlmodel import Session, col, select

from domain.metrics import Metric
from store import appending, last_looks, standings
from store.answers import remembered
from store.series import Noted
from store.tables import ChannelReading, ChannelRow, Measurement, Post, Reading


@dataclass(frozen=True, slots=True)
class Taken:
    """One number at the moment it was read."""

    metric: Metric
    value: int
    #: The platform's own field, or ``tabuh`` for our links and pages.
    source: str


@dataclass(frozen=True, slots=True)
class Look:
    """What was read of one post at one checkpoint."""

    post_id: int
    checkpoint: timedelta
    read_at: datetime
    taken: Sequence[Taken]


def subject(session: Session, row: Measurement) -> tuple[Post, ChannelRow]:
    """The post that a measurement is about, and its channel."""
    query = (
        select(Post, ChannelRow)
        .join(ChannelRow, col(ChannelRow.id) == col(Post.channel_id))
        .where(col(Post.id) == row.post_id)
    )
    return session.exec(query).one()


def append(
    session: Session, post_id: int, *, checkpoint: timedelta, read_at: datetime, taken: Iterable[Taken]
) -> None:
    """Add the readings of one look; those that the checkpoint has already stay as they were first read."""
    append_looks(session, [Look(post_id, checkpoint, read_at, tuple(taken))])


def append_looks(session: Session, looks: Iterable[Look]) -> int:
    """Add the readings of many looks at once, and to the sums what they change.

    Returns:
        How many readings were new.

    Raises:
        ValueError: a look has no time zone.
    """
    found = []
    for look in looks:
        if look.read_at.tzinfo is None:
            raise ValueError(f"naive datetime {look.read_at!r}: instants are stored in UTC")
        kind = last_looks.shape(
            tuple([one.metric for one in look.taken]), tuple([one.source for one in look.taken])
        )
        values = tuple([one.value for one in look.taken])
        age = int(look.checkpoint.total_seconds())
        found.append(appending.Look(look.post_id, age, look.read_at.astimezone(UTC), kind, values))
    return appending.append(session, found)


def looked_at(session: Session, post_id: int) -> None:
    """Note that a post was looked at, though nothing may have been read: lists are sorted by when."""
    standings.looked_at(session, [post_id])


def append_of_channel(
    session: Session, channel_id: int, *, read_at: datetime, taken: Iterable[Taken]
) -> None:
    """Add numbers of the channel itself, such as its followers."""
    for one in taken:
        session.add(
            ChannelReading(
                channel_id=channel_id, metric=one.metric, at=read_at, value=one.value, source=one.source
            )
        )


def series_of_channel(
    session: Session, channel_id: int, *, since: datetime, before: datetime
) -> dict[Metric, list[ChannelReading]]:
    """All numbers of a channel that were read in [since, before), by metric, oldest first."""
    query = (
        select(ChannelReading)
        .where(
            col(ChannelReading.channel_id) == channel_id,
            col(ChannelReading.at) >= since,
            col(ChannelReading.at) < before,
        )
        .order_by(col(ChannelReading.metric), col(ChannelReading.at), col(ChannelReading.id))
    )
    found: dict[Metric, list[ChannelReading]] = {}
    for row in session.scalars(query):
        found.setdefault(Metric(row.metric), []).append(row)
    return found


def mark_gone(session: Session, post_id: int, *, now: datetime) -> None:
    """Note that the platform no longer holds the post; the first time it was missed stays."""
    here = update(Post).where(col(Post.id) == post_id, col(Post.deleted_at).is_(None))
    if session.connection().execute(here.values(deleted_at=now)).rowcount:
        standings.published(session, [post_id])  # the posts around it are no longer compared with it


_READINGS: Final = (
    sa_select(
        col(Reading.post_id), col(Reading.metric), col(Reading.checkpoint), col(Reading.read_at),
        col(Reading.value), col(Reading.source),
    )
    .where(col(Reading.post_id).in_(bindparam("posts", expanding=True)))
    .order_by(col(Reading.checkpoint))
)  # fmt: skip


def readings_of(session: Session, post_ids: Iterable[int]) -> dict[int, list[Noted]]:
    """All readings of these posts, youngest age first; for pages of posts, not for whole workspaces."""
    found: dict[int, list[Noted]] = {post_id: [] for post_id in post_ids}
    # No objects: a busy page shows hundreds of readings.
    for row in session.connection().execute(_READINGS, {"posts": list(found)}) if found else ():
        found[row[0]].append(Noted(*row))
    return found


@remembered
def last_of_channels(
    session: Session, channel_ids: Iterable[int], metric: Metric, *, before: datetime
) -> dict[int, ChannelReading]:
    """For each channel the last reading of a metric earlier than ``before``; absent where there is none."""
    return lasts_of_channels(session, channel_ids, [metric], before=before)[metric]


def lasts_of_channels(
    session: Session, channel_ids: Iterable[int], metrics: Collection[Metric], *, before: datetime
) -> dict[Metric, dict[int, ChannelReading]]:
    """As `last_of_channels`, for each of these metrics, in one question."""
    when = func.max(col(ChannelReading.at))
    return _one_each(session, channel_ids, metrics, when, col(ChannelReading.at) < before)


@remembered
def first_of_channels(
    session: Session, channel_ids: Iterable[int], metric: Metric, *, since: datetime, before: datetime
) -> dict[int, ChannelReading]:
    """For each channel the first reading of a metric in [since, before); absent where there is none."""
    when = func.min(col(ChannelReading.at))
    within = (col(ChannelReading.at) >= since) & (col(ChannelReading.at) < before)
    return _one_each(session, channel_ids, [metric], when, within)[metric]


def _one_each(
    session: Session,
    channel_ids: Iterable[int],
    metrics: Collection[Metric],
    when: ColumnElement[datetime],
    within: ColumnElement[bool],
) -> dict[Metric, dict[int, ChannelReading]]:
    key = (col(ChannelReading.channel_id), col(ChannelReading.metric))
    series = (key[0].in_(list(channel_ids)), key[1].in_(sorted(metrics)))
    chosen = select(*key, when.label("at")).where(*series, within).group_by(*key).subquery()
    query = (
        select(ChannelReading)
        .join(
            chosen,
            (key[0] == chosen.c.channel_id)
            & (key[1] == chosen.c.metric)
            & (col(ChannelReading.at) == chosen.c.at),
        )
        .where(*series)
    )
    found: dict[Metric, dict[int, ChannelReading]] = {metric: {} for metric in metrics}
    for row in session.scalars(query):
        found[Metric(row.metric)][row.channel_id] = row
    return found


def followers_at_publishing(session: Session, post_ids: Iterable[int]) -> dict[int, ChannelReading]:
    """For each post the channel's followers when it went out; absent where they were never counted."""
    which = (
        select(col(Post.id), followers_reading(col(ChannelReading.id)).label("reading_id"))
        .where(col(Post.id).in_(list(post_ids)))
        .subquery()
    )
    query = select(which.c.id, ChannelReading).join(
        ChannelReading, col(ChannelReading.id) == which.c.reading_id
    )
    return dict(session.exec(query).all())


def followers_reading(wanted: Any) -> ColumnElement[Any]:
    """A column of the follower count in force when the post of the enclosing query went out.

    The last reading at or before publishing, else the first after it.
    """
    series = (
        col(ChannelReading.channel_id) == col(Post.channel_id),
        col(ChannelReading.metric) == Metric.FOLLOWERS,
    )
    published = col(Post.published_at)
    before = (
        select(wanted)
        .where(*series, col(ChannelReading.at) <= published)
        .order_by(col(ChannelReading.at).desc())
        .limit(1)
        .correlate(Post)
        .scalar_subquery()
    )
    after = (
        select(wanted)
        .where(*series, col(ChannelReading.at) > published)
        .order_by(col(ChannelReading.at))
        .limit(1)
        .correlate(Post)
        .scalar_subquery()
    )
    return func.coalesce(before, after)


@remembered
def has_followers(session: Session, workspace_id: int) -> bool:
    """Whether the followers of any channel were ever counted."""
    query = (
        select(col(ChannelReading.id))
        .join(ChannelRow, col(ChannelRow.id) == col(ChannelReading.channel_id))
        .where(col(ChannelRow.workspace_id) == workspace_id, col(ChannelReading.metric) == Metric.FOLLOWERS)
        .limit(1)
    )
    return session.scalars(query).first() is not None
