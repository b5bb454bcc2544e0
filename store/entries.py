"""Entries of feeds and their keys: which are known, storing new ones, noting edits."""

from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any, Final, overload

from sqlalchemy import func, insert
from sqlmodel import Session, col, select

from domain.entry import Enclosure, Entry, EntryKey, KeyKind
from store.tables import EntryKeyRow, EntryRow, Feed

#: An entry that its author changes more often than this is left as it was then.
MAX_EDITS: Final = 24
#: Which kind of key says most about an entry, first.
_STRENGTH: Final = (KeyKind.GUID, KeyKind.GUID_PATH, KeyKind.LINK, KeyKind.TEXT)


@dataclass(frozen=True, slots=True)
class Recognised:
    """What the keys of one document say: which entries we have, and under which keys."""

    #: Position in the document → the row that it is.
    rows: dict[int, int]
    #: Those of them that stand for the row: where two entries point to one row, the better match.
    leading: frozenset[int]
    #: All keys of the document that are stored already.
    keys: frozenset[tuple[int, bytes]]


def recognise(session: Session, feed_id: int, entries: Sequence[Entry]) -> Recognised:
    """Find the entries that this feed has shown before: one known key is enough."""
    wanted = {key.key for entry in entries for key in entry.keys}
    query = select(col(EntryKeyRow.kind), col(EntryKeyRow.key), col(EntryKeyRow.entry_id)).where(
        col(EntryKeyRow.feed_id) == feed_id, col(EntryKeyRow.key).in_(wanted)
    )
    stored = {(kind, bytes(key)): row for kind, key, row in session.connection().execute(query)}
    rows: dict[int, int] = {}
    best: dict[int, tuple[int, int]] = {}
    for place, entry in enumerate(entries):
        found = [(key.kind, stored[key.kind, key.key]) for key in entry.keys if (key.kind, key.key) in stored]
        if found:
            kind, row = min(found, key=lambda pair: _STRENGTH.index(pair[0]))
            rows[place] = row
            best[row] = min(best.get(row, (99, 0)), (_STRENGTH.index(kind), place))
    return Recognised(rows, frozenset(place for _, place in best.values()), frozenset(stored))


def add(
    session: Session, feed: Feed, entries: Sequence[Entry], *, origins: Sequence[str], now: datetime
) -> list[EntryRow]:
    """Store entries that were never seen, oldest first, with their keys.

    Args:
        origins: ``existing``, ``chosen`` or ``new`` for each.
    """
    if not entries:
        return []
    highest = session.scalar(select(func.max(col(EntryRow.position))).where(col(EntryRow.feed_id) == feed.id))
    rows = [
        EntryRow(
            workspace_id=feed.workspace_id,
            feed_id=feed.id,
            first_seen_at=now,
            position=place,
            origin=origin,
            **_columns(entry),
        )
        for place, (entry, origin) in enumerate(zip(entries, origins, strict=True), start=(highest or 0) + 1)
    ]
    session.add_all(rows)
    session.flush()
    add_keys(session, feed.id, zip((row.id for row in rows), (e.keys for e in entries), strict=True))
    return rows


def unsaved(feed: Feed, entries: Sequence[Entry], *, now: datetime) -> list[EntryRow]:
    """Entries, oldest first, as the rows that they would be; nothing is stored."""
    return [
        EntryRow(
            workspace_id=feed.workspace_id,
            feed_id=feed.id,
            first_seen_at=now,
            position=place,
            origin="new",
            **_columns(entry),
        )
        for place, entry in enumerate(entries, start=1)
    ]


def add_keys(session: Session, feed_id: int, keys: Iterable[tuple[int, Iterable[EntryKey]]]) -> None:
    """Store keys that no entry of this feed has, as pairs of entry and keys; they are kept for good."""
    values = [
        {"feed_id": feed_id, "kind": int(key.kind), "key": key.key, "entry_id": entry_id}
        for entry_id, its_keys in keys
        for key in its_keys
    ]
    if values:
        session.connection().execute(insert(EntryKeyRow), values)


def change(session: Session, row: EntryRow, entry: Entry) -> bool:
    """Write down that the author has edited an entry; False when there is nothing new, or too often."""
    if row.digest == entry.digest or row.edits >= MAX_EDITS:
        return False
    for name, value in _columns(entry).items():
        setattr(row, name, value)
    row.edits += 1
    session.add(row)
    return True


