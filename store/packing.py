"""Writing down how published posts stand, as columns; making standings and sums anew; and comparing them.

Columns are written by whoever looks after the installation, some seconds or minutes after something changed:
until then the posts that changed are looked up (`store.board`).
"""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime

import numpy as np
from sqlalchemy import bindparam, delete, exists, insert, select, update
from sqlmodel import Session, col

from domain.ids import new_id
from domain.post import PostState
from store import rollups, standings
from store.bulk import STALE, Sums
from store.columns import (
    CAMPAIGN,
    FEED,
    FINGERPRINT,
    LAYOUT,
    NEVER,
    NEWEST,
    PUBLISHED,
    ROUTE,
    TAGS,
    WORDS,
    Numbers,
    decode,
    decode_words,
    empty,
    encode,
    encode_words,
    instant,
)
from store.recounting import Recounted, recount
from store.tables import (
    METADATA,
    ChannelRow,
    Post,
    Standing,
    StandingChannel,
    StandingColumn,
    StandingPart,
)
from store.unsummed import waiting
from store.upsert import insert_or_change

#: Posts of one part.
PART = 1024
#: Posts that are written in one transaction.
AT_ONCE = 5_000
_CHUNK = 5_000


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
    _write(session, channel_id, found, {})
    sums = Sums()
    _sum(session, sums, found)
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


def _sum(session: Session, sums: Sums, found: Recounted) -> None:
    """Add what happened to posts, views of our pages apart."""
    columns = (found.ids.tolist(), found.columns[ROUTE].tolist(), found.columns[FEED].tolist())
    scopes = {one: (rollups.WHOLE_CHANNEL, route, feed) for one, route, feed in zip(*columns, strict=True)}
    for rows in found.readings:
        sums.add_readings(rows, scopes)
    sums.add_clicks(session, columns[0], scopes)


def pack(session: Session, *, limit: int = AT_ONCE) -> int:
    """Write down how posts stand that changed, in the caller's transaction.

    Returns:
        How many were written; fewer than ``limit``: no more have changed.
    """
    session.flush()
    layout = select(col(StandingChannel.channel_id)).where(col(StandingChannel.layout) == FINGERPRINT)
    complete = session.connection().execute(layout).scalars().all()
    # As an expression: else SQLite takes the index by channel, and looks at every post.
    channel = col(Standing.channel_id) + 0
    query = (
        select(col(Standing.post_id), col(Standing.channel_id), col(Standing.part_id), col(Standing.place))
        .where(STALE, channel.in_(complete))
        .order_by(channel, col(Standing.post_id))
        .limit(limit)
        .with_for_update(skip_locked=True)
    )
    rows = session.connection().execute(query).all()
    places: dict[int, tuple[int, int]] = {
        row.post_id: (row.part_id, row.place) for row in rows if row.part_id is not None
    }
    found = recount(session, [row.post_id for row in rows], LAYOUT, sources=True)
    for channel_id in sorted({row.channel_id for row in rows}):
        _lock(session, channel_id)
        _write(session, channel_id, found.only(found.channels == channel_id), places)
    return len(rows)


def _lock(session: Session, channel_id: int) -> None:
    """One at a time adds parts to a channel."""
    query = select(col(ChannelRow.id)).where(col(ChannelRow.id) == channel_id)
    session.connection().execute(query.with_for_update())


@dataclass(slots=True)
class _Part:
    """A part whose columns are being written."""

    id: int
    channel_id: int
    size: int
    columns: dict[str, Numbers]
    words: dict[str, list[tuple[str, ...]]]
    sources: dict[str, set[str]]
    #: What its columns are now, to write only those that change.
    bodies: dict[str, bytes]
    is_new: bool

    def put(self, found: Recounted, chosen: Numbers, places: Numbers) -> None:
        """Put posts into their places; a place behind the end makes room."""
        more = int(places.max()) + 1 - self.size
        if more > 0:
            for name, values in self.columns.items():
                self.columns[name] = np.concatenate([values, empty(name, more)])
            for own in self.words.values():
                own.extend([()] * more)
            self.size += more
        for name, values in self.columns.items():
            self.columns[name] = values.copy()
            self.columns[name][places] = found.columns[name][chosen]
        for name, own in self.words.items():
            for row, place in zip(chosen.tolist(), places.tolist(), strict=True):
                own[place] = found.words[name][row]


