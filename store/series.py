"""Readings of posts as series: as the database gives them, and how much each grew since the one before."""

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any, NamedTuple

from sqlalchemy import ColumnElement, DateTime, String, select, type_coerce
from sqlmodel import Session, col

from domain.definition import OWN_SOURCE
from store import rows
from store.chunks import chunks
from store.tables import Reading


class Noted(NamedTuple):
    """A reading: of which post, metric and checkpoint, when, how much and by which field."""

    post_id: int
    metric: str
    checkpoint: int
    read_at: datetime
    value: int
    source: str


#: Post and metric.
Series = tuple[int, str]


class Last(NamedTuple):
    """The reading of a series at its last checkpoint; instants as the database keeps them."""

    checkpoint: int
    read_at: Any
    value: int
    source: str
    #: When any of the series was read last.
    read_last: Any


def last(session: Session, post_ids: Collection[int]) -> dict[Series, Last]:
    """The newest reading of each post and metric; absent where there is none."""
    found = {}
    connection = session.connection()
    query = _LAST_ON_POSTGRESQL if rows.on_postgresql(connection) else _LAST
    for chunk in chunks(sorted(post_ids)):
        posts, values = rows.among(connection, "post_id", chunk)
        for post_id, metric, *told in rows.fetched(connection, query.format(where=posts), values):
            found[post_id, metric] = Last(*told)
    return found


_LAST = """
SELECT r.post_id, r.metric, r.checkpoint, r.read_at, r.value, r.source, ends.last
FROM (
    SELECT post_id, metric, max(checkpoint) AS at, max(read_at) AS last
    FROM reading WHERE {where} GROUP BY post_id, metric
) AS ends
JOIN reading AS r ON r.post_id = ends.post_id AND r.metric = ends.metric AND r.checkpoint = ends.at
"""
_LAST_ON_POSTGRESQL = """
SELECT DISTINCT ON (post_id, metric) post_id, metric, checkpoint, read_at, value, source,
    max(read_at) OVER (PARTITION BY post_id, metric)
FROM reading WHERE {where} ORDER BY post_id, metric, checkpoint DESC
"""


def readings(
    session: Session, post_ids: Collection[int], metrics: Collection[str] | None = None
) -> dict[Series, list[Noted]]:
    """All readings of these posts and metrics (None: all metrics)."""
    found: dict[Series, list[Noted]] = {}
    columns = (
        col(Reading.post_id), col(Reading.metric), col(Reading.checkpoint),
        as_told(session, col(Reading.read_at)), col(Reading.value), col(Reading.source),
    )  # fmt: skip
    for chunk in chunks(sorted(post_ids)):
        query = select(*columns).where(col(Reading.post_id).in_(chunk))
        if metrics is not None:
            query = query.where(col(Reading.metric).in_(sorted(metrics)))
        for post_id, metric, checkpoint, at, value, source in session.connection().execute(query).all():
            one = Noted(post_id, metric, checkpoint, instant_of(at), value, source)
            found.setdefault((post_id, metric), []).append(one)
    return found


def as_told(session: Session, at: Any) -> ColumnElement[Any]:
    """An instant as the driver gives it: there are many, and each would be looked at once more."""
    kind = DateTime(timezone=True) if session.get_bind().dialect.name == "postgresql" else String()
    return type_coerce(at, kind)


def instant_of(at: Any) -> datetime:
    """What `as_told` gave, as an instant (UTC)."""
    return at if isinstance(at, datetime) else datetime.fromisoformat(f"{at}+00:00")


def of_platforms(found: Mapping[Series, Sequence[Noted]]) -> Iterator[tuple[int, list[Noted]]]:
    """Of each post and metric what the platform reported, where it reported any."""
    for (post_id, _), own in found.items():
        told = [one for one in own if one.source != OWN_SOURCE]
        if told:
            yield post_id, told


def steps(readings: Iterable[Noted]) -> Iterator[tuple[Noted, int]]:
    """The readings of one metric of one post in the order in which they were read, and how much each grew.

    What the platform reads from another field than before may mean another thing: then 0.
    """
    last: Noted | None = None
    for one in sorted(readings, key=lambda one: (one.read_at, one.checkpoint)):
        joined = last is None or last.source == one.source
        yield one, one.value - (last.value if last else 0) if joined else 0
        last = one
