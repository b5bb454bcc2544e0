"""Brands whose mentions are counted, and the feeds that show them."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Final

from sqlalchemy import func
from sqlalchemy import select as select_columns
from sqlmodel import Session, col, select

from domain.errors import NotFound
from store import mentions
from store.answers import remembered
from store.tables import Brand, ChannelRow, EntryRow, Feed, MentionDay, MentionSource


@remembered
def listed(session: Session, workspace_id: int) -> Sequence[Brand]:
    """The workspace's brands, its own first."""
    query = select(Brand).where(col(Brand.workspace_id) == workspace_id)
    return session.scalars(query.order_by(col(Brand.is_own).desc(), col(Brand.id))).all()


def named(session: Session, workspace_id: int, name: str) -> Brand:
    """The brand by its name, whatever its case. Raises `NotFound`."""
    wanted = " ".join(name.split()).casefold()
    found = next((row for row in listed(session, workspace_id) if row.name.casefold() == wanted), None)
    if found is None:
        raise NotFound(f"There is no brand {name!r}. `tabuh brand list` shows those there are.")
    return found


def get(session: Session, workspace_id: int, brand_id: int) -> Brand:
    """The brand by its number. Raises `NotFound`."""
    query = select(Brand).where(col(Brand.id) == brand_id, col(Brand.workspace_id) == workspace_id)
    found = session.scalars(query).first()
    if found is None:
        raise NotFound(f"There is no brand {brand_id}.")
    return found


def sources(session: Session, workspace_id: int) -> Sequence[tuple[MentionSource, Feed]]:
    """The feeds that show mentions, with what they search for."""
    query = (
        select(MentionSource, Feed)
        .join(Feed, col(Feed.id) == col(MentionSource.feed_id))
        .where(col(MentionSource.workspace_id) == workspace_id)
        .order_by(col(MentionSource.id))
    )
    return [(source, feed) for source, feed in session.exec(query)]


#: What the entries of feeds are counted by, where sources are compared: each brand has feeds of its own.
FEEDS: Final = "feeds"


def source_names(
    session: Session, workspace_id: int, brand_ids: Iterable[int], *, kinds: bool = False
) -> set[str]:
    """What counts mentions of these brands; ``kinds``: all feeds are one source."""
    wanted = set(brand_ids)
    days = (
        select_columns(col(MentionDay.source))
        .where(
            col(MentionDay.workspace_id) == workspace_id,
            col(MentionDay.is_current).is_(True),
            col(MentionDay.brand_id).in_(wanted),
        )
        .distinct()
    )
    found = {str(source) for (source,) in session.connection().execute(days)}
    shown = [feed for source, feed in sources(session, workspace_id) if source.brand_id in wanted]
    found |= {mentions.source_of(row) for row in collecting(session, workspace_id, wanted)}
    return found | {FEEDS if kinds else feed.title or feed.url for feed in shown}


def collecting(session: Session, workspace_id: int, brand_ids: Iterable[int]) -> Sequence[ChannelRow]:
    """The channels whose platforms tell of mentions, where the own brand is among these."""
    wanted = set(brand_ids)
    own = any(row.is_own and row.id in wanted for row in listed(session, workspace_id))
    return mentions.collected(session, workspace_id) if own else []


def searches(session: Session, workspace_id: int, brand_id: int) -> list[tuple[str, str]]:
    """The sources whose days were brought in for a brand, each with what was searched for there."""
    query = (
        select_columns(col(MentionDay.source), col(MentionDay.query))
        .where(
            col(MentionDay.workspace_id) == workspace_id,
            col(MentionDay.is_current).is_(True),
            col(MentionDay.brand_id) == brand_id,
        )
        .distinct()
    )
    told = {mentions.source_of(row) for row in collecting(session, workspace_id, [brand_id])}
    found = session.connection().execute(query).all()
    return sorted((str(source), str(words)) for source, words in found if source not in told)