def _write(session: Session, channel_id: int, found: Recounted, places: dict[int, tuple[int, int]]) -> None:
    """Write posts of one channel into its parts: where they have a place, the others behind the last."""
    ids = found.ids.tolist()
    mine = {post_id: places[post_id] for post_id in ids if post_id in places}
    by_time = found.ids[np.argsort(found.columns[PUBLISHED], kind="stable")].tolist()
    fresh = [post_id for post_id in by_time if post_id not in mine]
    wanted = {part_id for part_id, _ in mine.values()}
    last = _last_part(session, channel_id) if fresh else None
    parts = _parts(session, wanted | ({last} if last is not None else set()))
    for post_id, where in zip(fresh, _free(parts, last, len(fresh), channel_id), strict=True):
        mine[post_id] = where
    rows = np.searchsorted(found.ids, np.array(list(mine), np.int64))
    by_part: dict[int, list[int]] = {}
    for number, (part_id, _) in enumerate(mine.values()):
        by_part.setdefault(part_id, []).append(number)
    at = np.array([place for _, place in mine.values()], np.int64)
    sources: dict[int, list[tuple[str, str]]] = {}
    for post_id, metric, source in found.sources:
        if post_id in mine:
            sources.setdefault(mine[post_id][0], []).append((metric, source))
    for part_id, numbers in by_part.items():
        part = parts[part_id]
        part.put(found, rows[numbers], at[numbers])
        for metric, source in sources.get(part_id, ()):
            part.sources.setdefault(metric, set()).add(source)
        _save(session, part)
    _stamp(session, channel_id)
    _settle(session, mine)


def _stamp(session: Session, channel_id: int) -> None:
    """Tell every process that has read columns of the channel that some are others now."""
    own = update(StandingChannel).where(col(StandingChannel.channel_id) == channel_id)
    session.connection().execute(own.values(stamp=new_id()))


def _last_part(session: Session, channel_id: int) -> int | None:
    query = select(col(StandingPart.id)).where(col(StandingPart.channel_id) == channel_id)
    return session.connection().execute(query.order_by(col(StandingPart.id).desc()).limit(1)).scalar()


def _parts(session: Session, ids: Collection[int]) -> dict[int, _Part]:
    found = {}
    connection = session.connection()
    rows = connection.execute(select(METADATA.tables["standing_part"]).where(col(StandingPart.id).in_(ids)))
    for row in rows:
        sources = {metric: set(names) for metric, names in row.sources.items()}
        found[row.id] = _Part(row.id, row.channel_id, row.posts, {}, {}, sources, {}, is_new=False)
    query = select(col(StandingColumn.part_id), col(StandingColumn.name), col(StandingColumn.body))
    for part_id, name, body in connection.execute(query.where(col(StandingColumn.part_id).in_(ids))):
        found[part_id].bodies[name] = bytes(body)
    for part in found.values():
        _open(part)
    return found


def _open(part: _Part) -> None:
    for name in LAYOUT:
        body = part.bodies.get(name)
        if name in WORDS:
            part.words[name] = decode_words(body or b"", part.size)
        else:
            part.columns[name] = decode(body) if body else empty(name, part.size)


def _free(parts: dict[int, _Part], last: int | None, number: int, channel_id: int) -> list[tuple[int, int]]:
    """Places behind the last post of a channel, in new parts where the last one is full."""
    part_id, size = last, parts[last].size if last is not None else PART
    found = []
    for _ in range(number):
        if part_id is None or size >= PART:
            part_id, size = new_id(), 0
            parts[part_id] = _Part(part_id, channel_id, 0, {}, {}, {}, {}, is_new=True)
            _open(parts[part_id])
        found.append((part_id, size))
        size += 1
    return found


def _save(session: Session, part: _Part) -> None:
    connection = session.connection()
    published, newest = part.columns[PUBLISHED], part.columns[NEWEST]
    known = newest[newest != NEVER]
    values = {
        "channel_id": part.channel_id,
        "posts": part.size,
        "first_at": instant(published.min()),
        "last_at": instant(published.max()),
        "newest_at": instant(known.max()) if known.size else None,
        "sources": {metric: sorted(names) for metric, names in sorted(part.sources.items())},
        "stamp": new_id(),
    }
    if part.is_new:
        connection.execute(insert(StandingPart), [{"id": part.id, **values}])
    else:
        connection.execute(update(StandingPart).where(col(StandingPart.id) == part.id).values(**values))
    bodies = {name: encode(values) for name, values in part.columns.items()}
    bodies |= {name: encode_words(own) for name, own in part.words.items()}
    added = [
        {"id": new_id(), "part_id": part.id, "name": name, "body": body}
        for name, body in bodies.items()
        if body and name not in part.bodies
    ]
    changed = [
        {"b_part": part.id, "b_name": name, "b_body": body}
        for name, body in bodies.items()
        if name in part.bodies and body != part.bodies[name]
    ]
    if added:
        connection.execute(insert(StandingColumn), added)
    if changed:
        table = METADATA.tables["standing_column"]
        mine = (table.c.part_id == bindparam("b_part"), table.c.name == bindparam("b_name"))
        connection.execute(update(table).where(*mine).values(body=bindparam("b_body")), changed)


def _settle(session: Session, places: dict[int, tuple[int, int]]) -> None:
    table = METADATA.tables["standing"]
    rows = [
        {"b_post": post_id, "b_part": part_id, "b_place": place}
        for post_id, (part_id, place) in places.items()
    ]
    if rows:
        session.connection().execute(
            update(table)
            .where(table.c.post_id == bindparam("b_post"))
            .values(part_id=bindparam("b_part"), place=bindparam("b_place"), stale=False),
            rows,
        )


