"""What a platform's refusal means for its whole channel, whatever it was asked for."""

from datetime import datetime

from sqlmodel import Session

from domain.errors import NeedsReconnect, RateLimited, TabuhError
from store import channels


def heed(session: Session, channel_id: int, error: TabuhError, *, now: datetime) -> None:
    """A platform that wants a pause gets it, one that no longer knows us waits for a person; else nothing."""
    match error:
        case RateLimited():
            channels.keep_quiet(session, channel_id, now + error.retry_after)
        case NeedsReconnect():
            channels.mark_needs_reconnect(session, channel_id, str(error))
