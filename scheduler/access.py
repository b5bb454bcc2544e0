"""Access that ends: foretold while there is time, with the queued posts that it would cost."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlmodel import Session

from store import channels
from store.tables import ChannelRow

#: So long before its end it is foretold.
FORETOLD = timedelta(days=14)


@dataclass(frozen=True, slots=True)
class Ending:
    """A channel whose access ends soon, or has ended, unless a person connects it again."""

    channel: ChannelRow
    ends_at: datetime
    #: Queued posts that are planned after that, and the first one's hour.
    posts: int
    first_at: datetime | None


def endings(session: Session, workspace_id: int, *, now: datetime) -> Sequence[Ending]:
    """All of a workspace, the soonest first."""
    found = channels.access_ending(session, workspace_id, before=now + FORETOLD)
    return [Ending(row, row.access_until, posts, first) for row, posts, first in found if row.access_until]


def ending_of(session: Session, channel: ChannelRow, *, now: datetime) -> Ending | None:
    """That of one channel; None: its access does not end soon."""
    found = endings(session, channel.workspace_id, now=now)
    return next((one for one in found if one.channel.id == channel.id), None)
