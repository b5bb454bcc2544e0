"""Sums over the posts of whole parts, kept as long as the parts are not written anew.

A question for a year has most parts of a channel whole. What their posts come to is worked out once for each
part, beside the columns that it is worked out of (`store.shelves`), and goes when they go.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from store.blocks import Block
from store.columns import Mask, Numbers
from store.shelves import Shelf, Sums

#: Makes rows of numbers of some posts: for each part one of each, where each part begins.
Making = Callable[[Block, Numbers], Numbers]


@dataclass(frozen=True, slots=True)
class PartSums:
    """Some whole parts of a channel that stand in one stretch of its shelf."""

    shelf: Shelf
    #: Places of the stretch's first part, and behind the last.
    first: int
    after: int
    #: Which of these parts are meant.
    which: Mask
    #: All posts of the stretch.
    whole: Block

    def of(self, key: str, mark: bytes, make: Making) -> Numbers:
        """For each of the parts a column of numbers.

        Args:
            key: what is made.
            mark: what it is made of beside the parts' columns; with another one it is made anew.
        """
        kept = self.shelf.sums.get(key)
        if kept is None or kept.mark != mark or not kept.there[self.first : self.after][self.which].all():
            kept = self._made(kept, key, mark, make)
        found: Numbers = kept.values[:, self.first : self.after][:, self.which]
        return found

    def _made(self, known: Sums | None, key: str, mark: bytes, make: Making) -> Sums:
        starts = self.shelf.starts[self.first : self.after] - self.shelf.starts[self.first]
        made = make(self.whole, starts)
        parts = len(self.shelf.ids)
        values, there = np.full((len(made), parts), np.nan), np.zeros(parts, bool)
        if known is not None and known.mark == mark:
            values, there = known.values.copy(), known.there.copy()
        values[:, self.first : self.after], there[self.first : self.after] = made, True
        # Another one in its place, and never half of it: others may read meanwhile.
        found = self.shelf.sums[key] = Sums(mark, values, there)
        return found


def summing(
    stretch: tuple[Shelf, int, int],
    wanted: Mask,
    edges: Sequence[int],
    made: Callable[[str], Numbers | None],
) -> Iterator[tuple[Mask, PartSums]]:
    """The whole parts among posts that are wanted of a stretch: which posts these are, and their sums.

    Args:
        stretch: its shelf, and the places of its first part and behind its last.
        edges: instants that no such set of parts has on both sides, in microseconds since 1970.
        made: a column of all posts of the stretch.
    """
    shelf, first, after = stretch
    starts = shelf.starts[first : after + 1] - shelf.starts[first]
    sizes = np.diff(starts)
    if not len(sizes) or not sizes.all():
        return
    is_whole = np.add.reduceat(wanted.astype(np.int64), starts[:-1]) == sizes
    begins, ends = shelf.first[first:after], shelf.last[first:after]
    whole = Block(shelf.channel_id, int(starts[-1]), made)
    for low, high in zip([None, *sorted(edges)], [*sorted(edges), None], strict=True):
        which = is_whole.copy()
        if low is not None:
            which &= begins >= low
        if high is not None:
            which &= ends < high
        if which.any():
            yield np.repeat(which, sizes), PartSums(shelf, first, after, which, whole)
