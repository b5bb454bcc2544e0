"""One publish call, made outside of any transaction, and how its end is written down."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

import structlog
from sqlmodel import Session

from domain.content import DeliveryClass, Payload, RemotePost
from domain.errors import NeedsReconnect, NotSent, OutcomeUnknown, PublishError, TabuhError
from domain.media import attachment_from
from domain.post import AttemptOutcome
from net.deadline import time_limit
from publishers.base import Publisher
from publishers.quota import Left, listening
from publishers.uploads import upload_deadline
from scheduler.allowing import believed_key
from scheduler.context import Context
from scheduler.heeding import heed
from scheduler.publishing import after, outcome_of, unknown
from scheduler.renewing import in_good_standing
from store import budgets, delivery, metering
from store.delivery import Intent, Success
from store.engine import writing

log = structlog.get_logger()

#: Everything that one publish call may take, uploads of pictures included.
CALL_LIMIT = timedelta(seconds=60)


#: From here on what a platform says is left is counted.
LITTLE = 32


def call_limit(payload: Payload) -> timedelta:
    """Everything that one publish call of this payload may take: its videos need time of their own."""
    media = payload.get("media")
    listed = media if isinstance(media, list) else []
    files = [attachment_from(one) for one in listed if isinstance(one, dict) and "sha256" in one]
    return CALL_LIMIT + sum((upload_deadline(one.size) for one in files if one.is_video), timedelta())


@dataclass(frozen=True, slots=True)
class Call:
    """A publish call whose intent is committed."""

    intent: Intent
    key: str
    publisher: Publisher
    handle: Mapping[str, Any] | None


def make_call(context: Context, call: Call, at_step: Callable[[str], None]) -> "Ended":
    """Make the call once. Never raises: whatever happened is in the answer."""
    delivery_class, heard = call.publisher.capabilities.delivery, list[Left]()
    progress = _RowProgress(context, call.intent, call.handle)

    def publish(publisher: Publisher) -> RemotePost:
        with listening(now=context.clock()) as said:
            try:
                return publisher.publish(call.intent.payload, key=call.key, progress=progress)
            finally:
                heard.extend(said)

    try:
        at_step("before_call")
        limit = call_limit(call.intent.payload)
        _prolong_lease(context, call.intent, limit)
        with time_limit(limit):
            _, remote = in_good_standing(context, call.publisher, publish)
        at_step("called")
    except PublishError as error:
        return Ended(call.intent, delivery_class, error=error, left=_last(heard))
    except TabuhError as error:
        return Ended(call.intent, delivery_class, error=NeedsReconnect(str(error)))
    except Exception as error:
        log.exception("publish_call_broke", post=call.intent.post_id, platform=call.publisher.platform)
        said = f"Tabuh itself failed during the call ({type(error).__name__}); its log has the details."
        return Ended(call.intent, delivery_class, error=OutcomeUnknown(said))
    return Ended(call.intent, delivery_class, remote=remote, left=_last(heard))


def _last(heard: list[Left]) -> Left | None:
    """What the last answer said: the call that made the post comes after all uploads."""
    return heard[-1] if heard else None


def _prolong_lease(context: Context, intent: Intent, limit: timedelta) -> None:
    """A claim outlives the longest call twice over, also one that uploads a video."""
    if limit <= CALL_LIMIT:
        return
    with writing(context.engine) as session:
        until = context.lease_now(session) + 2 * limit + timedelta(seconds=30)
        held = delivery.write_if_held(session, intent.post_id, intent.claim, next_at=until)
        session.commit()
    if not held:
        raise NotSent("Another worker took this post over; this one stopped.")


@dataclass
class _RowProgress:
    """Commits an adapter's handle to the post's row, under the claim."""

    _context: Context
    _intent: Intent
    handle: Mapping[str, Any] | None = field(default=None)

    def save(self, handle: Mapping[str, Any]) -> None:
        with writing(self._context.engine) as session:
            held = delivery.write_if_held(
                session, self._intent.post_id, self._intent.claim, handle=dict(handle)
            )
            session.commit()
        if not held:
            raise OutcomeUnknown("Another worker took this post over; this one stopped.")
        self.handle = dict(handle)


@dataclass(frozen=True, slots=True)
class Ended:
    """How a publish call ended: with a remote post, or with an error."""

    intent: Intent
    delivery: DeliveryClass
    remote: RemotePost | None = None
    error: PublishError | None = None
    #: What the platform said is left of its budget.
    left: Left | None = None

    def note_left(self, session: Session, *, now: datetime) -> None:
        """Keep what the platform said is left, where that is little; the caller commits."""
        if self.left is not None and self.left.calls < LITTLE:
            key = believed_key(self.intent.channel_id)
            budgets.believe(session, key, left=self.left.calls, until=self.left.until, now=now)

    def write(self, session: Session, *, now: datetime) -> None:
        """Complete the attempt and move the post, if the claim is still ours; the caller commits."""
        if self.remote is not None:
            delivery.end_well(session, [Success(self.intent, self.remote)], now=now)
        elif self.error is not None:
            self._write_error(session, self.error, now=now)

    def doubtful(
        self, said: str = "The platform answered with a post that belongs to another post of yours."
    ) -> "Ended":
        """The same call, when the answer is of no use; ``said`` tells why."""
        return Ended(self.intent, self.delivery, error=OutcomeUnknown(said))

    def _write_error(self, session: Session, error: PublishError, *, now: datetime) -> None:
        outcome = outcome_of(error)
        delivery.end_attempt(session, self.intent.attempt_id, outcome=outcome, now=now, detail=str(error))
        if outcome != AttemptOutcome.UNKNOWN:
            metering.give_back(session, self.intent.attempt_id)
        if outcome == AttemptOutcome.UNKNOWN:
            values = unknown(str(error), delivery=self.delivery, now=now)
        else:
            values = after(error, tries=self.intent.tries, in_doubt=self.intent.in_doubt, now=now)
        if not delivery.write_if_held(session, self.intent.post_id, self.intent.claim, **values):
            return
        heed(session, self.intent.channel_id, error, now=now)
