"""The followers behind the posts that went out in a stretch of time."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

from sqlalchemy import select
from sqlmodel import Session, col

from domain.metrics import Metric
from store import rows
from store.tables import ChannelReading, ChannelRow

if TYPE_CHECKING:
    from store.columns import Numbers


@dataclass(frozen=True, slots=True)
class Followed:
    """The followers of channels when posts went out, added up over the posts."""

    posts: int
    #: Posts whose channel was counted.
    known: int
    total: int
    sources: Sequence[str]
    oldest: datetime | None
    newest: datetime | None


def followers_of_published(
    session: Session, workspace_id: int, *, start: datetime, end: datetime
) -> Followed:
    """The followers behind the posts that went out in [start, end): of each the last count until then, else
    the first after it."""
    import numpy as np

    from store.columns import instant

    posts = known = total = 0
    used: list[tuple[int, str]] = []
    for channel_id, published in _published(session, workspace_id, start, end).items():
        posts += len(published)
        series = _series(session, channel_id)
        if not series:
            continue
        told, values, sources = zip(*series, strict=True)
        counted = _micros(told)
        places = np.maximum(np.searchsorted(counted, published, side="right") - 1, 0)
        known += len(published)
        total += int(np.array(values, np.int64)[places].sum())
        used += [(int(counted[place]), sources[place]) for place in np.unique(places).tolist()]
    times = [at for at, _ in used]
    return Followed(
        posts, known, total, sorted({source for _, source in used}),
        instant(min(times)) if times else None, instant(max(times)) if times else None,
    )  # fmt: skip


def _published(session: Session, workspace_id: int, start: datetime, end: datetime) -> dict[int, "Numbers"]:
    """When the posts of each channel went out: from the index by channel alone, as the driver tells it."""
    from store.bulk import driver_time

    connection = session.connection()
    mark = "%s" if rows.on_postgresql(connection) else "?"
    query = (
        f"SELECT {driver_time(connection, 'published_at')} FROM post "  # noqa: S608 - marks
        f"WHERE channel_id = {mark} AND published_at >= {mark} AND published_at < {mark}"
    )
    between = [rows.stored_instant(at, as_text=not rows.on_postgresql(connection)) for at in (start, end)]
    mine = select(col(ChannelRow.id)).where(col(ChannelRow.workspace_id) == workspace_id)
    found = {}
    for channel_id in connection.execute(mine).scalars().all():
        if times := rows.fetched(connection, query, [channel_id, *between]):
            found[channel_id] = _micros([at for (at,) in times])
    return found


def _series(session: Session, channel_id: int) -> Sequence[tuple[object, int, str]]:
    """When a channel's followers were counted, how many, and in which field, in the order of time."""
    from store.bulk import plain_time

    query = select(
        plain_time(session, col(ChannelReading.at)), col(ChannelReading.value), col(ChannelReading.source)
    ).where(col(ChannelReading.channel_id) == channel_id, col(ChannelReading.metric) == Metric.FOLLOWERS)
    found = session.connection().execute(query.order_by(col(ChannelReading.at))).all()
    return [(at, value, source) for at, value, source in found]


def _micros(times: Sequence[object]) -> "Numbers":
    from store.bulk import plain_times

    return plain_times(times)
