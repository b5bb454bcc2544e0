"""The posts that went out in a stretch of time, and what they have come to: sums over many posts at once."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime

import numpy as np
from sqlmodel import Session

from domain.catalogue import CATALOGUE
from domain.definition import Definition
from domain.metrics import Metric
from store.activity import ACTIVE
from store.blocks import Block
from store.board import Wanted, load
from store.columns import PUBLISHED, Mask, Numbers, instant
from store.rollups import micros
from store.values import Filters, PostScope
from store.worth import Worth, needs, unknown, worth_of


@dataclass(frozen=True, slots=True)
class Measured:
    """How many posts of one channel a figure could have counted, and how many it did."""

    in_scope: int
    by_metric: dict[Metric, int]


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


class Cohorts:
    """Posts loaded once for many figures."""

    def __init__(
        self,
        session: Session,
        scope: PostScope,
        definitions: Collection[Definition] = (),
        *,
        start: datetime,
        end: datetime,
        before: datetime | None = None,
        active: bool = False,
        sources: Collection[Metric] = (),
    ) -> None:
        """Posts published in [start, end), as they stood ``before`` an instant (``end``, if not said).

        Args:
            definitions: figures that are asked for.
            active: `measured` is asked for: load the posts too that are still looked at after the start.
            sources: metrics of which the platforms' fields are asked for.
        """
        self._session, self._scope = session, scope
        names = {name for one in definitions for name in needs(one)} | ({PUBLISHED} if active else set())
        wanted = Wanted(frozenset(sources), start) if sources else None
        window = Filters(start=start - ACTIVE if active else start, end=end)
        self._all = load(session, scope, names, filters=window, before=before or end, sources=wanted)
        self._active = self._all.blocks
        self._blocks = self._active
        if active:
            since = micros(start)
            recent = [block.only(block.column(PUBLISHED) >= since) for block in self._active]
            self._blocks = [block for block in recent if block.size]

    def totals(self, definition: Definition, channel_ids: Collection[int] | None = None) -> dict[int, Total]:
        """By channel: numerator and denominator of a figure, summed over its posts."""
        found: dict[int, Total] = {}
        for block in self._of(channel_ids):
            one = self._total(block, definition)
            there = found.get(block.channel_id)
            found[block.channel_id] = there.with_(one) if there else one
        return found

    def _total(self, block: Block, definition: Definition) -> Total:
        if self._unknown(block, definition):
            return Total(0, 0, 0, block.size, None, None)
        return total_of(self._worth(block, definition))

    def _unknown(self, block: Block, definition: Definition) -> bool:
        return unknown(block, definition, local=block.channel_id in self._scope.local_ids)

    def _number(self, block: Block, metric: Metric) -> int:
        entry = CATALOGUE[metric]
        return 0 if self._unknown(block, entry) else int(self._worth(block, entry).known.sum())

    def _of(self, channel_ids: Collection[int] | None) -> list[Block]:
        return [one for one in self._blocks if channel_ids is None or one.channel_id in channel_ids]

    def _worth(self, block: Block, definition: Definition) -> Worth:
        local = block.channel_id in self._scope.local_ids
        return worth_of(self._session, block, definition, local=local)

    @property
    def sources(self) -> frozenset[tuple[int, Metric, str]]:
        """Channel, metric and platform's field of the posts' readings."""
        return self._all.sources

    def spreads(
        self, definition: Definition, channel_ids: Collection[int] | None = None
    ) -> dict[int, Spread]:
        """By channel: how its posts differ in a figure."""
        found: dict[int, Spread] = {}
        for block in self._of(channel_ids):
            one = self._spread(block, definition)
            there = found.get(block.channel_id)
            found[block.channel_id] = there.with_(one) if there else one
        return found

    def _spread(self, block: Block, definition: Definition) -> Spread:
        if self._unknown(block, definition):
            return Spread(0, block.size, 0.0, 0.0, None, None, None)
        return _spread(self._worth(block, definition), definition)

    def published(self) -> dict[int, int]:
        """How many posts each channel published; channels without any are absent."""
        found: dict[int, int] = {}
        for block in self._blocks:
            found[block.channel_id] = found.get(block.channel_id, 0) + block.size
        return found

    def measured(self, metrics: Collection[Metric]) -> dict[int, Measured]:
        """By channel: posts that were looked at since the start, and how many have a reading of each metric.

        Posts that Tabuh serves are always measured; clicks are wherever a link of ours is.
        """
        found: dict[int, Measured] = {}
        for block in self._active:
            number = {one: self._number(block, one) for one in metrics}
            there = found.get(block.channel_id, Measured(0, dict.fromkeys(metrics, 0)))
            by_metric = {one: there.by_metric[one] + more for one, more in number.items()}
            found[block.channel_id] = Measured(there.in_scope + block.size, by_metric)
        return found


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


def _spread(found: Worth, definition: Definition) -> Spread:
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


def _first(one: datetime | None, other: datetime | None) -> datetime | None:
    return min((at for at in (one, other) if at), default=None)


def _last(one: datetime | None, other: datetime | None) -> datetime | None:
    return max((at for at in (one, other) if at), default=None)


def measured(
    session: Session, scope: PostScope, metrics: Collection[Metric], *, start: datetime, end: datetime
) -> dict[int, Measured]:
    """By channel: posts that were looked at in [start, end), and how many have a reading of each metric."""
    definitions = [CATALOGUE[metric] for metric in metrics]
    return Cohorts(session, scope, definitions, start=start - ACTIVE, end=end).measured(metrics)
