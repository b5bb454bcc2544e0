"""The last looks of many posts' standings as arrays: those of one shape together."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from store.columns import Numbers
from store.last_looks import Shape, first_of


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
