"""What a route would have posted in the last days, had it been there with these rules; nothing is written."""

from bisect import insort
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from itertools import groupby
from typing import Final
from zoneinfo import ZoneInfo

from domain.content import Content
from domain.entry import Entry
from domain.errors import UsageError
from domain.post import Fate
from scheduler.context import Context
from scheduler.desk import Accepted, Outcome, Way
from scheduler.imagining import Imagined, imagine, unsaved_route
from scheduler.judging import Judge
from scheduler.pacing import PACED
from scheduler.rules import Rules
from store import channels, entries, feeds, routes
from store.engine import reading
from store.entries import age_order, entry_of
from store.tables import EntryRow, Feed

#: Longest time looked back, in days, and most entries looked at, the newest.
MAX_DAYS: Final = 366
MOST: Final = 5_000
#: As many where each takes a choice of slot by the channel's rules.
MOST_BY_RULES: Final = 500
#: For the patterns of all entries together, in processor time.
_PATIENCE: Final = timedelta(seconds=5)


@dataclass(frozen=True, slots=True)
class ReplayLine:
    """An entry and what would have become of it."""

    entry: Entry
    #: When it would have been found (UTC).
    came_at: datetime
    #: ``posted``, ``queued`` for an hour to come, ``held``, ``filtered``, ``duplicate`` or ``failed``.
    fate: Fate
    reason: str
    #: When it would have gone out, or will (UTC); None: it would not, or not yet.
    at: datetime | None = None
    content: Content | None = None
    #: A cap held it back, if only for a time.
    was_held: bool = False


@dataclass(frozen=True, slots=True)
class Replay:
    """The last days under a route's rules."""

    since: datetime  #: UTC
    until: datetime  #: UTC
    #: The channel's zone, whose days count.
    zone: str
    #: In the order in which they came.
    lines: tuple[ReplayLine, ...]
    #: There were more entries; the oldest were left out.
    cut: bool = False

    @property
    def fates(self) -> dict[Fate, int]:
        """How many entries had each fate; they add up to all lines."""
        counted = Counter(line.fate for line in self.lines)
        return {fate: counted[fate] for fate in Fate}

    @property
    def held_back(self) -> int:
        """How many entries a cap would have held back, those that went out later included."""
        return sum(line.was_held for line in self.lines)

    @property
    def longest_wait(self) -> timedelta | None:
        """The longest that a cap would have held an entry which went out after all; None: there was none."""
        waits = [line.at - line.came_at for line in self.lines if line.was_held and line.at is not None]
        return max(waits, default=None)

    @property
    def days(self) -> dict[date, int]:
        """Posts by day of the channel's zone, in order, days without any left out."""
        where = ZoneInfo(self.zone)
        times = sorted(line.at for line in self.lines if line.at is not None)
        return dict(Counter(at.astimezone(where).date() for at in times))


def replay_route(
    context: Context, workspace_id: int, route_id: int, *, days: int = 30, rules: Rules | None = None
) -> Replay:
    """What a route would have posted; ``rules``: others than it has. Raises `UsageError`."""
    with reading(context.engine) as session:
        route = routes.get(session, workspace_id, route_id)
        feed_ids = [feed.id for feed in routes.feeds_of(session, route.id)]
    return replay_rules(
        context,
        workspace_id,
        feed_ids=feed_ids,
        channel_id=route.channel_id,
        rules=rules or Rules.of(route),
        days=days,
        instead_of=route_id,
        name=route.name,
    )


