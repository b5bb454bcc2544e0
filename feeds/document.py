"""A document read against what is remembered of the last one: only what has changed costs anything."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from domain.entry import Entry, EntryKey, KeyKind
from feeds.identity import keys_within, marks_of
from feeds.memory import Remembered, pack, unpack
from feeds.parse import MAX_ENTRIES, parse
from feeds.parsed import ParsedFeed, Place


@dataclass(frozen=True, slots=True)
class Unchanged:
    """An entry that stands in the document as it stood there when it was last read."""

    keys: tuple[EntryKey, ...]
    published_at: datetime | None


@dataclass(frozen=True, slots=True)
class Document:
    """A feed document whose entries have their keys."""

    #: The values of the feed itself.
    parsed: ParsedFeed
    #: In document order, exact repetitions left out; each has at least one key.
    entries: tuple[Entry | Unchanged, ...]
    #: To be stored with the entries, and given to the next reading of this feed; empty when nothing of
    #: this document can be told apart by its bytes.
    memory: bytes
    #: Keys that several entries of the document have: they tell nothing, now and later.
    shared: frozenset[EntryKey] = frozenset()


def allows_deltas(memory: bytes | None) -> bool:
    """Whether new entries alone would do (RFC 3229): all that are remembered have a guid of their own."""
    known = unpack(memory)
    guids = {_guid(one) for one in known.values() if one.marks}
    return bool(known) and None not in guids and len(guids) == sum(bool(one.marks) for one in known.values())


def read_document(
    body: bytes,
    *,
    url: str,
    content_type: str | None,
    now: datetime,
    memory: bytes | None = None,
    is_partial: bool = False,
    link_header: str = "",
    limit: int = MAX_ENTRIES,
) -> Document:
    """Read a feed document, and of its entries those that are not as they were.

    Args:
        body, url, content_type, now, link_header, limit: as for `feeds.parse.parse`.
        memory: of the last document whose entries were stored; None reads everything.
        is_partial: the body holds only what came or changed (226); what is remembered stands below it.

    Raises:
        NotAFeed: it is none.
        TooLarge: it unpacks to too much.
    """
    known = unpack(memory)
    parsed = parse(
        body,
        url=url,
        content_type=content_type,
        now=now,
        limit=limit,
        known=known,
        link_header=link_header,
    )
    seen = [(place, _seen(place, known)) for place in parsed.places]
    if is_partial:
        seen += _not_named_again(known, seen)
        del seen[limit:]
    real = [(place.entry, one.published_at, one.marks) for place, one in seen if one.marks]
    keyed = keys_within([marks for *_, marks in real], site_url=parsed.site_url)
    entries = []
    for at, keys in keyed.keys.items():
        entry, published_at, _ = real[at]
        entries.append(replace(entry, keys=keys) if entry else Unchanged(keys, published_at))
    told_apart = ((place.fingerprint, one) for place, one in seen if place.fingerprint)
    return Document(parsed, tuple(entries), pack(told_apart), keyed.shared)


def _seen(place: Place, known: Mapping[bytes, Remembered]) -> Remembered:
    if place.entry is not None:
        return Remembered(marks_of(place.entry), place.entry.published_at)
    return known.get(place.fingerprint or b"", Remembered(None))


def _not_named_again(
    known: Mapping[bytes, Remembered], seen: Sequence[tuple[Place, Remembered]]
) -> Iterator[tuple[Place, Remembered]]:
    """The remembered entries that a partial document does not hold, neither as they were nor edited."""
    fingerprints = {place.fingerprint for place, _ in seen}
    guids = {_guid(one) for _, one in seen} - {None}
    for fingerprint, one in known.items():
        if fingerprint not in fingerprints and _guid(one) not in guids:
            yield Place(fingerprint, None), one


def _guid(one: Remembered) -> EntryKey | None:
    keys = one.marks.keys if one.marks else ()
    return next((key for key in keys if key.kind is KeyKind.GUID), None)
