"""Sums over the posts of a scope: what happened in a period.

What platforms report is cumulative; what happened in a period is the sum of the steps between
readings that were taken in it. So consecutive periods add up to the whole, and nothing is
interpolated. What Tabuh counts itself has its hour and is summed directly.

Whole quarters of an hour come from the sums that are kept (`store.rollups`) and the clicks that wait to be
added to them (`store.unsummed`), what is left at the edges and channels without such sums from readings; the
answer is the same.
"""

from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Select, func, select
from sqlmodel import Session, col

from domain.definition import OF_PAGES, OWN_SOURCE
from domain.metrics import CHECKPOINTS, Metric
from store import held_sums, steps
from store.answers import remembered
from store.audiences import CLICK_METRICS
from store.chunks import chunks
from store.held_sums import Held
from store.rollups import DAY, QUARTER, instant_of, split, unpack
from store.steps import Sum
from store.tables import METADATA, Post
from store.traffic import slice_start
from store.unsummed import Waiting, beside
from store.values import PostScope

__all__ = ["ACTIVE", "Sum", "by_edges", "by_slice", "first_published_at", "happened"]

#: How long after its publishing a post is looked at.
ACTIVE = CHECKPOINTS[-1]
_TABLE = METADATA.tables["rollup"]


def happened(
    session: Session, scope: PostScope, metrics: Collection[Metric], *, start: datetime, end: datetime
) -> list[Sum]:
    """What happened in [start, end), whatever the age of the posts, by channel, metric and source."""
    found: list[Sum] = []
    kept, others = summed_apart(session, scope)
    if others.channel_ids:
        found += steps.happened(session, others, metrics, start=start, end=end)
    if not kept.channel_ids or not metrics:
        return found
    asked = Asked(session, kept, frozenset(metrics))
    whole, edges = asked.cut(start, end)
    if whole is not None:
        found += asked.summed(*whole, end)
    for first, last in edges:
        found += steps.happened(session, kept, metrics, start=first, end=last)
    return found


def summed_apart(session: Session, scope: PostScope) -> tuple[PostScope, PostScope]:
    """The scope's channels whose sums are kept, and the others."""
    from store.board import built

    kept = built(session, scope) if scope.route_id is None or scope.feed_id is None else frozenset()
    return (
        replace(scope, channel_ids=kept, local_ids=scope.local_ids & kept),
        replace(scope, channel_ids=scope.channel_ids - kept, local_ids=scope.local_ids - kept),
    )


