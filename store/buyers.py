"""Who bought, when and for how much: by hashes, never by name."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import func
from sqlalchemy import select as select_columns
from sqlmodel import Session, col

from store.answers import once, remembered
from store.tables import Customer, Purchase, ValueChoice


@dataclass(frozen=True, slots=True)
class Order:
    """One order of a known customer."""

    customer: str
    at: datetime
    #: Millionths of the currency's unit, less what came back.
    net_micros: int


def first_times(session: Session, workspace_id: int, *, limit: int | None = None) -> dict[str, datetime]:
    """Since when each customer is one: the first order, or an earlier day that an import names."""
    return once(
        session, ("first times", workspace_id, limit), lambda: _first_times(session, workspace_id, limit)
    )


def _first_times(session: Session, workspace_id: int, limit: int | None) -> dict[str, datetime]:
    orders = (
        select_columns(col(Purchase.customer), func.min(col(Purchase.at)))
        .where(
            col(Purchase.workspace_id) == workspace_id,
            col(Purchase.is_current).is_(True),
            col(Purchase.customer).is_not(None),
        )
        .group_by(col(Purchase.customer))
        .limit(limit)
    )
    listed = (
        select_columns(col(Customer.key), col(Customer.at))
        .where(col(Customer.workspace_id) == workspace_id, col(Customer.is_current).is_(True))
        .limit(limit)
    )
    found: dict[str, datetime] = {str(who): at for who, at in session.connection().execute(orders)}
    for who, at in session.connection().execute(listed):
        found[who] = min(at, found.get(who, at))
    return found


@remembered
def named_orders(session: Session, workspace_id: int, *, start: datetime, end: datetime) -> tuple[int, int]:
    """How many orders of [start, end) name their customer, and how many there are."""
    query = select_columns(func.count(col(Purchase.customer)), func.count()).where(
        col(Purchase.workspace_id) == workspace_id,
        col(Purchase.is_current).is_(True),
        col(Purchase.at) >= start,
        col(Purchase.at) < end,
    )
    named, orders = session.connection().execute(query).one()
    return int(named), int(orders)


def orders_until(session: Session, workspace_id: int, *, before: datetime, currency: str) -> Sequence[Order]:
    """The orders of known customers in one currency, oldest first."""
    query = (
        select_columns(
            col(Purchase.customer),
            col(Purchase.at),
            col(Purchase.value_micros) - col(Purchase.returned_micros),
        )
        .where(
            col(Purchase.workspace_id) == workspace_id,
            col(Purchase.is_current).is_(True),
            col(Purchase.customer).is_not(None),
            col(Purchase.currency) == currency,
            col(Purchase.at) < before,
        )
        .order_by(col(Purchase.at), col(Purchase.id))
    )
    return [Order(str(who), at, int(net)) for who, at, net in session.connection().execute(query)]


@remembered
def choice(session: Session, workspace_id: int) -> ValueChoice:
    """What a customer's value is computed with; what nobody chose is plain revenue, undiscounted, a year."""
    return session.get(ValueChoice, workspace_id) or ValueChoice(workspace_id=workspace_id)
