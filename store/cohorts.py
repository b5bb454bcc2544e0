"""The posts that went out in a stretch of time, and what they have come to: sums over many posts at once."""

from collections.abc import Callable, Collection
from dataclasses import dataclass
from datetime import datetime

from sqlmodel import Session

from domain.catalogue import CATALOGUE
from domain.definition import FOLLOWERS, Definition
from domain.metrics import Metric
from store.activity import ACTIVE
from store.blocks import Block
from store.board import Wanted, load
from store.columns import PUBLISHED, Numbers
from store.part_sums import PartSums
from store.rollups import micros
from store.summed import (
    Spread,
    Total,
    spread_of,
    spread_of_parts,
    spreads_by_part,
    total_of,
    total_of_parts,
    totals_by_part,
)
from store.values import Filters, PostScope
from store.worth import Worth, needs, series_of, unknown, worth_of


@dataclass(frozen=True, slots=True)
class Measured:
    """How many posts of one channel a figure could have counted, and how many it did."""

    in_scope: int
    by_metric: dict[Metric, int]


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
        edges = [start] if active else []
        before = before or end
        self._all = load(session, scope, names, filters=window, before=before, sources=wanted, edges=edges)
        followed = any(one.denominator == FOLLOWERS for one in definitions)
        self._series = series_of(session, scope.channel_ids) if followed else {}
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
        if block.sums is None:
            return total_of(self._worth(block, definition))
        return total_of_parts(self._by_part(block.sums, "total", definition, totals_by_part), block.size)

    def _by_part(
        self, sums: PartSums, kind: str, definition: Definition, make: Callable[[Worth, Numbers], Numbers]
    ) -> Numbers:
        """A kind of sums of each part, worked out now or before."""
        channel_id, mark = sums.shelf.channel_id, b""
        if definition.denominator == FOLLOWERS:
            mark = self._series[channel_id].mark if channel_id in self._series else b"none"
        local = channel_id in self._scope.local_ids
        key = f"{kind}|{definition.key}|{definition.version}|{local}"
        return sums.of(key, mark, lambda whole, starts: make(self._worth(whole, definition), starts))

    def _unknown(self, block: Block, definition: Definition) -> bool:
        all_of_them = block.sums.whole if block.sums else block
        return unknown(all_of_them, definition, local=block.channel_id in self._scope.local_ids)

    def _number(self, block: Block, metric: Metric) -> int:
        entry = CATALOGUE[metric]
        if block.sums is not None:
            return self._total(block, entry).posts
        return 0 if self._unknown(block, entry) else int(self._worth(block, entry).known.sum())

    def _of(self, channel_ids: Collection[int] | None) -> list[Block]:
        return [one for one in self._blocks if channel_ids is None or one.channel_id in channel_ids]

    def _worth(self, block: Block, definition: Definition) -> Worth:
        local = block.channel_id in self._scope.local_ids
        return worth_of(self._session, block, definition, local=local, series=self._series)

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
        if block.sums is None:
            return spread_of(self._worth(block, definition))
        return spread_of_parts(self._by_part(block.sums, "spread", definition, spreads_by_part), block.size)

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


def measured(
    session: Session, scope: PostScope, metrics: Collection[Metric], *, start: datetime, end: datetime
) -> dict[int, Measured]:
    """By channel: posts that were looked at in [start, end), and how many have a reading of each metric."""
    definitions = [CATALOGUE[metric] for metric in metrics]
    return Cohorts(session, scope, definitions, start=start - ACTIVE, end=end).measured(metrics)