def _columns(entry: Entry) -> dict[str, Any]:
    return {
        "guid": storable(entry.guid),
        "link": storable(entry.link),
        "title": storable(entry.title),
        "summary_html": storable(entry.summary_html),
        "content_html": storable(entry.content_html),
        "text": storable(entry.text),
        "authors": [storable(name) for name in entry.authors],
        "categories": [storable(name) for name in entry.categories],
        "enclosures": [_enclosure(enclosure) for enclosure in entry.enclosures],
        "language": storable(entry.language[:35]) if entry.language else None,
        "image_url": storable(entry.image_url),
        "published_at": entry.published_at,
        "updated_at": entry.updated_at,
        "digest": entry.digest,
    }


def _enclosure(enclosure: Enclosure) -> dict[str, Any]:
    return asdict(enclosure) | {"url": storable(enclosure.url), "kind": storable(enclosure.kind)}


@overload
def storable(text: str) -> str: ...
@overload
def storable(text: None) -> None: ...
@overload
def storable(text: str | None) -> str | None: ...
def storable(text: str | None) -> str | None:
    """The text without what a database refuses: NUL, and halves of surrogate pairs, which JSON can hold."""
    if text is None or (text.isprintable() and text.isascii()):
        return text
    return text.replace("\0", "").encode("utf-8", "replace").decode()


def entry_of(row: EntryRow) -> Entry:
    """The row as the value it was made from; its keys stay in their own table."""
    return Entry(
        guid=row.guid,
        link=row.link,
        title=row.title,
        summary_html=row.summary_html,
        content_html=row.content_html,
        text=row.text,
        authors=tuple(row.authors),
        categories=tuple(row.categories),
        published_at=row.published_at,
        updated_at=row.updated_at,
        language=row.language,
        image_url=row.image_url,
        enclosures=tuple(Enclosure(**enclosure) for enclosure in row.enclosures),
        digest=row.digest,
    )


def by_ids(session: Session, ids: Iterable[int]) -> dict[int, EntryRow]:
    """These entries by id."""
    found = session.scalars(select(EntryRow).where(col(EntryRow.id).in_(set(ids))))
    return {row.id: row for row in found}


def of_feeds(session: Session, feed_ids: Sequence[int]) -> list[EntryRow]:
    """All entries of these feeds, oldest first."""
    found = session.scalars(select(EntryRow).where(col(EntryRow.feed_id).in_(feed_ids))).all()
    return sorted(found, key=age_order)


def newest_of_feeds(session: Session, feed_ids: Sequence[int], *, limit: int) -> list[EntryRow]:
    """The entries of these feeds that came last, newest first."""
    query = (
        select(EntryRow)
        .where(col(EntryRow.feed_id).in_(feed_ids))
        .order_by(func.coalesce(col(EntryRow.published_at), col(EntryRow.first_seen_at)).desc())
        .order_by(col(EntryRow.position).desc())
        .limit(limit)
    )
    return list(session.scalars(query))


def since(session: Session, feed_ids: Sequence[int], moment: datetime, *, limit: int) -> list[EntryRow]:
    """The last entries of these feeds that were published or first seen from a moment on, oldest first."""
    age = func.coalesce(col(EntryRow.published_at), col(EntryRow.first_seen_at))
    query = (
        select(EntryRow)
        .where(
            col(EntryRow.feed_id).in_(feed_ids),
            (col(EntryRow.published_at) >= moment) | (col(EntryRow.first_seen_at) >= moment),
        )
        .order_by(age.desc(), col(EntryRow.position).desc())
        .limit(limit)
    )
    return list(session.scalars(query))[::-1]


def age_order(row: EntryRow) -> tuple[datetime, int]:
    """Sorts entries oldest first, also across feeds; one without a date is as old as our first look."""
    return row.published_at or row.first_seen_at, row.position


def recent_dates(session: Session, feed_id: int, *, limit: int = 40) -> list[datetime]:
    """When the newest entries of a feed were published (UTC), as far as it says."""
    query = (
        select(col(EntryRow.published_at))
        .where(col(EntryRow.feed_id) == feed_id, col(EntryRow.published_at).is_not(None))
        .order_by(col(EntryRow.position).desc())
        .limit(limit)
    )
    return [date for date in session.scalars(query) if date is not None]


def positions(session: Session, ids: Iterable[int]) -> dict[int, int]:
    """Where these entries stand in the order of their feed."""
    query = select(col(EntryRow.id), col(EntryRow.position)).where(col(EntryRow.id).in_(set(ids)))
    return dict(session.connection().execute(query).all())
