"""What people do with routes: add, change, give them feeds, pause, resume."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlmodel import Session

from domain.errors import UsageError
from domain.existing import Existing, parse_existing
from domain.ids import new_id
from domain.post import Fate
from domain.schedule import zone
from scheduler.context import Context
from scheduler.releasing import look_again
from scheduler.routing import EXISTED_BEFORE, ROUTE_PAUSED, route_entries, ways
from scheduler.rules import Rules
from scheduler.slots import has_slots
from store import channels, entries, feeds, ledger, routes
from store.changes import Actor, record
from store.engine import writing
from store.tables import ChannelRow, EntryRow, Feed, Route
from store.upsert import save_unique
from store.wake import wake_workers


def add_route(
    context: Context,
    workspace_id: int,
    *,
    name: str,
    feed_ids: Sequence[int],
    channel_id: int,
    rules: Rules = Rules(),
    existing: str | None = None,
    actor: Actor,
) -> Route:
    """Let entries of these feeds become posts on this channel.

    Args:
        existing: which of each feed's stored entries are posted now: ``none``, ``newest``, ``last:N`` or
            ``since:DATE``. None: those that were chosen when the feed was added, unless another route
            has had them.

    Raises:
        UsageError: the rules are wrong, the name is taken, no feed is named, or the channel has no posting
            schedule to take slots from.
        NotFound: a feed or the channel is not in this workspace.
    """
    checked, called = rules.checked(), _checked_name(name)
    choice = parse_existing(existing) if existing is not None else None
    if not feed_ids:
        raise UsageError("A route reads at least one feed: name it.")
    now = context.clock()
    with writing(context.engine) as session:
        read = feeds.lock(session, workspace_id, feed_ids)
        channel = channels.get(session, workspace_id, channel_id)
        _check_timing(session, channel, checked)
        _refuse_taken(session, workspace_id, called)
        route = Route(
            id=new_id(),
            workspace_id=workspace_id,
            name=called,
            channel_id=channel.id,
            created_at=now,
            **checked.columns(),
        )
        save_unique(session, route, otherwise=_TAKEN.format(name=called))
        made = _start_reading(context, session, route, read, choice, now=now)
        after = {"feeds": [feed.url for feed in read], "channel": channel.name, "posts": made}
        _note(session, actor, "added", route, now=now, after=after)
        wake_workers(session)
        session.commit()
        return route


def add_feed_to_route(
    context: Context,
    workspace_id: int,
    route_id: int,
    feed_id: int,
    *,
    existing: str | None = None,
    actor: Actor,
) -> int:
    """Let a route read one more feed; ``existing`` as for `add_route`.

    Returns:
        How many posts were made.
    """
    choice = parse_existing(existing) if existing is not None else None
    now = context.clock()
    with writing(context.engine) as session:
        [feed] = feeds.lock(session, workspace_id, [feed_id])
        route = routes.lock(session, workspace_id, route_id)
        if any(known.id == feed.id for known in routes.feeds_of(session, route.id)):
            raise UsageError(f"Route {route.name!r} reads {feed.title or feed.url} already.")
        made = _start_reading(context, session, route, [feed], choice, now=now)
        _note(session, actor, "reads another feed", route, now=now, after={"feed": feed.url, "posts": made})
        wake_workers(session)
        session.commit()
        return made


def _start_reading(
    context: Context,
    session: Session,
    route: Route,
    read: Sequence[Feed],
    choice: Existing | None,
    *,
    now: datetime,
) -> int:
    """Give each stored entry of these locked feeds its fate on the route; how many posts were made."""
    unhandled = ledger.unhandled(session, [feed.id for feed in read]) if choice is None else frozenset()
    routes.read_feeds(session, route.id, [feed.id for feed in read])
    chosen: list[EntryRow] = []
    for feed in read:
        stored = entries.of_feeds(session, [feed.id])
        wanted = _wanted(session, feed, stored, choice, unhandled)
        chosen += [row for row in stored if row.id in wanted]
        left = [row.id for row in stored if row.id not in wanted]
        ledger.write_all(session, left, route_id=route.id, fate=Fate.SKIPPED, reason=EXISTED_BEFORE, now=now)
    [way] = ways(session, [route])
    by_id = {feed.id: feed for feed in read}
    return route_entries(context, session, way, sorted(chosen, key=entries.age_order), by_id, now=now)


def _wanted(
    session: Session,
    feed: Feed,
    stored: Sequence[EntryRow],
    choice: Existing | None,
    unhandled: frozenset[int],
) -> frozenset[int]:
    if choice is None:
        return frozenset(row.id for row in stored if row.origin == "chosen" and row.id in unhandled)
    stored = [row for row in stored if row.purged_at is None]  # nothing is left to post of the others
    where = zone(feeds.zone_of(session, feed))
    choices = choice.chosen([entries.entry_of(row) for row in stored], where=where)
    return frozenset(row.id for row, wanted in zip(stored, choices, strict=True) if wanted)


def change_route(
    context: Context, workspace_id: int, route_id: int, *, name: str, rules: Rules, actor: Actor
) -> Route:
    """Give a route another name or other rules; posts that are there already stay as they are."""
    checked, called = rules.checked(), _checked_name(name)
    now = context.clock()
    with writing(context.engine) as session:
        route = routes.lock(session, workspace_id, route_id)
        before = {"name": route.name, **Rules.of(route).columns()}
        _check_timing(session, channels.get(session, workspace_id, route.channel_id), checked)
        if called != route.name:
            _refuse_taken(session, workspace_id, called)
        after = {"name": called, **checked.columns()}
        for column, value in after.items():
            setattr(route, column, value)
        save_unique(session, route, otherwise=_TAKEN.format(name=called))
        look_again(session, route, now=now)
        _note(session, actor, "changed", route, now=now, before=before, after=after)
        wake_workers(session)
        session.commit()
        return route


def pause_route(context: Context, workspace_id: int, route_id: int, *, actor: Actor) -> Route:
    """Make no more posts; entries that come meanwhile are held. Posts that are queued still go out."""
    now = context.clock()
    with writing(context.engine) as session:
        route = routes.lock(session, workspace_id, route_id)
        route.paused_at = route.paused_at or now
        route.next_at = None
        session.add(route)
        _note(session, actor, "paused", route, now=now)
        session.commit()
        return route


def resume_route(context: Context, workspace_id: int, route_id: int, *, actor: Actor) -> int:
    """Make posts again, first of the entries that were held, oldest first.

    Entries of a feed that asks stay held until the feed is resumed.

    Returns:
        How many posts were made.
    """
    now = context.clock()
    with writing(context.engine) as session:
        route = routes.lock(session, workspace_id, route_id)
        if route.paused_at is None:
            raise UsageError(f"Route {route.name!r} is not paused.")
        route.paused_at = None
        look_again(session, route, now=now)
        session.flush()
        held = ledger.held_entries(session, route_id=route.id, reason=ROUTE_PAUSED)
        [way] = ways(session, [route])
        read = {feed.id: feed for feed in feeds.by_ids(session, workspace_id, [row.feed_id for row in held])}
        made = route_entries(context, session, way, held, read, now=now)
        _note(session, actor, "resumed", route, now=now, after={"posts": made})
        wake_workers(session)
        session.commit()
        return made


def _checked_name(name: str) -> str:
    called = " ".join(name.split())
    if not 0 < len(called) <= 80:
        raise UsageError("A route needs a name of 1 to 80 characters.")
    return called


def _refuse_taken(session: Session, workspace_id: int, name: str) -> None:
    if routes.is_taken(session, workspace_id, name):
        raise UsageError(_TAKEN.format(name=name))


_TAKEN = "There is a route called {name!r} already. Choose another name."


def _check_timing(session: Session, channel: ChannelRow, rules: Rules) -> None:
    if rules.timing == "next_slot" and not has_slots(session, channel):
        raise UsageError(
            f"Channel {channel.name!r} has no posting schedule to take slots from. Set one with "
            f"`tabuh channel schedule {channel.name!r} 'mon-fri 09:00,12:30'`, or use --timing at_once."
        )


def _note(
    session: Session,
    actor: Actor,
    what: str,
    route: Route,
    *,
    now: datetime,
    before: Mapping[str, Any] | None = None,
    after: Mapping[str, Any] | None = None,
) -> None:
    record(
        session,
        actor,
        what,
        subject="route",
        subject_id=route.id,
        workspace_id=route.workspace_id,
        now=now,
        before=before,
        after=after,
    )
