"""What an audit asks of the tables: bounded by days, and by a number of the newest posts of each channel."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import case, func
from sqlmodel import Session, col, select

from domain.post import PostState
from store.chunks import chunks
from store.tables import (
    ChannelReading,
    ChannelRow,
    Click,
    ImportedFile,
    Kpi,
    KpiReading,
    Link,
    Measurement,
    Post,
    Reading,
    Visit,
)


@dataclass(frozen=True, slots=True)
class AuditedPost:
    """A published post as an audit sees it."""

    id: int
    channel_id: int
    published_at: datetime
    created_at: datetime
    deleted_at: datetime | None
    remote_id: str | None
    remote_url: str | None
    text: str


def published(session: Session, channel_id: int, *, since: datetime, now: datetime) -> int:
    """How many posts a channel published in [since, now]."""
    query = select(func.count()).select_from(Post).where(*_out(channel_id, since, now))
    return session.connection().execute(query).scalar() or 0


def newest(
    session: Session, channel_id: int, *, since: datetime, now: datetime, limit: int
) -> list[AuditedPost]:
    """The newest of them."""
    columns = (
        col(Post.id), col(Post.channel_id), col(Post.published_at), col(Post.created_at),
        col(Post.deleted_at), col(Post.remote_id), col(Post.remote_url), col(Post.content),
    )  # fmt: skip
    query: Any = select(*columns).where(*_out(channel_id, since, now))  # type: ignore[call-overload]
    query = query.order_by(col(Post.published_at).desc()).limit(limit)
    rows: Any = session.connection().execute(query)
    return [AuditedPost(*(*row[:7], str(row[7].get("text", ""))[:80])) for row in rows]


def _out(channel_id: int, since: datetime, now: datetime) -> tuple[Any, ...]:
    return (
        col(Post.channel_id) == channel_id,
        col(Post.published_at) >= since,
        col(Post.published_at) <= now,
        col(Post.state) == PostState.PUBLISHED,
    )


@dataclass(frozen=True, slots=True)
class Read:
    """A reading."""

    post_id: int
    metric: str
    checkpoint: int
    read_at: datetime
    value: int
    source: str


def readings(session: Session, post_ids: Collection[int]) -> dict[int, list[Read]]:
    """All readings of these posts, by post, in the order of their ages."""
    columns = (
        col(Reading.post_id), col(Reading.metric), col(Reading.checkpoint), col(Reading.read_at),
        col(Reading.value), col(Reading.source),
    )  # fmt: skip
    found: dict[int, list[Read]] = {}
    for chunk in chunks(sorted(post_ids)):
        query: Any = select(*columns).where(col(Reading.post_id).in_(chunk))  # type: ignore[call-overload]
        for row in session.connection().execute(query):
            found.setdefault(row[0], []).append(Read(*row))
    for own in found.values():
        own.sort(key=lambda one: one.checkpoint)
    return found


def measurements(session: Session, post_ids: Collection[int]) -> dict[int, Measurement]:
    """The measurement row of each of these posts that has one."""
    found = {}
    for chunk in chunks(sorted(post_ids)):
        for row in session.scalars(select(Measurement).where(col(Measurement.post_id).in_(chunk))):
            found[row.post_id] = row
    return found


def overdue(session: Session, workspace_id: int, *, before: datetime) -> dict[int, tuple[int, datetime, int]]:
    """By channel: looks that were due before then and not made, since when, and one of the posts."""
    query = (
        select(
            col(Measurement.channel_id), func.count(), func.min(col(Measurement.next_at)),
            func.min(col(Measurement.post_id)),
        )
        .where(
            col(Measurement.workspace_id) == workspace_id,
            col(Measurement.next_at).is_not(None),
            col(Measurement.next_at) < before,
        )
        .group_by(col(Measurement.channel_id))
    )  # fmt: skip
    rows: Any = session.connection().execute(query)
    return {row[0]: (row[1], row[2], row[3]) for row in rows}


def under_way(session: Session, workspace_id: int) -> int:
    """How many posts are looked at again."""
    query = select(func.count()).select_from(Measurement)
    query = query.where(col(Measurement.workspace_id) == workspace_id, col(Measurement.next_at).is_not(None))
    return session.connection().execute(query).scalar() or 0


def last_channel_readings(session: Session, channel_ids: Sequence[int]) -> dict[int, datetime]:
    """When a number of each channel itself was last read; absent: never."""
    query = (
        select(col(ChannelReading.channel_id), func.max(col(ChannelReading.at)))
        .where(col(ChannelReading.channel_id).in_(list(channel_ids)))
        .group_by(col(ChannelReading.channel_id))
    )
    return dict(session.connection().execute(query).all())


def newest_imports(session: Session, workspace_id: int) -> dict[str, datetime]:
    """The newest row of each kind of imported file that was not undone."""
    newest = func.max(func.coalesce(col(ImportedFile.last_at), col(ImportedFile.created_at)))
    query = (
        select(col(ImportedFile.kind), newest)
        .where(col(ImportedFile.workspace_id) == workspace_id, col(ImportedFile.undone_at).is_(None))
        .group_by(col(ImportedFile.kind))
    )
    return dict(session.connection().execute(query).all())


def same_places(session: Session, workspace_id: int) -> list[list[ChannelRow]]:
    """Channels of one platform that belong to the same remote account, together."""
    query = select(ChannelRow).where(
        col(ChannelRow.workspace_id) == workspace_id, col(ChannelRow.remote_id).is_not(None)
    )
    found: dict[tuple[str, str], list[ChannelRow]] = {}
    for row in session.scalars(query.order_by(col(ChannelRow.id))):
        found.setdefault((row.platform, row.remote_id or ""), []).append(row)
    return [rows for rows in found.values() if len(rows) > 1]


@dataclass(frozen=True, slots=True)
class Led:
    """Clicks of people that led to a site of the workspace, and the visits that they opened."""

    clicks: int
    visits: int


def led(session: Session, post_ids: Collection[int], *, since: datetime, before: datetime) -> dict[int, Led]:
    """By post, of clicks in [since, before) that carried their key to a site of the workspace."""
    found = {}
    for chunk in chunks(sorted(post_ids)):
        where = (col(Click.post_id).in_(chunk),)
        for post_id, clicks, visits in session.connection().execute(
            _led(col(Click.post_id), where, since, before)
        ):
            found[post_id] = Led(clicks, visits)
    return found


def led_by_links(
    session: Session, workspace_id: int, *, since: datetime, before: datetime, limit: int
) -> dict[int, tuple[str, Led]]:
    """As `led`, of the newest links that belong to no post: number of the link → its code and clicks."""
    links = (
        select(col(Link.id), col(Link.code))
        .where(col(Link.workspace_id) == workspace_id, col(Link.post_id).is_(None))
        .order_by(col(Link.id).desc())
        .limit(limit)
    )
    codes: dict[int, str] = dict(session.connection().execute(links).all())
    query = _led(col(Click.link_id), (col(Click.link_id).in_(list(codes)),), since, before)
    return {row[0]: (codes[row[0]], Led(row[1], row[2])) for row in session.connection().execute(query)}


def _led(by: Any, where: Sequence[Any], since: datetime, before: datetime) -> Any:
    visits = select(func.min(col(Visit.id))).where(col(Visit.click_id) == col(Click.id)).correlate(Click)
    opened = case((visits.scalar_subquery().is_not(None), 1), else_=0)
    return (
        select(by, func.count(), func.sum(opened))
        .where(
            *where,
            col(Click.audience) == "human",
            col(Click.key).is_not(None),
            col(Click.at) >= since,
            col(Click.at) < before,
        )
        .group_by(by)
    )


def human_clicks(session: Session, post_ids: Collection[int]) -> dict[int, int]:
    """Our own clicks of people, by post."""
    found = {}
    for chunk in chunks(sorted(post_ids)):
        query = (
            select(col(Click.post_id), func.count())
            .where(col(Click.post_id).in_(chunk), col(Click.audience) == "human")
            .group_by(col(Click.post_id))
        )
        found.update(dict(session.connection().execute(query).all()))
    return {post_id: number for post_id, number in found.items() if post_id is not None}


def future_of_channels(session: Session, channel_ids: Sequence[int], *, after: datetime) -> Mapping[int, int]:
    """Numbers of the channels themselves that are dated later than then, by channel."""
    query = (
        select(col(ChannelReading.channel_id), func.count())
        .where(col(ChannelReading.channel_id).in_(list(channel_ids)), col(ChannelReading.at) > after)
        .group_by(col(ChannelReading.channel_id))
    )
    return dict(session.connection().execute(query).all())


def last_kpi_readings(session: Session, kpis: Sequence[Kpi]) -> dict[int, KpiReading]:
    """The newest value of each of these KPIs; absent: none yet."""
    found = {}
    for kpi in kpis:
        query = select(KpiReading).where(col(KpiReading.kpi_id) == kpi.id)
        row = session.scalar(query.order_by(col(KpiReading.at).desc()).limit(1))
        if row is not None:
            found[kpi.id] = row
    return found


def post_count(session: Session, channel_id: int, *, limit: int) -> int:
    """How many published posts a channel has, counted up to ``limit``."""
    some = (
        select(col(Post.id))
        .where(
            col(Post.channel_id) == channel_id,
            col(Post.state) == PostState.PUBLISHED,
            col(Post.published_at).is_not(None),
        )
        .limit(limit)
        .subquery()
    )
    return session.connection().execute(select(func.count()).select_from(some)).scalar() or 0
