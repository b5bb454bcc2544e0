"""Writing down how published posts stand, as columns; making standings and sums anew.

Columns are written by whoever looks after the installation, some seconds or minutes after something changed:
until then the posts that changed are looked up (`store.board`).
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from sqlalchemy import delete, exists, func, select, update
from sqlmodel import Session, col

from domain.ids import new_id
from domain.post import PostState
from store import bundles, look_writing, rollups, standing_around, standings
from store.bulk import STALE, Sums
from store.columns import FEED, FINGERPRINT, LAYOUT, ROUTE, USUAL, empty
from store.last_looks import unpacked
from store.look_writing import Placed
from store.part_writing import settled, stamp, write
from store.recounting import Recounted, recount
from store.tables import (
    ChannelRow,
    Post,
    Standing,
    StandingChannel,
    StandingColumn,
    StandingPart,
    StandingReadings,
)
from store.upsert import insert_or_change

#: Posts that are written in one transaction.
AT_ONCE = 5_000
#: So many that wait are not put in order, but taken as they lie.
MANY: Final = 20_000


def unbuilt(session: Session) -> list[int]:
    """Channels whose standings and sums are not complete, or are of another release."""
    _relaid(session)
    done = exists().where(
        col(StandingChannel.channel_id) == col(ChannelRow.id), col(StandingChannel.layout) == FINGERPRINT
    )
    query = select(col(ChannelRow.id)).where(~done).order_by(col(ChannelRow.id))
    return list(session.connection().execute(query).scalars())


def _relaid(session: Session) -> None:
    """Where only the columns of another release differ, have them written anew; the sums stay."""
    query = select(col(StandingChannel.channel_id), col(StandingChannel.layout))
    for channel_id, layout in session.connection().execute(query).all():
        if layout == FINGERPRINT:
            continue
        if layout.partition("-")[0] != FINGERPRINT.partition("-")[0]:
            forget(session, channel_id)
            continue
        _forget_columns(session, channel_id)
        mine = update(Standing).where(col(Standing.channel_id) == channel_id)
        session.connection().execute(mine.values(part_id=None, place=None, stale=True))
        own = update(StandingChannel).where(col(StandingChannel.channel_id) == channel_id)
        session.connection().execute(own.values(layout=FINGERPRINT, stamp=new_id()))


def rebuild(session: Session, channel_id: int) -> None:
    """Make a channel's standings and sums anew from its readings, clicks and views, in one transaction."""
    forget(session, channel_id)
    while build(session, channel_id).posts:
        pass


def forget(session: Session, channel_id: int) -> None:
    """Remove a channel's standings and sums, for `build` to make them anew; until then readings tell."""
    session.flush()
    connection = session.connection()
    connection.execute(delete(StandingChannel).where(col(StandingChannel.channel_id) == channel_id))
    _forget_columns(session, channel_id)
    mine = select(col(Standing.post_id)).where(col(Standing.channel_id) == channel_id)
    connection.execute(delete(StandingReadings).where(col(StandingReadings.post_id).in_(mine)))
    connection.execute(delete(Standing).where(col(Standing.channel_id) == channel_id))
    rollups.remove(session, channel_id)


def _forget_columns(session: Session, channel_id: int) -> None:
    mine = select(col(StandingPart.id)).where(col(StandingPart.channel_id) == channel_id)
    for statement in (
        delete(StandingColumn).where(col(StandingColumn.part_id).in_(mine)),
        delete(StandingPart).where(col(StandingPart.channel_id) == channel_id),
    ):
        session.connection().execute(statement)


@dataclass(frozen=True, slots=True)
class Built:
    """What one step of `build` did."""

    #: How many posts got a standing.
    posts: int
    #: When the last of them was published; None: there were none.
    until: datetime | None = None


def build(session: Session, channel_id: int, *, limit: int = AT_ONCE, after: datetime | None = None) -> Built:
    """Give standings to published posts of a channel that have none, oldest first, and add them to its sums.

    What is read or clicked meanwhile goes on: the sums hold the posts that have a standing, and those whole.
    A channel none of whose posts is left, looked at from the first one, is noted to be complete.

    Args:
        limit: So many posts at most.
        after: Only posts from this hour on, so that those that are done need not be passed over again.
    """
    session.flush()
    there = exists().where(col(Standing.post_id) == col(Post.id))
    query = (
        select(col(Post.id), col(Post.published_at))
        .where(col(Post.channel_id) == channel_id, col(Post.state) == PostState.PUBLISHED, ~there)
        .order_by(col(Post.published_at))
        .limit(limit)
    )
    if after is not None:
        query = query.where(col(Post.published_at) >= after)
    rows = session.connection().execute(query).all()
    if not rows:
        if after is None:
            _complete(session, channel_id)
        return Built(0)
    ids = [row.id for row in rows]
    created = standings.created(session, ids)
    found = recount(session, created, LAYOUT, sources=True)
    _lock(session, channel_id)
    write(session, channel_id, found, {})
    bundles.put(session, found)
    sums = Sums()
    add_sums(session, sums, found)
    views = rollups.gathered(standings.views_of_posts(session, sorted(created)))
    rollups.add_all(session, {**sums.slices(channel_id), **views})
    return Built(len(ids), rows[-1].published_at)


