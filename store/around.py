"""The posts of a channel around others, and what many posts had at one age: as arrays, for pages of posts."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import timedelta

import numpy as np
from sqlalchemy import Connection
from sqlmodel import Session

from domain.metrics import Metric
from domain.post import PostState
from store import arrays, rows
from store.bulk import Readings, plain_times
from store.bundles import HOLDS, of_bodies
from store.chunks import chunks
from store.columns import Numbers
from store.rollups import micros
from store.tables import Post


@dataclass(frozen=True, slots=True)
class Around:
    """Posts in the order of their ids, and when they were published (microseconds since 1970)."""

    ids: Numbers
    published: Numbers


def around(session: Session, posts: Iterable[Post], *, each_side: int) -> dict[int, Around]:
    """Published posts of the same channel around each of these published posts.

    Itself is left out, and so are posts that are gone from their platform: their numbers stopped there.
    """
    own = {post.id: post for post in posts if post.published_at is not None}
    connection = session.connection()
    beside = _on_postgresql if rows.on_postgresql(connection) else _one_by_one
    found = beside(connection, list(own.values()), each_side)
    nobody = Around(np.empty(0, np.int64), np.empty(0, np.int64))
    return {post_id: found.get(post_id, nobody) for post_id in own}


def with_readings(session: Session, post: Post, *, each_side: int) -> tuple[Around, Readings | None]:
    """The posts around one, as `around`, and all their readings (None: there are none), in one question."""
    assert post.published_at is not None
    connection = session.connection()
    is_served = rows.on_postgresql(connection)
    mark = "%s" if is_served else "?"
    query = (
        f"SELECT one.id, one.published_at, r.body FROM ({_sides(mark, mark, mark, each_side)}) AS one "  # noqa: S608
        f"LEFT JOIN standing AS s ON s.post_id = one.id AND {HOLDS} "
        "LEFT JOIN standing_readings AS r ON r.post_id = s.post_id"
    )
    at = rows.stored_instant(post.published_at, as_text=not is_served)
    told = rows.fetched(connection, query, [post.channel_id, post.id, at] * 2)
    if not told:
        return Around(np.empty(0, np.int64), np.empty(0, np.int64)), None
    ids, published, bodies = zip(*told, strict=True)
    moments = np.array([micros(one) for one in published]) if is_served else plain_times(published)
    found = _ordered(np.array(ids, np.int64), moments)
    return found, of_bodies(session, dict(zip(ids, bodies, strict=True)))


def _on_postgresql(connection: Connection, posts: Sequence[Post], each_side: int) -> dict[int, Around]:
    sides = _sides("own.channel_id", "own.id", "own.at", each_side)
    given = "unnest(%b::bigint[], %b::bigint[], %b::timestamptz[]) AS own (id, channel_id, at)"
    told = arrays.gathered(
        connection, f"FROM {given} CROSS JOIN LATERAL ({sides}) AS one",
        [[one.id for one in posts], [one.channel_id for one in posts], [one.published_at for one in posts]],
        keys=["own.id"], numbers=["one.id"], instants=["one.published_at"],
    )  # fmt: skip
    return {post_id: _ordered(*columns) for (post_id,), columns in told}


def _one_by_one(connection: Connection, posts: Sequence[Post], each_side: int) -> dict[int, Around]:
    query, found = _sides("?", "?", "?", each_side), {}
    for post in posts:
        assert post.published_at is not None
        values = (post.channel_id, post.id, rows.stored_instant(post.published_at, as_text=True))
        if told := rows.fetched(connection, query, values * 2):
            ids, published = zip(*told, strict=True)
            found[post.id] = _ordered(np.array(ids, np.int64), plain_times(published))
    return found


def _sides(channel: str, own: str, at: str, limit: int) -> str:
    """Those that went out before, and those after; who went out in the same moment is in both."""
    return " UNION ALL ".join(
        f"SELECT * FROM (SELECT id, published_at FROM post WHERE channel_id = {channel} AND id <> {own} "  # noqa: S608
        f"AND state = '{PostState.PUBLISHED}' AND deleted_at IS NULL AND published_at {side} {at} "
        f"ORDER BY published_at {way} LIMIT {limit}) AS {name}"
        for side, way, name in (("<=", "DESC", "earlier"), (">=", "ASC", "later"))
    )


def _ordered(ids: Numbers, published: Numbers) -> Around:
    unique, places = np.unique(ids, return_index=True)
    return Around(unique, published[places])


@dataclass(frozen=True, slots=True)
class AtAge:
    """What posts had at one age, in the order of their ids; those without all of it are not there."""

    ids: Numbers
    values: Numbers
    #: When it was read, microseconds since 1970.
    read_at: Numbers

    def of(self, posts: Around, *, latest: timedelta) -> Numbers:
        """What these posts had, but those that were read later after they were published."""
        places = np.minimum(np.searchsorted(self.ids, posts.ids), max(len(self.ids) - 1, 0))
        if not len(self.ids):
            return self.values
        late = self.read_at[places] - posts.published > latest / timedelta(microseconds=1)
        found: Numbers = self.values[places][(self.ids[places] == posts.ids) & ~late]
        return found


def at_age(session: Session, post_ids: Numbers, metrics: Sequence[Metric], checkpoint: timedelta) -> AtAge:
    """What each of these posts had of these metrics together at one age."""
    connection, age = session.connection(), int(checkpoint.total_seconds())
    names, parts = [str(one) for one in metrics], []
    for chunk in chunks(post_ids.tolist()):
        if rows.on_postgresql(connection):
            rest = "FROM reading WHERE post_id = ANY(%b) AND metric = ANY(%b) AND checkpoint = %b"
            told = arrays.gathered(
                connection, rest, [chunk, names, age], numbers=["post_id", "value"], instants=["read_at"]
            )
            parts += [np.stack(columns) for _, columns in told]
            continue
        posts, values = rows.among(connection, "post_id", chunk)
        own, more = rows.among(connection, "metric", names)
        query = f"SELECT post_id, value, read_at FROM reading WHERE {posts} AND {own} AND checkpoint = ?"  # noqa: S608 - marks
        if there := rows.fetched(connection, query, [*values, *more, age]):
            ids, counts, at = zip(*there, strict=True)
            parts.append(np.stack([np.array(ids), np.array(counts), plain_times(at)]))
    return _summed(np.concatenate(parts, axis=1) if parts else np.empty((3, 0), np.int64), len(names))


def _summed(columns: Numbers, metrics: int) -> AtAge:
    """Sums of the posts that have as many readings as there are metrics."""
    posts, values, at = columns[:, np.argsort(columns[0], kind="stable")]
    ids, begin, number = np.unique(posts, return_index=True, return_counts=True)
    if not len(ids):
        return AtAge(ids, ids, ids)
    whole = number == metrics
    sums, last = np.add.reduceat(values, begin), np.maximum.reduceat(at, begin)
    return AtAge(ids[whole], sums[whole], last[whole])
