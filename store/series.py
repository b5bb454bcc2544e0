"""Readings of posts as series: as the database gives them, and how much each grew since the one before."""

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any, NamedTuple

from sqlalchemy import ColumnElement, DateTime, String, and_, func, select, type_coerce
from sqlmodel import Session, col

from domain.definition import OWN_SOURCE
from store.tables import Reading

#: Values in one query: SQLite takes 32,766 in a statement.
_AT_A_TIME = 5_000


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


def chunks(ids: Sequence[int]) -> Iterator[Sequence[int]]:
    """As many at a time as one query may ask for."""
    for start in range(0, len(ids), _AT_A_TIME):
        yield ids[start : start + _AT_A_TIME]


def newest(
    session: Session, post_ids: Collection[int], metrics: Collection[str]
) -> dict[Series, tuple[Noted, datetime]]:
    """The reading at the last checkpoint of each post and metric, and when any of them was read last."""
    found = {}
    key = (col(Reading.post_id), col(Reading.metric))
    for chunk in chunks(sorted(post_ids)):
        ends = (
            select(
                *key,
                func.max(col(Reading.checkpoint)).label("at"),
                func.max(col(Reading.read_at)).label("last"),
            )
            .where(col(Reading.post_id).in_(chunk), col(Reading.metric).in_(sorted(metrics)))
            .group_by(*key)
            .subquery()
        )
        query = select(
            *key, col(Reading.checkpoint), _plain(session, col(Reading.read_at)), col(Reading.value),
            col(Reading.source), _plain(session, ends.c.last),
        ).join(
            ends,
            and_(
                ends.c.post_id == col(Reading.post_id),
                ends.c.metric == col(Reading.metric),
                ends.c.at == col(Reading.checkpoint),
            ),
        )  # fmt: skip
        for post_id, metric, checkpoint, at, value, source, last in session.connection().execute(query).all():
            noted = Noted(post_id, metric, checkpoint, _instant(at), value, source)
            found[post_id, metric] = noted, noted.read_at if last == at else _instant(last)
    return found


def readings(
    session: Session, post_ids: Collection[int], metrics: Collection[str] | None = None
) -> dict[Series, list[Noted]]:
    """All readings of these posts and metrics (None: all metrics)."""
    found: dict[Series, list[Noted]] = {}
    columns = (
        col(Reading.post_id), col(Reading.metric), col(Reading.checkpoint),
        _plain(session, col(Reading.read_at)), col(Reading.value), col(Reading.source),
    )  # fmt: skip
    for chunk in chunks(sorted(post_ids)):
        query = select(*columns).where(col(Reading.post_id).in_(chunk))
        if metrics is not None:
            query = query.where(col(Reading.metric).in_(sorted(metrics)))
        for post_id, metric, checkpoint, at, value, source in session.connection().execute(query).all():
            one = Noted(post_id, metric, checkpoint, _instant(at), value, source)
            found.setdefault((post_id, metric), []).append(one)
    return found


def _plain(session: Session, at: Any) -> ColumnElement[Any]:
    """An instant as the driver gives it: there are many, and each would be looked at once more."""
    kind = DateTime(timezone=True) if session.get_bind().dialect.name == "postgresql" else String()
    return type_coerce(at, kind)


def _instant(at: Any) -> datetime:
    """What `_plain` gave, as an instant (UTC)."""
    return at if isinstance(at, datetime) else datetime.fromisoformat(at).replace(tzinfo=UTC)


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
