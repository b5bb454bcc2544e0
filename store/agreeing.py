"""Whether standings and sums say what the readings say."""

from collections.abc import Collection
from dataclasses import dataclass

import numpy as np
from sqlalchemy import select
from sqlmodel import Session, col

from domain.post import PostState
from store import bundles, rollups, standings
from store.bulk import Sums
from store.columns import FEED, FINGERPRINT, LAYOUT, NEWEST, ROUTE, USUAL, WORDS
from store.packing import add_sums
from store.part_writing import Part, opened_parts
from store.recounting import Recounted, recount
from store.tables import METADATA, ChannelRow, Post, Standing, StandingChannel
from store.unsummed import waiting

_CHUNK = 5_000


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
    parts = opened_parts(session, {part_id for part_id, _ in places.values()})
    found = []
    for start in range(0, len(chosen := sorted(places)), _CHUNK):
        chunk = chosen[start : start + _CHUNK]
        fresh, other = recount(session, chunk, {*LAYOUT} - {USUAL}), bundles.differing(session, chunk)
        found += [
            post_id
            for row, post_id in enumerate(fresh.ids.tolist())
            if post_id in other or _differs(parts[places[post_id][0]], places[post_id][1], fresh, row)
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


def _differs(part: Part, place: int, fresh: Recounted, row: int) -> bool:
    for name in WORDS:
        if set(part.words[name][place]) != set(fresh.words[name][row]):
            return True
    # Later than it was is no fault: such a post is told from its readings oftener than it must be.
    return any(
        values[place] < fresh.columns[name][row]
        if name == NEWEST
        else not np.array_equal(values[place], fresh.columns[name][row], equal_nan=values.dtype.kind == "f")
        for name, values in part.columns.items()
        if name != USUAL  # of other posts' making too, and written after them
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
        add_sums(session, sums, recount(session, chunk, (ROUTE, FEED, NEWEST), sources=True))
        for key, slices in rollups.gathered(standings.views_of_posts(session, chunk)).items():
            rollups.merge(fresh.setdefault(key, {}), slices)
    fresh |= sums.slices(channel_id)
    there = rollups.of_channel(session, channel_id)
    return sorted({key[2] for key in fresh.keys() | there.keys() if fresh.get(key) != there.get(key)})
