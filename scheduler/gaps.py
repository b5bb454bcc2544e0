"""The slots of a channel that hold no post, for those who place many posts, or only where nothing stands."""

from collections.abc import Iterator
from datetime import datetime
from itertools import islice
from typing import Final

from sqlmodel import Session

from domain.errors import UsageError
from domain.schedule import Slot, slots, zone
from store import channels, posts
from store.tables import ChannelRow

#: How far a search looks: more than two years of hourly slots.
_FARTHEST: Final = 20_000


def free_slots_of(session: Session, channel: ChannelRow, *, now: datetime) -> Iterator[Slot]:
    """The slots after ``now`` that hold no post, soonest first; what is free is looked up once.

    Raises:
        UsageError: where the next one would be given: no posting schedule, or none free in years.
    """
    times = channels.schedule(session, channel.id)
    if not times:
        raise UsageError(
            f"Channel {channel.name!r} has no posting schedule. Give it one with "
            f"`tabuh channel schedule {channel.name!r} 'mon-fri 09:00,12:30'`, or name a time for the post."
        )
    taken = posts.taken_slots(session, channel.id, after=now)
    for slot in islice(slots(times, zone(channel.zone), after=now), _FARTHEST):
        if slot.at not in taken:
            yield slot
    raise UsageError(f"Channel {channel.name!r} has no free slot left. Add times to its posting schedule.")
