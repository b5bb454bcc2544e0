"""Columns of posts as they stood at instants of the past, where many questions ask for them.

A period that has ended is told from what was known then: `store.recounting` reads all readings of the posts
that were read since. Where many figures of several periods are asked for together (`store.answers.kept`),
these readings are read once, from `store.bundles` where they hold them, and each column of each instant is
made once.
"""

from collections import OrderedDict
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import chain, repeat
from typing import Final

import numpy as np
from sqlmodel import Session

from store import bulk, bundles
from store.chunks import MANY, chunks
from store.columns import LAYOUT, OF_NOW, Numbers, empty
from store.own_counts import among, counted_of
from store.rollups import micros

#: Columns of instants that are kept; what was not asked for longest goes first.
_MOST: Final = 256
#: Made from the posts' own rows: the same at every instant.
FIXED: Final = frozenset(name for name in LAYOUT if not {*name} & {*"|@#"}) - OF_NOW


@dataclass(slots=True)
class _Series:
    """One metric of the posts: places of the posts, and what was read at which checkpoint and when.

    The readings of a post are in the order of their checkpoints.
    """

    places: Numbers
    checkpoints: Numbers
    values: Numbers
    at: Numbers
    sources: Sequence[str]
    codes: Numbers


@dataclass(slots=True)
class _Counted:
    """What Tabuh counted itself of one metric: places of the posts, how many at a time, and when."""

    places: Numbers
    numbers: Numbers
    at: Numbers


class Rewound:
    """Some posts, and everything that was read and counted of them."""

    def __init__(self) -> None:
        self.ids: Numbers = np.empty(0, np.int64)
        self._series: dict[str, _Series] | None = None
        self._own: dict[str, _Counted] | None = None
        self._made: OrderedDict[tuple[str, int], Numbers] = OrderedDict()
        self._firsts: dict[str, list[tuple[str, Numbers]]] = {}
        self._best: dict[tuple[str, int], Numbers] = {}

    def hold(self, session: Session, ids: Numbers) -> Numbers:
        """Have these posts among them; those that are new."""
        missing: Numbers = ids[~among(ids, self.ids)]
        if not len(missing):
            return missing
        every = np.union1d(self.ids, missing)
        moved = np.searchsorted(every, self.ids)
        self.ids = every
        self._made.clear()
        self._firsts.clear()
        self._best.clear()
        for readings in (self._series or {}).values():
            readings.places = moved[readings.places]
        for own in (self._own or {}).values():
            own.places = moved[own.places]
        if self._series is not None:
            for metric, more in self._series_of(session, missing).items():
                known = [self._series[metric]] if metric in self._series else []
                self._series[metric] = _joined([*known, more])
        if self._own is not None:
            for name, counts in self._counted_of(session, missing):
                self._own[name] = _together([*([self._own[name]] if name in self._own else []), counts])
        return missing

    def columns(
        self, session: Session, ids: Numbers, names: Collection[str], before: datetime
    ) -> dict[str, Numbers]:
        """These columns of some of the posts, in the order of their ids, as they stood before an instant."""
        places, bound = np.searchsorted(self.ids, ids), micros(before)
        return {name: self._column(session, name, bound)[places] for name in names}

    def sources(
        self, session: Session, names: Collection[str], before: datetime
    ) -> Collection[tuple[int, str, str]]:
        """Post, metric and the platform's field of the metrics that these columns hold; of all posts."""
        metrics, bound = {name.partition("|")[0] for name in names if "|" in name}, micros(before)
        return list(
            chain.from_iterable(self._sources_of(session, metric, bound) for metric in sorted(metrics))
        )

    def fields(
        self, session: Session, ids: Numbers, channels: Numbers, metrics: Collection[str], before: datetime
    ) -> Iterator[tuple[int, str, str]]:
        """Channel, metric and the platform's field of what was read of some of the posts before an instant.

        Args:
            channels: that of each post.
        """
        names, codes = np.unique(channels, return_inverse=True)
        channel_of = np.zeros(len(self.ids), np.int64)
        channel_of[np.searchsorted(self.ids, ids)] = codes + 1
        for metric in metrics:
            for source, first in self._firsts_of(session, metric):
                by_field = channel_of[first < micros(before)]
                read = np.flatnonzero(np.bincount(by_field))
                yield from ((one, metric, source) for one in names[read[read > 0] - 1].tolist())

    def _firsts_of(self, session: Session, metric: str) -> list[tuple[str, Numbers]]:
        """The platform's fields of a metric, and when each post was first read from each."""
        if metric not in self._firsts:
            own = self._read(session).get(metric)
            self._firsts[metric] = found = []
            for code, source in enumerate(own.sources if own else ()):
                assert own is not None
                first = np.full(len(self.ids), np.iinfo(np.int64).max)
                there = own.codes == code
                np.minimum.at(first, own.places[there], own.at[there])
                found.append((source, first))
        return self._firsts[metric]

    def _column(self, session: Session, name: str, bound: int) -> Numbers:
        key = (name, bound)
        if key not in self._made:
            self._made[key] = self._make(session, name, bound)
            if len(self._made) > _MOST:
                self._made.popitem(last=False)
        self._made.move_to_end(key)
        return self._made[key]

    def _make(self, session: Session, name: str, bound: int) -> Numbers:
        if name.endswith("#"):
            return self._counted_before(session, name, bound)
        found = empty(name, len(self.ids))
        metric, _, anchor = name.removesuffix("@").rpartition("|")
        series = self._read(session)
        anchors = series.get(anchor)
        if anchors is None:
            return found
        best = self._best_of(anchor, anchors, bound)
        read = series.get(metric) if metric else anchors
        if read is not None:
            there = (read.at < bound) & (read.checkpoints == best[read.places])
            found[read.places[there]] = (read.values if metric else read.at)[there]
        return found

    def _best_of(self, anchor: str, readings: _Series, bound: int) -> Numbers:
        """The newest checkpoint of each post that was read before an instant; -1: none was."""
        key = (anchor, bound)
        if key not in self._best:
            self._best[key] = best = np.full(len(self.ids), -1, np.int64)
            own = readings.at < bound
            # Of a post the newest checkpoint comes last, and the last one stays.
            best[readings.places[own]] = readings.checkpoints[own]
        return self._best[key]

    def _counted_before(self, session: Session, name: str, bound: int) -> Numbers:
        if self._own is None:
            self._own = dict(self._counted_of(session, self.ids))
        own = self._own.get(name)
        if own is None:
            return np.zeros(len(self.ids))
        there = own.at < bound
        return np.bincount(own.places[there], weights=own.numbers[there], minlength=len(self.ids))

    def _sources_of(self, session: Session, metric: str, bound: int) -> Iterator[tuple[int, str, str]]:
        for source, first in self._firsts_of(session, metric):
            yield from zip(self.ids[first < bound].tolist(), repeat(metric), repeat(source), strict=False)

    def _read(self, session: Session) -> dict[str, _Series]:
        """All readings, by metric."""
        if self._series is None:
            self._series = self._series_of(session, self.ids)
        return self._series

    def _series_of(self, session: Session, ids: Numbers) -> dict[str, _Series]:
        parts: dict[str, list[_Series]] = {}
        for chunk in chunks(ids.tolist(), MANY):
            found = bundles.of_posts(session, chunk)
            for metric, own in _by_metric(found, self.ids) if found is not None else ():
                parts.setdefault(metric, []).append(own)
        return {metric: _joined(own) for metric, own in parts.items()}

    def _counted_of(self, session: Session, ids: Numbers) -> Iterator[tuple[str, _Counted]]:
        parts: dict[str, list[_Counted]] = {}
        for name, own in counted_of(session, ids):
            places = np.searchsorted(self.ids, own.posts)
            parts.setdefault(name, []).append(_Counted(places, own.numbers, own.at))
        for name, every in parts.items():
            yield name, _together(every)