@dataclass(frozen=True, slots=True)
class Asked:
    """Which sums are asked for."""

    session: Session
    scope: PostScope
    metrics: frozenset[Metric]

    def cut(
        self, start: datetime, end: datetime
    ) -> tuple[tuple[datetime, datetime] | None, list[tuple[datetime, datetime]]]:
        """[start, end) as whole quarters of an hour, and what is left at its edges."""
        first, last = _floor(start), _floor(end)
        first = first if first == start else first + QUARTER
        if last != end and not self._later(end):
            last += QUARTER
        if first >= last:
            return None, [(start, end)]
        edges = [(start, first)] if start < first else []
        return (first, last), edges + ([(last, end)] if last < end and self._begun(last, end) else [])

    def _later(self, end: datetime) -> bool:
        """Whether anything happened at or after an instant, on its day."""
        day = split(end)[0]
        if held := self._held(day, day):
            days = held.of(self.scope.channel_ids, self.metrics, day, day)
            return any(held_sums.instant(one.newest) >= end for one in days)
        query = select(func.max(_TABLE.c.newest)).where(*self._where(), _TABLE.c.day == day)
        newest = self.session.connection().execute(query).scalar()
        return newest is not None and newest >= end

    def _begun(self, quarter: datetime, end: datetime) -> bool:
        """Whether anything happened in a quarter of an hour before an instant in it."""
        day, number, _ = split(quarter)
        rows, waits = self._of_day(day)
        if waits.size and waits.within(quarter, end).size:
            return True
        slices = (unpack(body, times).get(number) for *_, body, times in rows)
        return any(one is not None and instant_of(day, number, one[1]) < end for one in slices)

    def _of_day(self, day: int) -> tuple[list[tuple[int, str, str, bytes, bytes]], Waiting]:
        """Channel, metric, source, and the quarters of a day with their times; and the clicks beside them."""
        if held := self._held(day, day, is_edge=True):
            found = held.of(self.scope.channel_ids, self.metrics, day, day)
            rows = [(one.channel_id, one.metric, one.source, one.slices, one.times or b"") for one in found]
            return rows, self._clicked(held.waits)
        names = ("channel_id", "metric", "source", "slices", "times")
        query = select(*(_TABLE.c[name] for name in names)).where(*self._where(), _TABLE.c.day == day)
        told, waits = self._with_waiting(query)
        return [tuple(row) for row in told], waits

    def _held(self, first: int, last: int, *, is_edge: bool = False) -> Held | None:
        """The sums of these days [first, last], where they were read with those of others."""
        found = held_sums.held(self.session, self.scope)
        there = found and found.has(self.scope.channel_ids, self.metrics, first, last, is_edge=is_edge)
        return found if there else None

    def _where(self) -> list[ColumnElement[bool]]:
        return [
            _TABLE.c.channel_id.in_(sorted(self.scope.channel_ids)),
            _TABLE.c.scope_id == held_sums.scope_id_of(self.scope),
            _TABLE.c.metric.in_(sorted(self.metrics)),
        ]

    def counts(self, channel_id: int, metric: str, source: str) -> bool:
        """Views of pages count where Tabuh serves them."""
        of_page = source == OWN_SOURCE and metric in OF_PAGES
        return not of_page or channel_id in self.scope.local_ids

    def summed(self, start: datetime, after: datetime, end: datetime) -> list[Sum]:
        """The sums of whole quarters: of whole days by the database, of the days at the edges one by one.

        Args:
            end: clicks that wait count before it, where that is earlier than ``after``.
        """
        (first, cut, _), (last, rest, _) = split(start), split(after)
        first_whole = first + 1 if cut else first
        found: list[Sum] = []
        if first_whole < last:
            found += self._days(first_whole, last, end)
        parts = {first: (cut, 96)} if cut else {}
        if rest:
            parts[last] = (parts.get(last, (0, 0))[0], rest)
        if first == last:
            parts = {first: (cut, rest)}
        return found + [
            one for day, (low, high) in parts.items() for one in self._quarters(day, low, high, end)
        ]

    def _days(self, first: int, after: int, end: datetime) -> Iterator[Sum]:
        rows, waits = self._of_days(first, after)
        for channel_id, metric, source, value, oldest, newest in rows:
            if self.counts(channel_id, metric, source):
                yield _sum((channel_id, metric, source), int(value), oldest, newest)
        yield from self._counted(waits, instant_of(first, 0, 0), min(instant_of(after, 0, 0), end))

    def _of_days(self, first: int, after: int) -> tuple[Iterable[Sequence[Any]], Waiting]:
        """Channel, metric, source, and of whole days [first, after) the sum, its first and last moment."""
        if held := self._held(first, after - 1):
            found: dict[tuple[int, str, str], list[Any]] = {}
            for one in held.of(self.scope.channel_ids, self.metrics, first, after - 1):
                key = (one.channel_id, one.metric, one.source)
                known = found.setdefault(key, [0, one.oldest, one.newest])
                known[0] += one.total
                known[1], known[2] = min(known[1], one.oldest), max(known[2], one.newest)
            told = [
                (*key, total, held_sums.instant(oldest), held_sums.instant(newest))
                for key, (total, oldest, newest) in found.items()
            ]
            return told, self._clicked(held.waits)
        by = (_TABLE.c.channel_id, _TABLE.c.metric, _TABLE.c.source)
        sums = (func.sum(_TABLE.c.total), func.min(_TABLE.c.oldest), func.max(_TABLE.c.newest))
        within = (_TABLE.c.day >= first, _TABLE.c.day < after)
        return self._with_waiting(select(*by, *sums).where(*self._where(), *within).group_by(*by))

    def _quarters(self, day: int, low: int, high: int, end: datetime) -> Iterator[Sum]:
        """Quarters [low, high) of a day."""
        rows, waits = self._of_day(day)
        for channel_id, metric, source, body, times in rows:
            slices = unpack(body, times)
            there = {number: one for number, one in slices.items() if low <= number < high}
            if there and self.counts(channel_id, metric, source):
                oldest = instant_of(day, min(there), there[min(there)][1])
                newest = instant_of(day, max(there), there[max(there)][2])
                value = sum(one[0] for one in there.values())
                yield _sum((channel_id, metric, source), value, oldest, newest)
        yield from self._counted(waits, instant_of(day, low, 0), min(instant_of(day, high, 0), end))

    def rows(self, first: int, last: int) -> tuple[list[tuple[int, bytes]], Waiting]:
        """Each day [first, last] with its quarters, and the clicks beside them."""
        found, waits = self.named_rows(first, last)
        return [(day, slices) for _, _, day, slices in found], waits

    def named_rows(self, first: int, last: int) -> tuple[list[tuple[int, str, int, bytes]], Waiting]:
        """Channel and metric, each day [first, last], and its quarters; and the clicks beside them."""
        if held := self._held(first, last):
            told = held.of(self.scope.channel_ids, self.metrics, first, last)
            return [
                (one.channel_id, one.metric, one.day, one.slices)
                for one in told
                if self.counts(one.channel_id, one.metric, one.source)
            ], self._clicked(held.waits)
        columns = (_TABLE.c.channel_id, _TABLE.c.metric, _TABLE.c.source, _TABLE.c.day, _TABLE.c.slices)
        query = select(*columns).where(*self._where(), _TABLE.c.day >= first, _TABLE.c.day <= last)
        found, waits = self._with_waiting(query)
        days = [
            (channel_id, metric, day, slices)
            for channel_id, metric, source, day, slices in found
            if self.counts(channel_id, metric, source)
        ]
        return days, waits

    def _with_waiting(self, query: Select[Any]) -> tuple[list[Any], Waiting]:
        """The rows of a query for sums, and the clicks that count beside them."""
        if self.metrics.isdisjoint(CLICK_METRICS.values()):
            return list(self.session.connection().execute(query)), Waiting.of(())
        rows, waits = beside(self.session, query)
        return rows, self._clicked(waits)

    def _clicked(self, waits: Waiting) -> Waiting:
        """Those of clicks that wait that are asked for."""
        if not waits.size:
            return waits
        return waits.by([audience for audience, metric in CLICK_METRICS.items() if metric in self.metrics])

    def _counted(self, waits: Waiting, start: datetime, end: datetime) -> Iterator[Sum]:
        """The clicks of [start, end) that wait, by channel and metric."""
        waits = waits.within(start, end)
        channels = self.placed(waits)
        posts = waits.rows["post"].tolist()
        counts = Counter(
            (channels[post_id], audience)
            for post_id, audience in zip(posts, waits.audiences, strict=True)
            if post_id in channels
        )
        for (channel_id, audience), number in sorted(counts.items()):
            yield Sum(channel_id, CLICK_METRICS[audience], number, OWN_SOURCE)

    def placed(self, waits: Waiting) -> dict[int, int]:
        """The posts of the scope that were clicked, each with its channel."""
        found: dict[int, int] = {}
        for chunk in chunks(waits.post_ids):
            query = select(col(Post.id), col(Post.channel_id))
            mine = col(Post.id).in_(chunk)
            rows = self.session.connection().execute(query.where(mine, *steps.in_scope(self.scope)))
            found |= {post_id: channel_id for post_id, channel_id in rows}
        return found


