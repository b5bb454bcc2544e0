"""Questions and changes about channels and their posting schedules."""

from collections.abc import Collection, Sequence
from datetime import datetime, time, timedelta
from typing import Any, Final

from sqlalchemy import CursorResult, and_, bindparam, delete, func, or_, update
from sqlalchemy import select as select_columns
from sqlalchemy.orm import Mapped
from sqlmodel import Session, col, select

from domain.errors import NotFound
from domain.post import PostState
from domain.schedule import PostingTime, slots, zone
from store import answers
from store.tables import ChannelRow, Post, PostingTimeRow, Workspace


@answers.remembered
def get(session: Session, workspace_id: int, channel_id: int) -> ChannelRow:
    """The channel. Raises `NotFound` when this workspace has none by that number."""
    query = select(ChannelRow).where(
        col(ChannelRow.id) == channel_id, col(ChannelRow.workspace_id) == workspace_id
    )
    return _one(session.scalar(query), str(channel_id))


def named(session: Session, workspace_id: int, name: str) -> ChannelRow:
    """The channel by its name. Raises `NotFound` when this workspace has none called so."""
    query = select(ChannelRow).where(
        col(ChannelRow.name) == name, col(ChannelRow.workspace_id) == workspace_id
    )
    return _one(session.scalar(query), name)


def _one(found: ChannelRow | None, which: str) -> ChannelRow:
    if found is None:
        raise NotFound(f"There is no channel {which!r}. `tabuh channel list` shows those there are.")
    return found


def workspace_of(session: Session, row: ChannelRow) -> Workspace:
    """The workspace that a channel belongs to."""
    return session.get_one(Workspace, row.workspace_id)


def by_id(session: Session, channel_id: int) -> ChannelRow | None:
    """The channel of whatever workspace, for readers with a secret address, who know of no workspaces."""
    return session.scalar(select(ChannelRow).where(col(ChannelRow.id) == channel_id))


def lock(session: Session, channel_id: int) -> ChannelRow:
    """The channel, held against all others until this transaction ends: one placing at a time."""
    query = (
        select(ChannelRow)
        .where(col(ChannelRow.id) == channel_id)
        .with_for_update()
        .execution_options(populate_existing=True)
    )
    return session.scalars(query).one()


_LISTED: Final = (
    select(ChannelRow)
    .where(col(ChannelRow.workspace_id) == bindparam("workspace_id"))
    .order_by(col(ChannelRow.name))
)


def listed(session: Session, workspace_id: int) -> Sequence[ChannelRow]:
    """All channels of a workspace by name."""
    asked = {"workspace_id": workspace_id}
    return answers.once(session, ("channels", workspace_id), lambda: session.scalars(_LISTED, asked).all())


def slug_taken(session: Session, slug: str) -> bool:
    """Whether any channel of the installation has this slug."""
    return session.scalar(select(ChannelRow.id).where(col(ChannelRow.slug) == slug)) is not None


def schedule(session: Session, channel_id: int) -> tuple[PostingTime, ...]:
    """The channel's weekly times; empty when it has none."""
    query = select(col(PostingTimeRow.weekday), col(PostingTimeRow.wall)).where(
        col(PostingTimeRow.channel_id) == channel_id
    )
    rows = session.connection().execute(query)  # no objects: a busy channel has hundreds of times
    return tuple(sorted(PostingTime(weekday, time.fromisoformat(wall)) for weekday, wall in rows))


def is_slot(session: Session, row: ChannelRow, at: datetime) -> bool:
    """Whether the channel's posting schedule has a slot at exactly this time."""
    times = schedule(session, row.id)
    return next((slot.at == at for slot in slots(times, zone(row.zone), after=at - _TICK)), False)


#: Smaller than any distance between two slots.
_TICK = timedelta(seconds=1)


def set_schedule(session: Session, channel_id: int, times: Sequence[PostingTime]) -> None:
    """Replace the channel's weekly times. Posts that have a slot keep it."""
    session.connection().execute(delete(PostingTimeRow).where(col(PostingTimeRow.channel_id) == channel_id))
    for entry in times:
        session.add(PostingTimeRow(channel_id=channel_id, weekday=entry.weekday, wall=f"{entry.wall:%H:%M}"))


