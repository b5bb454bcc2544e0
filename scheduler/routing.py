"""From entries to posts: each entry gets its fate on each route, in the transaction of its caller.

Whoever calls this holds the feed and the route locked, so that an entry is routed once,
whatever else runs at the same time.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from sqlmodel import Session

from domain.content import Content, content_from, content_json
from domain.entry import Entry
from domain.errors import UsageError
from domain.post import Fate, PlacedBy, PostState
from domain.route import match
from domain.schedule import wall_time, zone
from feeds.identity import marks_of
from feeds.plain import cut
from scheduler import templating
from scheduler.context import Context
from scheduler.slots import place_in_next_slot
from store import alike, channels, ledger, links, posts, routes
from store.entries import entry_of
from store.tables import ChannelRow, EntryRow, Feed, Post, Route

#: Reasons of entries that have no post; people read them in the ledger.
EXISTED_BEFORE: Final = "existed before the route"
NOT_CHOSEN: Final = "not chosen when the feed was resumed"
ROUTE_PAUSED: Final = "came while the route was paused"
FEED_ASKS: Final = "the feed waits for your choice of what to post: resume it"
#: A post whose hour is nearer than this is not touched any more: a worker may be sending it.
_HANDS_OFF: Final = timedelta(minutes=2)


@dataclass(frozen=True, slots=True)
class Way:
    """A route with the channel that it leads to."""

    route: Route
    channel: ChannelRow


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
    """Give these entries, oldest first, their fates on one route.

    Args:
        feeds: the feeds of the entries, by number.

    Returns:
        How many posts were made.
    """
    return sum(_route_entry(context, session, way, row, feeds[row.feed_id], now=now) for row in entries)


def _route_entry(
    context: Context, session: Session, way: Way, row: EntryRow, feed: Feed, *, now: datetime
) -> bool:
    """Decide on one entry and write it into the ledger; whether it became a post."""
    fate, reason = _refusal(session, way.route, row, feed)
    post_id = None
    if fate is None:
        try:
            post_id = _post(context, session, way, row, feed, now=now)
        except UsageError as exc:  # the template's fault, not this entry's: the others go on
            fate, reason = Fate.FAILED, str(exc)
    ledger.write(
        session, entry_id=row.id, route_id=way.route.id, now=now, post_id=post_id, fate=fate, reason=reason
    )
    return post_id is not None


def _refusal(session: Session, route: Route, row: EntryRow, feed: Feed) -> tuple[Fate | None, str]:
    """Why an entry becomes no post now; no fate when it does."""
    passed = match(texts_of(entry_of(row)), include=route.include, exclude=route.exclude)
    if not passed.passes:
        return Fate.FILTERED, passed.reason
    original = ledger.original_of(session, route.id, row, marks_of(entry_of(row)).keys)
    if original is not None:
        return Fate.DUPLICATE, f"the same as “{cut(original.title, 80)}” of another feed"
    if feed.ask:
        return Fate.HELD, FEED_ASKS
    if route.paused_at is not None:
        return Fate.HELD, ROUTE_PAUSED
    return None, ""


def texts_of(entry: Entry) -> tuple[str, ...]:
    """What a route's words are held against."""
    return (entry.title, entry.text, *entry.categories)


def _post(context: Context, session: Session, way: Way, row: EntryRow, feed: Feed, *, now: datetime) -> int:
    target = target_of(way, row.link, feed)
    # Composed with the bare target first: an entry that the template refuses leaves no link behind.
    content = composed(way, entry_of(row), feed, link=target)
    link = None
    if target and way.route.shorten and context.shortens_links:
        link = links.new_link(session, workspace_id=way.route.workspace_id, target=target, now=now)
        short = links.short_url(link, public_url=context.public_url)
        content = composed(way, entry_of(row), feed, link=short)
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
    # What its publisher dates ahead waits until then.
    _place(session, post, way, now=max(now, row.published_at or now))
    return post.id


def target_of(way: Way, link: str | None, feed: Feed) -> str | None:
    """Where the post's link leads: the entry's own, tagged as the route says."""
    if link is None:
        return None
    values = {
        "platform": way.channel.platform,
        "channel": way.channel.name,
        "route": way.route.name,
        "feed": feed.title,
    }
    return templating.tagged(link, way.route.utm, values=values)


def composed(way: Way, entry: Entry, feed: Feed, *, link: str | None) -> Content:
    """What the route's template says of an entry. Raises `UsageError` as `templating.compose` does."""
    return templating.compose(
        entry,
        template=way.route.template,
        link=link,
        feed_title=feed.title,
        where=zone(way.channel.zone),
        language=way.channel.language,
    )


def _place(session: Session, post: Post, way: Way, *, now: datetime) -> None:
    if way.route.timing == "at_once":
        wall = wall_time(now, zone(way.channel.zone))
        posts.plan(post, at=now, wall=wall, zone=way.channel.zone, placed_by=PlacedBy.AUTOMATION)
        session.add(post)
    else:
        try:
            place_in_next_slot(session, post, way.channel, now=now)
        except UsageError as exc:  # the schedule has gone since the route was made
            post.state, post.reason = PostState.DRAFT, str(exc)
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
        address = links.short_url(link, public_url=context.public_url) if link and target else target
        try:
            content = composed(way, entry_of(row), feed, link=address)
        except UsageError:
            continue  # the post keeps the text that it has
        if content != content_from(post.content):
            post.content = content_json(content)
            alike.remember_again(session, post)
            session.add(post)
            changed += 1
    return changed