def _complete(session: Session, channel_id: int) -> None:
    """Sum all views of the channel as a whole, whichever were counted before there were sums, and note it."""
    rollups.lock_views(session)
    rollups.put_views(session, channel_id, rollups.gathered(standings.views_of_channel(session, channel_id)))
    changes = {"layout": FINGERPRINT, "stamp": new_id()}
    mark = {"channel_id": channel_id, **changes}
    insert_or_change(session, StandingChannel, mark, keys=["channel_id"], changes=changes)


def add_sums(session: Session, sums: Sums, found: Recounted) -> None:
    """Add what happened to posts, views of our pages apart."""
    columns = (found.ids.tolist(), found.columns[ROUTE].tolist(), found.columns[FEED].tolist())
    scopes = {one: (rollups.WHOLE_CHANNEL, route, feed) for one, route, feed in zip(*columns, strict=True)}
    for rows in found.readings:
        sums.add_readings(rows, scopes)
    sums.add_clicks(session, columns[0], scopes)


def pack(
    session: Session, *, limit: int = AT_ONCE, later: dict[int, set[int]] | None = None, many: int = MANY
) -> int:
    """Write down how posts stand that changed, in the caller's transaction.

    Args:
        session: the transaction.
        limit: posts at most.
        later: takes the posts written, by channel, for who lets `standing_around.refresh` follow; None:
            it is done here. Much of what it reads is around many of them: once for all is far cheaper.
        many: where so many wait, as after an upgrade, they are taken as they lie: to put them all in order
            for each few would take hours.

    Returns:
        How many were written; fewer than ``limit``: no more have changed.
    """
    session.flush()
    rows = _waiting(session, limit, many)
    anew = [row for row in rows if row.anew or row.part_id is None]
    looked = [row for row in rows if not row.anew and row.part_id is not None]
    places = {row.post_id: (row.part_id, row.place) for row in anew if row.part_id is not None}
    found = recount(session, [row.post_id for row in anew], {*LAYOUT} - {USUAL}, sources=True)
    found.columns[USUAL] = empty(USUAL, found.size)  # written with those of the posts around
    bundles.put(session, found)
    bundles.add(session, {row.post_id: unpacked(row.looks) for row in looked if row.looks})
    for channel_id in sorted({row.channel_id for row in rows}):
        _lock(session, channel_id)
        if (mine := found.channels == channel_id).any():
            write(session, channel_id, found.only(mine), places)
        own = [row for row in looked if row.channel_id == channel_id]
        look_writing.write(session, [Placed(row.post_id, row.part_id, row.place, row.looks) for row in own])
        settled(session, [row.post_id for row in own])
        stamp(session, channel_id)
        ids = [row.post_id for row in rows if row.channel_id == channel_id]
        if later is None:
            standing_around.refresh(session, channel_id, ids)
        else:
            later.setdefault(channel_id, set()).update(ids)
    return len(rows)


def _waiting(session: Session, limit: int, many: int) -> Sequence[Any]:
    """Posts whose columns are to be written, those of a part together; fewer than ``limit``: no more wait."""
    layout = select(col(StandingChannel.channel_id)).where(col(StandingChannel.layout) == FINGERPRINT)
    complete = session.connection().execute(layout).scalars().all()
    # As an expression: else SQLite takes the index by channel, and looks at every post.
    channel = col(Standing.channel_id) + 0
    query = select(
        col(Standing.post_id), col(Standing.channel_id), col(Standing.part_id), col(Standing.place),
        col(Standing.anew), col(Standing.looks),
    ).where(STALE, channel.in_(complete)).limit(limit).with_for_update(skip_locked=True)  # fmt: skip
    if complete and _are_so_many(session, many):
        first = select(col(Standing.post_id), col(Standing.channel_id)).where(STALE, channel.in_(complete))
        if (start := session.connection().execute(first.limit(1)).first()) is not None:
            own = (col(Standing.channel_id) == start.channel_id, col(Standing.post_id) >= start.post_id)
            rows = session.connection().execute(query.where(*own).order_by(col(Standing.post_id))).all()
            if len(rows) == limit:
                return rows
    ordered = query.order_by(channel, col(Standing.part_id), col(Standing.post_id))
    return session.connection().execute(ordered).all()


def _are_so_many(session: Session, many: int) -> bool:
    some = select(col(Standing.post_id)).where(STALE).limit(many).subquery()
    return session.connection().execute(select(func.count()).select_from(some)).scalar_one() == many


def _lock(session: Session, channel_id: int) -> None:
    """One at a time adds parts to a channel."""
    query = select(col(ChannelRow.id)).where(col(ChannelRow.id) == channel_id)
    session.connection().execute(query.with_for_update(key_share=True))
