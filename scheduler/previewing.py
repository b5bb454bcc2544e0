"""What a feed or a route would post, without writing anything."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from domain.content import Content
from domain.entry import Entry
from domain.errors import UsageError
from domain.ids import new_id
from domain.post import Fate
from domain.route import match
from scheduler.context import Context
from scheduler.feed_access import Access
from scheduler.finding import find_feed
from scheduler.routing import Way, composed, target_of, texts_of
from scheduler.rules import Rules
from store import channels, entries, feeds, routes
from store.engine import reading
from store.tables import ChannelRow, EntryRow, Feed, Route


@dataclass(frozen=True, slots=True)
class PreviewLine:
    """An entry and what would become of it."""

    entry: Entry
    #: ``queued``, ``filtered`` or ``failed``.
    fate: Fate
    reason: str
    #: What would be posted, before any platform's limits; None unless the fate is ``queued``.
    content: Content | None


@dataclass(frozen=True, slots=True)
class Preview:
    """What a feed shows, and what would be posted, newest first."""

    url: str
    title: str
    site_url: str | None
    #: The web page that named the feed, when that was the address given.
    found_on: str | None
    lines: tuple[PreviewLine, ...]
    #: Other feeds that this page names, which a person may prefer.
    others: tuple[str, ...] = ()


def preview(
    context: Context,
    url: str,
    *,
    rules: Rules = Rules(),
    zone_name: str = "UTC",
    access: Access | None = None,
) -> Preview:
    """Read a feed that is not stored, and show what a route with these rules would post of it.

    Args:
        access: what opens it, beside a user name and password in the address.

    Raises:
        FetchError: it cannot be read.
        UsageError: the rules are wrong.
    """
    checked = rules.checked()
    now = context.clock()
    found = find_feed(context, url, now=now, headers=access.headers() if access else None)
    title = found.document.parsed.title
    feed = Feed(id=new_id(), workspace_id=0, url=found.url, title=title, existing="none", created_at=now)
    way = _imagined_way(checked, zone_name, now=now)
    lines = [_line(way, entry, feed) for entry in reversed(found.ordered)]
    site_url = found.document.parsed.site_url
    return Preview(found.url, title, site_url, found.found_on, tuple(lines), found.others)


def preview_route(
    context: Context, workspace_id: int, route_id: int, *, limit: int = 20
) -> list[PreviewLine]:
    """What a route makes of the newest stored entries of its feeds, newest first."""
    with reading(context.engine) as session:
        route = routes.get(session, workspace_id, route_id)
        way = Way(route, channels.get(session, workspace_id, route.channel_id))
        read = routes.feeds_of(session, route.id)
        found = entries.newest_of_feeds(session, [feed.id for feed in read], limit=limit)
    return _lines(way, found, read)


def preview_rules(
    context: Context,
    workspace_id: int,
    *,
    feed_ids: Sequence[int],
    channel_id: int,
    rules: Rules,
    limit: int = 20,
) -> list[PreviewLine]:
    """As `preview_route`, for a route that is not saved yet. Raises `UsageError` when its rules are wrong."""
    checked = rules.checked()
    with reading(context.engine) as session:
        channel = channels.get(session, workspace_id, channel_id)
        read = feeds.by_ids(session, workspace_id, feed_ids)
        found = entries.newest_of_feeds(session, [feed.id for feed in read], limit=limit)
    way = Way(_unsaved(checked, channel, now=context.clock()), channel)
    return _lines(way, found, read)


def _lines(way: Way, found: Sequence[EntryRow], read: Sequence[Feed]) -> list[PreviewLine]:
    by_id = {feed.id: feed for feed in read}
    return [_line(way, entries.entry_of(row), by_id[row.feed_id]) for row in found]


def _line(way: Way, entry: Entry, feed: Feed) -> PreviewLine:
    passed = match(texts_of(entry), include=way.route.include, exclude=way.route.exclude)
    if not passed.passes:
        return PreviewLine(entry, Fate.FILTERED, passed.reason, None)
    try:
        content = composed(way, entry, feed, link=target_of(way, entry.link, feed))
    except UsageError as exc:
        return PreviewLine(entry, Fate.FAILED, str(exc), None)
    return PreviewLine(entry, Fate.QUEUED, "", content)


def _imagined_way(rules: Rules, zone_name: str, *, now: datetime) -> Way:
    channel = ChannelRow(
        id=new_id(), workspace_id=0, platform="page", name="page", slug="page", zone=zone_name, created_at=now
    )
    return Way(_unsaved(rules, channel, now=now), channel)


def _unsaved(rules: Rules, channel: ChannelRow, *, now: datetime) -> Route:
    return Route(
        workspace_id=channel.workspace_id,
        name="route",
        channel_id=channel.id,
        created_at=now,
        **rules.columns(),
    )
