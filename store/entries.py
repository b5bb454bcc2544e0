"""Entries of feeds and their keys: which are known, storing new ones, noting edits."""

from collections.abc import Container, Iterable, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any, Final, overload

from sqlalchemy import CursorResult, case, exists, func, insert, update
from sqlmodel import Session, col, select

from domain.entry import Enclosure, Entry, EntryKey, KeyKind
from domain.post import Fate
from store.tables import EntryKeyRow, EntryRow, Feed, Ledger
from store.upsert import insert_or_change

#: An entry that its author changes more often than this is left as it was then.
MAX_EDITS: Final = 24
#: Which kind of key says most about an entry, first.
_STRENGTH: Final = (
    KeyKind.GUID,
    KeyKind.GUID_AND_LINK,
    KeyKind.GUID_PATH,
    KeyKind.LINK,
    KeyKind.LINK_PATH,
    KeyKind.TEXT,
)
#: How old an entry is: by its date, or by our first look where it has none or one that lies ahead.
AGE: Final = case(
    (col(EntryRow.published_at) < col(EntryRow.first_seen_at), col(EntryRow.published_at)),
    else_=col(EntryRow.first_seen_at),
)
#: The entry of a key that several entries have had: it tells nothing any more.
_NOBODY: Final = 0


@dataclass(frozen=True, slots=True)
class Recognised:
    """What the keys of one document say: which entries we have, and under which keys."""

    #: Position in the document → the row that it is.
    rows: dict[int, int]
    #: Position → the strongest kind of key that says so.
    kinds: dict[int, KeyKind]
    #: All keys of the document that are stored already.
    keys: frozenset[EntryKey]
    #: Those of them that tell nothing any more.
    disowned: frozenset[EntryKey]

    @property
    def leading(self) -> frozenset[int]:
        """Positions that stand for their row: where two point to one row, the better match."""
        best: dict[int, int] = {}
        for place, row in self.rows.items():
            other = best.get(row)
            if other is None or self.strength(place) < self.strength(other):
                best[row] = place
        return frozenset(best.values())

    def strength(self, place: int) -> tuple[int, int]:
        """Sorts positions of one row, the best first."""
        return _STRENGTH.index(self.kinds[place]), place


def recognise(
    session: Session,
    feed_id: int,
    document: Sequence[Sequence[EntryKey]],
    *,
    shared: Iterable[EntryKey] = (),
) -> Recognised:
    """Find the entries that this feed has shown before: one known key is enough.

    Args:
        document: the keys of each of its entries.
        shared: keys that several of them have.
    """
    wanted = {key for keys in (*document, shared) for key in keys}
    query = select(col(EntryKeyRow.kind), col(EntryKeyRow.key), col(EntryKeyRow.entry_id)).where(
        col(EntryKeyRow.feed_id) == feed_id,
        col(EntryKeyRow.kind).in_({key.kind for key in wanted}),
        col(EntryKeyRow.key).in_({key.key for key in wanted}),
    )
    found = session.connection().execute(query) if wanted else ()
    stored = {EntryKey(KeyKind(kind), bytes(key)): row for kind, key, row in found}
    rows: dict[int, int] = {}
    kinds: dict[int, KeyKind] = {}
    for place, keys in enumerate(document):
        known = [key for key in keys if stored.get(key, _NOBODY) != _NOBODY]
        if known:
            best = min(known, key=lambda key: _STRENGTH.index(key.kind))
            rows[place], kinds[place] = stored[best], best.kind
    disowned = frozenset(key for key, row in stored.items() if row == _NOBODY)
    return Recognised(rows, kinds, frozenset(stored), disowned)


def disown(session: Session, feed_id: int, keys: Iterable[EntryKey]) -> None:
    """From now on these keys of a feed identify no entry, stored or not: several different ones have them."""
    for key in keys:
        row = {"feed_id": feed_id, "kind": int(key.kind), "key": key.key, "entry_id": _NOBODY}
        insert_or_change(
            session, EntryKeyRow, row, keys=["feed_id", "kind", "key"], changes={"entry_id": _NOBODY}
        )


