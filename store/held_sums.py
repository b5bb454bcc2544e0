"""Sums of scopes that many questions will ask for, each read with one statement (see `store.activity`).

Whoever knows what will be asked says so first; what was not said, or lies beyond, is asked of the database.
"""

from bisect import bisect_left, bisect_right
from collections import OrderedDict
from collections.abc import Collection, Iterator
from dataclasses import dataclass, field
from datetime import datetime
from typing import Final, NamedTuple

from sqlalchemy import case, null, select
from sqlmodel import Session

from store import answers
from store.rollups import WHOLE_CHANNEL, split
from store.tables import METADATA
from store.unsummed import Waiting, beside
from store.values import PostScope

_TABLE: Final = METADATA.tables["rollup"]
#: Scopes whose sums are there at once: those of a workspace's KPIs are asked for one after the other.
_MOST: Final = 6


class Day(NamedTuple):
    """What one channel had of one metric on one day (UTC), by where it was read."""

    channel_id: int
    metric: str
    source: str
    day: int
    total: int
    oldest: datetime
    newest: datetime
    slices: bytes
    #: Of days in which a period may begin or end; None: of others.
    times: bytes | None


@dataclass(slots=True)
class _Expected:
    channel_ids: set[int] = field(default_factory=set)
    metrics: set[str] = field(default_factory=set)
    #: Days since 1970, both included.
    days: set[int] = field(default_factory=set)
    edges: set[int] = field(default_factory=set)


@dataclass(frozen=True, slots=True)
class Held:
    """The sums of one scope."""

    expected: _Expected
    by_series: dict[tuple[int, str], tuple[list[int], list[Day]]]
    waits: Waiting

    def of(
        self, channel_ids: Collection[int], metrics: Collection[str], first: int, last: int
    ) -> Iterator[Day]:
        """The days [first, last] of these channels and metrics."""
        for channel_id in channel_ids:
            for metric in metrics:
                days, rows = self.by_series.get((channel_id, metric), ((), []))
                yield from rows[bisect_left(days, first) : bisect_right(days, last)]

    def has(
        self, channel_ids: Collection[int], metrics: Collection[str], first: int, last: int, *, is_edge: bool
    ) -> bool:
        """Whether all of it is there."""
        return (
            min(self.expected.days) <= first
            and last <= max(self.expected.days)
            and self.expected.channel_ids.issuperset(channel_ids)
            and self.expected.metrics.issuperset(metrics)
            and (not is_edge or self.expected.edges.issuperset(range(first, last + 1)))
        )


@dataclass(slots=True)
class _Sums:
    """What is expected of the scopes of a workspace, and what was read of them."""

    expected: dict[int, _Expected] = field(default_factory=dict)
    held: OrderedDict[int, Held] = field(default_factory=OrderedDict)


def scope_id_of(scope: PostScope) -> int:
    """Under which its sums are kept."""
    return next((one for one in (scope.route_id, scope.feed_id) if one is not None), WHOLE_CHANNEL)


def expect(
    session: Session,
    scope: PostScope,
    metrics: Collection[str],
    *,
    since: datetime,
    edges: Collection[datetime],
) -> None:
    """Where answers are kept: sums of this scope will be asked for.

    Args:
        since: the earliest instant.
        edges: instants at which stretches of time begin or end.
    """
    if not answers.keeping(session) or not metrics or not scope.channel_ids:
        return
    sums = _sums(session, scope.workspace_id)
    own = sums.expected.setdefault(scope_id_of(scope), _Expected())
    days = {split(one)[0] for one in edges}
    own.channel_ids |= scope.channel_ids
    own.metrics |= {str(one) for one in metrics}
    own.days |= {split(since)[0], *days}
    own.edges |= days
    sums.held.pop(scope_id_of(scope), None)


def held(session: Session, scope: PostScope) -> Held | None:
    """The sums of a scope that was expected; None: it was not."""
    if not answers.keeping(session):
        return None
    sums, scope_id = _sums(session, scope.workspace_id), scope_id_of(scope)
    if scope_id not in sums.expected:
        return None
    if scope_id not in sums.held:
        sums.held[scope_id] = _read(session, scope_id, sums.expected[scope_id])
        if len(sums.held) > _MOST:
            sums.held.popitem(last=False)
    sums.held.move_to_end(scope_id)
    return sums.held[scope_id]


def _sums(session: Session, workspace_id: int) -> _Sums:
    return answers.once(session, ("sums", workspace_id), _Sums)


def _read(session: Session, scope_id: int, asked: _Expected) -> Held:
    names = ("channel_id", "metric", "source", "day", "total", "oldest", "newest", "slices")
    # Half of all bytes, and only wanted where a stretch of time begins or ends.
    times = case((_TABLE.c.day.in_(sorted(asked.edges)), _TABLE.c.times), else_=null())
    query = select(*(_TABLE.c[name] for name in names), times.label("times")).where(
        _TABLE.c.channel_id.in_(sorted(asked.channel_ids)),
        _TABLE.c.scope_id == scope_id,
        _TABLE.c.metric.in_(sorted(asked.metrics)),
        _TABLE.c.day >= min(asked.days),
        _TABLE.c.day <= max(asked.days),
    )
    rows, waits = beside(session, query)
    by_series: dict[tuple[int, str], tuple[list[int], list[Day]]] = {}
    for one in sorted((Day(*row) for row in rows), key=lambda row: row.day):
        days, own = by_series.setdefault((one.channel_id, one.metric), ([], []))
        days.append(one.day)
        own.append(one)
    return Held(asked, by_series, waits)
