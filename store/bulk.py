"""Readings and clicks of many posts as arrays, and their sums: for making standings and sums anew."""

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Final

import numpy as np
from sqlalchemy import BigInteger, ColumnElement, Connection, String, cast, extract, text, type_coerce
from sqlmodel import Session, col

from domain.definition import OWN_SOURCE
from store import arrays, rows
from store.audiences import CLICK_METRICS
from store.chunks import MANY, chunks
from store.columns import Numbers
from store.rollups import DAY, WHOLE_CHANNEL, Key, Slices
from store.tables import Click
from store.unsummed import Waiting, summed_clicks

_QUARTER: Final = DAY // 96
#: Standings to be written down anew, as their index says it: SQLite would not know ``stale = 1`` again.
STALE: Final = text("standing.stale")


@dataclass(slots=True)
class Readings:
    """Readings as columns; metrics and sources as numbers of the names beside them."""

    posts: Numbers
    metrics: Numbers
    checkpoints: Numbers
    values: Numbers
    #: Microseconds since 1970; None: not asked for.
    at: Numbers | None
    sources: Numbers | None
    metric_names: Sequence[str]
    source_names: Sequence[str] = ()


def readings(
    session: Session,
    post_ids: Sequence[int],
    *,
    metrics: Sequence[str] | None = None,
    before: datetime | None = None,
    timed: bool = True,
    sources: bool = True,
) -> Readings | None:
    """The readings of these posts; None: there are none.

    Args:
        metrics: only these; None: all.
        before: only what was read earlier.
        timed: tell when each was read.
        sources: tell from which field.
    """
    if rows.on_postgresql(session.connection()):
        return _as_arrays(session.connection(), post_ids, metrics, before, timed=timed, sources=sources)
    columns = ["post_id", "metric", "checkpoint", "value"]
    columns += ["read_at"] if timed else []
    columns += ["source"] if sources else []
    found = _rows(session, ", ".join(columns), post_ids, metrics, before)
    if not found:
        return None
    by_column = list(zip(*found, strict=True))
    metric_of, names = _numbered(by_column[1])
    source_of, fields = _numbered(by_column[-1]) if sources else (None, [])
    return Readings(
        np.array(by_column[0], np.int64), metric_of, np.array(by_column[2], np.int64),
        np.array(by_column[3], np.float64), plain_times(by_column[4]) if timed else None, source_of,
        names, fields,
    )  # fmt: skip


def bodies(
    session: Session, part_ids: Sequence[int], names: Collection[str]
) -> Iterator[tuple[int, str, bytes]]:
    """Columns of parts as they are written down: part, name and bytes, in no order.

    Asked of the driver itself: there are thousands of rows, and nothing in them needs to be looked at.
    """
    connection = session.connection()
    if rows.on_postgresql(connection):
        query = _OF_PARTS.format("= ANY(%s)", "= ANY(%s)")
        found: Any = rows.fetched(connection, query, [[*part_ids], [*names]])
        yield from found
        return
    driver: Any = connection.connection.driver_connection
    own = ", ".join("?" * len(names))
    for chunk in chunks(part_ids, MANY):
        parts = ", ".join("?" * len(chunk))
        yield from driver.execute(_OF_PARTS.format(f"IN ({parts})", f"IN ({own})"), (*chunk, *names))


_OF_PARTS: Final = "SELECT part_id, name, body FROM standing_column WHERE part_id {} AND name {}"


def driver_time(connection: Connection, name: str) -> str:
    """As `plain_time`, for queries in words."""
    return f"(extract(epoch FROM {name}) * 1000000)::bigint" if rows.on_postgresql(connection) else name


