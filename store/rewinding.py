"""Columns of posts as they stood at instants of the past, where many questions ask for them.

A period that has ended is told from what was known then: `store.recounting` reads all readings of the posts
that were read since. Where many figures of several periods are asked for together (`store.answers.kept`),
these readings are read once, and each column of each instant is made once.
"""

from collections import OrderedDict
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import chain, repeat
from typing import Any, Final

import numpy as np
from sqlmodel import Session

from store import bulk, rows
from store.audiences import CLICK_METRICS, PAGE_METRICS
from store.columns import LAYOUT, NEWEST, USUAL, Mask, Numbers, counted, empty, micros

#: Columns of instants that are kept; what was not asked for longest goes first.
_MOST: Final = 256
#: Posts in one query: SQLite takes 32,766 values in a statement.
_AT_A_TIME: Final = 5_000
#: Made from the posts' own rows: the same at every instant.
FIXED: Final = frozenset(name for name in LAYOUT if not {*name} & {*"|@#"} and name not in {NEWEST, USUAL})


@dataclass(slots=True)
class _Series:
    """One metric of the posts: places of the posts, and what was read at which checkpoint and when."""

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


_OF_CLICKS: Final[Mapping[tuple[str, ...], str]] = {(key,): one for key, one in CLICK_METRICS.items()}
_OF_PAGES: Final[Mapping[tuple[str, ...], str]] = {(*key,): one for key, one in PAGE_METRICS.items()}
#: Post, key, how many and when; and the metric that each key counts for.
_COUNTED: Final = (
    ("SELECT post_id, audience, 1, {at} FROM click", _OF_CLICKS),
    ("SELECT post_id, kind, audience, shown, {hour} FROM page_count", _OF_PAGES),
)


