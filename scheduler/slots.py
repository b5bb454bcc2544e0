"""The next free slot of a channel."""

from collections.abc import Callable
from datetime import datetime
from itertools import islice

from sqlmodel import Session

from domain.errors import UsageError
from domain.post import PlacedBy
from domain.schedule import Slot, slots, zone
from store import channels, posts
from store.tables import ChannelRow, Post

#: Rule and version, as the log of choices names it.
NEXT_FREE = "next_free/1"
#: How far a search looks: more than two years of hourly slots.
_FARTHEST = 20_000


def place_in_next_slot(
    session: Session,
    post: Post,
    channel: ChannelRow,
    *,
    now: datetime,
    placed_by: PlacedBy = PlacedBy.AUTOMATION,
    allowed: Callable[[datetime], bool] | None = None,
) -> None:
    """Put a post into the channel's next free slot and log the choice.

    Holds the channel until the transaction ends, so that two posts cannot choose one slot.

    Args:
        allowed: which slots may be taken at all; None: any.

    Raises:
        UsageError: the channel has no posting schedule, or no free slot in years.
    """
    channels.lock(session, channel.id)
    chosen = next_free_slot(session, channel, now=now, allowed=allowed)
    posts.plan(
        post, at=chosen.at, wall=chosen.wall, zone=channel.zone, placed_by=placed_by, slot_at=chosen.at
    )
    session.add(post)
    session.flush()
    if placed_by == PlacedBy.AUTOMATION:
        posts.log_slot_choice(session, post, candidates=[chosen.at], propensity=1.0, rule=NEXT_FREE, now=now)


def next_free_slot(
    session: Session,
    channel: ChannelRow,
    *,
    now: datetime,
    allowed: Callable[[datetime], bool] | None = None,
) -> Slot:
    """The soonest slot after ``now`` that holds no post and is ``allowed``."""
    times = channels.schedule(session, channel.id)
    if not times:
        raise UsageError(
            f"Channel {channel.name!r} has no posting schedule. Give it one with "
            f"`tabuh channel schedule {channel.name!r} 'mon-fri 09:00,12:30'`, or name a time for the post."
        )
    taken = posts.taken_slots(session, channel.id, after=now)
    for slot in islice(slots(times, zone(channel.zone), after=now), _FARTHEST):
        if slot.at not in taken and (allowed is None or allowed(slot.at)):
            return slot
    raise UsageError(f"Channel {channel.name!r} has no free slot left. Add times to its posting schedule.")