def _as_arrays(
    connection: Connection,
    post_ids: Sequence[int],
    metrics: Sequence[str] | None,
    before: datetime | None,
    *,
    timed: bool,
    sources: bool,
) -> Readings | None:
    rest, values = "FROM reading WHERE post_id = ANY(%b)", list[Any]([list(post_ids)])
    if metrics is not None:
        rest += " AND metric = ANY(%b)"
        values.append(list(metrics))
    if before is not None:
        rest += " AND read_at < %b"
        values.append(before)
    groups = arrays.gathered(
        connection, rest, values, keys=["metric", "source"] if sources else ["metric"],
        numbers=["post_id", "checkpoint", "value"], instants=["read_at"] if timed else [],
    )  # fmt: skip
    if not groups:
        return None
    sizes = [len(columns[0]) for _, columns in groups]
    metric_of, names = _numbered([key[0] for key, _ in groups])
    source_of, fields = _numbered([key[-1] for key, _ in groups])
    posts, checkpoints, numbers, *at = (
        np.concatenate(own) for own in zip(*(columns for _, columns in groups), strict=True)
    )
    return Readings(
        posts, np.repeat(metric_of, sizes), checkpoints, numbers.astype(np.float64),
        at[0] if timed else None, np.repeat(source_of, sizes) if sources else None, names,
        fields if sources else [],
    )  # fmt: skip


def _rows(
    session: Session,
    columns: str,
    post_ids: Sequence[int],
    metrics: Sequence[str] | None,
    before: datetime | None,
) -> list[tuple[Any, ...]]:
    """Asked of the driver itself: there are many rows, and nothing in them needs to be looked at."""
    connection = session.connection()
    where, values = rows.among(connection, "post_id", post_ids)
    if metrics is not None:
        more, names = rows.among(connection, "metric", metrics)
        where, values = f"{where} AND {more}", [*values, *names]
    if before is not None:
        # As an expression: else it may take the index by time.
        where += " AND coalesce(read_at, '') < ?"
        values.append(rows.stored_instant(before, as_text=True))
    return rows.fetched(connection, f"SELECT {columns} FROM reading WHERE {where}", values)  # noqa: S608


def plain_time(session: Session, at: Any) -> ColumnElement[Any]:
    """An instant without making a date of it: as text on SQLite, as microseconds on PostgreSQL."""
    if session.get_bind().dialect.name == "sqlite":
        return type_coerce(at, String)
    return cast(extract("epoch", at) * 1_000_000, BigInteger)


def plain_times(values: Sequence[Any]) -> Numbers:
    """Microseconds since 1970 of what a query for `plain_time` gave; at least one."""
    if isinstance(values[0], str):
        return np.array(values, "M8[us]").astype(np.int64)
    return np.array(values, np.int64)


def _numbered(names: Sequence[str]) -> tuple[Numbers, list[str]]:
    codes = {name: code for code, name in enumerate(dict.fromkeys(names))}
    return np.array([codes[name] for name in names], np.int16), list(codes)


