"""Sums of what happened, by channel, metric and UTC day, and within a day by quarter of an hour.

Every zone's day begins with a quarter (UTC), so that a day of any zone is a sum of these. They are kept for
whole channels, and for each route and feed.
"""

import struct
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any, Final

from sqlalchemy import bindparam as bound
from sqlalchemy import delete, insert, select, text, update
from sqlmodel import Session, col

from domain.definition import OWN_SOURCE
from store.audiences import PAGE_METRICS
from store.tables import METADATA, Rollup
from store.upsert import insert_all_or_leave

#: The scope of sums over all posts of a channel.
WHOLE_CHANNEL: Final = 0
QUARTER: Final = timedelta(minutes=15)
DAY: Final = 86_400_000_000
_QUARTER: Final = DAY // 96
_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
_SLICE, _TIMES = struct.Struct("<Bq"), struct.Struct("<II")
#: Channel, scope, metric, day, source.
Key = tuple[int, int, str, int, str]
#: Quarter of the day → sum, and its first and last moment in microseconds since it began.
Slices = dict[int, tuple[int, int, int]]
#: Keys in one query: SQLite takes 32,766 values in a statement.
_AT_A_TIME: Final = 5_000
_TABLE: Final = METADATA.tables["rollup"]
_KEY: Final = tuple(_TABLE.primary_key.columns)


@dataclass(frozen=True, slots=True)
class Event:
    """Something that happened, or a step between two readings."""

    channel_id: int
    #: What it is summed for: `WHOLE_CHANNEL`, and the route and the feed of its post.
    scope_ids: tuple[int, ...]
    metric: str
    source: str
    at: datetime
    value: int


def split(at: datetime) -> tuple[int, int, int]:
    """Day since 1970, quarter of that day, and microseconds since the quarter began."""
    since = at - _EPOCH
    of_day = since.seconds * 1_000_000 + since.microseconds
    return since.days, of_day // _QUARTER, of_day % _QUARTER


def instant_of(day: int, quarter: int, offset: int) -> datetime:
    """The instant (UTC) that `split` takes apart."""
    return _EPOCH + timedelta(microseconds=day * DAY + quarter * _QUARTER + offset)


def gathered(events: Iterable[Event]) -> dict[Key, Slices]:
    """The sums of these events by key and quarter."""
    found: dict[Key, Slices] = {}
    for event in events:
        day, quarter, offset = split(event.at)
        for scope_id in event.scope_ids:
            key = (event.channel_id, scope_id, event.metric, day, event.source)
            _put(found.setdefault(key, {}), quarter, (event.value, offset, offset))
    return found


def _put(slices: Slices, quarter: int, more: tuple[int, int, int]) -> None:
    known = slices.get(quarter)
    if known is not None:
        more = (known[0] + more[0], min(known[1], more[1]), max(known[2], more[2]))
    slices[quarter] = more


def merge(slices: Slices, more: Slices) -> None:
    """Add sums of a day to others of it."""
    for quarter, one in more.items():
        _put(slices, quarter, one)


def add(session: Session, events: Iterable[Event]) -> None:
    """Add what happened to the sums, in the caller's transaction."""
    add_all(session, gathered(events))


def add_all(session: Session, found: Mapping[Key, Slices]) -> None:
    """Add these sums to those that there are."""
    keys = sorted(found)
    for start in range(0, len(keys), _AT_A_TIME):
        _add(session, {key: found[key] for key in keys[start : start + _AT_A_TIME]})


def _add(session: Session, found: Mapping[Key, Slices]) -> None:
    """The rows that are there are locked in order, then the others added in order: no circle of waiting."""
    known = _locked(session, list(found))
    missing = [key for key in found if key not in known]
    if missing:
        empty = {"total": 0, "slices": b"", "times": b"", "oldest": _EPOCH, "newest": _EPOCH}
        names = [column.name for column in _KEY]
        new = [{**dict(zip(names, key, strict=True)), **empty} for key in missing]
        insert_all_or_leave(session, Rollup, new)
        known |= _locked(session, missing)
    rows = []
    for key, more in found.items():
        slices = known[key]
        merge(slices, more)
        rows.append({f"b_{name}": value for name, value in _row(key, slices).items()})
    if rows:
        changed = ("total", "slices", "times", "oldest", "newest")
        session.connection().execute(
            update(_TABLE)
            .where(*(column == bound(f"b_{column.name}") for column in _KEY))
            .values({name: bound(f"b_{name}") for name in changed}),
            rows,
        )


