"""The coming days of each channel: its posts and its free slots, in the order of time."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from itertools import takewhile

from sqlmodel import Session

from domain.rules import rules_from, shut_at
from domain.schedule import slots, wall_time, zone
from scheduler.context import Context
from scheduler.slots import next_free
from store import channels, posts, queue, standing
from store.queue import Promise
from store.tables import ChannelRow
from web.auth import Member
from web.i18n import Voice
from web.post_words import PostShown, platform_title, shown

#: How far the queue page looks ahead.
AHEAD = timedelta(days=7)
#: Posts and free slots that one lane shows at most; its channel's list has the rest.
LONGEST_LANE = 60


@dataclass(frozen=True, slots=True)
class FreeSlot:
    """A time of a channel's posting schedule that holds no post."""

    at: datetime
    zone: str
    #: Other free slots of the same day that follow with no post between.
    also: tuple[datetime, ...]
    #: The next post without an hour of its own takes it.
    is_next: bool

    @property
    def state(self) -> str:
        """The sign it is drawn with."""
        return "unknown"


@dataclass(frozen=True, slots=True)
class Lane:
    """One channel in the coming days."""

    channel: ChannelRow
    platform: str
    #: Posts and free slots, soonest first; what is overdue comes first of all.
    beats: Sequence[PostShown | FreeSlot]
    #: More than the lane shows.
    is_cut: bool
    #: Whether the channel has a posting schedule.
    is_scheduled: bool
    #: What goes out on it by itself; None: nothing is queued, or it does not work.
    promise: Promise | None


def lanes(
    context: Context,
    session: Session,
    me: Member,
    rows: Sequence[ChannelRow],
    *,
    voice: Voice,
    now: datetime,
    campaign: str | None = None,
) -> list[Lane]:
    """What is planned on these channels until `AHEAD`, and what is still free; of a campaign, its posts."""
    promised = queue.promises(session, me.workspace.id, before=now + AHEAD)
    if me.workspace.paused_at is not None:
        promised = {}
    return [
        _lane(
            context, session, me, row, promise=promised.get(row.id), voice=voice, now=now, campaign=campaign
        )
        for row in rows
    ]


def _lane(
    context: Context,
    session: Session,
    me: Member,
    row: ChannelRow,
    *,
    promise: Promise | None,
    voice: Voice,
    now: datetime,
    campaign: str | None,
) -> Lane:
    end = now + AHEAD
    found = queue.coming(session, row.id, before=end, campaign=campaign, limit=LONGEST_LANE + 1)
    coming = shown(context, session, me, found, voice=voice, now=now)
    free, is_scheduled = free_slots(session, row, now=now, end=end)
    if campaign:
        free = []
    next_at = next_free(session, row, now=now) if free else None
    beats = _in_order(coming, free, row.zone, next_at=next_at)
    return Lane(
        channel=row,
        platform=platform_title(context, row.platform, voice),
        beats=beats[:LONGEST_LANE],
        is_cut=len(beats) > LONGEST_LANE,
        is_scheduled=is_scheduled,
        promise=promise,
    )


def _in_order(
    posts: Sequence[PostShown], free: Sequence[datetime], zone_name: str, *, next_at: datetime | None
) -> list[PostShown | FreeSlot]:
    """Posts and free slots by time; free slots of a day that follow each other share a line."""
    lines: list[PostShown | FreeSlot] = []
    where, rest = zone(zone_name), list(posts)
    for at in free:
        while rest and rest[0].at is not None and rest[0].at <= at:
            lines.append(rest.pop(0))
        last = lines[-1] if lines else None
        if isinstance(last, FreeSlot) and last.at.astimezone(where).date() == at.astimezone(where).date():
            lines[-1] = replace(last, also=(*last.also, at))
        else:
            lines.append(FreeSlot(at, zone_name, also=(), is_next=at == next_at))
    return [*lines, *rest]


def free_slots(
    session: Session, row: ChannelRow, *, now: datetime, end: datetime
) -> tuple[list[datetime], bool]:
    """The slots of a channel in (now, end) that hold no post and are not silent, and whether it has any."""
    rules = rules_from(row.rules)
    times = () if rules.best_times else channels.schedule(session, row.id)
    # A post that stands at the hour of a slot takes it, whether it was put into the slot or not.
    stands = standing.instants(session, row.id, since=now, now=now)
    taken = posts.taken_slots(session, row.id, after=now) | {datetime.fromtimestamp(at, UTC) for at in stands}
    where = zone(row.zone)
    coming = takewhile(lambda slot: slot.at < end, slots(times, where, after=now))
    free = [
        slot.at for slot in coming if slot.at not in taken and not shut_at(rules, wall_time(slot.at, where))
    ]
    return free, bool(times) or rules.best_times
