"""After a look at a feed that failed: what is written down, and when it is tried again, which is always."""

from datetime import datetime, timedelta
from typing import Any, Final

from sqlmodel import Session

from domain.errors import BadStatus, FeedGone, TabuhError
from scheduler.context import Context
from scheduler.moving import Moved, is_same_address, moved_values
from scheduler.next_look import after_failing
from scheduler.politeness import Turn, end_turn, server_of, shares_pauses
from store import hosts
from store.due import finish
from store.engine import writing
from store.tables import Feed

#: 410 is believed when it is said twice, so far apart.
_GONE_AGAIN: Final = timedelta(hours=24)
#: After a redirect that was believed because the old address stopped to work, look there soon.
_SOON: Final = timedelta(minutes=1)


def fail(context: Context, row: Feed, error: TabuhError, turn: Turn, *, now: datetime) -> None:
    """Write the failure down and plan the next look, which comes in any case; only 410 ends that."""
    retry_after = error.retry_after if isinstance(error, BadStatus) else None
    with writing(context.engine) as session:
        if finish(session, row, **_values(row, error, retry_after, now=now)):
            moved = _new_address(session, row, error, now=now)
            if moved:
                finish(session, row, **moved)
            elif isinstance(error, FeedGone):
                finish(session, row, **_gone(row, error, now=now))
            # Whoever answered asks for it, which after a redirect is another server.
            if isinstance(error, BadStatus) and retry_after is not None and shares_pauses(error.url):
                hosts.keep_quiet(session, server_of(error.url), now + retry_after)
        end_turn(context, session, turn)
        session.commit()


def _values(row: Feed, error: TabuhError, retry_after: timedelta | None, *, now: datetime) -> dict[str, Any]:
    failures = row.failures + 1
    status = error.status if isinstance(error, BadStatus) else None
    return {
        "failures": failures,
        "last_error": str(error),
        "last_polled_at": now,
        "last_status": status,
        # A server that cannot be reached says nothing about what it said before.
        "gone_since": None if status is not None else row.gone_since,
        "plain_agent": row.plain_agent and status != 403,
        "host": server_of(row.url),
        **after_failing(row, now=now, failures=failures, retry_after=retry_after),
    }


def _new_address(session: Session, row: Feed, error: TabuhError, *, now: datetime) -> dict[str, Any]:
    """Where the feed has said that it goes, once the old address itself says that nothing is there."""
    moved = Moved.stored(row.moved)
    if moved is None or not moved.shares or not isinstance(error, BadStatus):
        return {}
    if error.status not in (404, 410) or not is_same_address(error.url, row.url):
        return {}
    taken = moved_values(session, row, moved.url, now=now)
    reason = "the old address stopped to work: a look at the new one"
    return taken and {**taken, "next_at": now + _SOON, "next_reason": reason}


def _gone(row: Feed, error: FeedGone, *, now: datetime) -> dict[str, Any]:
    since = row.gone_since or now
    if now - since >= _GONE_AGAIN:
        return {
            "gone_since": since,
            "next_at": None,
            "next_reason": "",
            "paused_at": now,
            "paused_reason": str(error),
        }
    again = since + _GONE_AGAIN
    return {"gone_since": since, "next_at": again, "next_reason": "once more before 410 is believed"}
