"""Looking for an uncertain post, and taking over one whose worker died."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

import structlog
from sqlmodel import Session

from domain.content import RemotePost, content_from
from domain.errors import TabuhError
from net.deadline import time_limit
from publishers.base import Publisher
from scheduler.calling import CALL_LIMIT
from scheduler.context import Context
from scheduler.publishing import absent, again_with_same_key, still_unknown, unknown
from scheduler.renewing import in_good_standing
from store import delivery
from store.tables import Post

log = structlog.get_logger()


def take_over(session: Session, post: Post, publisher: Publisher, *, now: datetime) -> None:
    """Settle a post that was found *publishing*: its worker died, or lost its claim.

    A worker that was only slow has left its success in the attempt row; that is read first.
    """
    if (attempt := delivery.published_attempt(session, post.id)) is not None:
        assert attempt.remote_id is not None
        assert attempt.finished_at is not None
        remote = RemotePost(attempt.remote_id, attempt.remote_url, attempt.finished_at)
        _write_found(session, post, remote)
        return
    values = settled_by_key(session, post, publisher, now=now)
    if values is None:
        reason = "The worker stopped while the call was running."
        values = unknown(reason, delivery=publisher.capabilities.delivery, now=now)
    delivery.write_if_held(session, post.id, post.claim, **values)


def settled_by_key(
    session: Session, post: Post, publisher: Publisher, *, now: datetime
) -> dict[str, Any] | None:
    """The values that send the post again harmlessly, where the platform's key allows it."""
    first_try = delivery.first_attempt_at(session, post.id)
    if first_try is None and post.restored_at is not None:
        first_try = post.planned_at  # a lost time may have tried it at its hour
    return again_with_same_key(publisher, first_try=first_try, now=now)


@dataclass(frozen=True, slots=True)
class Looked:
    """What a look for an uncertain post found."""

    post: Post
    #: None together with no error: proved absent.
    remote: RemotePost | None = None
    error: str | None = None

    def write(self, session: Session, *, now: datetime) -> None:
        """Move the post, if the claim is still ours; the caller commits."""
        post = self.post
        if self.error is not None:
            values = still_unknown(self.error, looks=post.looks + 1, now=now)
        elif self.remote is None:
            values = absent(post, now=now)
        else:
            _write_found(session, post, self.remote)
            return
        delivery.write_if_held(session, post.id, post.claim, **values)

    def doubtful(
        self, said: str = "The platform holds the same text, but from another post of yours."
    ) -> "Looked":
        """The same look, when what it found is of no use; ``said`` tells why."""
        return Looked(self.post, error=said)


def look(context: Context, post: Post, publisher: Publisher, *, since: datetime) -> Looked:
    """Ask the platform for an uncertain post. Never raises: whatever happened is in the answer."""
    try:
        with time_limit(CALL_LIMIT):
            payload = post.payload or publisher.render(content_from(post.content), created_at=post.created_at)
            _, found = in_good_standing(
                context,
                publisher,
                lambda known: known.find_existing(
                    payload, key=post.delivery_key, handle=post.handle, since=since
                ),
            )
    except TabuhError as error:
        return Looked(post, error=str(error))
    except Exception as error:
        log.exception("look_broke", post=post.id, platform=publisher.platform)
        return Looked(post, error=f"Tabuh itself failed while looking ({type(error).__name__}).")
    return Looked(post, remote=found)


def _write_found(session: Session, post: Post, remote: RemotePost) -> None:
    found = delivery.Found(post.id, post.workspace_id, post.channel_id, post.claim)
    delivery.write_found(
        session,
        found,
        remote_id=remote.id,
        url=remote.url,
        published_at=remote.published_at,
        note=remote.note,
    )
