"""Questions and changes about API tokens and the answers kept under idempotency keys."""

import secrets
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import CursorResult, delete, update
from sqlmodel import Session, col, select

from domain.errors import NotFound
from domain.person import Scope
from store.people import token_hash
from store.tables import ApiToken, IdempotencyKey
from store.upsert import insert_or_leave

PREFIX = "tbh_"
#: Kept in the clear, so that people can tell their tokens apart.
_SHOWN = 12
#: How long an answer is kept under its key.
ANSWER_LIFETIME = timedelta(hours=24)
#: The status of a call that has begun and not ended.
RUNNING = 0


def issue_token(
    session: Session,
    *,
    workspace_id: int,
    person_id: int,
    name: str,
    scopes: Sequence[Scope],
    now: datetime,
    expires_at: datetime | None = None,
) -> tuple[ApiToken, str]:
    """A new token's row, and the token itself, which is not kept."""
    token = PREFIX + secrets.token_urlsafe(32)
    row = ApiToken(
        workspace_id=workspace_id,
        person_id=person_id,
        name=name,
        prefix=token[:_SHOWN],
        token_hash=token_hash(token),
        scopes=[str(scope) for scope in scopes],
        created_at=now,
        expires_at=expires_at,
    )
    session.add(row)
    session.flush()
    return row, token


def holder(session: Session, token: str, *, now: datetime) -> ApiToken:
    """The row of a token that is valid now. Raises `NotFound` otherwise."""
    row = session.scalar(select(ApiToken).where(col(ApiToken.token_hash) == token_hash(token)))
    if row is None or row.revoked_at is not None or (row.expires_at is not None and row.expires_at <= now):
        raise NotFound("This API token is unknown, revoked or expired. Make a new one.")
    return row


def tokens_of(
    session: Session, workspace_id: int, person_id: int, *, before: int | None, limit: int
) -> Sequence[ApiToken]:
    """A person's tokens in a workspace that are not revoked, newest first, with ids below ``before``."""
    query = select(ApiToken).where(
        col(ApiToken.workspace_id) == workspace_id,
        col(ApiToken.person_id) == person_id,
        col(ApiToken.revoked_at).is_(None),
    )
    if before is not None:
        query = query.where(col(ApiToken.id) < before)
    return session.scalars(query.order_by(col(ApiToken.id).desc()).limit(limit)).all()


def revoke_token(
    session: Session, workspace_id: int, person_id: int, token_id: int, *, now: datetime
) -> None:
    """End a token. Raises `NotFound` when the person has no such token here, or it ended before."""
    end = (
        update(ApiToken)
        .where(
            col(ApiToken.id) == token_id,
            col(ApiToken.workspace_id) == workspace_id,
            col(ApiToken.person_id) == person_id,
            col(ApiToken.revoked_at).is_(None),
        )
        .values(revoked_at=now)
    )
    result = session.connection().execute(end)
    assert isinstance(result, CursorResult)
    if result.rowcount != 1:
        raise NotFound(f"You have no token {token_id}.")


def begin_call(session: Session, workspace_id: int, key: str, *, request_hash: str, now: datetime) -> bool:
    """Take an idempotency key for one call; False when a call with this key came before."""
    row = {"workspace_id": workspace_id, "key": key, "request_hash": request_hash}
    return insert_or_leave(session, IdempotencyKey, [{**row, "status": RUNNING, "created_at": now}]) == 1


def earlier_call(session: Session, workspace_id: int, key: str) -> IdempotencyKey:
    """The call that took this key. Raises `NotFound` when it was given back meanwhile."""
    found = session.get(IdempotencyKey, (workspace_id, key), populate_existing=True)
    if found is None:
        raise NotFound("The first call with this Idempotency-Key failed. Send the call again.")
    return found


def end_call(session: Session, workspace_id: int, key: str, *, status: int, body: Any) -> None:
    """Keep what the call answered, for those who repeat it."""
    mine = (col(IdempotencyKey.workspace_id) == workspace_id, col(IdempotencyKey.key) == key)
    session.connection().execute(update(IdempotencyKey).where(*mine).values(status=status, body=body))


def give_back(session: Session, workspace_id: int, key: str) -> None:
    """The call did nothing: its key may be used again."""
    mine = (col(IdempotencyKey.workspace_id) == workspace_id, col(IdempotencyKey.key) == key)
    session.connection().execute(delete(IdempotencyKey).where(*mine))


def forget_answers(session: Session, *, now: datetime) -> None:
    """Remove answers older than `ANSWER_LIFETIME`."""
    old = col(IdempotencyKey.created_at) <= now - ANSWER_LIFETIME
    session.connection().execute(delete(IdempotencyKey).where(old))