def counted_at(
    session: Session,
    workspace_id: int,
    brand_ids: Iterable[int],
    *,
    start: datetime,
    end: datetime,
    kinds: bool = False,
) -> dict[int, list[tuple[datetime, int, str]]]:
    """Mentions of brands in [start, end): when, how many, and from which source, in no order.

    Days that a source counted, and entries of the feeds that show the brand; an entry that several feeds of a
    brand show by the same link counts once.
    """
    found: dict[int, list[tuple[datetime, int, str]]] = {brand_id: [] for brand_id in brand_ids}
    days = select_columns(
        col(MentionDay.brand_id), col(MentionDay.at), col(MentionDay.number), col(MentionDay.source)
    ).where(
        col(MentionDay.workspace_id) == workspace_id,
        col(MentionDay.is_current).is_(True),
        col(MentionDay.brand_id).in_(list(found)),
        col(MentionDay.at) >= start,
        col(MentionDay.at) < end,
    )
    for brand_id, at, number, source in session.connection().execute(days):
        found[brand_id].append((at, number, source))
    for brand_id, seen in _of_feeds(session, workspace_id, found, start=start, end=end).items():
        found[brand_id] += [(at, 1, FEEDS if kinds else source) for at, source in seen.values()]
    return found


def _of_feeds(
    session: Session, workspace_id: int, brand_ids: Iterable[int], *, start: datetime, end: datetime
) -> Mapping[int, Mapping[str, tuple[datetime, str]]]:
    """Brand → link, or the entry's own number where it has none → when it was first told, and where."""
    at = func.coalesce(col(EntryRow.published_at), col(EntryRow.first_seen_at))
    query = (
        select_columns(
            col(MentionSource.brand_id),
            col(EntryRow.id),
            col(EntryRow.link),
            at,
            col(Feed.title),
            col(Feed.url),
        )
        .join(EntryRow, col(EntryRow.feed_id) == col(MentionSource.feed_id))
        .join(Feed, col(Feed.id) == col(MentionSource.feed_id))
        .where(
            col(MentionSource.workspace_id) == workspace_id,
            col(MentionSource.brand_id).in_(list(brand_ids)),
        )
        .order_by(at, col(EntryRow.id))
    )
    first: dict[int, dict[str, tuple[datetime, str]]] = {}
    for brand_id, entry_id, link, told, title, url in session.connection().execute(query):
        of_brand = first.setdefault(brand_id, {})
        of_brand.setdefault(_same(link) or f"entry {entry_id}", (told, title or url))
    return {
        brand_id: {key: one for key, one in of_brand.items() if start <= one[0] < end}
        for brand_id, of_brand in first.items()
    }


def _same(link: str | None) -> str:
    """A link as it is compared: without scheme, fragment, trailing slash and the usual tracking words."""
    if not link:
        return ""
    bare = link.split("#")[0].split("://")[-1]
    path, _, query = bare.partition("?")
    kept = sorted(
        part for part in query.split("&") if part and not part.startswith(("utm_", "fbclid", "gclid"))
    )
    return path.rstrip("/").casefold() + ("?" + "&".join(kept) if kept else "")


@remembered
def has_any(session: Session, workspace_id: int, brand_id: int) -> bool:
    """Whether anything counts mentions of a brand: a feed, a platform, or days that were brought in."""
    if collecting(session, workspace_id, [brand_id]):
        return True
    feed = select(col(MentionSource.id)).where(col(MentionSource.brand_id) == brand_id).limit(1)
    day = (
        select(col(MentionDay.id))
        .where(
            col(MentionDay.workspace_id) == workspace_id,
            col(MentionDay.brand_id) == brand_id,
            col(MentionDay.is_current).is_(True),
        )
        .limit(1)
    )
    return session.scalars(feed).first() is not None or session.scalars(day).first() is not None


def source(session: Session, workspace_id: int, source_id: int) -> MentionSource:
    """One feed that shows mentions, by its number. Raises `NotFound`."""
    query = select(MentionSource).where(
        col(MentionSource.id) == source_id, col(MentionSource.workspace_id) == workspace_id
    )
    found = session.scalars(query).first()
    if found is None:
        raise NotFound("There is no such feed of mentions. `tabuh brand list` shows those there are.")
    return found
