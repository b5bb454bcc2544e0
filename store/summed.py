"""Figures of many posts summed: numerators and denominators, and how posts differ; also part by part.

Sums of each part of a channel are rows of numbers, which may be kept (`store.part_sums`): there is a function
that makes them, and one that adds them up to what the sum over the posts is.
"""

from dataclasses import dataclass
from datetime import datetime

import numpy as np

from store.columns import Mask, Numbers, instant
from store.worth import Worth


@dataclass(frozen=True, slots=True)
class Total:
    """Numerator and denominator of a figure, summed over the posts of one channel."""

    above: int
    below: int
    #: Posts that had both, of all in the question.
    posts: int
    in_scope: int
    oldest: datetime | None
    newest: datetime | None

    def with_(self, other: "Total") -> "Total":
        """Both together."""
        return Total(
            self.above + other.above, self.below + other.below, self.posts + other.posts,
            self.in_scope + other.in_scope, _first(self.oldest, other.oldest),
            _last(self.newest, other.newest),
        )  # fmt: skip


@dataclass(frozen=True, slots=True)
class Spread:
    """How the posts of one channel differ in a figure; posts without a value are only in ``in_scope``."""

    posts: int
    in_scope: int
    total: float
    #: Of the squares.
    squares: float
    largest: float | None
    oldest: datetime | None
    newest: datetime | None

    def with_(self, other: "Spread") -> "Spread":
        """Both together."""
        most = max((one.largest for one in (self, other) if one.largest is not None), default=None)
        return Spread(
            self.posts + other.posts, self.in_scope + other.in_scope, self.total + other.total,
            self.squares + other.squares, most, _first(self.oldest, other.oldest),
            _last(self.newest, other.newest),
        )  # fmt: skip


def total_of(found: Worth) -> Total:
    """Numerator and denominator of these posts, summed."""
    both = found.known
    posts = int(np.count_nonzero(both))
    oldest, newest = _ends(found.read_at, both)
    return Total(
        above=_sum(found.above, both, posts),
        below=_sum(found.below, both, posts),
        posts=posts,
        in_scope=len(both),
        oldest=oldest,
        newest=newest,
    )


def _sum(values: Numbers, both: Mask, posts: int) -> int:
    if not posts:
        return 0
    return int(values.sum() if posts == len(both) else values[both].sum())


def _ends(at: Numbers, which: Mask) -> tuple[datetime | None, datetime | None]:
    """When the first and the last of these was read."""
    if not which.any():
        return None, None
    own = at if which.all() else at[which]
    first, last = np.fmin.reduce(own), np.fmax.reduce(own)
    return (None, None) if np.isnan(first) else (instant(first), instant(last))


def totals_by_part(found: Worth, starts: Numbers) -> Numbers:
    """Rows: numerator, denominator, posts with both, and when the first and the last of them was read (NaN:
    nobody says); in each a number for each part, of which ``starts`` are the first posts' places."""
    both = found.known
    posts = np.add.reduceat(both.astype(np.float64), starts)
    above, below = (np.add.reduceat(np.where(both, one, 0.0), starts) for one in (found.above, found.below))
    return np.stack([above, below, posts, *_ends_by_part(found.read_at, both, starts)])


def total_of_parts(rows: Numbers, in_scope: int) -> Total:
    """What `totals_by_part` found, added up."""
    above, below, posts = (int(one) for one in rows[:3].sum(axis=1))
    oldest, newest = _ends_of_parts(rows[3:5])
    return Total(above, below, posts, in_scope, oldest, newest)


def _ends_by_part(at: Numbers, which: Mask, starts: Numbers) -> tuple[Numbers, Numbers]:
    own = np.where(which, at, np.nan)
    return np.fmin.reduceat(own, starts), np.fmax.reduceat(own, starts)


def _ends_of_parts(rows: Numbers) -> tuple[datetime | None, datetime | None]:
    first, last = np.fmin.reduce(rows[0]), np.fmax.reduce(rows[1])
    return (None, None) if np.isnan(first) else (instant(first), instant(last))


def spread_of(found: Worth) -> Spread:
    """How these posts differ."""
    definition = found.definition
    both = found.known
    in_scope = len(both)
    values = found.above[both].astype(np.float64)
    at = found.read_at[both]
    if definition.denominator is not None:
        below = found.below[both]
        defined = below != 0  # a rate over 0 is undefined, and no part of a mean
        values, at = definition.factor * values[defined] / below[defined], at[defined]
    oldest, newest = _ends(at, np.ones(len(at), bool))
    return Spread(
        posts=int(values.size),
        in_scope=in_scope,
        total=float(values.sum()),
        squares=float((values * values).sum()),
        largest=float(values.max()) if values.size else None,
        oldest=oldest,
        newest=newest,
    )


def spreads_by_part(found: Worth, starts: Numbers) -> Numbers:
    """Rows: posts with a value, sum, sum of squares and largest of their values (NaN: there is none), and
    when the first and the last was read; in each a number for each part."""
    there, values = found.known, found.above.astype(np.float64)
    if found.definition.denominator is not None:
        there = there & (found.below != 0)
        values = found.definition.factor * np.divide(
            values, found.below, out=np.full(len(values), np.nan), where=there
        )
    own, known = np.where(there, values, 0.0), np.where(there, values, np.nan)
    sums = [np.add.reduceat(one, starts) for one in (there.astype(np.float64), own, own * own)]
    ends = _ends_by_part(found.read_at, there, starts)
    return np.stack([*sums, np.fmax.reduceat(known, starts), *ends])


def spread_of_parts(rows: Numbers, in_scope: int) -> Spread:
    """What `spreads_by_part` found, added up."""
    posts, total, squares = rows[:3].sum(axis=1)
    oldest, newest = _ends_of_parts(rows[4:6])
    largest = float(np.fmax.reduce(rows[3])) if posts else None
    return Spread(int(posts), in_scope, float(total), float(squares), largest, oldest, newest)


def _first(one: datetime | None, other: datetime | None) -> datetime | None:
    return min((at for at in (one, other) if at), default=None)


def _last(one: datetime | None, other: datetime | None) -> datetime | None:
    return max((at for at in (one, other) if at), default=None)
