"""What a poll found: which entries are new, which are old ones in disguise, and what the routes make of them.

All of it happens in one transaction, so that a crash at any point loses nothing and doubles nothing.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import pairwise
from typing import Final

from sqlmodel import Session

from domain.entry import Entry
from domain.existing import parse_existing
from domain.post import Fate
from domain.schedule import zone
from scheduler.context import Context
from scheduler.desk import Way
from scheduler.routing import route_entries, ways, write_again
from store import entries as rows
from store import feeds, ledger, routes
from store.entries import Recognised
from store.tables import EntryRow, Feed

#: Dates are trusted as far as this: publishers write an entry some time before they release it.
GRACE: Final = timedelta(hours=48)
#: So many old-looking entries at once are a change of the feed, not news.
_BURST: Final = 10
#: From so many on, a document of which nothing is known any more is a change of the feed, too.
_ALL_STRANGE: Final = 4
OLDER_THAN_FEED: Final = "older than the day on which the feed was added"
EXISTED_BEFORE_FEED: Final = "existed before the feed was added"


@dataclass(frozen=True, slots=True)
class Arrival:
    """What one poll brought."""

    new: int = 0
    #: Entries of the document that were seen before.
    known: int = 0
    edited: int = 0
    posts: int = 0
    #: The feed has changed so much that a person must say what is news.
    asks: bool = False


@dataclass(frozen=True, slots=True)
class Fresh:
    """An entry that this feed never showed before."""

    entry: Entry
    #: ``existing``, ``chosen`` or ``new``.
    origin: str
    #: Why no route makes a post of it; empty: they decide.
    skipped: str = ""


def take_in(
    context: Context, session: Session, feed: Feed, entries: Sequence[Entry], *, now: datetime
) -> Arrival:
    """Store what a document shows and route what is new; the feed is locked and its claim held.

    Args:
        entries: in document order, with keys.
    """
    recognised = rows.recognise(session, feed.id, entries)
    edited = _note_edits(context, session, feed, entries, recognised, now=now)
    known_at = rows.positions(session, recognised.rows.values())
    positions = [known_at.get(recognised.rows.get(place, 0)) for place in range(len(entries))]
    burst = _is_burst(feed, entries, positions)
    if burst:
        feed.ask = True
        session.add(feed)
    newest = max(rows.recent_dates(session, feed.id), default=None)
    fresh = sort_out(feed, entries, positions, zone_name=feeds.zone_of(session, feed), newest_known=newest)
    stored = rows.add(
        session, feed, [one.entry for one in fresh], origins=[one.origin for one in fresh], now=now
    )
    made = 0
    if stored:
        arrived = list(zip(fresh, stored, strict=True))
        for way in ways(session, routes.reading(session, feed.id)):
            made += _route(context, session, way, feed, arrived, now=now)
    return Arrival(new=len(stored), known=len(recognised.rows), edited=edited, posts=made, asks=burst)


def _route(
    context: Context,
    session: Session,
    way: Way,
    feed: Feed,
    arrived: Sequence[tuple[Fresh, EntryRow]],
    *,
    now: datetime,
) -> int:
    for one, row in arrived:
        if one.skipped:
            ledger.write(
                session,
                entry_id=row.id,
                route_id=way.route.id,
                now=now,
                fate=Fate.SKIPPED,
                reason=one.skipped,
            )
    open_ones = [row for one, row in arrived if not one.skipped]
    return route_entries(context, session, way, open_ones, {feed.id: feed}, now=now)


def _note_edits(
    context: Context,
    session: Session,
    feed: Feed,
    entries: Sequence[Entry],
    recognised: Recognised,
    *,
    now: datetime,
) -> int:
    """Learn new keys of known entries; change those that their author has edited, and their posts."""
    fresh_keys = [
        (row, [key for key in entries[place].keys if (key.kind, key.key) not in recognised.keys])
        for place, row in recognised.rows.items()
    ]
    rows.add_keys(session, feed.id, fresh_keys)
    known = rows.by_ids(session, recognised.rows.values())
    edited = 0
    for place in sorted(recognised.leading):
        row = known[recognised.rows[place]]
        if rows.change(session, row, entries[place]):
            edited += 1
            write_again(context, session, row, feed, now=now)
    return edited


def sort_out(
    feed: Feed,
    entries: Sequence[Entry],
    positions: Sequence[int | None],
    *,
    zone_name: str,
    newest_known: datetime | None = None,
) -> list[Fresh]:
    """Tell news from what was there before us, oldest first.

    Args:
        positions: where each entry of the document stands among those that are known; None for strangers.
        zone_name: the workspace's, for a choice by date.
        newest_known: the date of the newest entry that was seen before; an entry dated after it cannot be
            an old one that slid back into the document.
    """
    strangers = [place for place in oldest_first(entries) if positions[place] is None]
    if feed.ask:
        return [Fresh(entries[place], "existing") for place in strangers]
    if feed.baseline_at is None:
        return first_look([entries[place] for place in strangers], feed.existing, zone_name=zone_name)
    tail = _below_the_known(positions)
    oldest_news = min(feed.baseline_at, newest_known or feed.baseline_at) - GRACE
    return [
        Fresh(entries[place], "existing", OLDER_THAN_FEED)
        if _is_old(entries[place], oldest_news, place in tail)
        else Fresh(entries[place], "new")
        for place in strangers
    ]


def first_look(ordered: Sequence[Entry], existing: str, *, zone_name: str) -> list[Fresh]:
    """What a feed shows when it is read for the first time, oldest first, by the person's choice."""
    choices = parse_existing(existing).chosen(ordered, where=zone(zone_name))
    return [
        Fresh(entry, "chosen") if chosen else Fresh(entry, "existing", EXISTED_BEFORE_FEED)
        for entry, chosen in zip(ordered, choices, strict=True)
    ]