class Rewound:
    """Some posts, and everything that was read and counted of them."""

    def __init__(self) -> None:
        self.ids: Numbers = np.empty(0, np.int64)
        self._series: dict[str, _Series] = {}
        self._own: dict[str, _Counted] | None = None
        self._made: OrderedDict[tuple[str, int], Numbers] = OrderedDict()
        self._sources: dict[tuple[str, int], list[tuple[int, str, str]]] = {}

    def hold(self, session: Session, ids: Numbers) -> Numbers:
        """Have these posts among them; those that are new."""
        missing: Numbers = np.setdiff1d(ids, self.ids, assume_unique=True)
        if not len(missing):
            return missing
        every = np.union1d(self.ids, missing)
        moved = np.searchsorted(every, self.ids)
        self.ids = every
        self._made.clear()
        self._sources.clear()
        for readings in self._series.values():
            readings.places = moved[readings.places]
        for own in (self._own or {}).values():
            own.places = moved[own.places]
        more = self._series_of(session, missing, sorted(self._series))
        self._series = {metric: _joined([self._series[metric], one]) for metric, one in more.items()}
        if self._own is not None:
            for name, counts in self._counted_of(session, missing):
                self._own[name] = _together([*([self._own[name]] if name in self._own else []), counts])
        return missing

    def columns(
        self, session: Session, ids: Numbers, names: Collection[str], before: datetime
    ) -> dict[str, Numbers]:
        """These columns of some of the posts, in the order of their ids, as they stood before an instant."""
        places, bound = np.searchsorted(self.ids, ids), micros(before)
        self._read(session, {metric for name in names for metric in _metrics(name)})
        return {name: self._column(session, name, bound)[places] for name in names}

    def sources(
        self, session: Session, names: Collection[str], before: datetime
    ) -> Collection[tuple[int, str, str]]:
        """Post, metric and the platform's field of the metrics that these columns hold; of all posts."""
        metrics, bound = {name.partition("|")[0] for name in names if "|" in name}, micros(before)
        self._read(session, metrics)
        return list(chain.from_iterable(self._sources_of(metric, bound) for metric in sorted(metrics)))

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
        anchors = self._series.get(anchor)
        if anchors is None:
            return found
        best = np.full(len(self.ids), -1, np.int64)
        own = anchors.at < bound
        np.maximum.at(best, anchors.places[own], anchors.checkpoints[own])
        read = self._series.get(metric) if metric else anchors
        if read is not None:
            there = (read.at < bound) & (read.checkpoints == best[read.places])
            found[read.places[there]] = (read.values if metric else read.at)[there]
        return found

    def _counted_before(self, session: Session, name: str, bound: int) -> Numbers:
        if self._own is None:
            self._own = dict(self._counted_of(session, self.ids))
        own = self._own.get(name)
        if own is None:
            return np.zeros(len(self.ids))
        there = own.at < bound
        return np.bincount(own.places[there], weights=own.numbers[there], minlength=len(self.ids))

    def _sources_of(self, metric: str, bound: int) -> list[tuple[int, str, str]]:
        key = (metric, bound)
        if key not in self._sources:
            own = self._series.get(metric)
            found: list[tuple[int, str, str]] = []
            for code, source in enumerate(own.sources if own else ()):
                assert own is not None
                places = np.unique(own.places[(own.codes == code) & (own.at < bound)])
                found += zip(self.ids[places].tolist(), repeat(metric), repeat(source), strict=False)
            self._sources[key] = found
        return self._sources[key]

    def _read(self, session: Session, metrics: set[str]) -> None:
        """Have the readings of these metrics."""
        missing = sorted(metrics - self._series.keys())
        if missing:
            self._series |= self._series_of(session, self.ids, missing)

    def _series_of(self, session: Session, ids: Numbers, metrics: Sequence[str]) -> dict[str, _Series]:
        parts: dict[str, list[_Series]] = {metric: [] for metric in metrics}
        for chunk in _chunks(ids) if metrics else ():
            found = bulk.readings(session, chunk, metrics=metrics)
            if found is None:
                continue
            places = np.searchsorted(self.ids, found.posts)
            for code, metric in enumerate(found.metric_names):
                parts[metric].append(_of_metric(found, places, found.metrics == code))
        return {metric: _joined(own) for metric, own in parts.items()}

    def _counted_of(self, session: Session, ids: Numbers) -> Iterator[tuple[str, _Counted]]:
        """The clicks on links and the views of pages of posts, by column."""
        for query, names in _COUNTED:
            parts: dict[str, list[_Counted]] = {}
            for chunk in _chunks(ids):
                for key, own in self._counts(session, query, chunk):
                    if key in names:
                        parts.setdefault(counted(names[key]), []).append(own)
            for name, every in parts.items():
                yield name, _together(every)

    def _counts(
        self, session: Session, query: str, chunk: Sequence[int]
    ) -> Iterator[tuple[tuple[str, ...], _Counted]]:
        connection = session.connection()
        where, values = rows.among(connection, "post_id", chunk)
        asked = query.format(at=bulk.driver_time(connection, "at"), hour=bulk.driver_time(connection, "hour"))
        by_key: dict[tuple[str, ...], list[tuple[int, int, Any]]] = {}
        for post_id, *key, number, at in rows.fetched(connection, f"{asked} WHERE {where}", values):
            by_key.setdefault(tuple(key), []).append((post_id, number, at))
        for kinds, found in by_key.items():
            posts, numbers, times = zip(*found, strict=True)
            places = np.searchsorted(self.ids, np.array(posts, np.int64))
            yield kinds, _Counted(places, np.array(numbers, np.float64), bulk.plain_times(times))


def _metrics(name: str) -> list[str]:
    """The metrics whose readings a column is made of."""
    return [one for one in name.removesuffix("@").split("|") if one] if "|" in name or "@" in name else []


def _of_metric(found: bulk.Readings, places: Numbers, own: Mask) -> _Series:
    assert found.at is not None
    assert found.sources is not None
    return _Series(
        places[own], found.checkpoints[own], found.values[own], found.at[own], found.source_names,
        found.sources[own],
    )  # fmt: skip


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


def _chunks(ids: Numbers) -> Iterator[list[int]]:
    for start in range(0, len(ids), _AT_A_TIME):
        yield ids[start : start + _AT_A_TIME].tolist()
