"""Sums of what happened, by channel, metric and UTC day, and within a day by quarter of an hour.

Every zone's day begins with a quarter (UTC), so that a day of any zone is a sum of these. They are kept for
whole channels, and for each route and feed.
"""

import struct
from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any, Final, NamedTuple

from sqlalchemy import Connection, delete, select, text
from sqlmodel import Session, col

from domain.definition import OWN_SOURCE
from store import rows
from store.audiences import PAGE_METRICS
from store.chunks import chunks
from store.tables import METADATA, Rollup

#: The scope of sums over all posts of a channel.
WHOLE_CHANNEL: Final = 0
QUARTER: Final = timedelta(minutes=15)
DAY: Final = 86_400_000_000
_QUARTER: Final = DAY // 96
#: From here days and microseconds are counted.
EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
_SLICE, _TIMES = struct.Struct("<Bq"), struct.Struct("<II")
#: Channel, scope, metric, day, source.
Key = tuple[int, int, str, int, str]
#: Quarter of the day → sum, and its first and last moment in microseconds since it began.
Slices = dict[int, tuple[int, int, int]]
_TABLE: Final = METADATA.tables["rollup"]
_KEY: Final = tuple(_TABLE.primary_key.columns)


class Event(NamedTuple):
    """Something that happened, or a step between two readings."""

    channel_id: int
    #: What it is summed for: `WHOLE_CHANNEL`, and the route and the feed of its post.
    scope_ids: tuple[int, ...]
    metric: str
    source: str
    at: datetime
    value: int


def micros(at: datetime) -> int:
    """An instant (UTC) as microseconds since 1970."""
    since = at - EPOCH
    return (since.days * 86_400 + since.seconds) * 1_000_000 + since.microseconds


def split(at: datetime) -> tuple[int, int, int]:
    """Day since 1970, quarter of that day, and microseconds since the quarter began."""
    since = at - EPOCH
    of_day = since.seconds * 1_000_000 + since.microseconds
    return since.days, of_day // _QUARTER, of_day % _QUARTER


def instant_of(day: int, quarter: int, offset: int) -> datetime:
    """The instant (UTC) that `split` takes apart."""
    return EPOCH + timedelta(microseconds=day * DAY + quarter * _QUARTER + offset)


def gathered(events: Iterable[Event]) -> dict[Key, Slices]:
    """The sums of these events by key and quarter."""
    found: dict[Key, Slices] = {}
    moments: dict[datetime, tuple[int, int, int]] = {}  # what was read in one look shares its moment
    for channel_id, scope_ids, metric, source, at, value in events:
        moment = moments.get(at)
        if moment is None:
            moment = moments[at] = split(at)
        day, quarter, offset = moment
        for scope_id in scope_ids:
            key = (channel_id, scope_id, metric, day, source)
            slices = found.get(key)
            if slices is None:
                found[key] = {quarter: (value, offset, offset)}
            else:
                _put(slices, quarter, (value, offset, offset))
    return found


def _put(slices: Slices, quarter: int, more: tuple[int, int, int]) -> None:
    known = slices.get(quarter)
    if known is not None:
        total, first, last = more
        more = (
            known[0] + total,
            known[1] if known[1] < first else first,
            known[2] if known[2] > last else last,
        )
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
    for chunk in chunks(keys):
        _add(session, {key: found[key] for key in chunk})


def _add(session: Session, found: Mapping[Key, Slices]) -> None:
    """The rows that are there are locked in order, then the others added in order: no circle of waiting."""
    connection = session.connection()
    known = _locked(connection, list(found))
    missing = [key for key in found if key not in known]
    if missing and rows.on_postgresql(connection):  # on SQLite nobody else writes meanwhile
        rows.leave(connection, _TABLE, _NAMES, [(*key, 0, b"", b"", EPOCH, EPOCH) for key in missing])
        known |= _locked(connection, missing)
    for key, more in found.items():
        slices = known.setdefault(key, {})
        if slices:
            merge(slices, more)
        else:
            slices.update(more)
    _put_rows(connection, known)


def _put_rows(connection: Connection, found: Mapping[Key, Slices]) -> None:
    as_text = not rows.on_postgresql(connection)
    rows.put(connection, _TABLE, _NAMES, [_row(key, found[key], as_text=as_text) for key in sorted(found)])


def _locked(connection: Connection, keys: Sequence[Key]) -> dict[Key, Slices]:
    """The rows with these keys, locked in their order."""
    if not keys:
        return {}
    # Joined, so that each is sought by the index: for a list of tuples SQLite would go through all rows. As
    # text, since a statement of thousands of values takes longer to put together than to carry out.
    if rows.on_postgresql(connection):
        arrays = tuple(rows.array(part) for part in zip(*keys, strict=True))
        there = connection.exec_driver_sql(_SEEK.format(asked=_ARRAYS, lock="FOR UPDATE OF r"), arrays)
    else:
        asked = ", ".join(["(?, ?, ?, ?, ?)"] * len(keys))
        values = tuple(part for key in keys for part in key)
        there = connection.exec_driver_sql(_SEEK.format(asked=f"VALUES {asked}", lock=""), values)
    return {tuple(row[:5]): unpack(row[5], row[6]) for row in there.all()}


_ARRAYS: Final = "SELECT * FROM unnest(%s::bigint[], %s::bigint[], %s::text[], %s::int[], %s::text[])"
_SEEK: Final = (
    "WITH asked (channel_id, scope_id, metric, day, source) AS ({asked}) "
    "SELECT r.channel_id, r.scope_id, r.metric, r.day, r.source, r.slices, r.times "
    "FROM asked JOIN rollup r ON r.channel_id = asked.channel_id AND r.scope_id = asked.scope_id "
    "AND r.metric = asked.metric AND r.day = asked.day AND r.source = asked.source "
    "ORDER BY r.channel_id, r.scope_id, r.metric, r.day, r.source {lock}"
)


_NAMES: Final = (*(column.name for column in _KEY), "total", "slices", "times", "oldest", "newest")


def _row(key: Key, slices: Slices, *, as_text: bool) -> tuple[Any, ...]:
    """The row of a day, in the order of `_NAMES`."""
    quarters = sorted(slices)
    first, last = quarters[0], quarters[-1]
    sums = b"".join([_SLICE.pack(quarter, slices[quarter][0]) for quarter in quarters])
    times = b"".join([_TIMES.pack(*slices[quarter][1:]) for quarter in quarters])
    oldest = instant_of(key[3], first, slices[first][1])
    newest = instant_of(key[3], last, slices[last][2])
    return (
        *key, sum([one[0] for one in slices.values()]), sums, times,
        rows.stored_instant(oldest, as_text=as_text), rows.stored_instant(newest, as_text=as_text),
    )  # fmt: skip


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
    keys = sorted(found)
    for chunk in chunks(keys):
        _put_rows(session.connection(), {key: found[key] for key in chunk})


def of_channel(session: Session, channel_id: int) -> dict[Key, Slices]:
    """All sums of a channel."""
    query = select(*_KEY, _TABLE.c.slices, _TABLE.c.times).where(col(Rollup.channel_id) == channel_id)
    there = session.connection().execute(query)
    return {tuple(row[:5]): unpack(row.slices, row.times) for row in there}
