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
from store.columns import LAST_READ, LAYOUT, LOOKED, NEWEST
from store.last_looks import Seen, Shape, unpacked
from store.part_writing import Part, opened_parts, save_columns, save_part
from store.tables import Measurement


class Placed(NamedTuple):
    """A post whose columns lack its last looks at most."""

    post_id: int
    part_id: int
    place: int
    #: As `last_looks.packed` writes them, oldest first; None: none.
    looks: bytes | None


def write(session: Session, posts: Sequence[Placed]) -> None:
    """Write the looks of these posts into the parts that they are in, and when each was looked at."""
    by_part: dict[int, list[Placed]] = {}
    for one in posts:
        by_part.setdefault(one.part_id, []).append(one)
    turns = {part_id: _turns(own) for part_id, own in by_part.items()}
    names = {
        NEWEST,
        LAST_READ,
        LOOKED,
        *(name for own in turns.values() for kind, _ in own for name in _columns(kind)),
    }
    parts = opened_parts(session, by_part, names)
    looked = _looked(session, [one.post_id for one in posts])
    for part_id, own in by_part.items():
        part = parts[part_id]
        for (kind, _), looks in turns[part_id].items():
            _put(part, kind, looks)
        places = [one.place for one in own]
        part.columns[LOOKED][places] = [looked.get(one.post_id, np.nan) for one in own]
        save_part(session, part)
        save_columns(session, part)


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


#: Places in the part, and the look of each.
_Looks = list[tuple[int, Seen]]


def _turns(posts: Sequence[Placed]) -> dict[tuple[Shape, int], _Looks]:
    """Looks of one shape that go in together; a later look of a post comes in a later turn."""
    found: dict[tuple[Shape, int], _Looks] = {}
    for one in posts:
        for turn, look in enumerate(unpacked(one.looks or b"")):
            found.setdefault((look.shape, turn), []).append((one.place, look))
    return {key: found[key] for key in sorted(found, key=lambda key: key[1])}


def _put(part: Part, kind: Shape, looks: _Looks) -> None:
    places = np.array([place for place, _ in looks], np.int64)
    at = np.array([look.at for _, look in looks], np.int64)
    values = np.array([look.values for _, look in looks], np.int64)
    for last in (part.columns[NEWEST], part.columns[LAST_READ]):
        last[places] = np.maximum(last[places], at)
    for name, column in _columns(kind).items():
        if column.is_time:
            part.columns[name][places] = at
        else:
            part.columns[name][places] = np.nan if column.place is None else values[:, column.place]
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
