"""The last looks at a post, as its standing keeps them: what the next look grows from, and columns may lack.

A look is kept while it is the whole end of its post's readings: nothing of the post was read at a later
checkpoint, and nothing after it. So whoever adds the next look needs no reading before it, and whoever writes
columns needs no reading at all.
"""

import json
import struct
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Final, NamedTuple

from domain.definition import OWN_SOURCE

#: Bytes of the shape, seconds of the checkpoint, microseconds since 1970; then the shape and the values.
_HEAD: Final = struct.Struct("<Hqq")
#: Looks that a standing keeps at most.
MOST: Final = 4


@dataclass(frozen=True, slots=True, eq=False)
class Shape:
    """Which metrics a look tells, and by which fields; there is one object of each shape."""

    body: bytes
    names: tuple[str, ...]
    sources: tuple[str, ...]
    #: Metric → its place.
    places: dict[str, int]
    #: Places of what platforms told.
    told: tuple[int, ...]
    values: struct.Struct

    @property
    def is_plain(self) -> bool:
        """Whether there is any metric, and none twice."""
        return 0 < len(self.names) == len(self.places)


@lru_cache(maxsize=1024)
def shape(names: tuple[str, ...], sources: tuple[str, ...]) -> Shape:
    """The shape of a look with these metrics, each by the field in its place."""
    return _shape(json.dumps([names, sources], separators=(",", ":")).encode())


@lru_cache(maxsize=1024)
def _shape(body: bytes) -> Shape:
    names, sources = json.loads(body)
    told = tuple(place for place, source in enumerate(sources) if source != OWN_SOURCE)
    places = {name: place for place, name in enumerate(names)}
    return Shape(body, tuple(names), tuple(sources), places, told, struct.Struct(f"<{len(names)}q"))


class Seen(NamedTuple):
    """One look."""

    shape: Shape
    checkpoint: int
    #: Microseconds since 1970.
    at: int
    #: In the order of the shape's metrics.
    values: tuple[int, ...]


def packed(look: Seen) -> bytes:
    """A look as bytes; looks one after the other are the bytes of all of them."""
    kind = look.shape
    head = _HEAD.pack(len(kind.body), look.checkpoint, look.at)
    return b"".join((head, kind.body, kind.values.pack(*look.values)))


def first_of(body: bytes) -> tuple[Shape, int]:
    """The shape of the first of some looks that `packed` wrote, and how many bytes that look has."""
    end = _HEAD.size + (body[0] | body[1] << 8)
    kind = _shape(body[_HEAD.size : end])
    return kind, end + kind.values.size


def unpacked(body: bytes) -> list[Seen]:
    """The looks that `packed` wrote, in their order."""
    found, start = [], 0
    while start < len(body):
        length, checkpoint, at = _HEAD.unpack_from(body, start)
        start += _HEAD.size + length
        kind = _shape(body[start - length : start])
        found.append(Seen(kind, checkpoint, at, kind.values.unpack_from(body, start)))
        start += kind.values.size
    return found


def follows(look: Seen, last: Seen) -> bool:
    """Whether nothing but the last look matters to a new one."""
    if look.checkpoint <= last.checkpoint or look.at < last.at:
        return False
    new, old = look.shape, last.shape
    if new is old:
        return True
    for name, source in zip(new.names, new.sources, strict=True):
        place = old.places.get(name)
        if place is None or (old.sources[place] == OWN_SOURCE and source != OWN_SOURCE):
            return False
    return True


def growth(look: Seen, last: Seen) -> Sequence[int]:
    """By how much each metric of `told` grew since a look that this one `follows`.

    What the platform reads from another field than before may mean another thing: then 0.
    """
    new, old = look.shape, last.shape
    if new is old:
        if len(new.told) == len(new.names):
            return [one - before for one, before in zip(look.values, last.values, strict=True)]
        return [look.values[place] - last.values[place] for place in new.told]
    found = []
    for place in new.told:
        before = old.places[new.names[place]]
        joined = old.sources[before] == new.sources[place]
        found.append(look.values[place] - last.values[before] if joined else 0)
    return found