def replay_rules(
    context: Context,
    workspace_id: int,
    *,
    feed_ids: Sequence[int],
    channel_id: int,
    rules: Rules,
    days: int = 30,
    instead_of: int | None = None,
    name: str = "route",
) -> Replay:
    """As `replay_route`, for a route that is not saved.

    Slots that other posts of the channel have had are not free; those of the route ``instead_of`` are.

    Raises:
        UsageError: the rules are wrong, or the days are too many.
    """
    checked = rules.checked()
    if not 1 <= days <= MAX_DAYS:
        raise UsageError(f"A replay looks back between 1 and {MAX_DAYS} days; {days} is not.")
    until = context.clock()
    since = until - timedelta(days=days)
    with reading(context.engine) as session:
        channel = channels.get(session, workspace_id, channel_id)
        read = feeds.by_ids(session, workspace_id, feed_ids)
        found = entries.since(session, [feed.id for feed in read], since, limit=MOST + 1)
        way = Way(unsaved_route(checked, channel, now=until, name=name), channel)
        rows = [row for row in found[-MOST:] if since <= came_at(row) <= until]
        in_time = len(rows)
        imagined = imagine(session, way, rows, since=since, route_id=instead_of, quick=True)
        if imagined.slots is not None and not imagined.slots.times:
            rows = rows[-MOST_BY_RULES:]
        imagined.desk.judge = Judge(checked, budget=_PATIENCE)
        past = _Past(imagined, {feed.id: feed for feed in read}, until)
        past.live(rows)
    lines = tuple(
        _line(row, past, until) for row in sorted(rows, key=lambda row: (came_at(row), *age_order(row)))
    )
    return Replay(since, until, channel.zone, lines, cut=len(found) > MOST or len(rows) < in_time)


def came_at(row: EntryRow) -> datetime:
    """When an entry would have been found: when it was, or at its date, if it was there before we read."""
    return row.first_seen_at if row.origin == "new" else row.published_at or row.first_seen_at


@dataclass
class _Past:
    """The days gone by, run after run, as polls and alarms would have come."""

    imagined: Imagined
    feeds: Mapping[int, Feed]
    until: datetime
    outcomes: dict[int, Outcome] = field(default_factory=dict)
    held: set[int] = field(default_factory=set)
    _waiting: list[EntryRow] = field(default_factory=list)
    _alarm: datetime | None = None

    def live(self, rows: Sequence[EntryRow]) -> None:
        """Let these entries come, poll by poll, and what waits go out in between."""
        for now, found in _polls(rows):
            self._alarms_before(now)
            self._run(found, now)
        self._alarms_before(self.until + timedelta(microseconds=1))

    def _alarms_before(self, moment: datetime) -> None:
        while self._alarm is not None and self._alarm < moment:
            self._run([], self._alarm)

    def _run(self, found: Sequence[EntryRow], now: datetime) -> None:
        desk = self.imagined.desk
        newest_first = desk.way.route.newest_first
        waiting = self._waiting[::-1] if newest_first else list(self._waiting)
        gone: set[int] = set()
        for row, outcome in self.imagined.run(found, self.feeds, waiting=waiting, now=now):
            self.outcomes[row.id] = outcome
            if not isinstance(outcome, Accepted) and outcome.reason in PACED:
                if row.id not in self.held:
                    self.held.add(row.id)
                    insort(self._waiting, row, key=age_order)
            else:
                gone.add(row.id)
        self._waiting = [row for row in self._waiting if row.id not in gone]
        self._alarm = desk.closed.until if desk.closed is not None and self._waiting else None


def _polls(rows: Sequence[EntryRow]) -> Iterator[tuple[datetime, list[EntryRow]]]:
    """Entries of one feed that came at the same time were found by one poll."""

    def poll_of(row: EntryRow) -> tuple[datetime, int]:
        return came_at(row), row.feed_id

    for (now, _), found in groupby(sorted(rows, key=poll_of), key=poll_of):
        yield now, sorted(found, key=age_order)


def _line(row: EntryRow, past: _Past, until: datetime) -> ReplayLine:
    entry, outcome, was_held = entry_of(row), past.outcomes[row.id], row.id in past.held
    if not isinstance(outcome, Accepted):
        return ReplayLine(entry, came_at(row), outcome.fate, outcome.reason, was_held=was_held)
    if outcome.place is None:  # the channel has no slot for it
        return ReplayLine(entry, came_at(row), Fate.HELD, outcome.reason, content=outcome.content)
    at = outcome.place.at
    fate = Fate.POSTED if at <= until else Fate.QUEUED
    return ReplayLine(entry, came_at(row), fate, "", at, outcome.content, was_held)
