"""The visits that people made before they converted, or without converting."""

from collections.abc import Collection, Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from sqlalchemy import Select, select
from sqlalchemy.orm import aliased
from sqlmodel import Session, col

from domain.metrics import Audience
from store.chunks import chunks
from store.tables import Conversion, Visit

_HUMAN: Final = str(Audience.HUMAN)


@dataclass(frozen=True, slots=True)
class Touch:
    """A visit, by what brought it."""

    site_id: int
    visitor: str
    at: datetime
    #: `domain.visits.SourceKind`.
    kind: str
    source: str
    medium: str
    channel_id: int | None
    route_id: int | None
    post_id: int | None
    #: A link of ours without a post has no channel.
    click_id: int | None


@dataclass(frozen=True, slots=True)
class Ended:
    """A key event of a person; or what was given back of one, with the original's moment as ``at``."""

    id: int
    site_id: int
    #: Who; None: not known.
    visitor: str | None
    at: datetime
    #: When it counts: that of a refund is later than what it belongs to.
    counted_at: datetime
    minor: int | None
    currency: str | None
    is_refund: bool
    #: The click that the server named, where no visit is known.
    alone: Touch | None


def ended(session: Session, workspace_id: int, *, start: datetime, end: datetime) -> list[Ended]:
    """The key events and refunds that count in [start, end)."""
    first = aliased(Conversion)
    query = (
        select(Conversion, Visit.visitor, first.at)  # type: ignore[call-overload]
        .outerjoin(Visit, col(Visit.id) == col(Conversion.visit_id))
        .outerjoin(first, first.id == col(Conversion.refund_of))
        .where(
            col(Conversion.workspace_id) == workspace_id,
            col(Conversion.is_key).is_(True),
            col(Conversion.audience) == _HUMAN,
            col(Conversion.at) >= start,
            col(Conversion.at) < end,
        )
        .order_by(col(Conversion.at), col(Conversion.id))
    )
    return [_ended(row, visitor, at) for row, visitor, at in session.execute(query)]


def _ended(row: Conversion, visitor: str | None, original_at: datetime | None) -> Ended:
    alone = None
    if visitor is None and row.click_id is not None:
        assert row.click_at is not None
        alone = Touch(row.site_id, "", row.click_at, "click", "", "", row.channel_id, row.route_id,
                      row.post_id, row.click_id)  # fmt: skip
    return Ended(
        id=row.id,
        site_id=row.site_id,
        visitor=visitor,
        at=original_at or row.at,
        counted_at=row.at,
        minor=row.minor,
        currency=row.currency,
        is_refund=row.refund_of is not None,
        alone=alone,
    )


def touches_of(
    session: Session, workspace_id: int, visitors: Collection[str], *, start: datetime, end: datetime
) -> Iterator[Touch]:
    """The visits of these visitors that began in [start, end), oldest first for each visitor."""
    for chunk in chunks(sorted(visitors)):
        part = col(Visit.visitor).in_(chunk)
        yield from _touches(session, _query(workspace_id, start, end).where(part))


def touches(session: Session, workspace_id: int, *, start: datetime, end: datetime) -> Iterator[Touch]:
    """All visits of people that began in [start, end), oldest first for each visitor."""
    yield from _touches(session, _query(workspace_id, start, end))


def _query(workspace_id: int, start: datetime, end: datetime) -> Select[Any]:
    columns: tuple[Any, ...] = (
        col(Visit.site_id), col(Visit.visitor), col(Visit.began_at), col(Visit.kind), col(Visit.source),
        col(Visit.medium), col(Visit.channel_id), col(Visit.route_id), col(Visit.post_id),
        col(Visit.click_id),
    )  # fmt: skip
    return (
        select(*columns)
        .where(
            col(Visit.workspace_id) == workspace_id,
            col(Visit.audience) == _HUMAN,
            col(Visit.began_at) >= start,
            col(Visit.began_at) < end,
        )
        .order_by(col(Visit.visitor), col(Visit.began_at), col(Visit.id))
    )


def _touches(session: Session, query: Select[Any]) -> Iterator[Touch]:
    for row in session.connection().execute(query):
        yield Touch(*row)
