"""Customers by the month of their first order, and what they brought since."""

from collections.abc import Sequence
from datetime import datetime

from sqlmodel import Session

from analytics.imports.lifetime import Cohort, cohorts, terms_of
from analytics.imports.outcome import currency_of
from store import buyers, workspaces
from store.tables import Purchase


def cohort_table(session: Session, workspace_id: int, *, now: datetime) -> tuple[str, Sequence[Cohort]]:
    """The currency, and one row for each month, oldest first; empty without orders that name customers."""
    currency = currency_of(session, Purchase, workspace_id, {})
    orders = buyers.orders_until(session, workspace_id, before=now, currency=currency)
    home = workspaces.get(session, workspace_id).zone
    return currency, cohorts(orders, terms_of(session, workspace_id), until=now, zone_name=home)
