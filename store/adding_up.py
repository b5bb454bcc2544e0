"""Adding clicks that wait to the standings and sums of their posts: many at a time, some seconds late."""

from collections.abc import Sequence

from sqlalchemy import select
from sqlmodel import Session, col

from store import rollups, standings
from store.bulk import Sums
from store.chunks import chunks
from store.rollups import Key, Slices
from store.standings import Placed
from store.tables import Post, Standing
from store.unsummed import AT_ONCE, Waiting, taken


def add_up(session: Session, *, limit: int = AT_ONCE) -> int:
    """Add clicks that wait to standings and sums, in the caller's transaction; several may do it at once.

    Those on posts that are not out yet need no more than their rows: a post that goes out brings all of them.

    Returns:
        How many batches were added; fewer than ``limit``: no more wait.
    """
    number, waits = taken(session, limit=limit)
    if not number:
        return 0
    ids = waits.post_ids
    _hold(session, ids)
    touched = standings.touch(session, ids)
    found = rollups.gathered(standings.everything(session, touched.created))
    for channel_id in sorted({where.channel_id for where in touched.known.values()}):
        own = {one: where for one, where in touched.known.items() if where.channel_id == channel_id}
        for key, slices in _slices(channel_id, waits, own).items():
            rollups.merge(found.setdefault(key, {}), slices)
    rollups.add_all(session, found)
    return number


def _slices(channel_id: int, waits: Waiting, posts: dict[int, Placed]) -> dict[Key, Slices]:
    sums = Sums()
    sums.add_waiting(waits.on(posts), {post_id: where.scope_ids for post_id, where in posts.items()})
    return sums.slices(channel_id)


def _hold(session: Session, ids: Sequence[int]) -> None:
    """Let no post without a standing go out until this transaction ends: nobody would count its clicks."""
    connection = session.connection()
    for chunk in chunks(ids):
        standing = select(col(Standing.post_id)).where(col(Standing.post_id).in_(chunk))
        known = set(connection.execute(standing).scalars())
        missing = [post_id for post_id in chunk if post_id not in known]
        if missing:
            query = select(col(Post.id)).where(col(Post.id).in_(missing)).order_by(col(Post.id))
            connection.execute(query.with_for_update(read=True))
