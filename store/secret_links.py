"""Secret addresses at which something is read without signing in: made, listed, opened, ended.

One mechanism for each table of such links: what is kept of an address is its hash, and a revoked link, one
that has ended and one that never was are answered alike.
"""

from collections.abc import Sequence
from datetime import datetime
from typing import Any, TypeVar

from sqlalchemy import ColumnElement, update
from sqlmodel import Session, col, select

from domain.errors import NotFound
from store.people import new_secret, token_hash
from store.tables.reporting import SecretLink

Link = TypeVar("Link", bound=SecretLink)


def issue(session: Session, table: type[Link], **values: Any) -> tuple[Link, str]:
    """A new link's row, and the secret of its address, which is not kept."""
    token, hashed = new_secret()
    row = table(token_hash=hashed, **values)
    session.add(row)
    session.flush()
    return row, token


def open_ones(
    session: Session, table: type[Link], workspace_id: int, *conditions: ColumnElement[bool]
) -> Sequence[Link]:
    """The links that were not revoked, oldest first; those that have ended by themselves are among them."""
    query = select(table).where(
        col(table.workspace_id) == workspace_id, col(table.revoked_at).is_(None), *conditions
    )
    return session.scalars(query.order_by(col(table.id))).all()


def one(
    session: Session, table: type[Link], workspace_id: int, link_id: int, *conditions: ColumnElement[bool]
) -> Link | None:
    """The link; None when the workspace has none by that number, or it was revoked."""
    query = select(table).where(
        col(table.id) == link_id,
        col(table.workspace_id) == workspace_id,
        col(table.revoked_at).is_(None),
        *conditions,
    )
    return session.scalar(query)


def by_token(session: Session, table: type[Link], token: str, *, now: datetime, what: str) -> Link:
    """The link at a secret address, while it is open; it is over at the very instant at which it ends.

    Raises:
        NotFound: there is none, it was revoked, or it has ended; which of them is not said.
    """
    query = select(table).where(
        col(table.token_hash) == token_hash(token),
        col(table.revoked_at).is_(None),
        col(table.expires_at) > now,
    )
    found = session.scalar(query)
    if found is None:
        raise NotFound(f"There is no {what} at this address, or the link has ended. Ask for a new one.")
    return found


def note_opened(session: Session, table: type[SecretLink], link_id: int, *, now: datetime) -> None:
    """Count one reading of a link."""
    session.connection().execute(
        update(table).where(col(table.id) == link_id).values(opened=col(table.opened) + 1, opened_at=now)
    )
