"""Keeping standings and sums up with what is read and shown, in the transaction that writes it.

A published post has a standing from the first moment that something is noted of it. Its sums are complete
from then on; whoever writes readings or views adds them here. Clicks are added some seconds later, many at a
time (`store.adding_up`); until then they stand beside the sums (`store.unsummed`).
"""

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from typing import NamedTuple

from sqlalchemy import func, select, true, update
from sqlmodel import Session, col

from domain.definition import OWN_SOURCE
from domain.post import PostState
from store import rollups, rows
from store.audiences import CLICK_METRICS, PAGE_METRICS
from store.chunks import chunks
from store.rollups import WHOLE_CHANNEL, Event
from store.series import of_platforms, readings, steps
from store.tables import Click, EntryRow, PageCount, Post, Standing
from store.unsummed import summed_clicks
from store.upsert import insert_or_leave_selected


class Placed(NamedTuple):
    """Where what happens to a post is summed."""

    channel_id: int
    #: Its channel as a whole, and its route and its feed, if it has any.
    scope_ids: tuple[int, ...]


class Held(NamedTuple):
    """A standing that nobody else changes until the transaction ends."""

    where: Placed
    stale: bool
    #: Where it is stale: whether its columns lack more than its last looks.
    anew: bool
    #: As `store.last_looks` writes them; None: unknown.
    looks: bytes | None


@dataclass(frozen=True, slots=True)
class Touched:
    """Published posts of which something was noted."""

    #: Those that had a standing before, by id: what is new of them must be added to the sums.
    known: Mapping[int, Placed]
    #: Those that have one only now: everything of them must be.
    created: Mapping[int, Placed]


def touch(session: Session, post_ids: Collection[int], *, anew: bool = True) -> Touched:
    """Note that these posts change; until the transaction ends, nobody else changes them.

    Posts that are not published are passed over.

    Args:
        anew: False: nothing changes but what a look changes, which its standing keeps.
    """
    held, new = hold(session, post_ids)
    changed = [post_id for post_id, one in held.items() if not one.stale or (anew and not one.anew)]
    for chunk in chunks(changed):
        mine = update(Standing).where(col(Standing.post_id).in_(chunk))
        session.connection().execute(mine.values(stale=True, anew=anew))
    return Touched({post_id: one.where for post_id, one in held.items()}, new)


def hold(session: Session, post_ids: Collection[int]) -> tuple[dict[int, Held], dict[int, Placed]]:
    """The standings of these posts, which nobody else changes until the transaction ends; unmarked.

    Returns:
        Those that there were, and where those are summed that have one only now. Posts that are not published
        are in neither.
    """
    session.flush()
    ids = sorted(set(post_ids))
    held = _held(session, ids)
    missing = [post_id for post_id in ids if post_id not in held]
    if not missing:
        return held, {}
    new = created(session, missing)
    raced = [post_id for post_id in missing if post_id not in new]
    return {**held, **_held(session, raced)}, placed(session, new)


def _held(session: Session, ids: Sequence[int]) -> dict[int, Held]:
    connection = session.connection()
    lock = " FOR UPDATE OF s" if rows.on_postgresql(connection) else ""
    found: dict[int, Held] = {}
    for chunk in chunks(ids):
        where, values = rows.among(connection, "s.post_id", chunk)
        for row in rows.fetched(connection, _KNOWN.format(where=where) + lock, values):
            post_id, stale, anew, looks, *place = row
            found[post_id] = Held(_placed(*place), bool(stale), bool(anew), looks)
    return found


#: In the order of the ids: whoever locks several of them locks them in this order.
_KNOWN = """
SELECT s.post_id, s.stale, s.anew, s.looks, p.channel_id, p.route_id, e.feed_id
FROM standing AS s JOIN post AS p ON p.id = s.post_id LEFT JOIN entry AS e ON e.id = p.entry_id
WHERE {where} ORDER BY s.post_id
"""


def created(session: Session, ids: Sequence[int]) -> set[int]:
    """Give standings to these posts, as far as they are published and have none; those that got one."""
    found: set[int] = set()
    for chunk in chunks(ids):
        published = (
            select(col(Post.id), col(Post.workspace_id), col(Post.channel_id), true())
            .where(col(Post.id).in_(chunk), col(Post.state) == PostState.PUBLISHED)
            .order_by(col(Post.id))
        )
        names = ["post_id", "workspace_id", "channel_id", "stale"]
        found.update(insert_or_leave_selected(session, Standing, names, published, returning="post_id"))
    return found


