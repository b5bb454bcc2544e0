"""Which entries of a document are known: by their keys, and where keys are weak or gone, by what they say."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Final

from sqlmodel import Session

from domain.entry import Entry, EntryKey, KeyKind
from feeds.document import Unchanged
from feeds.identity import last_resort
from feeds.likeness import is_same_article
from store import entries as rows
from store.entries import Recognised, entry_of
from store.tables import EntryRow, Feed

#: An entry as a document shows it.
Shown = Entry | Unchanged

#: Kinds that alone prove nothing: a path that was met on another host may be another entry's.
_WEAK: Final = frozenset({KeyKind.GUID_PATH, KeyKind.LINK_PATH})
#: Kinds under which two entries of one document may be one and the same.
_OF_ITSELF: Final = frozenset({KeyKind.GUID, KeyKind.TEXT})
#: Most entries of one document that are taken for known ones with new names.
REPAIRS: Final = 3
#: Entries that came last, of those that the document does not show, to compare with.
_COMPARED: Final = 60


class Forgotten(Exception):
    """An entry is remembered as it was, but the store does not know it: the document must be read whole."""


@dataclass(frozen=True, slots=True)
class Identified:
    """The entries of a document, and which rows they are."""

    #: In document order; those without a key of their own have got one.
    entries: tuple[Shown, ...]
    known: Recognised
    #: How many strangers look like known entries under new names, where these are too many to believe it.
    renamed: int = 0

    @property
    def strangers(self) -> dict[int, Entry]:
        """Entries that were never seen, by their position in the document.

        Raises:
            Forgotten: one of them was not read, since it was remembered.
        """
        found = {}
        for place, entry in enumerate(self.entries):
            if place not in self.known.rows:
                if isinstance(entry, Unchanged):
                    raise Forgotten
                found[place] = entry
        return found


def identify(
    session: Session, feed: Feed, entries: Sequence[Shown], *, shared: frozenset[EntryKey] = frozenset()
) -> Identified:
    """Tell the entries of a document that this feed has shown before; the feed is locked.

    Args:
        shared: keys that several of them have; they identify nothing from now on.

    Raises:
        Forgotten: an entry that was not read is not stored.
    """
    known = rows.recognise(session, feed.id, [entry.keys for entry in entries], shared=shared)
    rows.disown(session, feed.id, shared - known.disowned)
    shown = tuple(_with_a_key(entry, known) for entry in entries)
    if shown != tuple(entries):
        known = rows.recognise(session, feed.id, [entry.keys for entry in shown])
    found = Identified(shown, _without_doubtful(session, shown, known))
    strangers = found.strangers
    rows.disown(session, feed.id, _misleading(strangers, known))
    if strangers and feed.baseline_at is not None and not feed.ask:
        renamed = _renamed(session, feed, strangers, found.known)
        if len(renamed) > REPAIRS:
            return Identified(shown, found.known, len(renamed))
        found = Identified(shown, _changed(found.known, found.known.rows | renamed))
    return found


def _with_a_key(entry: Shown, known: Recognised) -> Shown:
    """An entry all of whose keys tell nothing any more would be news at every look."""
    if isinstance(entry, Entry) and known.disowned.issuperset(entry.keys):
        return replace(entry, keys=(*entry.keys, last_resort(entry)))
    return entry


def _without_doubtful(session: Session, shown: Sequence[Shown], known: Recognised) -> Recognised:
    """Leave out what only seems to be known: an equal path on another host, or a link that was passed on."""
    weak = [place for place, kind in known.kinds.items() if kind in _WEAK]
    stored = rows.by_ids(session, (known.rows[place] for place in weak)) if weak else {}
    doubtful = {place for place in weak if not _is_alike(shown[place], stored[known.rows[place]])}
    leaders = {known.rows[place]: known.kinds[place] for place in known.leading}
    for place in known.rows.keys() - known.leading:
        if known.kinds[place] not in _OF_ITSELF and leaders[known.rows[place]] is KeyKind.GUID:
            doubtful.add(place)
    return _changed(known, {place: row for place, row in known.rows.items() if place not in doubtful})


def _is_alike(entry: Shown, row: EntryRow) -> bool:
    """A site that moves takes titles and dates along."""
    if isinstance(entry, Unchanged):
        return entry.published_at is not None and entry.published_at == row.published_at
    same_date = entry.published_at is not None and entry.published_at == row.published_at
    return same_date or entry.title.casefold() == row.title.casefold() or entry.digest == row.digest


def _misleading(strangers: Mapping[int, Entry], known: Recognised) -> set[EntryKey]:
    """Keys of strangers that are stored all the same: they have led to the wrong entry."""
    return {key for entry in strangers.values() for key in entry.keys if key in known.keys} - known.disowned


def _renamed(
    session: Session, feed: Feed, strangers: Mapping[int, Entry], known: Recognised
) -> dict[int, int]:
    """Strangers that are known entries under new names, with their rows.

    Only one that the document shows no longer can have come back. Where it is missing at the end of the
    document, it may simply be too old to be shown; then what is dated after the last look is news.
    """
    last_look = feed.last_success_at or feed.baseline_at
    dated = {place: entry for place, entry in strangers.items() if entry.published_at is not None}
    found: dict[int, int] = {}
    if not dated or last_look is None:
        return found
    gone = rows.newest(session, feed.id, without=known.rows.values(), limit=_COMPARED)
    lowest = min(rows.positions(session, known.rows.values()).values(), default=None)
    for place, entry in dated.items():
        is_late = entry.published_at is not None and entry.published_at > last_look
        for row in gone:
            fell_out = lowest is None or row.position < lowest
            if row.id in found.values() or (is_late and fell_out):
                continue
            if is_same_article(entry, entry_of(row)):
                found[place] = row.id
                break
    return found


def _changed(known: Recognised, found: dict[int, int]) -> Recognised:
    kinds = {place: known.kinds.get(place, KeyKind.TEXT) for place in found}
    return replace(known, rows=found, kinds=kinds)
