"""One route at work: what becomes of entries in one run, whether they are real, imagined or long past.

Polls, previews and replays all ask here, so that a preview shows what the poll then does.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from domain.content import Content
from domain.entry import Entry
from domain.errors import UsageError
from domain.post import Fate
from domain.schedule import zone
from feeds.plain import cut
from scheduler import composing, templating
from scheduler.judging import SLOW, Judge
from scheduler.pacing import Pacing, Place, Wait
from scheduler.patterns import SlowPattern
from scheduler.rules import Rules
from store.entries import entry_of
from store.tables import ChannelRow, EntryRow, Feed, Route


@dataclass(frozen=True, slots=True)
class Way:
    """A route with the channel that it leads to."""

    route: Route
    channel: ChannelRow


@dataclass(frozen=True, slots=True)
class Refused:
    """An entry becomes no post now."""

    fate: Fate
    reason: str


@dataclass(frozen=True, slots=True)
class Accepted:
    """An entry becomes a post."""

    #: With the bare link, not shortened.
    content: Content
    #: None: wherever there is room next, as nothing holds the route back; or nowhere, as `reason` says.
    place: Place | None = None
    reason: str = ""


Outcome = Refused | Accepted


@dataclass
class Desk:
    """Decides on entries, one after the other; who asks acts on each answer before asking again."""

    way: Way
    judge: Judge
    #: None: nothing holds the route back, and who asks finds the places.
    pacing: Pacing | None
    #: The entry of which this one is a copy that the route has already; None: it is new.
    original_of: Callable[[EntryRow], EntryRow | None]
    #: Why entries of a feed wait for a person; empty: they do not.
    gate: Callable[[Feed], str] = lambda _feed: ""
    #: Set once there is no place left in this run.
    closed: Wait | None = None
    #: Set once a pattern took too long.
    was_slow: bool = False

    def run(
        self,
        entries: Sequence[EntryRow],
        feeds: Mapping[int, Feed],
        *,
        waiting: Sequence[EntryRow] = (),
        slow: Sequence[EntryRow] = (),
        now: datetime,
    ) -> Iterator[tuple[EntryRow, Outcome]]:
        """What becomes of each entry.

        Args:
            entries: oldest first.
            feeds: of all these entries, by number.
            waiting: entries that an earlier run held for want of a place, in the order of the route; those
                that still find none are passed over in silence.
            slow: entries that could not be judged, likewise.
        """
        self.closed = None
        if self.pacing is not None:
            self.pacing.begin()
        newest_first = self.way.route.newest_first
        ordered = [*reversed(entries), *waiting] if newest_first else [*waiting, *entries]
        waits = {row.id for row in waiting}
        for row in (*ordered, *slow):
            if not (self.closed and row.id in waits):
                yield row, self._decide(row, feeds[row.feed_id], now=now)

    def _decide(self, row: EntryRow, feed: Feed, *, now: datetime) -> Outcome:
        entry = entry_of(row)
        refused = self._refusal(entry, row, feed)
        if refused is not None:
            return refused
        try:
            content = composed(self.way, entry, feed, link=target_of(self.way, entry.link, feed))
        except UsageError as exc:  # the template's fault, not this entry's: the others go on
            return Refused(Fate.FAILED, str(exc))
        if self.pacing is None:
            return Accepted(content)
        try:
            place = self.pacing.offer(row, content, now=now)
        except UsageError as exc:  # the schedule has gone since the route was made
            return Accepted(content, reason=str(exc))
        if isinstance(place, Wait):
            self.closed = place
            return Refused(Fate.HELD, place.reason)
        return Accepted(content, place)

    def _refusal(self, entry: Entry, row: EntryRow, feed: Feed) -> Refused | None:
        """Why an entry becomes no post now; None when nothing but its template can be in the way."""
        try:
            passed = self.judge(entry, feed, seen_at=row.first_seen_at)
        except SlowPattern as exc:
            self.was_slow = True
            return Refused(Fate.HELD, f"{SLOW}{exc}")
        if not passed.passes:
            return Refused(Fate.FILTERED, passed.reason)
        original = self.original_of(row)
        if original is not None:
            return Refused(Fate.DUPLICATE, f"the same as “{cut(original.title, 80)}” of another feed")
        if why := self.gate(feed):
            return Refused(Fate.HELD, why)
        return Refused(Fate.HELD, self.closed.reason) if self.closed else None


def target_of(way: Way, link: str | None, feed: Feed) -> str | None:
    """Where the post's link leads: the entry's own, tagged as the route says."""
    if link is None:
        return None
    values = {
        "platform": way.channel.platform,
        "channel": way.channel.name,
        "route": way.route.name,
        "feed": feed.title,
    }
    return templating.tagged(link, way.route.utm, values=values)


def composed(way: Way, entry: Entry, feed: Feed, *, link: str | None) -> Content:
    """What the route says of an entry. Raises `UsageError` as `composing.compose` does."""
    going = composing.Place(
        feed=feed.title,
        platform=way.channel.platform,
        channel=way.channel.name,
        route=way.route.name,
        where=zone(way.channel.zone),
        language=way.channel.language,
    )
    return composing.compose(entry, Rules.of(way.route).wording(way.channel.template), link=link, place=going)
