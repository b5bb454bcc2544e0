"""Writing looks into columns from what standings keep of them: no reading, and no post, is asked.

A look is the whole of its post's newest checkpoint. So each column of a metric at one of its metrics is what
the look says, or nothing, and all other columns stay as they are. What columns have already may be written
again: looks come in their order, and say the same each time.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, NamedTuple

import numpy as np
from sqlalchemy import select
from sqlmodel import Session, col

from store.bulk import plain_time, plain_times
from store.chunks import chunks
from store.columns import LAST_READ, LAYOUT, LOOKED, NEWEST, Numbers
from store.equal_age import AGES, METRICS
from store.last_looks import Shape
from store.looks_alike import Alike, by_turns
from store.part_writing import Part, opened_parts, save_columns, save_part
from store.tables import Measurement


class Placed(NamedTuple):
    """A post whose columns lack its last looks at most."""

    post_id: int
    part_id: int
    place: int
    #: As `last_looks.packed` writes them, oldest first; None: none.
    looks: bytes | None


def write(session: Session, posts: Sequence[Placed]) -> set[int]:
    """Write the looks of these posts into the parts that they are in, and when each was looked at.

    Returns:
        The posts of which something was read at an age at which posts are compared.
    """
    by_part: dict[int, list[Placed]] = {}
    for one in posts:
        by_part.setdefault(one.part_id, []).append(one)
    turns = {part_id: by_turns([one.looks or b"" for one in own]) for part_id, own in by_part.items()}
    shapes = {alike.shape for own in turns.values() for alike in own}
    names = {NEWEST, LAST_READ, LOOKED, *(name for kind in shapes for name in _columns(kind))}
    parts = opened_parts(session, by_part, names)
    looked = _looked(session, [one.post_id for one in posts])
    compared: set[int] = set()
    for part_id, own in by_part.items():
        part = parts[part_id]
        places = np.array([one.place for one in own], np.int64)
        for alike in turns[part_id]:
            _put(part, alike, places[alike.posts])
            compared.update(own[place].post_id for place in _comparable(alike).tolist())
        part.columns[LOOKED][places] = [looked.get(one.post_id, np.nan) for one in own]
        save_part(session, part)
        save_columns(session, part)
    return compared


def _comparable(alike: Alike) -> Numbers:
    """Which of the posts have a reading by which they and others are compared."""
    if METRICS.isdisjoint(alike.shape.names):
        return alike.posts[:0]
    return alike.posts[np.isin(alike.checkpoints, AGES)]


@dataclass(frozen=True, slots=True)
class _Column:
    """A column that looks of a shape change."""

    #: The place of its metric in the shape; None: the look does not tell it.
    place: int | None
    #: Whether it is when the look was.
    is_time: bool = False


@lru_cache(maxsize=256)
def _columns(kind: Shape) -> Mapping[str, _Column]:
    found = {}
    for name in LAYOUT:
        metric, bar, anchor = name.partition("|")
        if bar and anchor in kind.places:
            found[name] = _Column(kind.places.get(metric))
        elif name.endswith("@") and name[:-1] in kind.places:
            found[name] = _Column(None, is_time=True)
    return found


def _put(part: Part, alike: Alike, places: Numbers) -> None:
    kind = alike.shape
    for last in (part.columns[NEWEST], part.columns[LAST_READ]):
        last[places] = np.maximum(last[places], alike.at)
    for name, column in _columns(kind).items():
        if column.is_time:
            part.columns[name][places] = alike.at
        else:
            part.columns[name][places] = np.nan if column.place is None else alike.values[:, column.place]
    for metric, source in zip(kind.names, kind.sources, strict=True):
        part.sources.setdefault(metric, set()).add(source)


def _looked(session: Session, ids: Sequence[int]) -> dict[int, Any]:
    """When each of these posts was looked at last, in microseconds since 1970; absent: never."""
    found: dict[int, Any] = {}
    read = plain_time(session, col(Measurement.last_read_at))
    for chunk in chunks(ids):
        mine = col(Measurement.post_id).in_(chunk)
        query = select(col(Measurement.post_id), read).where(mine, col(Measurement.last_read_at).is_not(None))
        if rows := session.connection().execute(query).all():
            post_ids, at = zip(*rows, strict=True)
            found.update(zip(post_ids, plain_times(at).tolist(), strict=True))
    return found