@dataclass(slots=True)
class Sums:
    """What happened on one channel, gathered as arrays until all of it is there."""

    _names: dict[str, int] = field(default_factory=dict)
    _parts: list[Numbers] = field(default_factory=list)

    def add_readings(self, found: Readings, scopes: Mapping[int, Sequence[int]]) -> None:
        """Add the steps between these readings, which are all that their posts have.

        Args:
            scopes: post → what it is summed for.
        """
        assert found.at is not None
        assert found.sources is not None
        own = [number for number, name in enumerate(found.source_names) if name == OWN_SOURCE]
        there = np.flatnonzero(~np.isin(found.sources, own))
        order = there[
            np.lexsort((found.checkpoints[there], found.at[there], found.metrics[there], found.posts[there]))
        ]
        posts, metrics, sources = found.posts[order], found.metrics[order], found.sources[order]
        values = found.values[order].astype(np.int64)
        goes_on = (posts[1:] == posts[:-1]) & (metrics[1:] == metrics[:-1])
        steps = values.copy()
        steps[1:][goes_on] -= values[:-1][goes_on]
        # What is read from another field than before may mean another thing.
        steps[1:][goes_on & (sources[1:] != sources[:-1])] = 0
        metric_of = np.array([self._number(name) for name in found.metric_names], np.int64)
        source_of = np.array([self._number(name) for name in found.source_names], np.int64)
        self._add(posts, metric_of[metrics], source_of[sources], found.at[order], steps, scopes)

    def add_clicks(
        self, session: Session, post_ids: Sequence[int], scopes: Mapping[int, Sequence[int]]
    ) -> None:
        """Add the clicks on these posts' links, but those that wait: they are added by themselves."""
        found = list(summed_clicks(session, post_ids, plain_time(session, col(Click.at))))
        if found:
            posts, audiences, at = zip(*found, strict=True)
            self._add_clicks(np.array(posts, np.int64), audiences, plain_times(at), scopes)

    def add_waiting(self, waits: Waiting, scopes: Mapping[int, Sequence[int]]) -> None:
        """Add clicks that waited; each of a post that ``scopes`` has."""
        if waits.size:
            self._add_clicks(waits.rows["post"], waits.audiences, waits.rows["at"], scopes)

    def _add_clicks(
        self, posts: Numbers, audiences: Sequence[str], at: Numbers, scopes: Mapping[int, Sequence[int]]
    ) -> None:
        metrics = np.array([self._number(CLICK_METRICS[audience]) for audience in audiences], np.int64)
        source = np.full(len(posts), self._number(OWN_SOURCE), np.int64)
        self._add(posts, metrics, source, at, np.ones(len(posts), np.int64), scopes)

    def _number(self, name: str) -> int:
        return self._names.setdefault(str(name), len(self._names))

    def _add(  # noqa: PLR0917 - columns of one table
        self, posts: Numbers, metrics: Numbers, sources: Numbers, at: Numbers, values: Numbers,
        scopes: Mapping[int, Sequence[int]],
    ) -> None:  # fmt: skip
        whole = np.full(len(posts), WHOLE_CHANNEL, np.int64)
        self._parts.append(np.stack([whole, metrics, sources, at, values]))
        ids = np.array(sorted(scopes), np.int64)
        most = max((len(own) for own in scopes.values()), default=1)
        for number in range(1, most):
            own = np.array([(*scopes[one], *[0] * most)[number] for one in ids.tolist()], np.int64)
            scope = own[np.searchsorted(ids, posts)]
            there = scope != WHOLE_CHANNEL
            self._parts.append(
                np.stack([scope[there], metrics[there], sources[there], at[there], values[there]])
            )

    def slices(self, channel_id: int) -> dict[Key, Slices]:
        """All of it by key and quarter of the day, as `store.rollups` takes it."""
        if not self._parts:
            return {}
        scope, metric, source, at, value = np.concatenate(self._parts, axis=1)
        self._parts.clear()
        slot = at // _QUARTER
        order = np.lexsort((slot, source, metric, scope))
        scope, metric, source, slot = scope[order], metric[order], source[order], slot[order]
        offset = at[order] - slot * _QUARTER
        begin = starts(scope, metric, source, slot)
        sums = np.add.reduceat(value[order], begin).tolist()
        first, last = np.minimum.reduceat(offset, begin), np.maximum.reduceat(offset, begin)
        spans = zip(sums, first.tolist(), last.tolist(), strict=True)
        scope, metric, source, slot = scope[begin], metric[begin], source[begin], slot[begin]
        found: dict[Key, Slices] = {}
        names, own = list(self._names), Slices()
        new = set(starts(scope, metric, source, slot // 96).tolist())
        for place, (quarter, one) in enumerate(zip((slot % 96).tolist(), spans, strict=True)):
            if place in new:
                day = int(slot[place] // 96)
                key = (channel_id, int(scope[place]), names[metric[place]], day, names[source[place]])
                own = found[key] = {}
            own[quarter] = one
        return found


def starts(*columns: Numbers) -> Numbers:
    """Where a new combination of values begins."""
    new = np.zeros(len(columns[0]), bool)
    new[:1] = True
    for column in columns:
        new[1:] |= column[1:] != column[:-1]
    return np.flatnonzero(new)