def _locked(session: Session, keys: Sequence[Key]) -> dict[Key, Slices]:
    """The rows with these keys, locked in their order."""
    if not keys:
        return {}
    connection = session.connection()
    on_postgresql = connection.dialect.name == "postgresql"
    mark = "(%s, %s, %s, %s, %s)" if on_postgresql else "(?, ?, ?, ?, ?)"
    # Joined, so that each is sought by the index: for a list of tuples SQLite would go through all rows. As
    # text, since a statement of thousands of values takes longer to put together than to carry out.
    rows = connection.exec_driver_sql(
        _SEEK.format(values=", ".join([mark] * len(keys)), lock="FOR UPDATE OF r" if on_postgresql else ""),
        tuple(part for key in keys for part in key),
    )
    return {tuple(row[:5]): unpack(row[5], row[6]) for row in rows}


_SEEK: Final = (
    "WITH asked (channel_id, scope_id, metric, day, source) AS (VALUES {values}) "
    "SELECT r.channel_id, r.scope_id, r.metric, r.day, r.source, r.slices, r.times "
    "FROM asked JOIN rollup r ON r.channel_id = asked.channel_id AND r.scope_id = asked.scope_id "
    "AND r.metric = asked.metric AND r.day = asked.day AND r.source = asked.source "
    "ORDER BY r.channel_id, r.scope_id, r.metric, r.day, r.source {lock}"
)


def _row(key: Key, slices: Slices) -> dict[str, Any]:
    quarters = sorted(slices)
    first, last = quarters[0], quarters[-1]
    return {
        **dict(zip((column.name for column in _KEY), key, strict=True)),
        "total": sum(one[0] for one in slices.values()),
        "slices": b"".join(_SLICE.pack(quarter, slices[quarter][0]) for quarter in quarters),
        "times": b"".join(_TIMES.pack(*slices[quarter][1:]) for quarter in quarters),
        "oldest": instant_of(key[3], first, slices[first][1]),
        "newest": instant_of(key[3], last, slices[last][2]),
    }


def unpack(slices: bytes, times: bytes) -> Slices:
    """The quarters of a row."""
    sums, spans = _SLICE.iter_unpack(slices), _TIMES.iter_unpack(times)
    return {quarter: (value, *span) for (quarter, value), span in zip(sums, spans, strict=True)}


def remove(session: Session, channel_id: int) -> None:
    """Remove all sums of a channel."""
    session.connection().execute(delete(_TABLE).where(_TABLE.c.channel_id == channel_id))


def lock_views(session: Session) -> None:
    """Let nobody count views of pages until the transaction ends: what is counted by now is seen whole."""
    if session.connection().dialect.name == "postgresql":  # SQLite has one writer at a time anyway
        session.connection().execute(text("LOCK TABLE page_count IN SHARE MODE"))


def put_views(session: Session, channel_id: int, found: Mapping[Key, Slices]) -> None:
    """Put these sums of views in place of those that there are of a channel as a whole."""
    metrics = set(PAGE_METRICS.values())
    session.connection().execute(
        delete(_TABLE).where(
            _TABLE.c.channel_id == channel_id,
            _TABLE.c.scope_id == WHOLE_CHANNEL,
            _TABLE.c.metric.in_(metrics),
            _TABLE.c.source == OWN_SOURCE,
        )
    )
    rows = [_row(key, found[key]) for key in sorted(found)]
    for start in range(0, len(rows), _AT_A_TIME):
        session.connection().execute(insert(_TABLE), rows[start : start + _AT_A_TIME])


def of_channel(session: Session, channel_id: int) -> dict[Key, Slices]:
    """All sums of a channel."""
    query = select(*_KEY, _TABLE.c.slices, _TABLE.c.times).where(col(Rollup.channel_id) == channel_id)
    rows = session.connection().execute(query)
    return {tuple(row[:5]): unpack(row.slices, row.times) for row in rows}