def add(
    session: Session,
    feed: Feed,
    entries: Sequence[Entry],
    *,
    origins: Sequence[str],
    now: datetime,
    taken: Container[EntryKey] = frozenset(),
) -> list[EntryRow]:
    """Store entries that were never seen, oldest first, with their keys.

    Args:
        origins: ``existing``, ``chosen`` or ``new`` for each.
        taken: keys that are stored already.
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
    own = ([key for key in entry.keys if key not in taken] for entry in entries)
    add_keys(session, feed.id, zip((row.id for row in rows), own, strict=True))
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
    picture = row.image_url
    for name, value in _columns(entry).items():
        setattr(row, name, value)
    row.image_url = row.image_url or picture  # found on its page, perhaps
    row.edits += 1
    row.purged_at = None
    session.add(row)
    return True


def purge_texts(session: Session, *, before: datetime, now: datetime, limit: int) -> int:
    """Remove the texts of entries that were first seen before a time; how many, at most ``limit``.

    Their keys stay, and titles, links and dates. Left alone: entries of which a post may still be made.
    """
    held = exists().where(col(Ledger.entry_id) == col(EntryRow.id), col(Ledger.fate) == Fate.HELD)
    routed = exists().where(col(Ledger.entry_id) == col(EntryRow.id))
    old = (
        select(col(EntryRow.id))
        .where(
            col(EntryRow.first_seen_at) < before,
            col(EntryRow.purged_at).is_(None),
            ~held,
            (col(EntryRow.origin) != "chosen") | routed,
        )
        .limit(limit)
    )
    emptied = {"summary_html": "", "content_html": "", "text": "", "enclosures": [], "purged_at": now}
    purge = update(EntryRow).where(col(EntryRow.id).in_(old)).values(**emptied)
    result = session.connection().execute(purge)
    assert isinstance(result, CursorResult)
    return result.rowcount


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


def newest(session: Session, feed_id: int, *, without: Iterable[int], limit: int) -> list[EntryRow]:
    """The entries of a feed that came last, newest first, but not these."""
    query = (
        select(EntryRow)
        .where(col(EntryRow.feed_id) == feed_id, col(EntryRow.id).not_in(set(without)))
        .order_by(col(EntryRow.first_seen_at).desc(), col(EntryRow.position).desc())
        .limit(limit)
    )
    return list(session.scalars(query))


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
        .order_by(AGE.desc())
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
    """Sorts entries oldest first, also across feeds; as `AGE`."""
    return min(row.published_at or row.first_seen_at, row.first_seen_at), row.position


def recent_dates(session: Session, feed_id: int, *, limit: int = 40) -> list[datetime]:
    """When the newest entries of a feed were published (UTC), as far as it says."""
    query = (
        select(col(EntryRow.published_at))
        .where(col(EntryRow.feed_id) == feed_id, col(EntryRow.published_at).is_not(None))
        .order_by(col(EntryRow.first_seen_at).desc(), col(EntryRow.position).desc())  # by its index
        .limit(limit)
    )
    return [date for date in session.scalars(query) if date is not None]


def calm_dates(session: Session, feed_id: int, *, before: datetime, limit: int = 40) -> list[datetime]:
    """As `recent_dates`, of entries that were seen before a time or that the feed had when it was added."""
    query = (
        select(col(EntryRow.published_at))
        .where(
            col(EntryRow.feed_id) == feed_id,
            col(EntryRow.published_at).is_not(None),
            (col(EntryRow.first_seen_at) <= before) | (col(EntryRow.origin) != "new"),
        )
        .order_by(col(EntryRow.first_seen_at).desc(), col(EntryRow.position).desc())
        .limit(limit)
    )
    return [date for date in session.scalars(query) if date is not None]


def count_new(session: Session, feed_id: int, *, since: datetime) -> int:
    """How many entries came as news after a time."""
    query = select(func.count()).where(
        col(EntryRow.feed_id) == feed_id,
        col(EntryRow.first_seen_at) > since,
        col(EntryRow.origin) == "new",
    )
    return session.scalars(query).one()


def has_any(session: Session, feed_id: int) -> bool:
    """Whether a feed has shown an entry yet."""
    return (
        session.scalars(select(col(EntryRow.id)).where(col(EntryRow.feed_id) == feed_id).limit(1)).first()
        is not None
    )


def positions(session: Session, ids: Iterable[int]) -> dict[int, int]:
    """Where these entries stand in the order of their feed."""
    query = select(col(EntryRow.id), col(EntryRow.position)).where(col(EntryRow.id).in_(set(ids)))
    return dict(session.connection().execute(query).all())
