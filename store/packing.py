"""Writing down how published posts stand, as columns; making standings and sums anew.

Columns are written by whoever looks after the installation, some seconds or minutes after something changed:
until then the posts that changed are looked up (`store.board`).
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import delete, exists, select, update
from sqlmodel import Session, col

from domain.ids import new_id
from domain.post import PostState
from store import bundles, look_writing, rollups, standing_around, standings, uncompared, unwritten
from store.bulk import Sums
from store.columns import FEED, FINGERPRINT, LAYOUT, ROUTE, USUAL
from store.look_writing import Placed
from store.looks_alike import ends
from store.part_writing import lock_channel, settled, stamp, write
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
from store.unwritten import Unwritten
from store.upsert import insert_or_change

#: Posts that are written in one transaction.
AT_ONCE = 5_000


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
    lock_channel(session, channel_id)
    write(session, channel_id, found, {}, ends(found.readings))
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


def pack(session: Session, *, limit: int = AT_ONCE) -> int:
    """Write down how posts stand that changed, and those around them, in the caller's transaction.

    Returns:
        How many were written; fewer than ``limit``: no more have changed.
    """
    session.flush()
    written = pack_some(session, unwritten.waiting(session, most=limit).ids.tolist())
    for channel_id in uncompared.channels(session):
        lock_channel(session, channel_id)
        noted = uncompared.of_channel(session, channel_id, limit=limit)
        standing_around.refresh(session, channel_id, noted)
    return written


def pack_some(session: Session, post_ids: Sequence[int]) -> int:
    """Write down how these posts stand, as far as they changed, in the caller's transaction.

    How they stand among those around them is noted to be written later (`store.uncompared`): much of what is
    read for it is around many of them, and once for all is far cheaper.

    Returns:
        How many were written. Those that somebody else writes are left to them.
    """
    found = unwritten.taken(session, post_ids)
    anew = [row for row in found if row.anew or row.place is None]
    looked: dict[int, list[Placed]] = {row.channel_id: [] for row in found}
    for row in found:
        if not row.anew and row.part_id is not None and row.place is not None:
            looked[row.channel_id].append(Placed(row.post_id, row.part_id, row.place, row.looks))
    # How they stand among others (USUAL) stays as it was until they are compared.
    recounted = recount(session, [row.post_id for row in anew], {*LAYOUT} - {USUAL}, sources=True)
    bundles.put(session, recounted)
    bundles.add(session, {one.post_id: one.looks for own in looked.values() for one in own if one.looks})
    looks, places = ends(recounted.readings), _places(anew)
    for channel_id in sorted(looked):
        lock_channel(session, channel_id)
    for channel_id, posts in sorted(looked.items()):
        mine = recounted.only(recounted.channels == channel_id)
        if mine.size:
            write(session, channel_id, mine, places, looks)
        concerned = look_writing.write(session, posts)
        settled(session, [one.post_id for one in posts])
        stamp(session, channel_id)
        uncompared.note(session, channel_id, concerned.union(mine.ids.tolist()))
    return len(found)


def _places(posts: Sequence[Unwritten]) -> dict[int, tuple[int, int]]:
    """Where these posts are in columns already: part and place."""
    return {
        row.post_id: (row.part_id, row.place)
        for row in posts
        if row.part_id is not None and row.place is not None
    }
