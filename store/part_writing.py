"""Putting posts into the parts of their channel, and writing down the columns that this changes."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
from sqlalchemy import insert, select, update
from sqlmodel import Session, col

from domain.ids import new_id
from store import rows
from store.bulk import bodies
from store.chunks import chunks
from store.columns import (
    LAYOUT,
    NEVER,
    NEWEST,
    PUBLISHED,
    WORDS,
    Numbers,
    decode,
    decode_words,
    empty,
    encode,
    encode_words,
    instant,
)
from store.recounting import Recounted
from store.tables import METADATA, ChannelRow, Standing, StandingChannel, StandingPart

#: Posts of one part.
PART = 1024


@dataclass(slots=True)
class Part:
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
        """Put posts into their places; a place behind the end makes room. Other columns stay as they were."""
        more = int(places.max()) + 1 - self.size
        if more > 0:
            for name, values in self.columns.items():
                self.columns[name] = np.concatenate([values, empty(name, more)])
            for own in self.words.values():
                own.extend([()] * more)
            self.size += more
        for name, values in found.columns.items():
            self.columns[name][places] = values[chosen]
        for name, own in self.words.items():
            for row, place in zip(chosen.tolist(), places.tolist(), strict=True):
                own[place] = found.words[name][row]


def write(
    session: Session,
    channel_id: int,
    found: Recounted,
    places: dict[int, tuple[int, int]],
    looks: Mapping[int, bytes],
) -> None:
    """Write posts of one channel into its parts: where they have a place, the others behind the last.

    Args:
        looks: their last looks (`store.looks_alike.ends`).
    """
    ids = found.ids.tolist()
    mine = {post_id: places[post_id] for post_id in ids if post_id in places}
    by_time = found.ids[np.argsort(found.columns[PUBLISHED], kind="stable")].tolist()
    fresh = [post_id for post_id in by_time if post_id not in mine]
    wanted = {part_id for part_id, _ in mine.values()}
    last = _last_part(session, channel_id) if fresh else None
    parts = opened_parts(session, wanted | ({last} if last is not None else set()))
    for post_id, where in zip(fresh, _free(parts, last, len(fresh), channel_id), strict=True):
        mine[post_id] = where
    which = np.searchsorted(found.ids, np.array(list(mine), np.int64))
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
        part.put(found, which[numbers], at[numbers])
        for metric, source in sources.get(part_id, ()):
            part.sources.setdefault(metric, set()).add(source)
        _save(session, part)
    stamp(session, channel_id)
    _settle(session, mine, looks)


def stamped(session: Session, channel_id: int, part_ids: Collection[int]) -> None:
    """Tell every process that has read columns of these parts that some are others now."""
    for part_id in part_ids:
        part = update(StandingPart).where(col(StandingPart.id) == part_id)
        session.connection().execute(part.values(stamp=new_id()))
    stamp(session, channel_id)


def _last_part(session: Session, channel_id: int) -> int | None:
    query = select(col(StandingPart.id)).where(col(StandingPart.channel_id) == channel_id)
    return session.connection().execute(query.order_by(col(StandingPart.id).desc()).limit(1)).scalar()


def opened_parts(
    session: Session, ids: Collection[int], names: Collection[str] = tuple(LAYOUT)
) -> dict[int, Part]:
    """These parts with the columns that are named, to be changed."""
    found = {}
    columns = METADATA.tables["standing_part"]
    for row in session.connection().execute(select(columns).where(col(StandingPart.id).in_(ids))):
        sources = {metric: set(fields) for metric, fields in row.sources.items()}
        found[row.id] = Part(row.id, row.channel_id, row.posts, {}, {}, sources, {}, is_new=False)
    for part_id, name, body in bodies(session, list(ids), names):
        found[part_id].bodies[name] = bytes(body)
    for part in found.values():
        _open(part, names)
    return found


def _open(part: Part, names: Collection[str]) -> None:
    for name in names:
        body = part.bodies.get(name)
        if name in WORDS:
            part.words[name] = decode_words(body or b"", part.size)
        else:
            values = decode(body) if body else empty(name, part.size)
            part.columns[name] = values if values.flags.writeable else values.copy()


def _free(parts: dict[int, Part], last: int | None, number: int, channel_id: int) -> list[tuple[int, int]]:
    """Places behind the last post of a channel, in new parts where the last one is full."""
    part_id, size = last, parts[last].size if last is not None else PART
    found = []
    for _ in range(number):
        if part_id is None or size >= PART:
            part_id, size = new_id(), 0
            parts[part_id] = Part(part_id, channel_id, 0, {}, {}, {}, {}, is_new=True)
            _open(parts[part_id], LAYOUT)
        found.append((part_id, size))
        size += 1
    return found


def _save(session: Session, part: Part) -> None:
    published = part.columns[PUBLISHED]
    begun = {"first_at": instant(published.min()), "last_at": instant(published.max())}
    if part.is_new:
        values = {"id": part.id, "channel_id": part.channel_id, **begun, **_of_part(part)}
        session.connection().execute(insert(StandingPart), [values])
    else:
        save_part(session, part, **begun)
    save_columns(session, part)


def save_part(session: Session, part: Part, **more: Any) -> None:
    """Write down what a part says of its posts together, and ``more`` of its row, under a new stamp."""
    mine = update(StandingPart).where(col(StandingPart.id) == part.id)
    session.connection().execute(mine.values(**more, **_of_part(part)))


def _of_part(part: Part) -> dict[str, Any]:
    newest = part.columns[NEWEST]
    known = newest[newest != NEVER]
    return {
        "posts": part.size,
        "newest_at": instant(known.max()) if known.size else None,
        "sources": {metric: sorted(names) for metric, names in sorted(part.sources.items())},
        "stamp": new_id(),
    }


def save_columns(session: Session, part: Part) -> bool:
    """Write down those of the part's columns that are there and have changed; whether any has."""
    made = {name: encode(values) for name, values in part.columns.items()}
    made |= {name: encode_words(own) for name, own in part.words.items()}
    added = [
        (new_id(), part.id, name, body) for name, body in made.items() if body and name not in part.bodies
    ]
    changed = [
        (part.id, name, body)
        for name, body in made.items()
        if name in part.bodies and body != part.bodies[name]
    ]
    connection = session.connection()
    rows.insert(connection, _COLUMNS, ("id", "part_id", "name", "body"), added)
    rows.change(connection, _COLUMNS, ("part_id", "name"), ("body",), changed)
    return bool(added or changed)


