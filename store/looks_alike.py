"""The last looks of many posts at once: as arrays, and found among all that was read of them."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np

from store.bulk import Readings, starts
from store.columns import Numbers
from store.last_looks import Seen, Shape, first_of, packed, shape


@dataclass(frozen=True, slots=True)
class Alike:
    """Looks of one shape at different posts."""

    shape: Shape
    #: Places of the posts among those that were asked about.
    posts: Numbers
    checkpoints: Numbers
    #: Microseconds since 1970.
    at: Numbers
    #: A row for each look, in the order of the shape's metrics.
    values: Numbers


def by_turns(bodies: Sequence[bytes]) -> list[Alike]:
    """The looks of each standing (as `store.last_looks` packs them, oldest first).

    A later look of a post is always behind its earlier ones.
    """
    found: list[Alike] = []
    left = [(place, body) for place, body in enumerate(bodies) if body]
    while left:
        alike: dict[Shape, tuple[list[int], list[bytes]]] = {}
        later = []
        for place, body in left:
            shape, size = first_of(body)
            places, own = alike.setdefault(shape, ([], []))
            places.append(place)
            if len(body) > size:
                later.append((place, body[size:]))
                own.append(body[:size])
            else:
                own.append(body)
        found += [_opened(shape, *both) for shape, both in alike.items()]
        left = later
    return found


def _opened(shape: Shape, places: Sequence[int], bodies: Sequence[bytes]) -> Alike:
    kinds = [("length", "<u2"), ("checkpoint", "<i8"), ("at", "<i8"), ("shape", f"V{len(shape.body)}")]
    fields = np.frombuffer(b"".join(bodies), np.dtype([*kinds, ("values", "<i8", (len(shape.names),))]))
    return Alike(
        shape, np.array(places, np.int64), fields["checkpoint"], fields["at"],
        fields["values"].reshape(len(places), len(shape.names)),
    )  # fmt: skip


#: Whole numbers up to here are exact in an array of readings.
_EXACT: Final = 2.0**53


def ends(found: Sequence[Readings]) -> dict[int, bytes]:
    """The last look of each post, packed for its standing; left out: posts whose readings do not end in one.

    Args:
        found: all readings of each post, with instants and fields.
    """
    return {post_id: look for one in found for post_id, look in _ends(one)}


def _ends(found: Readings) -> Iterator[tuple[int, bytes]]:
    assert found.at is not None
    assert found.sources is not None
    order = np.lexsort((found.metrics, found.posts))
    posts, at, checkpoints = found.posts[order], found.at[order], found.checkpoints[order]
    begin = starts(posts)
    sizes = np.diff(begin, append=len(posts))
    last = np.repeat(np.maximum.reduceat(checkpoints, begin), sizes)
    newest = np.repeat(np.maximum.reduceat(at, begin), sizes)
    is_end = checkpoints == last
    is_odd = is_end & ((at != newest) | (np.abs(found.values[order]) >= _EXACT))
    kept = np.flatnonzero(is_end & ~np.repeat(np.logical_or.reduceat(is_odd, begin), sizes))
    if not len(kept):
        return
    codes = np.stack([found.metrics, found.sources], axis=1)[order][kept]
    values = found.values[order][kept].astype(np.int64).tolist()
    first = starts(posts[kept])
    rows = zip(
        posts[kept][first].tolist(), checkpoints[kept][first].tolist(), at[kept][first].tolist(),
        first.tolist(), [*first[1:].tolist(), len(kept)], strict=True,
    )  # fmt: skip
    shapes: dict[bytes, Shape] = {}
    for post_id, checkpoint, moment, low, high in rows:
        key = codes[low:high].tobytes()
        kind = shapes.get(key)
        if kind is None:
            kind = shapes[key] = _shape(found, codes[low:high])
        if kind.is_plain:
            yield post_id, packed(Seen(kind, checkpoint, moment, tuple(values[low:high])))


def _shape(found: Readings, codes: Numbers) -> Shape:
    metrics, sources = codes.T.tolist()
    return shape(
        tuple(found.metric_names[one] for one in metrics), tuple(found.source_names[one] for one in sources)
    )