def mark_needs_reconnect(session: Session, channel_id: int, reason: str) -> None:
    """Stop publishing on a channel until somebody connects it again; its posts stay queued."""
    session.connection().execute(
        update(ChannelRow)
        .where(col(ChannelRow.id) == channel_id)
        .values(state="needs_reconnect", state_reason=reason)
    )


def claim_renewal(session: Session, row: ChannelRow, *, now: datetime, lease: timedelta) -> int | None:
    """Take the right to renew a locked channel's credentials; None while another has it.

    Returns:
        The fencing number to store the result with.
    """
    if row.renewing_until is not None and row.renewing_until > now:
        return None
    row.renewing_until = now + lease
    row.renewal += 1
    session.add(row)
    return row.renewal


def note_test(session: Session, channel_id: int, *, error: str, now: datetime) -> None:
    """Keep why a test of the channel failed."""
    values = {"tested_at": now, "test_error": error}
    session.connection().execute(update(ChannelRow).where(col(ChannelRow.id) == channel_id).values(**values))


def end_renewal(
    session: Session, channel_id: int, renewal: int, sealed: bytes | None, *, access_until: datetime | None
) -> bool:
    """Give the right to renew back and keep what it gave, if it did; False when the right was lost."""
    held = (col(ChannelRow.id) == channel_id, col(ChannelRow.renewal) == renewal)
    values: dict[str, Any] = {"renewing_until": None}
    if sealed is not None:
        values |= {"credentials": sealed, "access_until": access_until}
    result = session.connection().execute(update(ChannelRow).where(*held).values(**values))
    assert isinstance(result, CursorResult)
    return result.rowcount == 1


def access_ending(
    session: Session, workspace_id: int, *, before: datetime
) -> Sequence[tuple[ChannelRow, int, datetime | None]]:
    """Channels whose access ends before then, soonest first.

    Returns:
        With each, how many of its queued posts are planned after the end, and the first of their hours.
    """
    late = and_(
        col(Post.channel_id) == col(ChannelRow.id),
        col(Post.state) == PostState.QUEUED,
        col(Post.planned_at) >= col(ChannelRow.access_until),
    )
    query = (
        select(ChannelRow, func.count(col(Post.id)), func.min(col(Post.planned_at)))
        .outerjoin(Post, late)
        .where(col(ChannelRow.workspace_id) == workspace_id, col(ChannelRow.access_until) < before)
        .group_by(col(ChannelRow.id))
        .order_by(col(ChannelRow.access_until), col(ChannelRow.id))
    )
    return [(row, posts, first) for row, posts, first in session.execute(query)]


def take_turn(
    session: Session, channel_id: int, asked: Mapped[datetime | None], *, before: datetime, now: datetime
) -> bool:
    """Whether it is our turn to ask a channel for something: nobody did since ``before``, and now we do.

    Args:
        asked: the column of the channel that keeps when it was asked for that last.
    """
    result = session.connection().execute(
        update(ChannelRow)
        .where(col(ChannelRow.id) == channel_id, or_(asked.is_(None), asked <= before))
        .values({asked: now})
    )
    return bool(result.rowcount)


def keep_quiet(session: Session, channel_id: int, until: datetime) -> None:
    """No publish call on this channel before ``until``, which only ever moves later."""
    later = (col(ChannelRow.quiet_until).is_(None)) | (col(ChannelRow.quiet_until) < until)
    session.connection().execute(
        update(ChannelRow).where(col(ChannelRow.id) == channel_id, later).values(quiet_until=until)
    )


def overdue(session: Session, channel_id: int, *, now: datetime) -> Sequence[Post]:
    """Queued posts of a channel whose hour has passed, earliest first, locked."""
    query = (
        select(Post)
        .where(
            col(Post.channel_id) == channel_id,
            col(Post.state) == PostState.QUEUED,
            col(Post.planned_at) <= now,
        )
        .order_by(col(Post.planned_at), col(Post.id))
        .with_for_update()
        .execution_options(populate_existing=True)
    )
    return session.scalars(query).all()


def platforms_of(session: Session, channel_ids: Collection[int]) -> dict[int, str]:
    """The platform of each of these channels."""
    query = select_columns(col(ChannelRow.id), col(ChannelRow.platform)).where(
        col(ChannelRow.id).in_(sorted(channel_ids))
    )
    return {channel_id: platform for channel_id, platform in session.connection().execute(query)}
