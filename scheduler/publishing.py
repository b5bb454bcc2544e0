"""One due post, state by state: what may be sent now, and what follows from how a call ended.

A post that is due and *queued* may be sent; *publishing* means that its worker died;
*uncertain* means that somebody must look. Nothing is sent twice: the intent is committed
before the call, and a call without a known end is settled by the adapter's delivery class.
"""

import hashlib
import json
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import structlog

from domain.content import DeliveryClass, Payload, content_from
from domain.errors import (
    NeedsReconnect,
    NotSent,
    PublishError,
    RateLimited,
    Rejected,
)
from domain.ids import new_id
from domain.post import AttemptOutcome, PlacedBy, PostState
from domain.rules import opening, rules_from
from domain.schedule import wall_time, zone
from publishers.base import Publisher
from store.delivery import Intent
from store.tables import ChannelRow, Post, Route, Workspace

log = structlog.get_logger()

#: A call whose answer was lost may still arrive: nobody looks before this has passed.
SETTLE = timedelta(minutes=2)
#: When an uncertain post is looked for again; after the last, a person decides.
LOOKS = (SETTLE, timedelta(minutes=10), timedelta(hours=1))
#: First wait after a call that reached nobody; doubled each time.
BACKOFF = timedelta(seconds=30)
LONGEST_BACKOFF = timedelta(hours=1)
#: Tries that reached nobody before a person is asked.
MAX_TRIES = 8
#: How often a post that may not go out now is looked at again; resuming wakes it at once.
RECHECK = timedelta(minutes=10)
#: Later than this after its hour, a post says why.
LATE = timedelta(minutes=1)
#: Later than this, with no try made, the route's rule for down-time holds.
DOWN_TIME = timedelta(minutes=15)


@dataclass(frozen=True, slots=True)
class Hold:
    """The post is not sent now; these values say what becomes of it."""

    values: dict[str, Any]


def prepare(
    post: Post,
    publisher: Publisher | None,
    *,
    channel: ChannelRow,
    workspace: Workspace,
    route: Route | None,
    now: datetime,
) -> Intent | Hold:
    """Whether a queued post may be sent now, and exactly what; without a publisher it waits."""
    if hold := _not_now(channel, workspace, now=now) or _too_late(post, channel, route, now=now):
        return hold
    if publisher is None:
        return wait(now + RECHECK, f"the credentials of channel {channel.name} cannot be read")
    if post.restored_at is not None and publisher.capabilities.delivery is DeliveryClass.LIST_AND_MATCH:
        return Hold({"state": PostState.UNCERTAIN, "reason": _MOVED_FORWARD, "next_at": now, "looks": 0})
    payload = post.payload if post.payload is not None else _rendered(post, publisher)
    if isinstance(payload, Hold):
        return payload
    fingerprint = payload_hash(payload)
    if hold := _unapproved(post, fingerprint):
        return hold
    return Intent(
        post_id=post.id,
        workspace_id=post.workspace_id,
        channel_id=post.channel_id,
        claim=post.claim,
        attempt_id=new_id(),
        started_at=now,
        payload=payload,
        payload_hash=fingerprint,
        tries=post.tries + 1,
        late_reason=post.late_reason or _late_reason(post, now=now),
        in_doubt=post.in_doubt,
    )


_MOVED_FORWARD = "A backup was restored, and this post may have been moved forward after it was made."


def _unapproved(post: Post, fingerprint: str) -> Hold | None:
    """An approval is bound to exactly what was shown: whatever is sent else, waits again."""
    if post.approved_hash is None and not post.needs_approval:
        return None
    if post.approved_hash == fingerprint:
        return None
    if post.approved_hash is None:
        reason = "An approval was asked for and not given yet."
    else:
        reason = "It was changed after it was approved: approve it again."
    return Hold({"state": PostState.AWAITING_APPROVAL, "reason": reason, "next_at": None})


def _rendered(post: Post, publisher: Publisher) -> Payload | Hold:
    try:
        content = content_from(post.content)
        if problems := publisher.problems(content):
            return Hold(_failed(" ".join(problems)))
        return publisher.render(content, created_at=post.created_at)
    except Exception as error:  # whatever is wrong with this post holds up no other
        log.exception("render_broke", post=post.id, platform=publisher.platform)
        said = f"Tabuh itself could not make it ready ({type(error).__name__}); its log has the details."
        return Hold(_failed(said))