def differences(session: Session, workspace_id: int) -> list[str]:
    """Where the workspace's standings and sums say something else than its readings; empty: nowhere.

    Each is a plain sentence. Channels that were not built yet have no differences.
    """
    query = (
        select(col(ChannelRow.id), col(ChannelRow.name))
        .join(StandingChannel, col(StandingChannel.channel_id) == col(ChannelRow.id))
        .where(col(ChannelRow.workspace_id) == workspace_id, col(StandingChannel.layout) == FINGERPRINT)
        .order_by(col(ChannelRow.name))
    )
    found = []
    for channel_id, name in session.connection().execute(query).all():
        found += [f"{name}: {told}" for told in _of_posts(session, channel_id)]
        found += [f"{name}: {told}" for told in _of_sums(session, channel_id)]
    return found


@dataclass(frozen=True, slots=True)
class Compared:
    """How the standings of some posts agree with their readings."""

    #: Published posts without a standing, and those that stand otherwise than their readings say.
    missing: tuple[int, ...]
    wrong: tuple[int, ...]


def compare(session: Session, channel_id: int, post_ids: Collection[int]) -> Compared | None:
    """Hold the standings of these published posts of a channel against their readings.

    Posts that changed or were clicked since their standing was written are told from readings anyway, and
    pass.

    Returns:
        None: the channel's standings were not built yet.
    """
    built = session.get(StandingChannel, channel_id)
    if built is None or built.layout != FINGERPRINT:
        return None
    known: dict[int, tuple[int, int] | None] = {}
    for start in range(0, len(ordered := sorted(post_ids)), _CHUNK):
        mine = col(Standing.post_id).in_(ordered[start : start + _CHUNK])
        query = select(METADATA.tables["standing"]).where(mine)
        for row in session.connection().execute(query):
            known[row.post_id] = None if row.stale or row.part_id is None else (row.part_id, row.place)
    clicked = frozenset(waiting(session).post_ids)
    places = {
        post_id: place for post_id, place in known.items() if place is not None and post_id not in clicked
    }
    missing = tuple(post_id for post_id in ordered if post_id not in known)
    return Compared(missing, tuple(_wrong(session, places)))


def _wrong(session: Session, places: dict[int, tuple[int, int]]) -> list[int]:
    parts = _parts(session, {part_id for part_id, _ in places.values()})
    found = []
    for start in range(0, len(chosen := sorted(places)), _CHUNK):
        fresh = recount(session, chosen[start : start + _CHUNK], LAYOUT)
        found += [
            post_id
            for row, post_id in enumerate(fresh.ids.tolist())
            if _differs(parts[places[post_id][0]], places[post_id][1], fresh, row)
        ]
    return found


def _of_posts(session: Session, channel_id: int) -> list[str]:
    ids = set(
        session.connection()
        .execute(
            select(col(Post.id)).where(
                col(Post.channel_id) == channel_id, col(Post.state) == PostState.PUBLISHED
            )
        )
        .scalars()
    )
    rows = session.connection().execute(
        select(METADATA.tables["standing"]).where(col(Standing.channel_id) == channel_id)
    )
    known = {row.post_id: row for row in rows}
    found = []
    if missing := len(ids - known.keys()):
        found.append(f"{missing} published posts have no standing.")
    if strange := len(known.keys() - ids):
        found.append(f"{strange} standings are of no published post.")
    clicked = frozenset(waiting(session).post_ids)
    places: dict[int, tuple[int, int]] = {
        post_id: (row.part_id, row.place)
        for post_id, row in known.items()
        if not row.stale and post_id in ids and post_id not in clicked
    }
    if wrong := len(_wrong(session, places)):
        found.append(f"{wrong} posts stand otherwise than their readings say.")
    return found


def _differs(part: _Part, place: int, fresh: Recounted, row: int) -> bool:
    for name in (CAMPAIGN, TAGS):
        if set(part.words[name][place]) != set(fresh.words[name][row]):
            return True
    return any(
        not np.array_equal(values[place], fresh.columns[name][row], equal_nan=values.dtype != np.int64)
        for name, values in part.columns.items()
    )


def _of_sums(session: Session, channel_id: int) -> list[str]:
    return [f"sums of {metric} differ from the readings." for metric in wrong_sums(session, channel_id)]


def wrong_sums(session: Session, channel_id: int) -> list[str]:
    """The metrics whose sums of a channel differ from all its readings, clicks and views.

    Clicks that wait are in neither.
    """
    query = select(col(Standing.post_id)).where(col(Standing.channel_id) == channel_id)
    ids = sorted(session.connection().execute(query).scalars())
    sums = Sums()
    fresh = rollups.gathered(standings.views_of_channel(session, channel_id))
    for start in range(0, len(ids), _CHUNK):
        chunk = ids[start : start + _CHUNK]
        _sum(session, sums, recount(session, chunk, (ROUTE, FEED, NEWEST), sources=True))
        for key, slices in rollups.gathered(standings.views_of_posts(session, chunk)).items():
            rollups.merge(fresh.setdefault(key, {}), slices)
    fresh |= sums.slices(channel_id)
    there = rollups.of_channel(session, channel_id)
    return sorted({key[2] for key in fresh.keys() | there.keys() if fresh.get(key) != there.get(key)})