def _sum(key: tuple[int, str, str], value: int, oldest: datetime, newest: datetime) -> Sum:
    channel_id, metric, source = key
    if source == OWN_SOURCE:  # counted here
        return Sum(channel_id, Metric(metric), value, source)
    return Sum(channel_id, Metric(metric), value, source, oldest, newest)


def _floor(at: datetime) -> datetime:
    day, quarter, _ = split(at)
    return instant_of(day, quarter, 0)


def by_edges(
    session: Session, scope: PostScope, metrics: Collection[Metric], edges: Sequence[datetime]
) -> list[int]:
    """What happened of these metrics together between each instant and the next.

    Every zone's day begins with a quarter (UTC). What a platform reported counts when it was read,
    views of our pages at the start of their hour.

    Args:
        edges: in order, at least two; only the first and the last may lie within a quarter of an hour.
    """
    import numpy as np

    counts = np.zeros(len(edges) - 1, np.int64)
    bounds = np.array([_micros(one) for one in edges], np.int64)

    def put(at: "np.ndarray[Any, Any]", values: "np.ndarray[Any, Any]") -> None:
        places = np.searchsorted(bounds, np.maximum(at, bounds[0]), side="right") - 1
        there = places < len(counts)
        np.add.at(counts, places[there], values[there])

    kept, others = summed_apart(session, scope)
    left = [(others, edges[0], edges[-1])] if others.channel_ids else []
    if kept.channel_ids:
        asked = Asked(session, kept, frozenset(metrics))
        whole, rest = asked.cut(edges[0], edges[-1])
        left += [(kept, *one) for one in rest]
        if whole is not None:
            put(*_quarters_of(asked, *whole, edges[-1]))
    for where, start, end in left:
        for metric in metrics:
            slices = steps.by_slice(session, where, metric, start=start, end=end)
            if slices:
                at, values = zip(*slices, strict=True)
                put(np.array([_micros(one) for one in at], np.int64), np.array(values, np.int64))
    found: list[int] = counts.tolist()
    return found


