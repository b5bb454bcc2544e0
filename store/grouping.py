"""Sums, counts and extremes of groups of posts, from block to block."""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np

from store.bulk import starts
from store.columns import Numbers, instant
from store.summed import Total


@dataclass(frozen=True, slots=True)
class Grouped:
    """Which post belongs to which group: pairs of a post's place and the group's code."""

    #: None: every post is in exactly one group, in the posts' own order.
    places: Numbers | None
    codes: Numbers
    groups: int

    def taken(self, values: Numbers) -> Numbers:
        """The values of the posts, one for each pair."""
        return values if self.places is None else values[self.places]

    def sums(self, values: Numbers) -> list[float]:
        """One sum for each group."""
        found: list[float] = np.bincount(self.codes, self.taken(values), self.groups).tolist()
        return found

    def most(self, values: Numbers) -> Numbers:
        """The largest value of each group."""
        found = np.full(self.groups, -np.inf)
        np.maximum.at(found, self.codes, self.taken(values))
        return found


@dataclass(frozen=True, slots=True)
class Run:
    """The groups of the posts of one block: places of its posts, those of a group side by side."""

    places: Numbers
    #: Where each group begins among them, and which group it is.
    starts: Numbers
    groups: Numbers

    @property
    def sizes(self) -> Numbers:
        """How many posts each group has."""
        return np.diff(self.starts, append=len(self.places))

    def sums(self, values: Numbers) -> Numbers:
        """One sum for each group that the block has."""
        return np.add.reduceat(values[self.places], self.starts) if len(self.starts) else self.starts


def runs(grouped: Grouped, sizes: Sequence[int]) -> list[Run]:
    """The groups of each block, whose posts follow one another."""
    places, codes = grouped.places, grouped.codes
    ends = np.concatenate([np.zeros(1, np.int64), np.cumsum(np.array(sizes, np.int64))])
    cuts = ends
    if places is not None:
        order = np.argsort(places, kind="stable")
        places, codes = places[order], codes[order]
        cuts = np.searchsorted(places, ends)
    made = []
    for number, (low, high) in enumerate(pairwise(cuts.tolist())):
        own = codes[low:high]
        order = np.argsort(own, kind="stable")
        own = own[order]
        begin = starts(own)
        mine = order if places is None else places[low:high][order] - ends[number]
        made.append(Run(mine, begin, own[begin]))
    return made


class Table:
    """What the groups come to, added up from block to block."""

    def __init__(self, groups: int) -> None:
        names = ("above", "below", "posts", "size")
        self._columns = {name: np.zeros(groups) for name in names}
        self._oldest, self._newest = np.full(groups, np.nan), np.full(groups, np.nan)

    def add(self, name: str, run: Run, values: Numbers) -> None:
        """Add a number to each group of a run."""
        self._columns[name][run.groups] += values

    def put_read(self, run: Run, at: Numbers) -> None:
        """Note when the numbers of each group were read; NaN is never."""
        if len(run.starts):
            own = at[run.places]
            for known, end in ((self._oldest, np.fmin), (self._newest, np.fmax)):
                known[run.groups] = end(known[run.groups], end.reduceat(own, run.starts))

    def totals(self) -> list[Total]:
        """One for each group."""
        sums = [self._columns[name].tolist() for name in ("above", "below", "posts", "size")]
        ends = [
            [None if at != at else instant(at) for at in column.tolist()]  # noqa: PLR0124 - NaN
            for column in (self._oldest, self._newest)
        ]
        return [
            Total(int(top), int(bottom), int(posts), int(size), oldest, newest)
            for top, bottom, posts, size, oldest, newest in zip(*sums, *ends, strict=True)
        ]
