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
from store.board import Wanted, load
from store.columns import PUBLISHED, Mask, Numbers, instant, micros
from store.values import Filters, PostScope
from store.worth import Worth, needs, worth


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
        self._active = load(session, scope, names, filters=window, before=before or end, sources=wanted)
        self._posts = self._active
        if active:
            self._posts = self._active.only(self._active.columns[PUBLISHED] >= micros(start))

    def totals(self, definition: Definition, channel_ids: Collection[int] | None = None) -> dict[int, Total]:
        """By channel: numerator and denominator of a figure, summed over its posts."""
        found = worth(self._session, self._posts, definition, self._scope.local_ids)
        return {
            channel_id: _total(found, own)
            for channel_id, own in _by_channel(self._posts.channels)
            if channel_ids is None or channel_id in channel_ids
        }

    @property
    def sources(self) -> frozenset[tuple[int, Metric, str]]:
        """Channel, metric and platform's field of the posts' readings."""
        return self._active.sources

    def spreads(
        self, definition: Definition, channel_ids: Collection[int] | None = None
    ) -> dict[int, Spread]:
        """By channel: how its posts differ in a figure."""
        found = worth(self._session, self._posts, definition, self._scope.local_ids)
        return {
            channel_id: _spread(found, definition, own)
            for channel_id, own in _by_channel(self._posts.channels)
            if channel_ids is None or channel_id in channel_ids
        }

    def published(self) -> dict[int, int]:
        """How many posts each channel published; channels without any are absent."""
        return {channel_id: int(own.sum()) for channel_id, own in _by_channel(self._posts.channels)}

    def measured(self, metrics: Collection[Metric]) -> dict[int, Measured]:
        """By channel: posts that were looked at since the start, and how many have a reading of each metric.

        Posts that Tabuh serves are always measured; clicks are wherever a link of ours is.
        """
        local = self._scope.local_ids
        known = {one: worth(self._session, self._active, CATALOGUE[one], local).known for one in metrics}
        return {
            channel_id: Measured(int(own.sum()), {one: int((known[one] & own).sum()) for one in metrics})
            for channel_id, own in _by_channel(self._active.channels)
        }


def _by_channel(channels: Numbers) -> list[tuple[int, Mask]]:
    return [(int(one), channels == one) for one in np.unique(channels)]


def _total(found: Worth, own: Mask) -> Total:
    both = found.known & own
    at = found.read_at[both]
    at = at[~np.isnan(at)]
    return Total(
        above=int(found.above[both].sum()),
        below=int(found.below[both].sum()),
        posts=int(both.sum()),
        in_scope=int(own.sum()),
        oldest=instant(at.min()) if at.size else None,
        newest=instant(at.max()) if at.size else None,
    )


def _spread(found: Worth, definition: Definition, own: Mask) -> Spread:
    both = found.known & own
    values = found.above[both].astype(np.float64)
    at = found.read_at[both]
    if definition.denominator is not None:
        below = found.below[both]
        defined = below != 0  # a rate over 0 is undefined, and no part of a mean
        values, at = definition.factor * values[defined] / below[defined], at[defined]
    at = at[~np.isnan(at)]
    return Spread(
        posts=int(values.size),
        in_scope=int(own.sum()),
        total=float(values.sum()),
        squares=float((values * values).sum()),
        largest=float(values.max()) if values.size else None,
        oldest=instant(at.min()) if at.size else None,
        newest=instant(at.max()) if at.size else None,
    )


def measured(
    session: Session, scope: PostScope, metrics: Collection[Metric], *, start: datetime, end: datetime
) -> dict[int, Measured]:
    """By channel: posts that were looked at in [start, end), and how many have a reading of each metric."""
    definitions = [CATALOGUE[metric] for metric in metrics]
    return Cohorts(session, scope, definitions, start=start - ACTIVE, end=end).measured(metrics)