def _is_old(entry: Entry, oldest_news: datetime, below_the_known: bool) -> bool:
    """When newer entries are deleted, older ones slide back into the document."""
    if entry.published_at is None:
        return below_the_known
    return entry.published_at < oldest_news


def _below_the_known(positions: Sequence[int | None]) -> frozenset[int]:
    """Where strangers stand below all known entries of a document that shows the newest first."""
    known = [position for position in positions if position is not None]
    if len(known) < 2 or any(upper < lower for upper, lower in pairwise(known)):
        return frozenset()
    last = max(place for place, position in enumerate(positions) if position is not None)
    return frozenset(range(last + 1, len(positions)))


def _is_burst(feed: Feed, entries: Sequence[Entry], positions: Sequence[int | None]) -> bool:
    if feed.ask or feed.baseline_at is None:
        return False
    since_added = feed.baseline_at - GRACE
    news = [
        entry
        for entry, position in zip(entries, positions, strict=True)
        if position is None and (entry.published_at is None or entry.published_at >= since_added)
    ]
    return is_burst(news, in_document=len(entries), last_read_at=feed.last_success_at or feed.baseline_at)


def is_burst(news: Sequence[Entry], *, in_document: int, last_read_at: datetime) -> bool:
    """Whether entries that look new are more likely old ones under new names.

    Many that are dated well before the last look; or a whole document of which nothing is known and in which
    nothing is dated after it.
    """
    dated_old = [entry for entry in news if entry.published_at and entry.published_at < last_read_at - GRACE]
    if len(dated_old) > _BURST:
        return True
    undated = sum(entry.published_at is None for entry in news)
    return len(dated_old) + undated == in_document >= _ALL_STRANGE


def oldest_first(entries: Sequence[Entry]) -> list[int]:
    """The positions of a document's entries in the order in which they were written, as far as it tells."""
    upwards = list(reversed(range(len(entries))))
    dates = [entry.published_at for entry in entries if entry.published_at]
    if len(dates) == len(entries):
        return sorted(upwards, key=lambda place: dates[place])
    rising = sum(1 if upper < lower else -1 for upper, lower in pairwise(dates) if upper != lower)
    return upwards[::-1] if rising > 0 else upwards
