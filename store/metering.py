"""Questions and changes about calls that platforms count or charge, and about caps on what they cost."""

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, delete, func, insert
from sqlmodel import Session, col, select

from domain.ids import new_id
from domain.money import Money
from store.tables import MeteredCall, SpendingCap
from store.upsert import insert_or_change

#: The scope of a cap on everything that a workspace does.
WORKSPACE = "workspace"


def channel_scope(channel_id: int) -> str:
    """The scope of a cap on one channel."""
    return f"channel:{channel_id}"


def platform_scope(platform: str) -> str:
    """The scope of a cap on all channels of a platform in a workspace."""
    return f"platform:{platform}"


def write(session: Session, rows: Sequence[dict[str, Any]]) -> None:
    """Append calls."""
    if rows:
        session.connection().execute(insert(MeteredCall), [{"id": new_id(), **row} for row in rows])


def give_back(session: Session, attempt_id: int) -> None:
    """Append the negative of what a publish call was to take: it was not made, or not counted."""
    taken = session.scalars(select(MeteredCall).where(col(MeteredCall.attempt_id) == attempt_id)).all()
    write(
        session,
        [{**row.model_dump(exclude={"id"}), "calls": -row.calls, "micros": -row.micros} for row in taken],
    )


def used(
    session: Session, calls: Iterable[str], *, since: datetime, channel_id: int | None, platform: str
) -> tuple[int, datetime | None]:
    """How many of these calls were made after ``since``, and when the first of them was.

    Args:
        channel_id: of this channel; None: of all channels of the platform in this installation.
    """
    query = select(func.coalesce(func.sum(col(MeteredCall.calls)), 0), func.min(col(MeteredCall.at))).where(
        col(MeteredCall.call).in_(list(calls)), col(MeteredCall.at) > since
    )
    if channel_id is None:
        query = query.where(col(MeteredCall.platform) == platform)
    else:
        query = query.where(col(MeteredCall.channel_id) == channel_id)
    [found] = session.execute(query).all()
    return int(found[0]), found[1]


def spent(session: Session, workspace_id: int, *, since: datetime, scope: str = WORKSPACE) -> dict[str, int]:
    """Micros by currency that a scope of a workspace has cost from ``since`` on."""
    query = (
        select(col(MeteredCall.currency), func.sum(col(MeteredCall.micros)))
        .where(
            col(MeteredCall.workspace_id) == workspace_id,
            col(MeteredCall.at) >= since,
            col(MeteredCall.currency).is_not(None),
            *_of(scope),
        )
        .group_by(col(MeteredCall.currency))
    )
    return {str(currency): int(micros) for currency, micros in session.execute(query)}


def _of(scope: str) -> list[ColumnElement[bool]]:
    kind, _, which = scope.partition(":")
    match kind:
        case "channel":
            return [col(MeteredCall.channel_id) == int(which)]
        case "platform":
            return [col(MeteredCall.platform) == which]
    return []


def caps(session: Session, workspace_id: int, *, held: bool = False) -> dict[str, Money]:
    """The caps of a workspace by scope.

    Args:
        held: keep others from spending under them until the transaction ends.
    """
    query = (
        select(SpendingCap)
        .where(col(SpendingCap.workspace_id) == workspace_id)
        .order_by(col(SpendingCap.scope))
        .execution_options(populate_existing=True)
    )
    rows = session.scalars(query.with_for_update() if held else query)
    return {row.scope: Money(row.micros, row.currency) for row in rows}


def set_cap(session: Session, workspace_id: int, scope: str, cap: Money, *, now: datetime) -> None:
    """Write a cap, whatever it was before."""
    values = {"micros": cap.micros, "currency": cap.currency, "set_at": now}
    row = {"workspace_id": workspace_id, "scope": scope, **values}
    insert_or_change(session, SpendingCap, row, keys=["workspace_id", "scope"], changes=values)


def remove_cap(session: Session, workspace_id: int, scope: str) -> None:
    """Forget a cap, if there is one."""
    session.connection().execute(
        delete(SpendingCap).where(
            col(SpendingCap.workspace_id) == workspace_id, col(SpendingCap.scope) == scope
        )
    )
