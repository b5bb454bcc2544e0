"""What people do with feeds: add, pause, resume, look now, and choose how often."""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any, Final
from zoneinfo import ZoneInfo

from sqlmodel import Session

from domain.errors import UsageError
from domain.existing import CHOICES, Existing, parse_existing
from domain.post import Fate
from domain.schedule import zone
from feeds.interval import SHORTEST_BY_HAND, span
from scheduler import hubs
from scheduler.arriving import Arrival
from scheduler.context import Context
from scheduler.desk import Way
from scheduler.feed_access import Access
from scheduler.finding import find_feed
from scheduler.new_feed import KNOWN, new_row, store_new
from scheduler.reviving import revive
from scheduler.routing import FEED_ASKS, NOT_CHOSEN, route_entries, ways
from store import entries, feeds, ledger, routes
from store.changes import Actor, record
from store.engine import reading, writing
from store.tables import EntryRow, Feed
from store.wake import wake_workers

#: More entries than one feed ever holds.
_ALL: Final = 1_000_000_000
_LONGEST_BY_HAND: Final = timedelta(days=31)


def add_feed(
    context: Context,
    workspace_id: int,
    url: str,
    *,
    existing: str | None,
    actor: Actor,
    interval: timedelta | None = None,
    access: Access | None = None,
) -> Feed:
    """Read a feed and add it with all entries that it shows; nothing is stored when it cannot be read.

    Args:
        url: of the feed, or of a web page that names exactly one; the address of what is added is the
            row's ``url``. A user name and password in it are sealed.
        existing: which of the entries that are there shall be posted, by the first route that reads the
            feed: ``none``, ``newest``, ``last:N`` or ``since:DATE``. Must be given if there are entries.
        interval: how often to look; None: as often as the feed and its server suggest.
        access: what opens it, beside a user name and password in the address.

    A feed that was removed comes back with its entries, and none that was posted is posted again.

    Raises:
        FetchError: it cannot be read.
        UsageError: no choice was given, it cannot be read, or the feed is there already.
    """
    if existing is not None:
        parse_existing(existing)
    _check_interval(interval)
    now = context.clock()
    with reading(context.engine) as session:
        _refuse_known(session, workspace_id, url.strip())
    found = find_feed(context, url, now=now, headers=access.headers() if access else None)
    if existing is None and found.ordered:
        raise UsageError(
            f"This feed has {_entries(len(found.ordered))} already. Choose which of them to post: {CHOICES}."
        )
    feed = new_row(context, workspace_id, found, existing or "none", interval, now=now)
    with writing(context.engine) as session:
        _refuse_known(session, workspace_id, feed.url)
        removed = feeds.any_by_url(session, workspace_id, feed.url)
        if removed is not None:
            feed.credentials = context.seal.close(removed.id, found.headers) if found.headers else None
            revive(session, removed, feed, found.ordered, now=now)
            feed = removed
        else:
            store_new(session, feed, found, now=now)
        hubs.after_poll(context, session, feed, found.document, Arrival(), now=now)
        after: dict[str, Any] = {"url": feed.url, "existing": feed.existing}
        if found.found_on:
            after |= {"found_on": found.found_on, "others": list(found.others)}
        _note(session, actor, "added", feed, now=now, after=after)
        session.commit()
    return feed


def _refuse_known(session: Session, workspace_id: int, url: str) -> None:
    if feeds.by_url(session, workspace_id, url) is not None:
        raise UsageError(KNOWN.format(url=url))


def pause(context: Context, workspace_id: int, feed_id: int, *, reason: str = "", actor: Actor) -> Feed:
    """Look at a feed no more until it is resumed; what it publishes meanwhile is found then."""
    now = context.clock()
    with writing(context.engine) as session:
        [feed] = feeds.lock(session, workspace_id, [feed_id])
        feeds.stop(session, feed, now=now, reason=reason.strip() or "paused by hand")
        _note(session, actor, "paused", feed, now=now, after={"reason": feed.paused_reason})
        session.commit()
        return feed


def resume(
    context: Context, workspace_id: int, feed_id: int, *, existing: str | None = None, actor: Actor
) -> int:
    """Look at a paused feed again; for one that asks, say which of the entries that wait are posted.

    Args:
        existing: ``all``, or as for `add_feed`, out of the entries that wait; must be given if there are any.

    Returns:
        How many posts were made.

    Raises:
        UsageError: the feed neither is paused nor asks, or a choice is missing.
    """
    now = context.clock()
    with writing(context.engine) as session:
        [feed] = feeds.lock(session, workspace_id, [feed_id])
        if feed.paused_at is None and not feed.ask:
            raise UsageError(f"{feed.title or feed.url} is not paused, and asks nothing.")
        made = _settle(context, session, feed, _choice(existing), now=now)
        if feed.paused_at is not None:
            feed.gone_since = None  # a person knows better: 410 must be said twice again
            feeds.wake(session, feed, now=now, reason="resumed by hand")
        _note(session, actor, "resumed", feed, now=now, after={"existing": existing, "posts": made})
        wake_workers(session)
        session.commit()
        return made


