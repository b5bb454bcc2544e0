"""Hosts that serve only the short links of one workspace."""

from datetime import datetime
from urllib.parse import urlsplit

from sqlalchemy import delete
from sqlmodel import Session, col, select

from store.tables import LinkDomain
from store.upsert import save_unique


def host_of(session: Session, workspace_id: int) -> str | None:
    """The workspace's link domain; None when its links stand below the public address."""
    return session.scalar(select(col(LinkDomain.host)).where(col(LinkDomain.workspace_id) == workspace_id))


def address(session: Session, workspace_id: int, *, public_url: str) -> str | None:
    """The address of the workspace's link domain, without a slash at the end; None when it has none.

    It is reached as the public pages are: by the same scheme and port.
    """
    host = host_of(session, workspace_id)
    if host is None:
        return None
    parts = urlsplit(public_url)
    port = f":{parts.port}" if parts.port else ""
    return f"{parts.scheme or 'https'}://{host}{port}"


def owner_of(session: Session, host: str) -> int | None:
    """The workspace that has this host for its links; None when nobody has."""
    return session.scalar(select(col(LinkDomain.workspace_id)).where(col(LinkDomain.host) == host))


def keep(session: Session, workspace_id: int, host: str | None, *, now: datetime) -> None:
    """Give the workspace this host in place of the one it had; None takes it away.

    Raises:
        UsageError: another workspace has it.
    """
    session.connection().execute(delete(LinkDomain).where(col(LinkDomain.workspace_id) == workspace_id))
    if host is not None:
        row = LinkDomain(workspace_id=workspace_id, host=host, created_at=now)
        save_unique(session, row, otherwise=f"Another workspace has {host} for its links: choose another.")
