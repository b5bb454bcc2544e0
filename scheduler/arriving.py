"""What a poll found: which entries are new, which are old ones in disguise, and what the routes make of them.

All of it happens in one transaction, so that a crash at any point loses nothing and doubles nothing.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from itertools import pairwise
from typing import Final

from sqlmodel import Session

from domain.entry import Entry, EntryKey
from domain.existing import parse_existing
from domain.post import Fate
from domain.schedule import zone
from scheduler.context import Context
from scheduler.desk import Way
from scheduler.flooding import flood, renamed
from scheduler.recognising import Identified, Shown, identify
from scheduler.routing import route_entries, ways, write_again
from store import entries as rows
from store import feeds, ledger, routes
from store.tables import EntryRow, Feed

#: Dates are trusted as far as this: publishers write an entry some time before they release it.
GRACE: Final = timedelta(hours=48)
#: So many old-looking entries at once are a change of the feed, not news.
_BURST: Final = 10
#: From so many on, a document of which nothing is known any more is a change of the feed, too.
_ALL_STRANGE: Final = 4
OLDER_THAN_FEED: Final = "older than the day on which the feed was added"
OLD_AS_NEW: Final = "it shows entries that are older than the last look and were not there"
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
    context: Context,
    session: Session,
    feed: Feed,
    entries: Sequence[Shown],
    *,
    shared: frozenset[EntryKey] = frozenset(),
    now: datetime,
) -> Arrival:
    """Store what a document shows and route what is new; the feed is locked and its claim held.

    Args:
        entries: in document order, with keys.
        shared: keys that several of them have.

    Raises:
        Forgotten: one that was not read is not stored: roll back, and read the whole document.
    """
    found = identify(session, feed, entries, shared=shared)
    edited = _note_edits(context, session, feed, found, now=now)
    if not found.strangers:
        return Arrival(known=len(found.known.rows), edited=edited)
    known_at = rows.positions(session, found.known.rows.values())
    positions = [known_at.get(found.known.rows.get(place, 0)) for place in range(len(found.entries))]
    newest = max(rows.recent_dates(session, feed.id), default=None)
    zone_name = feeds.zone_of(session, feed)
    fresh = sort_out(feed, found.entries, positions, zone_name=zone_name, newest_known=newest)
    because = _too_much(session, feed, found, fresh, positions, now=now)
    if because:
        feed.ask, feed.asks_because = True, because
        session.add(feed)
        fresh = [one if one.skipped else replace(one, origin="existing") for one in fresh]
    stored = rows.add(
        session,
        feed,
        [one.entry for one in fresh],
        origins=[one.origin for one in fresh],
        now=now,
        taken=found.known.keys,
    )
    arrived = list(zip(fresh, stored, strict=True))
    read_by = ways(session, routes.reading(session, feed.id))
    made = sum(_route(context, session, way, feed, arrived, now=now) for way in read_by)
    return Arrival(
        new=len(stored), known=len(found.known.rows), edited=edited, posts=made, asks=bool(because)
    )


def _too_much(
    session: Session,
    feed: Feed,
    found: Identified,
    fresh: Sequence[Fresh],
    positions: Sequence[int | None],
    *,
    now: datetime,
) -> str:
    """Why a person must look at what came before anything of it is posted; empty when nobody must."""
    news = [one for one in fresh if not one.skipped]
    if not news or feed.ask or feed.baseline_at is None:
        return ""
    if found.renamed:
        return renamed(found.renamed)
    shown = len(found.entries)
    is_known = bool(found.known.rows) or rows.has_any(session, feed.id)
    why = flood(session, feed, news=len(news), shown=shown, is_known=is_known, now=now)
    if not why and _is_burst(feed, found.entries, positions):
        return OLD_AS_NEW
    return why


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


def _note_edits(context: Context, session: Session, feed: Feed, found: Identified, *, now: datetime) -> int:
    """Learn new keys of known entries; change those that their author has edited, and their posts."""
    known = found.known
    fresh_keys = [
        (row, [key for key in found.entries[place].keys if key not in known.keys])
        for place, row in known.rows.items()
    ]
    rows.add_keys(session, feed.id, fresh_keys)
    # What stands as it stood is no edit, and was not read.
    read = {
        place: entry for place in sorted(known.leading) if isinstance(entry := found.entries[place], Entry)
    }
    stored = rows.by_ids(session, (known.rows[place] for place in read)) if read else {}
    edited = 0
    for place, entry in read.items():
        row = stored[known.rows[place]]
        if rows.change(session, row, entry):
            edited += 1
            write_again(context, session, row, feed, now=now)
    return edited


def sort_out(
    feed: Feed,
    entries: Sequence[Shown],
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
    strangers = {
        place: entry
        for place in oldest_first(entries)
        if positions[place] is None and isinstance(entry := entries[place], Entry)
    }
    if feed.baseline_at is None:
        return first_look(list(strangers.values()), feed.existing, zone_name=zone_name)
    tail = _below_the_known(positions)
    since_added = feed.baseline_at - GRACE
    oldest_news = min(since_added, newest_known or since_added)
    return [
        Fresh(entry, "existing", OLDER_THAN_FEED)
        if _is_old(entry, oldest_news, place in tail)
        else Fresh(entry, "existing" if feed.ask else "new")  # held, while it asks
        for place, entry in strangers.items()
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


def _is_burst(feed: Feed, entries: Sequence[Shown], positions: Sequence[int | None]) -> bool:
    if feed.ask or feed.baseline_at is None:
        return False
    since_added = feed.baseline_at - GRACE
    news = [
        entry
        for entry, position in zip(entries, positions, strict=True)
        if position is None and (entry.published_at is None or entry.published_at >= since_added)
    ]
    return is_burst(news, in_document=len(entries), last_read_at=feed.last_success_at or feed.baseline_at)


def is_burst(news: Sequence[Shown], *, in_document: int, last_read_at: datetime) -> bool:
    """Whether entries that look new are more likely old ones under new names.

    Many that are dated well before the last look; or a whole document of which nothing is known and in which
    nothing is dated after it.
    """
    dated_old = [entry for entry in news if entry.published_at and entry.published_at < last_read_at - GRACE]
    if len(dated_old) > _BURST:
        return True
    undated = sum(entry.published_at is None for entry in news)
    return len(dated_old) + undated == in_document >= _ALL_STRANGE


def oldest_first(entries: Sequence[Shown]) -> list[int]:
    """The positions of a document's entries in the order in which they were written, as far as it tells."""
    upwards = list(reversed(range(len(entries))))
    dates = [entry.published_at for entry in entries if entry.published_at]
    if len(dates) == len(entries):
        return sorted(upwards, key=lambda place: dates[place])
    rising = sum(1 if upper < lower else -1 for upper, lower in pairwise(dates) if upper != lower)
    return upwards[::-1] if rising > 0 else upwards
