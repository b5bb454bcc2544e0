"""From entries to posts: each entry gets its fate on each route, in the transaction of its caller.

Whoever calls this holds the feed and the route locked, so that an entry is routed once,
whatever else runs at the same time.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Final

from sqlmodel import Session

from domain.content import Content, content_from, content_json
from domain.errors import UsageError
from domain.ids import new_id
from domain.post import PlacedBy, PostState
from domain.schedule import Slot, wall_time, zone
from domain.spread import NEXT_RUN
from feeds.identity import marks_of
from scheduler.context import Context
from scheduler.desk import Accepted, Desk, Outcome, Refused, Way, composed, target_of
from scheduler.judging import SLOW, Judge
from scheduler.links import addresses
from scheduler.pacing import PACED, Allowed, Pacing, not_before
from scheduler.rules import Rules
from scheduler.slots import choose_slot, place_in_next_slot
from scheduler.titling import titled
from store import alike, channels, ledger, links, posts, routes
from store import feeds as stored_feeds
from store.entries import entry_of
from store.tables import EntryRow, Feed, Post, Route

#: Reasons of entries that have no post; people read them in the ledger.
EXISTED_BEFORE: Final = "existed before the route"
NOT_CHOSEN: Final = "not chosen when the feed was resumed"
ROUTE_PAUSED: Final = "came while the route was paused"
FEED_ASKS: Final = "the feed waits for your choice of what to post: resume it"
#: A post whose hour is nearer than this is not touched any more: a worker may be sending it.
_HANDS_OFF: Final = timedelta(minutes=2)
#: Most waiting entries that one run looks at, and when the next run looks at the others.
_AT_ONCE: Final = 500
_SOON: Final = timedelta(minutes=1)
#: Posts that went out longer ago count for no cap; more than one day in any zone.
_LOOK_BACK: Final = timedelta(hours=50)


def ways(session: Session, found: Sequence[Route]) -> list[Way]:
    """These routes with their channels, which are locked, always in the order of their numbers."""
    locked = {
        channel_id: channels.lock(session, channel_id)
        for channel_id in sorted({route.channel_id for route in found})
    }
    return [Way(route, locked[route.channel_id]) for route in found]


def route_entries(
    context: Context,
    session: Session,
    way: Way,
    entries: Sequence[EntryRow],
    feeds: Mapping[int, Feed],
    *,
    now: datetime,
) -> int:
    """Give these entries, oldest first, and those that wait on the route, their fates: one run of the route.

    Args:
        feeds: the feeds of the entries, by number.

    Returns:
        How many posts were made.
    """
    route = way.route
    waiting, slow = _waiting(session, route)
    read = {**_feeds_of(session, route, [*waiting, *slow], feeds), **feeds}
    desk = _desk(session, way, now=now)
    made = 0
    for row, outcome in desk.run(entries, read, waiting=waiting, slow=slow, now=now):
        made += _write(context, session, desk, row, outcome, feed=read[row.feed_id], now=now)
    _set_alarm(session, desk, now=now)
    return made


def _waiting(session: Session, route: Route) -> tuple[list[EntryRow], list[EntryRow]]:
    """What earlier runs have left: entries for which there was no place, and those that took too long."""
    if route.next_at is None:
        return [], []
    newest_first = route.newest_first
    waiting = ledger.waiting(session, route.id, PACED, newest_first=newest_first, limit=_AT_ONCE)
    return waiting, ledger.waiting_since(session, route.id, SLOW, limit=_AT_ONCE)


def _feeds_of(
    session: Session, route: Route, rows: Sequence[EntryRow], known: Mapping[int, Feed]
) -> dict[int, Feed]:
    missing = {row.feed_id for row in rows} - set(known)
    return {feed.id: feed for feed in stored_feeds.by_ids(session, route.workspace_id, sorted(missing))}


def _desk(session: Session, way: Way, *, now: datetime) -> Desk:
    rules = Rules.of(way.route)

    def gate(feed: Feed) -> str:
        if feed.ask:
            return FEED_ASKS
        return ROUTE_PAUSED if way.route.paused_at is not None else ""

    return Desk(
        way,
        Judge(rules),
        None if rules.pace.free else pacing_of(session, way, rules, now=now),
        original_of=lambda row: original_of(session, way.route.id, row),
        gate=gate,
    )


def original_of(session: Session, route_id: int, row: EntryRow) -> EntryRow | None:
    """The entry of another feed of which this one is a copy, if the route has it already."""
    return ledger.original_of(session, route_id, row, marks_of(entry_of(row)).keys)


def trial_post(way: Way, row: EntryRow, content: Content, *, route_id: int | None, now: datetime) -> Post:
    """The post that an entry would become, as far as the choice of a slot asks; it is not stored."""
    return Post(
        id=new_id(),
        workspace_id=way.route.workspace_id,
        channel_id=way.channel.id,
        story_id=row.id,
        route_id=route_id,
        state=PostState.QUEUED,
        content=content_json(content),
        delivery_key="",
        created_at=now,
    )


def pacing_of(session: Session, way: Way, rules: Rules, *, now: datetime) -> Pacing:
    """The route's pace over its posts and the channel's slots as they are."""
    since = now - max(timedelta(minutes=rules.pace.gap_minutes), _LOOK_BACK)
    planned = posts.times_of_route(session, way.route.id, since=since, now=now)

    def find_slot(row: EntryRow, content: Content, after: datetime, allowed: Allowed) -> Slot:
        trial = trial_post(way, row, content, route_id=way.route.id, now=now)
        return choose_slot(session, trial, way.channel, now=after, allowed=allowed).slot

    into_slots = rules.timing == "next_slot"
    return Pacing(rules.pace, zone(way.channel.zone), planned, find_slot=find_slot if into_slots else None)


def _write(
    context: Context,
    session: Session,
    desk: Desk,
    row: EntryRow,
    outcome: Outcome,
    *,
    feed: Feed,
    now: datetime,
) -> bool:
    """Write down what became of one entry; whether it became a post."""
    route_id = desk.way.route.id
    if isinstance(outcome, Refused):
        fate, reason = outcome.fate, outcome.reason
        ledger.write(session, entry_id=row.id, route_id=route_id, now=now, fate=fate, reason=reason)
        return False
    post_id = _post(context, session, desk, row, outcome, feed=feed, now=now)
    ledger.write(session, entry_id=row.id, route_id=route_id, now=now, post_id=post_id)
    return True


def _set_alarm(session: Session, desk: Desk, *, now: datetime) -> None:
    """When the route is looked at next: when what waits may find a place."""
    route, closed = desk.way.route, desk.closed
    if closed is None and route.next_at is None and not desk.was_slow:
        return
    paced, slow = ledger.counts_waiting(session, route.id, PACED, SLOW)
    alarms = []
    if paced:
        alarms.append(closed.until if closed else now + _SOON)
    if slow:
        alarms.append(now + NEXT_RUN)
    route.next_at = min(alarms, default=None)
    session.add(route)
    session.flush()


def _post(
    context: Context,
    session: Session,
    desk: Desk,
    row: EntryRow,
    outcome: Accepted,
    *,
    feed: Feed,
    now: datetime,
) -> int:
    way, content, link = desk.way, outcome.content, None
    target = content.link
    # Composed with the bare target before: an entry that the template refuses leaves no link behind.
    if target and way.route.shorten and context.shortens_links:
        link = links.new_link(session, workspace_id=way.route.workspace_id, target=target, now=now)
        short = addresses(context, session, link.workspace_id).of(link)
        content = composed(way, entry_of(row), feed, link=short)
    content = titled(context, way.channel.platform, content)
    post = posts.new_post(
        session,
        workspace_id=way.route.workspace_id,
        channel=way.channel,
        content=content,
        state=PostState.AWAITING_APPROVAL if way.route.needs_approval else PostState.QUEUED,
        story_id=row.id,  # every route makes its post from the same entry: one story
        route_id=way.route.id,
        entry_id=row.id,
        now=now,
    )
    session.flush()
    if link is not None:
        link.post_id = post.id
        session.add(link)
    _place(session, post, desk, outcome, now=not_before(row, now))
    return post.id


def _place(session: Session, post: Post, desk: Desk, outcome: Accepted, *, now: datetime) -> None:
    channel = desk.way.channel
    if outcome.reason:
        post.state, post.reason = PostState.DRAFT, outcome.reason
    elif desk.way.route.timing == "at_once":
        at = outcome.place.at if outcome.place else now
        wall = wall_time(at, zone(channel.zone))
        posts.plan(post, at=at, wall=wall, zone=channel.zone, placed_by=PlacedBy.AUTOMATION)
    else:
        allowed = desk.pacing.allows if desk.pacing else None
        try:
            place_in_next_slot(session, post, channel, now=now, allowed=allowed)
        except UsageError as exc:  # the schedule has gone since the route was made
            post.state, post.reason = PostState.DRAFT, str(exc)
    if desk.pacing is not None and post.planned_at is not None:
        desk.pacing.take(post.planned_at)
    session.add(post)
    session.flush()


def write_again(context: Context, session: Session, row: EntryRow, feed: Feed, *, now: datetime) -> int:
    """Bring an edited entry's posts up to date, where neither a person nor a worker has had a hand in them.

    Returns:
        How many posts changed.
    """
    changed = 0
    for post in ledger.untouched_posts(session, row.id, after=now + _HANDS_OFF):
        assert post.route_id is not None
        route = routes.get(session, post.workspace_id, post.route_id)
        way = Way(route, channels.get(session, post.workspace_id, post.channel_id))
        target = target_of(way, row.link, feed)
        link = links.link_of(session, post.id)
        if link is not None and target:
            link.target = target
            session.add(link)
        address = addresses(context, session, link.workspace_id).of(link) if link and target else target
        try:
            content = titled(context, way.channel.platform, composed(way, entry_of(row), feed, link=address))
        except UsageError:
            continue  # the post keeps the text that it has
        if content != content_from(post.content):
            post.content = content_json(content)
            alike.remember_again(session, post)
            session.add(post)
            changed += 1
    return changed
