"""What looks at posts are still to come."""

from collections.abc import Collection, Sequence
from datetime import datetime

from sqlalchemy import func, select
from sqlmodel import Session, col

from store.tables import ChannelRow, Measurement


def under_way(session: Session, channel_ids: Collection[int]) -> list[tuple[datetime, datetime]]:
    """Of posts of these channels that are still measured: when each went out, and is read next."""
    query = select(col(Measurement.published_at), col(Measurement.next_at)).where(
        col(Measurement.channel_id).in_(list(channel_ids)), col(Measurement.next_at).is_not(None)
    )
    found = session.connection().execute(query)
    return [(at, next_at) for at, next_at in found if next_at is not None]


def of_platform(session: Session, platform: str) -> Sequence[ChannelRow]:
    """All channels of a platform in this installation."""
    return session.scalars(select(ChannelRow).where(col(ChannelRow.platform) == platform)).all()


def published_since(session: Session, channel_ids: Collection[int], since: datetime) -> int:
    """How many posts of these channels went out since then."""
    query = select(func.count()).where(
        col(Measurement.channel_id).in_(list(channel_ids)), col(Measurement.published_at) >= since
    )
    return session.connection().execute(query).scalar() or 0