def payload_hash(payload: Payload) -> str:
    """SHA-256 of the payload's canonical JSON, hex."""
    text = json.dumps(payload, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    return hashlib.sha256(text.encode()).hexdigest()


def _not_now(channel: ChannelRow, workspace: Workspace, *, now: datetime) -> Hold | None:
    if workspace.paused_at is not None:
        return wait(now + RECHECK, f"everything is paused: {workspace.paused_reason or 'no reason given'}")
    if channel.state != "active":
        said = "must be connected again" if channel.state == "needs_reconnect" else "is paused"
        reason = f": {channel.state_reason}" if channel.state_reason else ""
        return wait(now + RECHECK, f"channel {channel.name} {said}{reason}")
    if channel.quiet_until is not None and channel.quiet_until > now:
        return wait(
            channel.quiet_until, f"{channel.platform} asked for quiet until {channel.quiet_until:%H:%M} UTC"
        )
    return None


def wait(until: datetime, reason: str) -> Hold:
    """The post is looked at again then; ``reason`` is a clause."""
    return Hold({"next_at": until, "reason": f"Waits, because {reason}."})


#: So that neither its cooldown nor its season is broken by a post that comes late.
_GAP_PASSED = "The gap that it was to fill has passed; the evergreen looks for another one."


def _too_late(post: Post, channel: ChannelRow, route: Route | None, *, now: datetime) -> Hold | None:
    missed = post.planned_at is not None and now - post.planned_at > DOWN_TIME
    if missed and post.evergreen_id and post.placed_by == PlacedBy.AUTOMATION and not post.in_doubt:
        return Hold({"state": PostState.SKIPPED, "reason": _GAP_PASSED, "next_at": None, "slot_at": None})
    if not missed or post.tries:
        return None
    assert post.planned_at is not None
    rules = rules_from(channel.rules, route.rules if route else None)
    if not post.reason:
        late = route.late if route is not None else rules.late
        reason = f"Its hour, {post.planned_at:%Y-%m-%d %H:%M} UTC, passed while no worker was running."
        if late == "skip":
            return Hold({"state": PostState.SKIPPED, "reason": reason, "next_at": None, "slot_at": None})
        if late == "ask":
            asked = f"{reason} The rule asks before it sends late: queue it again or skip it."
            if route is not None:
                asked = f"{reason} The route asks before it sends late: queue it again or skip it."
            return Hold({"state": PostState.DRAFT, "reason": asked, "next_at": None})
    if post.placed_by == PlacedBy.AUTOMATION and (opens := opening(rules, channel.zone, now=now)) > now:
        until = wall_time(opens, zone(channel.zone))
        return wait(opens, f"the rules of channel {channel.name} keep it silent until {until:%Y-%m-%d %H:%M}")
    return None


def _late_reason(post: Post, *, now: datetime) -> str | None:
    if post.planned_at is None or now - post.planned_at <= LATE:
        return None
    return post.reason or "No worker was free or running at its hour."


def _failed(reason: str) -> dict[str, Any]:
    return {"state": PostState.FAILED, "reason": reason, "next_at": None}


def after(error: PublishError, *, tries: int, in_doubt: bool, now: datetime) -> dict[str, Any]:
    """The values of a post whose publish call ended with ``error``, the ``tries``-th;
    `unknown` is for calls without a known end.

    A post ``in_doubt`` never becomes *failed*: an earlier try may have put it there.
    """
    match error:
        case RateLimited():
            retry_at = now + error.retry_after
            return {"state": PostState.QUEUED, "next_at": retry_at, "reason": str(error), "tries": tries - 1}
        case NotSent() if tries < MAX_TRIES:
            wait = min(BACKOFF * 2 ** (tries - 1), LONGEST_BACKOFF)
            return {"state": PostState.QUEUED, "next_at": now + wait, "reason": str(error)}
        case NeedsReconnect():
            return {
                "state": PostState.QUEUED,
                "next_at": now + RECHECK,
                "reason": str(error),
                "tries": tries - 1,
            }
    if in_doubt:
        asked = f"An earlier try may have published it, and now: {error} Look there yourself."
        return {"state": PostState.UNCERTAIN, "next_at": None, "reason": asked}
    return _failed(str(error))


def unknown(reason: str, *, delivery: DeliveryClass, now: datetime) -> dict[str, Any]:
    """The values of a post that may or may not be on the platform."""
    values: dict[str, Any] = {"state": PostState.UNCERTAIN, "looks": 0, "in_doubt": True}
    if delivery == DeliveryClass.AT_MOST_ONCE:
        asked = (
            f"{reason} This platform cannot be asked whether the post arrived: look there, then mark it "
            "published or queue it again."
        )
        return {**values, "next_at": None, "reason": asked}
    return {**values, "next_at": now + LOOKS[0], "reason": reason}


def still_unknown(reason: str, *, looks: int, now: datetime) -> dict[str, Any]:
    """The values of an uncertain post after the ``looks``-th look that settled nothing."""
    if looks < len(LOOKS):
        return {"looks": looks, "next_at": now + LOOKS[looks], "reason": reason}
    asked = f"{reason} Looked {looks} times: look there yourself, then mark it published or queue it again."
    return {"looks": looks, "next_at": None, "reason": asked}


def absent(post: Post, *, now: datetime) -> dict[str, Any]:
    """The values of an uncertain post that is proved not to be on the platform."""
    proved = {
        "state": PostState.QUEUED,
        "next_at": max(now, post.planned_at or now),
        "reason": "The answer to an earlier try was lost, and the platform does not hold the post.",
        "looks": 0,
        "in_doubt": False,
    }
    if post.restored_at is None:
        return proved
    if post.planned_at is not None and post.planned_at > post.restored_at:
        return {**proved, "reason": None, "restored_at": None}
    asked = "Not found on the platform after a backup was restored: queue it again or skip it."
    return {"next_at": None, "reason": asked}


def again_with_same_key(
    publisher: Publisher, *, first_try: datetime | None, now: datetime
) -> dict[str, Any] | None:
    """The values that send an uncertain post again, harmless by its key; None when the key is too old."""
    capabilities = publisher.capabilities
    if capabilities.delivery == DeliveryClass.LOCAL:
        return {"state": PostState.QUEUED, "next_at": now, "looks": 0}
    if capabilities.delivery != DeliveryClass.NATIVE_KEY:
        return None
    if capabilities.key_ttl is not None and first_try and now - first_try > capabilities.key_ttl:
        return None
    reason = "The answer to an earlier try was lost; sent again with the same key."
    return {"state": PostState.QUEUED, "next_at": now, "reason": reason, "looks": 0, "in_doubt": True}


def outcome_of(error: PublishError) -> AttemptOutcome:
    """How an attempt that ended with ``error`` is written down."""
    match error:
        case RateLimited():
            return AttemptOutcome.RATE_LIMITED
        case NotSent():
            return AttemptOutcome.NOT_SENT
        case NeedsReconnect():
            return AttemptOutcome.NEEDS_RECONNECT
        case Rejected():
            return AttemptOutcome.REJECTED
    return AttemptOutcome.UNKNOWN
