"""Brands whose mentions are counted: the own one and competitors, their feeds, and counts by hand."""

from datetime import date, datetime, time
from hashlib import sha256

from sqlmodel import Session

from domain.errors import UsageError
from domain.ids import new_id
from domain.schedule import instant, zone
from scheduler.context import Context
from store import brands, brought, feeds, people, workspaces
from store.changes import Actor, record
from store.engine import writing
from store.tables import Brand, MentionDay, MentionSource
from store.upsert import save_unique


def add_brand(context: Context, workspace_id: int, name: str, *, own: bool, actor: Actor) -> Brand:
    """Track a brand. Raises `UsageError`: no name, one that is taken, or a second own brand."""
    now, clean = context.clock(), " ".join(name.split())
    if not 1 <= len(clean) <= 80:
        raise UsageError("Give the brand a name of 1 to 80 characters.")
    with writing(context.engine) as session:
        people.lock_workspace(session, workspace_id)
        there = brands.listed(session, workspace_id)
        taken = f"There is a brand called {clean!r} already."
        if any(row.name.casefold() == clean.casefold() for row in there):
            raise UsageError(taken)
        if own and (mine := next((row for row in there if row.is_own), None)) is not None:
            raise UsageError(f"{mine.name} is the own brand already: add the others as competitors.")
        row = Brand(id=new_id(), workspace_id=workspace_id, name=clean, is_own=own, created_at=now)
        save_unique(session, row, otherwise=taken)
        _note(session, row, "added", actor, now=now)
        session.commit()
    return row


def watch(
    context: Context, workspace_id: int, brand_id: int, feed_id: int, *, query: str, actor: Actor
) -> MentionSource:
    """Count a feed's entries as mentions of a brand; the query says what the feed searches for.

    Raises:
        NotFound: no such brand or feed.
        UsageError: it is counted already.
    """
    now = context.clock()
    with writing(context.engine) as session:
        brand = brands.get(session, workspace_id, brand_id)
        feed = feeds.get(session, workspace_id, feed_id)
        row = MentionSource(
            id=new_id(), workspace_id=workspace_id, brand_id=brand.id, feed_id=feed.id,
            query=" ".join(query.split())[:200], created_at=now,
        )  # fmt: skip
        save_unique(session, row, otherwise=f"This feed is counted for {brand.name} already.")
        _note(session, brand, "is counted in a feed", actor, now=now)
        session.commit()
    return row


def unwatch(context: Context, workspace_id: int, source_id: int, *, actor: Actor) -> None:
    """Count a feed's entries no more, those of the past included. Raises `NotFound`."""
    now = context.clock()
    with writing(context.engine) as session:
        row = brands.source(session, workspace_id, source_id)
        brand = brands.get(session, workspace_id, row.brand_id)
        session.delete(row)
        _note(session, brand, "is counted in a feed no more", actor, now=now)
        session.commit()


def note_mentions(
    context: Context, workspace_id: int, brand_id: int, *, day: date, number: int, source: str,
    query: str = "", actor: Actor,
) -> None:  # fmt: skip
    """Write down how often a brand was mentioned on a day; the same day, source and query is told anew.

    Raises:
        NotFound: no such brand.
        UsageError: a day that is still to come, or no count.
    """
    now = context.clock()
    if not 0 <= number < 10**9:
        raise UsageError("Mentions are a whole number from 0 on.")
    with writing(context.engine) as session:
        people.lock_workspace(session, workspace_id)
        brand = brands.get(session, workspace_id, brand_id)
        home = zone(workspaces.get(session, workspace_id).zone)
        if day > now.astimezone(home).date():
            raise UsageError(f"The day {day} is still to come.")
        told = "\x1f".join(["mention", str(brand.id), day.isoformat(), source, query])
        row = {
            "key": sha256(told.encode()).hexdigest(),
            "at": min(instant(datetime.combine(day, time(12)), home), now),
            "brand_id": brand.id, "number": number, "query": query[:200], "source": source[:80],
            "file_id": None, "read_at": now,
        }  # fmt: skip
        brought.keep(session, MentionDay, workspace_id, [row])
        _note(session, brand, "was mentioned", actor, now=now)
        session.commit()


def _note(session: Session, row: Brand, what: str, actor: Actor, *, now: datetime) -> None:
    record(
        session, actor, what, subject="brand", subject_id=row.id, workspace_id=row.workspace_id, now=now,
        after={"name": row.name},
    )  # fmt: skip