_COLUMNS: Final = METADATA.tables["standing_column"]


def _settle(session: Session, places: dict[int, tuple[int, int]], looks: Mapping[int, bytes]) -> None:
    placed = [(post_id, part_id, place, looks.get(post_id)) for post_id, (part_id, place) in places.items()]
    table = METADATA.tables["standing"]
    rows.change(session.connection(), table, ("post_id",), ("part_id", "place", "looks"), placed)
    settled(session, places)


def settled(session: Session, post_ids: Collection[int]) -> None:
    """Note that the columns of these posts lack nothing."""
    for chunk in chunks(sorted(post_ids)):
        mine = update(Standing).where(col(Standing.post_id).in_(chunk))
        # Made anew when they are stale, unless whoever marks them says more: a release before does not.
        session.connection().execute(mine.values(stale=False, anew=True))


def stamp(session: Session, channel_id: int) -> None:
    """Tell every process that has read columns of the channel that some are others now."""
    own = update(StandingChannel).where(col(StandingChannel.channel_id) == channel_id)
    session.connection().execute(own.values(stamp=new_id()))


def lock_channel(session: Session, channel_id: int) -> None:
    """One at a time writes columns of a channel; whoever locks several does so in the order of their ids."""
    query = select(col(ChannelRow.id)).where(col(ChannelRow.id) == channel_id)
    session.connection().execute(query.with_for_update(key_share=True))