def placed(session: Session, ids: Collection[int]) -> dict[int, Placed]:
    """Where what happens to these posts is summed."""
    found = {}
    for chunk in chunks(sorted(ids)):
        query = (
            select(col(Post.id), col(Post.channel_id), col(Post.route_id), col(EntryRow.feed_id))
            .outerjoin(EntryRow, col(EntryRow.id) == col(Post.entry_id))
            .where(col(Post.id).in_(chunk))
        )
        for post_id, channel_id, route_id, feed_id in session.connection().execute(query).all():
            found[post_id] = _placed(channel_id, route_id, feed_id)
    return found


@lru_cache(maxsize=4096)
def _placed(channel_id: int, route_id: int | None, feed_id: int | None) -> Placed:
    return Placed(channel_id, (WHOLE_CHANNEL, *(one for one in (route_id, feed_id) if one is not None)))


def published(session: Session, post_ids: Collection[int]) -> None:
    """Note that these posts went out, or that what people call them has changed."""
    _note(session, post_ids, anew=True)


def looked_at(session: Session, post_ids: Collection[int]) -> None:
    """Note that these posts were looked at, whatever was read."""
    _note(session, post_ids, anew=False)


def _note(session: Session, post_ids: Collection[int], *, anew: bool) -> None:
    found = touch(session, post_ids, anew=anew)
    rollups.add(session, everything(session, found.created))


def everything(session: Session, posts: Mapping[int, Placed]) -> Iterator[Event]:
    """All that ever happened to these posts, but clicks that wait (`store.unsummed`). Views of our pages: by
    route and feed only, since those of a whole channel are counted whether the post is known or not."""
    for post_id, own in of_platforms(readings(session, posts)):
        where = posts[post_id]
        for one, step in steps(own):
            yield Event(where.channel_id, where.scope_ids, one.metric, one.source, one.read_at, step)
    for chunk in chunks(sorted(posts)):
        for post_id, audience, at in summed_clicks(session, chunk, col(Click.at)):
            where = posts[post_id]
            yield Event(where.channel_id, where.scope_ids, CLICK_METRICS[audience], OWN_SOURCE, at, 1)
        yield from views_of_posts(session, chunk, posts)


def views_of_posts(
    session: Session, post_ids: Sequence[int], posts: Mapping[int, Placed] | None = None
) -> Iterator[Event]:
    """The views of posts of our pages, by route and feed."""
    columns = (col(PageCount.post_id), col(PageCount.kind), col(PageCount.audience), col(PageCount.hour))
    query = select(*columns, col(PageCount.shown)).where(col(PageCount.post_id).in_(post_ids))
    found = session.connection().execute(query).all()
    posts = placed(session, {row[0] for row in found}) if posts is None else posts
    for post_id, kind, audience, hour, shown in found:
        if (kind, audience) in PAGE_METRICS:
            where = posts[post_id]
            metric = PAGE_METRICS[kind, audience]
            yield Event(where.channel_id, where.scope_ids[1:], metric, OWN_SOURCE, hour, shown)


def views_of_channel(session: Session, channel_id: int) -> Iterator[Event]:
    """All views of a page and its posts, for the channel as a whole."""
    query = select(
        col(PageCount.kind), col(PageCount.audience), col(PageCount.hour), func.sum(col(PageCount.shown))
    ).where(col(PageCount.channel_id) == channel_id)
    grouped = query.group_by(col(PageCount.kind), col(PageCount.audience), col(PageCount.hour))
    for kind, audience, hour, shown in session.connection().execute(grouped):
        if (kind, audience) in PAGE_METRICS:
            metric = PAGE_METRICS[kind, audience]
            yield Event(channel_id, (WHOLE_CHANNEL,), metric, OWN_SOURCE, hour, int(shown))


@dataclass(frozen=True, slots=True)
class Viewed:
    """How often a page, or one of its posts, was shown in an hour."""

    channel_id: int
    #: 0: the page itself.
    post_id: int
    metric: str
    hour: datetime
    number: int


def count_views(session: Session, viewed: Sequence[Viewed]) -> None:
    """Add views of our pages, whose rows are written already, to what is known of channel and posts."""
    found = touch(session, {one.post_id for one in viewed if one.post_id})
    events = []
    for one in viewed:
        more = found.known[one.post_id].scope_ids[1:] if one.post_id in found.known else ()
        scopes = (WHOLE_CHANNEL, *more)
        events.append(Event(one.channel_id, scopes, one.metric, OWN_SOURCE, one.hour, one.number))
    rollups.add(session, [*events, *everything(session, found.created)])