def by_slice(
    session: Session, scope: PostScope, metric: Metric, *, start: datetime, end: datetime
) -> list[tuple[datetime, int]]:
    """What happened of one metric in each quarter of an hour of [start, end) that had any, in no order.

    Every zone's day begins with a quarter (UTC). What a platform reported counts when it was read,
    views of our pages at the start of their hour; a quarter may come twice.
    """
    kept, others = summed_apart(session, scope)
    left = [(others, start, end)] if others.channel_ids else []
    found: list[tuple[datetime, int]] = []
    if kept.channel_ids:
        asked = Asked(session, kept, frozenset({metric}))
        whole, rest = asked.cut(start, end)
        left += [(kept, *one) for one in rest]
        if whole is not None:
            at, values = _quarters_of(asked, *whole, end)
            found += [
                (slice_start(one // (DAY // 96), QUARTER), n)
                for one, n in zip(at.tolist(), values.tolist(), strict=True)
            ]
    for where, first, last in left:
        found += steps.by_slice(session, where, metric, start=first, end=last)
    return found


def _quarters_of(asked: Asked, start: datetime, after: datetime, end: datetime) -> Any:
    """When the quarters in [start, after) began that had any, and the sum of each, as arrays.

    A quarter may come twice. Clicks that wait count before ``end``, where that is earlier than ``after``.
    """
    import numpy as np

    rows, waits = asked.rows(split(start)[0], split(after)[0])
    entries = np.frombuffer(b"".join(slices for _, slices in rows), [("quarter", "u1"), ("value", "<i8")])
    days = np.repeat(np.array([day for day, _ in rows], np.int64), [len(one) // 9 for _, one in rows])
    at = days * DAY + entries["quarter"].astype(np.int64) * (DAY // 96)
    within = (at >= _micros(start)) & (at < _micros(after))
    clicked = waits.within(start, min(after, end))
    clicks = clicked.on(asked.placed(clicked)).rows["at"]
    return (
        np.concatenate([at[within], clicks - clicks % (DAY // 96)]),
        np.concatenate([entries["value"][within], np.ones(len(clicks), np.int64)]),
    )


def _micros(at: datetime) -> int:
    day, quarter, offset = split(at)
    return day * DAY + quarter * (DAY // 96) + offset


@remembered
def first_published_at(session: Session, scope: PostScope) -> datetime | None:
    """When the first post in scope went out; None when none has."""
    query = select(func.min(col(Post.published_at))).where(*steps.in_scope(scope))
    return session.connection().execute(query).scalar()
