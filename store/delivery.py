"""Writing down publish calls: the intent before, the outcome after, each under the claim."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import CursorResult, insert, update
from sqlmodel import Session, col, select

from domain.content import Payload
from domain.ids import new_id
from domain.metrics import CHECKPOINTS
from domain.post import AttemptOutcome, PostState
from store.tables import Attempt, ChannelRow, Measurement, Post, Route, Workspace


@dataclass(frozen=True, slots=True)
class Intent:
    """A publish call that is about to be made."""

    post_id: int
    workspace_id: int
    channel_id: int
    claim: int
    attempt_id: int
    started_at: datetime
    payload: Payload
    payload_hash: str
    #: The post's number of tries, this one included.
    tries: int
    late_reason: str | None
    #: An earlier try may have put the post on the platform.
    in_doubt: bool = False


def begin(session: Session, intents: Sequence[Intent]) -> list[Intent]:
    """Write attempt rows and turn the posts to *publishing*; the caller commits before it calls.

    Returns:
        Those intents whose claim we still hold; the others must not be acted on.
    """
    connection = session.connection()
    held = [intent for intent in intents if _turn_to_publishing(session, intent)]
    if held:
        connection.execute(insert(Attempt), [_attempt(intent) for intent in held])
    return held


def _turn_to_publishing(session: Session, intent: Intent) -> bool:
    statement = (
        update(Post)
        .where(
            col(Post.id) == intent.post_id,
            col(Post.claim) == intent.claim,
            col(Post.state) == PostState.QUEUED,
        )
        .values(
            state=PostState.PUBLISHING,
            payload=intent.payload,
            payload_hash=intent.payload_hash,
            tries=intent.tries,
            reason=None,
            late_reason=intent.late_reason,
        )
    )
    result = session.connection().execute(statement)
    assert isinstance(result, CursorResult)
    return result.rowcount == 1


def _attempt(intent: Intent) -> dict[str, Any]:
    return {
        "id": intent.attempt_id,
        "post_id": intent.post_id,
        "claim": intent.claim,
        "started_at": intent.started_at,
        "payload_hash": intent.payload_hash,
    }


def end_attempt(
    session: Session,
    attempt_id: int,
    *,
    outcome: AttemptOutcome,
    now: datetime,
    detail: str | None = None,
    remote_id: str | None = None,
    remote_url: str | None = None,
) -> None:
    """Complete an attempt row, also when the claim is lost: the late success is then found here."""
    session.connection().execute(
        update(Attempt)
        .where(col(Attempt.id) == attempt_id)
        .values(finished_at=now, outcome=outcome, detail=detail, remote_id=remote_id, remote_url=remote_url)
    )


def start_measuring(
    session: Session, *, workspace_id: int, post_id: int, channel_id: int, published_at: datetime
) -> None:
    """Add the row from which the post's metrics are read; first due at the first checkpoint."""
    session.connection().execute(
        insert(Measurement).values(
            id=new_id(),
            workspace_id=workspace_id,
            post_id=post_id,
            channel_id=channel_id,
            published_at=published_at,
            next_at=published_at + CHECKPOINTS[0],
            claim=0,
            failures=0,
        )
    )


def write_if_held(session: Session, post_id: int, claim: int, **values: Any) -> bool:
    """Write to a post while its claim is ours; False when another took over."""
    result = session.connection().execute(
        update(Post).where(col(Post.id) == post_id, col(Post.claim) == claim).values(**values)
    )
    assert isinstance(result, CursorResult)
    return result.rowcount == 1


def published_attempt(session: Session, post_id: int) -> Attempt | None:
    """An attempt of this post that is known to have ended well, though its worker could not say so."""
    query = select(Attempt).where(
        col(Attempt.post_id) == post_id, col(Attempt.outcome) == AttemptOutcome.PUBLISHED
    )
    return session.scalars(query).first()


def first_attempt_at(session: Session, post_id: int) -> datetime | None:
    """When the first publish call of a post started; None when there was none."""
    query = select(col(Attempt.started_at)).where(col(Attempt.post_id) == post_id)
    return session.scalars(query.order_by(col(Attempt.started_at))).first()


def remote_ids(session: Session, channel_id: int, *, since: datetime, but: int) -> frozenset[str]:
    """Remote posts of a channel that are known to belong to other posts of ours than ``but``."""
    query = select(col(Post.remote_id)).where(
        col(Post.channel_id) == channel_id,
        col(Post.remote_id).is_not(None),
        col(Post.id) != but,
        col(Post.published_at) >= since,
    )
    return frozenset(remote for remote in session.scalars(query) if remote is not None)


def channels_of(session: Session, rows: Sequence[Post]) -> dict[int, ChannelRow]:
    """The channels of these posts, by id."""
    wanted = {row.channel_id for row in rows}
    found = session.scalars(select(ChannelRow).where(col(ChannelRow.id).in_(wanted)))
    return {row.id: row for row in found}


def workspaces_of(session: Session, rows: Sequence[Post]) -> dict[int, Workspace]:
    """The workspaces of these posts, by id."""
    wanted = {row.workspace_id for row in rows}
    found = session.scalars(select(Workspace).where(col(Workspace.id).in_(wanted)))
    return {row.id: row for row in found}


def routes_of(session: Session, rows: Sequence[Post]) -> dict[int, Route]:
    """The routes that made these posts, by id."""
    wanted = {row.route_id for row in rows if row.route_id is not None}
    if not wanted:
        return {}
    found = session.scalars(select(Route).where(col(Route.id).in_(wanted)))
    return {row.id: row for row in found}
