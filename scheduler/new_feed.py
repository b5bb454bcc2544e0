"""A feed that was found becomes a row, with all entries that it shows."""

import random
from datetime import datetime, timedelta
from typing import Final

from sqlmodel import Session

from domain.existing import parse_existing
from domain.ids import new_id
from feeds.fetch import Validators
from feeds.interval import next_poll, usual_gap
from scheduler.arriving import first_look
from scheduler.context import Context
from scheduler.documents import read_values
from scheduler.feed_access import kind_of
from scheduler.finding import Found
from scheduler.next_look import next_values, rhythm_values
from scheduler.politeness import server_of
from store import entries, feeds, memories
from store.tables import Feed
from store.upsert import save_unique

KNOWN: Final = "{url} is one of your feeds already. `tabuh feed list` shows them all."


def new_row(
    context: Context,
    workspace_id: int,
    found: Found,
    existing: str,
    interval: timedelta | None,
    *,
    now: datetime,
) -> Feed:
    """The row of a feed that was found, not stored yet; its next look goes by what it showed."""
    feed_id = new_id()
    dates = [entry.published_at for entry in found.ordered if entry.published_at]
    coming = next_poll(
        now=now,
        rng=random.Random(feed_id),  # noqa: S311 - spreads the load, hides nothing
        gap=usual_gap(dates, now=now),
        cache=found.document.fetched.hints,
        feed=found.document.parsed.hints,
        override=interval,
        conditional=found.document.fetched.validators != Validators(),
    )
    return Feed(
        id=feed_id,
        workspace_id=workspace_id,
        url=found.url,
        existing=str(parse_existing(existing)),
        baseline_at=now,
        interval_override=int(interval.total_seconds()) if interval else None,
        **next_values(coming),
        host=server_of(found.url),
        credentials=context.seal.close(feed_id, found.headers) if found.headers else None,
        access=kind_of(found.headers),
        created_at=now,
        **read_values(found.document, now=now),
        **rhythm_values(dates, now=now),
    )


def store_new(session: Session, feed: Feed, found: Found, *, now: datetime) -> None:
    """Store a feed with all entries that it shows. Raises `UsageError` when it is there meanwhile."""
    save_unique(session, feed, otherwise=KNOWN.format(url=feed.url))
    fresh = first_look(found.ordered, feed.existing, zone_name=feeds.zone_of(session, feed))
    entries.add(session, feed, found.ordered, origins=[one.origin for one in fresh], now=now)
    entries.disown(session, feed.id, found.document.shared)
    memories.keep(session, feed.id, found.document.memory)
