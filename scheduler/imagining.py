"""A route at work without a trace: decisions as a poll makes them, over slots and posts that are imagined."""

from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from itertools import islice
from typing import Any, Final

from sqlmodel import Session

from domain.content import Content
from domain.errors import UsageError
from domain.post import Fate
from domain.rules import Rules as ChannelRules
from domain.rules import rules_from, within
from domain.schedule import PostingTime, Slot, slots, zone
from feeds.identity import marks_of
from scheduler.desk import Accepted, Desk, Outcome, Way
from scheduler.judging import Judge
from scheduler.pacing import Allowed, Pacing
from scheduler.routing import trial_post
from scheduler.rules import Rules
from scheduler.slots import choose_slot
from store import channels, ledger, posts
from store.entries import entry_of
from store.tables import ChannelRow, EntryRow, Feed, Route

#: How far a search for a slot looks.
_FARTHEST: Final = 20_000

Keys = Mapping[int, frozenset[tuple[int, bytes]]]
OriginalOf = Callable[[EntryRow], EntryRow | None]


@dataclass
class ImaginedSlots:
    """A channel's slots as they are, and posts that are only imagined there."""

    session: Session
    way: Way
    #: Whose overrides of the channel's rules hold; None: those of no route.
    route_id: int | None
    #: By a posting schedule alone: quick, for channels without rules of their own.
    times: Sequence[PostingTime]
    taken: set[datetime] = field(default_factory=set)

    def find(self, row: EntryRow, content: Content, after: datetime, allowed: Allowed) -> Slot:
        """As `scheduler.slots.choose_slot`. Raises `UsageError` when there is none."""
        if not self.times:
            trial = trial_post(self.way, row, content, route_id=self.route_id, now=after)
            besides = sorted(self.taken)
            return choose_slot(
                self.session, trial, self.way.channel, now=after, allowed=allowed, besides=besides
            ).slot
        for slot in islice(slots(self.times, zone(self.way.channel.zone), after=after), _FARTHEST):
            if slot.at not in self.taken and allowed(slot.at):
                return slot
        raise UsageError(f"Channel {self.way.channel.name!r} has no free slot. Add times to its schedule.")


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
    route_id: int | None = None,
    quick: bool = False,
    real_original_of: OriginalOf = lambda _row: None,
) -> Imagined:
    """A desk over a channel as it is, for a route that may not exist.

    Args:
        rows: all entries that it will be asked about; they alone are each other's copies.
        planned: when posts of the route went out or will.
        route_id: the route that it stands for; None: one that is not saved.
        quick: where the channel has no rules of its own, follow its posting schedule alone, in which slots
            that were taken from ``since`` on are not free but those of the route are.
        real_original_of: who else has an entry already, for a route that exists.
    """
    rules = Rules.of(way.route)
    keys = _keys(session, rows)
    had: dict[tuple[int, bytes], EntryRow] = {}
    imagined_slots = None
    if rules.timing == "next_slot":
        own = within(rules_from(way.channel.rules, way.route.rules), way.channel.budget_day)
        plain = quick and own == ChannelRules()
        times = channels.schedule(session, way.channel.id) if plain else ()
        imagined_slots = ImaginedSlots(session, way, route_id, times)
        if times:
            taken = posts.taken_slots(session, way.channel.id, after=since, without_route=route_id)
            imagined_slots.taken |= taken
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


def _keys(session: Session, rows: Collection[EntryRow]) -> Keys:
    """By which keys each entry could be known as a copy; those that tell nothing are left out."""
    stored = ledger.shared_keys(session, [row.id for row in rows])
    telling = {row.id: {(key.kind, key.key) for key in marks_of(entry_of(row)).keys} for row in rows}
    return {entry_id: keys & telling[entry_id] for entry_id, keys in stored.items()}


def unsaved_route(
    rules: Rules, channel: ChannelRow, *, now: datetime, name: str = "route", overrides: Any = None
) -> Route:
    """A route with these rules that nobody has stored; ``overrides``: of the channel's rules."""
    return Route(
        workspace_id=channel.workspace_id,
        name=name,
        channel_id=channel.id,
        created_at=now,
        rules=overrides,
        **rules.columns(),
    )