def _by_metric(found: bulk.Readings, ids: Numbers) -> Iterator[tuple[str, _Series]]:
    assert found.at is not None
    assert found.sources is not None
    order = np.lexsort((found.checkpoints, found.metrics))
    columns = (np.searchsorted(ids, found.posts), found.checkpoints, found.values, found.at, found.sources)
    places, checkpoints, values, at, codes = (one[order] for one in columns)
    edges = np.searchsorted(found.metrics[order], np.arange(len(found.metric_names) + 1))
    for metric, start, end in zip(found.metric_names, edges, edges[1:], strict=False):
        own = slice(start, end)
        yield (
            metric,
            _Series(places[own], checkpoints[own], values[own], at[own], found.source_names, codes[own]),
        )


def _joined(parts: Sequence[_Series]) -> _Series:
    """The same metric of all posts; each part has its own numbers for the fields."""
    names = list(dict.fromkeys(name for one in parts for name in one.sources))
    codes = [np.array([names.index(name) for name in one.sources], np.int64)[one.codes] for one in parts]
    return _Series(
        _whole([one.places for one in parts]), _whole([one.checkpoints for one in parts]),
        _whole([one.values for one in parts]), _whole([one.at for one in parts]), names, _whole(codes),
    )  # fmt: skip


def _together(parts: Sequence[_Counted]) -> _Counted:
    return _Counted(
        _whole([one.places for one in parts]), _whole([one.numbers for one in parts]),
        _whole([one.at for one in parts]),
    )  # fmt: skip


def _whole(parts: Sequence[Numbers]) -> Numbers:
    return np.concatenate(parts) if parts else np.empty(0, np.int64)
