"""Connectors to other analytics tools."""

from collections.abc import Sequence

from sqlmodel import Session, col, select

from domain.errors import NotFound
from store.tables import Connector


def listed(session: Session, workspace_id: int) -> Sequence[Connector]:
    """The workspace's connectors, oldest first."""
    query = select(Connector).where(col(Connector.workspace_id) == workspace_id)
    return session.scalars(query.order_by(col(Connector.id))).all()


def get(session: Session, workspace_id: int, connector_id: int) -> Connector:
    """The connector by its number. Raises `NotFound`."""
    query = select(Connector).where(
        col(Connector.id) == connector_id, col(Connector.workspace_id) == workspace_id
    )
    found = session.scalars(query).first()
    if found is None:
        raise NotFound(f"There is no connector {connector_id}.")
    return found


def named(session: Session, workspace_id: int, name: str) -> Connector:
    """The connector by its name. Raises `NotFound`."""
    query = select(Connector).where(col(Connector.name) == name, col(Connector.workspace_id) == workspace_id)
    found = session.scalars(query).first()
    if found is None:
        raise NotFound(f"There is no connector {name!r}. `tabuh connector list` shows those there are.")
    return found