def release(context: Context, workspace_id: int, feed_id: int, *, existing: str, actor: Actor) -> int:
    """Say which of the entries that a feed holds are posted; the others are skipped, and it asks no more.

    A feed that is paused stays so.

    Args:
        existing: ``all``, ``none``, or as for `add_feed`, out of the entries that wait.

    Returns:
        How many posts were made.

    Raises:
        UsageError: it holds nothing.
    """
    now = context.clock()
    with writing(context.engine) as session:
        [feed] = feeds.lock(session, workspace_id, [feed_id])
        if not feed.ask and not _waiting(session, feed, ways(session, routes.reading(session, feed.id))):
            raise UsageError(f"{feed.title or feed.url} holds nothing.")
        made = _settle(context, session, feed, _choice(existing), now=now)
        _note(session, actor, "released", feed, now=now, after={"existing": existing, "posts": made})
        wake_workers(session)
        session.commit()
        return made


def _choice(existing: str | None) -> Existing | None:
    if existing is None:
        return None
    return Existing(newest=_ALL) if existing.strip().lower() == "all" else parse_existing(existing)


def _settle(context: Context, session: Session, feed: Feed, choice: Existing | None, *, now: datetime) -> int:
    """Decide about what a locked feed holds; it asks no more. Returns how many posts were made."""
    open_ways = ways(session, routes.reading(session, feed.id))
    waiting = _waiting(session, feed, open_ways)
    if waiting and choice is None:
        raise UsageError(
            f"Of this feed, {_entries(len(waiting))} wait for your word. Choose which to post: {CHOICES}."
        )
    feed.ask, feed.asks_because, feed.released_at = False, None, now
    session.add(feed)
    session.flush()
    chosen = _chosen(waiting, choice, where=zone(feeds.zone_of(session, feed)))
    return sum(_decide(context, session, way, feed, chosen, now=now) for way in open_ways)


def _waiting(session: Session, feed: Feed, open_ways: Sequence[Way]) -> list[EntryRow]:
    """Entries that wait for a choice on any route, each once, oldest first."""
    found = {
        row.id: row
        for way in open_ways
        for row in ledger.held_entries(session, route_id=way.route.id, feed_id=feed.id, reason=FEED_ASKS)
    }
    return sorted(found.values(), key=entries.age_order)


def _chosen(waiting: Sequence[EntryRow], choice: Existing | None, *, where: ZoneInfo) -> frozenset[int]:
    if choice is None:
        return frozenset()
    choices = choice.chosen([entries.entry_of(row) for row in waiting], where=where)
    return frozenset(row.id for row, chosen in zip(waiting, choices, strict=True) if chosen)


def _decide(
    context: Context, session: Session, way: Way, feed: Feed, chosen: frozenset[int], *, now: datetime
) -> int:
    """Route the entries that were chosen and skip the others; how many posts were made."""
    waiting = ledger.held_entries(session, route_id=way.route.id, feed_id=feed.id, reason=FEED_ASKS)
    for row in waiting:
        if row.id in chosen:
            row.origin = "chosen"
            session.add(row)
        else:
            ledger.write(
                session,
                entry_id=row.id,
                route_id=way.route.id,
                now=now,
                fate=Fate.SKIPPED,
                reason=NOT_CHOSEN,
            )
    wanted = [row for row in waiting if row.id in chosen]
    return route_entries(context, session, way, wanted, {feed.id: feed}, now=now)


def poll_now(context: Context, workspace_id: int, feed_id: int, *, actor: Actor) -> Feed:
    """Let the next tick look at a feed at once. Raises `UsageError` when it is paused."""
    now = context.clock()
    with writing(context.engine) as session:
        [feed] = feeds.lock(session, workspace_id, [feed_id])
        if feed.paused_at is not None:
            raise UsageError(f"{feed.title or feed.url} is paused: resume it first.")
        feeds.wake(session, feed, now=now, reason="asked for by hand")
        _note(session, actor, "polled by hand", feed, now=now)
        wake_workers(session)
        session.commit()
        return feed


def set_interval(
    context: Context, workspace_id: int, feed_id: int, interval: timedelta | None, *, actor: Actor
) -> Feed:
    """Look at a feed this often from now on; None: as often as the feed and its server suggest."""
    _check_interval(interval)
    now = context.clock()
    with writing(context.engine) as session:
        [feed] = feeds.lock(session, workspace_id, [feed_id])
        before = {"interval": feed.interval_override}
        feed.interval_override = int(interval.total_seconds()) if interval else None
        if interval is not None and feed.next_at is not None and feed.next_at > now + interval:
            feed.next_at, feed.next_reason = now + interval, f"every {span(interval)}: chosen by hand"
        session.add(feed)
        after = {"interval": feed.interval_override}
        _note(session, actor, "set the interval", feed, now=now, before=before, after=after)
        session.commit()
        return feed


def _check_interval(interval: timedelta | None) -> None:
    if interval is not None and not SHORTEST_BY_HAND <= interval <= _LONGEST_BY_HAND:
        raise UsageError(
            f"An interval is between {span(SHORTEST_BY_HAND)} and {span(_LONGEST_BY_HAND)}; "
            f"{span(interval)} is not."
        )


def _entries(number: int) -> str:
    return "1 entry" if number == 1 else f"{number} entries"


def _note(
    session: Session,
    actor: Actor,
    what: str,
    feed: Feed,
    *,
    now: datetime,
    before: Mapping[str, Any] | None = None,
    after: Mapping[str, Any] | None = None,
) -> None:
    record(
        session,
        actor,
        what,
        subject="feed",
        subject_id=feed.id,
        workspace_id=feed.workspace_id,
        now=now,
        before=before,
        after=after,
    )
