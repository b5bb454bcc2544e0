"""Sums of scopes that many questions will ask for, each read with one statement (see `store.activity`).

Whoever knows what will be asked says so first; what was not said, or lies beyond, is asked of the database.
"""

from bisect import bisect_left, bisect_right
from collections import OrderedDict
from collections.abc import Collection, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any, Final, NamedTuple

from sqlmodel import Session

from store import answers, rows
from store.rollups import WHOLE_CHANNEL, split
from store.unsummed import Waiting
from store.values import PostScope

#: Scopes whose sums are there at once: those of a workspace's KPIs are asked for one after the other.
_MOST: Final = 6


class Day(NamedTuple):
    """What one channel had of one metric on one day (UTC), by where it was read."""

    channel_id: int
    metric: str
    source: str
    day: int
    total: int
    #: As the driver has them: instants, which SQLite has as text; `instant` reads them.
    oldest: Any
    newest: Any
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


def instant(told: Any) -> datetime:
    """The instant (UTC) that `Day` names."""
    return datetime.fromisoformat(told).replace(tzinfo=UTC) if isinstance(told, str) else told


#: The sums, and in the same statement the clicks beside them: see `store.unsummed.beside`.
_QUERY: Final = (
    "SELECT channel_id, metric, source, day, total, oldest, newest, slices,"
    " CASE WHEN {edges} THEN times END, NULL FROM rollup"
    " WHERE {channels} AND scope_id = {mark} AND {metrics} AND day >= {mark} AND day <= {mark}"
    " UNION ALL SELECT NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, body FROM click_batch"
)


def _read(session: Session, scope_id: int, asked: _Expected) -> Held:
    """Asked of the driver itself: there are thousands of rows, and of most only the bytes are looked at."""
    connection = session.connection()
    # The times are half of all bytes, and only wanted where a stretch of time begins or ends.
    edges, of_edges = rows.among(connection, "day", sorted(asked.edges))
    channels, of_channels = rows.among(connection, "channel_id", sorted(asked.channel_ids))
    metrics, of_metrics = rows.among(connection, "metric", sorted(asked.metrics))
    mark = "%s" if rows.on_postgresql(connection) else "?"
    query = _QUERY.format(edges=edges, channels=channels, metrics=metrics, mark=mark)
    values = [*of_edges, *of_channels, scope_id, *of_metrics, min(asked.days), max(asked.days)]
    by_series: dict[tuple[int, str], tuple[list[int], list[Day]]] = {}
    bodies = []
    # Within a series by day: the key of the table ends with day and source.
    for *row, body in sorted(rows.fetched(connection, query, values), key=_day):
        if body is not None:
            bodies.append(bytes(body))
            continue
        one = Day(*row)
        days, own = by_series.setdefault((one.channel_id, one.metric), ([], []))
        days.append(one.day)
        own.append(one)
    return Held(asked, by_series, Waiting.of(bodies))


def _day(row: tuple[Any, ...]) -> int:
    return row[3] or 0
