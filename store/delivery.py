"""Writing down publish calls: the intent before, the outcome after, each under the claim."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import CursorResult, bindparam, insert, select, update
from sqlmodel import Session, col

from domain.content import Payload, RemotePost
from domain.ids import new_id
from domain.metrics import CHECKPOINTS
from domain.post import AttemptOutcome, PostState
from store import natives, standings
from store.tables import METADATA, Attempt, ChannelRow, Post, Route, Workspace


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


@dataclass(frozen=True, slots=True)
class Success:
    """A publish call that ended with a remote post."""

    intent: Intent
    remote: RemotePost


_POST, _ATTEMPT, _MEASUREMENT = (METADATA.tables[name] for name in ("post", "attempt", "measurement"))

# Built once: putting a statement together costs more than running it.
_TURN_TO_PUBLISHING = (
    update(_POST)
    .where(_POST.c.id == bindparam("b_id"))
    .values(
        state=PostState.PUBLISHING.value,
        reason=None,
        payload=bindparam("b_payload"),
        payload_hash=bindparam("b_payload_hash"),
        tries=bindparam("b_tries"),
        late_reason=bindparam("b_late_reason"),
    )
)
_END_WELL = (
    update(_ATTEMPT)
    .where(_ATTEMPT.c.id == bindparam("b_id"))
    .values(
        outcome=AttemptOutcome.PUBLISHED.value,
        finished_at=bindparam("b_finished_at"),
        remote_id=bindparam("b_remote_id"),
        remote_url=bindparam("b_remote_url"),
    )
)
_TURN_TO_PUBLISHED = (
    update(_POST)
    .where(_POST.c.id == bindparam("b_id"))
    .values(
        state=PostState.PUBLISHED.value,
        next_at=None,
        reason=bindparam("b_reason"),
        in_doubt=False,
        remote_id=bindparam("b_remote_id"),
        remote_url=bindparam("b_remote_url"),
        published_at=bindparam("b_published_at"),
    )
)


def begin(session: Session, intents: Sequence[Intent]) -> list[Intent]:
    """Write attempt rows and turn the posts to *publishing*; the caller commits before it calls.

    Returns:
        Those intents whose claim we still hold; the others must not be acted on.
    """
    held = _held(session, intents, state=PostState.QUEUED)
    if held:
        connection = session.connection()
        connection.execute(_TURN_TO_PUBLISHING, [_publishing_values(intent) for intent in held])
        connection.execute(insert(_ATTEMPT), [_attempt_values(intent) for intent in held])
    return held


def _held(session: Session, intents: Sequence[Intent], *, state: PostState | None = None) -> list[Intent]:
    """The intents whose claim is still ours, their posts locked until this transaction ends."""
    if not intents:
        return []
    wanted = [intent.post_id for intent in intents]
    query = select(_POST.c.id, _POST.c.claim).where(_POST.c.id.in_(wanted))
    if state is not None:
        query = query.where(_POST.c.state == state.value)
    claims = {row.id: row.claim for row in session.connection().execute(query.with_for_update())}
    return [intent for intent in intents if claims.get(intent.post_id) == intent.claim]


def _publishing_values(intent: Intent) -> dict[str, Any]:
    return {
        "b_id": intent.post_id,
        "b_payload": intent.payload,
        "b_payload_hash": intent.payload_hash,
        "b_tries": intent.tries,
        "b_late_reason": intent.late_reason,
    }


def _attempt_values(intent: Intent) -> dict[str, Any]:
    return {
        "id": intent.attempt_id,
        "post_id": intent.post_id,
        "claim": intent.claim,
        "started_at": intent.started_at,
        "payload_hash": intent.payload_hash,
    }


def end_well(session: Session, successes: Sequence[Success], *, now: datetime) -> None:
    """Complete the attempts of calls that published, and move those posts whose claim is still ours.

    The attempt of a worker that lost its claim is completed too: its success is found there.
    """
    if not successes:
        return
    connection = session.connection()
    connection.execute(
        _END_WELL,
        [
            {
                "b_id": success.intent.attempt_id,
                "b_finished_at": now,
                "b_remote_id": success.remote.id,
                "b_remote_url": success.remote.url,
            }
            for success in successes
        ],
    )
    remotes = {success.intent.post_id: success.remote for success in successes}
    held = _held(session, [success.intent for success in successes])
    if held:
        natives.give_way(
            session,
            {intent.channel_id for intent in held},
            [remotes[intent.post_id].id for intent in held],
        )
        published = [_published_values(intent, remotes[intent.post_id]) for intent in held]
        connection.execute(_TURN_TO_PUBLISHED, published)
        connection.execute(
            insert(_MEASUREMENT),
            [_measurement_values(intent, remotes[intent.post_id].published_at) for intent in held],
        )
        standings.published(session, [intent.post_id for intent in held])


def _published_values(intent: Intent, remote: RemotePost) -> dict[str, Any]:
    return {
        "b_id": intent.post_id,
        "b_remote_id": remote.id,
        "b_remote_url": remote.url,
        "b_published_at": remote.published_at,
        "b_reason": remote.note,
    }


def _measurement_values(post: "Intent | Found", published_at: datetime) -> dict[str, Any]:
    return {
        "id": new_id(),
        "workspace_id": post.workspace_id,
        "post_id": post.post_id,
        "channel_id": post.channel_id,
        "published_at": published_at,
        "next_at": published_at + CHECKPOINTS[0],
        "claim": 0,
        "failures": 0,
    }


def end_attempt(
    session: Session,
    attempt_id: int,
    *,
    outcome: AttemptOutcome,
    now: datetime,
    detail: str,
) -> None:
    """Complete the row of an attempt that did not publish."""
    session.connection().execute(
        update(Attempt)
        .where(col(Attempt.id) == attempt_id)
        .values(finished_at=now, outcome=outcome, detail=detail)
    )


@dataclass(frozen=True, slots=True)
class Found:
    """A post that turned out to be on its platform."""

    post_id: int
    workspace_id: int
    channel_id: int
    claim: int


def write_found(
    session: Session,
    post: Found,
    *,
    remote_id: str | None,
    url: str | None,
    published_at: datetime,
    note: str | None = None,
) -> None:
    """Move a post that was found on its platform, if its claim is still ours.

    ``remote_id`` is None where a person has seen the post: its platform cannot be asked for its numbers.
    """
    values = {
        "state": PostState.PUBLISHED,
        "next_at": None,
        "reason": note,
        "in_doubt": False,
        "remote_id": remote_id,
        "remote_url": url,
        "published_at": published_at,
    }
    natives.give_way(session, [post.channel_id], [remote_id])
    if write_if_held(session, post.post_id, post.claim, **values):
        session.connection().execute(insert(_MEASUREMENT), [_measurement_values(post, published_at)])
        standings.published(session, [post.post_id])


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
