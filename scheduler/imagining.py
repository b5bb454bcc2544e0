"""A route at work without a trace: decisions as a poll makes them, over slots and posts that are imagined."""

from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from itertools import islice
from typing import Final

from sqlmodel import Session

from domain.errors import UsageError
from domain.post import Fate
from domain.schedule import PostingTime, Slot, slots, zone
from scheduler.desk import Accepted, Desk, Outcome, Way
from scheduler.judging import Judge
from scheduler.pacing import Pacing
from scheduler.rules import Rules
from store import channels, ledger, posts
from store.tables import ChannelRow, EntryRow, Feed, Route

#: How far a search for a slot looks.
_FARTHEST: Final = 20_000

Keys = Mapping[int, frozenset[tuple[int, bytes]]]
OriginalOf = Callable[[EntryRow], EntryRow | None]


@dataclass
class ImaginedSlots:
    """A channel's posting schedule, with slots that are taken."""

    times: Sequence[PostingTime]
    channel: ChannelRow
    taken: set[datetime] = field(default_factory=set)

    def find(self, after: datetime, allowed: Callable[[datetime], bool]) -> Slot:
        """The first free slot after an instant. Raises `UsageError` when there is none."""
        for slot in islice(slots(self.times, zone(self.channel.zone), after=after), _FARTHEST):
            if slot.at not in self.taken and allowed(slot.at):
                return slot
        raise UsageError(
            f"Channel {self.channel.name!r} has no free slot. Add times to its posting schedule."
        )


@dataclass
class Imagined:
    """A desk whose posts are remembered for as long as it lives, and no longer."""

    desk: Desk
    slots: ImaginedSlots | None
    keys: Keys
    #: By key, the entry that was there first.
    had: dict[tuple[int, bytes], EntryRow]

    def run(
        self,
        entries: Sequence[EntryRow],
        feeds: Mapping[int, Feed],
        *,
        waiting: Sequence[EntryRow] = (),
        now: datetime,
    ) -> Iterator[tuple[EntryRow, Outcome]]:
        """As `Desk.run`; what becomes a post takes its place."""
        for row, outcome in self.desk.run(entries, feeds, waiting=waiting, now=now):
            if isinstance(outcome, Accepted) or outcome.fate is Fate.HELD:
                for key in self.keys.get(row.id, ()):
                    self.had.setdefault(key, row)
            if isinstance(outcome, Accepted) and outcome.place is not None:
                assert self.desk.pacing is not None
                self.desk.pacing.take(outcome.place.at)
                if self.slots is not None and outcome.place.slot_at is not None:
                    self.slots.taken.add(outcome.place.slot_at)
            yield row, outcome


def imagine(
    session: Session,
    way: Way,
    rows: Collection[EntryRow],
    *,
    since: datetime,
    planned: Sequence[datetime] = (),
    without_route: int | None = None,
    real_original_of: OriginalOf = lambda _row: None,
) -> Imagined:
    """A desk over a channel as it is, for a route that may not exist.

    Args:
        rows: all entries that it will be asked about; they alone are each other's copies.
        since: slots that were taken from then on count as taken.
        planned: when posts of the route went out or will.
        without_route: slots of this route's posts are free.
        real_original_of: who else has an entry already, for a route that exists.
    """
    rules = Rules.of(way.route)
    keys = ledger.shared_keys(session, [row.id for row in rows])
    had: dict[tuple[int, bytes], EntryRow] = {}
    imagined_slots = None
    if rules.timing == "next_slot":
        taken = posts.taken_slots(session, way.channel.id, after=since, without_route=without_route)
        times = channels.schedule(session, way.channel.id)
        imagined_slots = ImaginedSlots(times, way.channel, set(taken))
    pacing = Pacing(
        rules.pace,
        zone(way.channel.zone),
        planned,
        find_slot=imagined_slots.find if imagined_slots else None,
    )

    def original_of(row: EntryRow) -> EntryRow | None:
        others = (had[key] for key in sorted(keys.get(row.id, ())) if key in had)
        return next((other for other in others if other.id != row.id), None) or real_original_of(row)

    return Imagined(Desk(way, Judge(rules), pacing, original_of), imagined_slots, keys, had)


def unsaved_route(rules: Rules, channel: ChannelRow, *, now: datetime, name: str = "route") -> Route:
    """A route with these rules that nobody has stored."""
    return Route(
        workspace_id=channel.workspace_id,
        name=name,
        channel_id=channel.id,
        created_at=now,
        **rules.columns(),
    )
