"""What a feed or a route would post, without writing anything."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Final

from sqlmodel import Session

from domain.content import Content
from domain.entry import Entry
from domain.errors import UsageError
from domain.ids import new_id
from domain.post import Fate
from domain.schedule import zone
from scheduler.context import Context
from scheduler.desk import Accepted, Desk, Outcome, Way, composed, target_of
from scheduler.feed_access import Access
from scheduler.finding import find_feed
from scheduler.imagining import Imagined, imagine, unsaved_route
from scheduler.judging import Judge
from scheduler.pacing import Pacing
from scheduler.routing import original_of
from scheduler.rules import Rules
from store import channels, entries, feeds, posts, routes
from store.engine import reading
from store.tables import ChannelRow, EntryRow, Feed, Route

#: Posts that went out longer ago count for no cap and no gap.
_LOOK_BACK: Final = timedelta(days=8)


@dataclass(frozen=True, slots=True)
class PreviewLine:
    """An entry and what would become of it, if all that are shown came now, in one poll."""

    entry: Entry
    #: ``queued``, ``held`` by a cap, ``filtered``, ``duplicate`` or ``failed``.
    fate: Fate
    reason: str
    #: What would be posted, before any platform's limits; None unless the fate is ``queued`` or ``held``.
    content: Content | None
    #: When it would go out (UTC); None when it would not, or when the channel has no slot for it.
    at: datetime | None = None
    #: The same under the rules that hold now, where they differ.
    before: "PreviewLine | None" = None

    def differs(self, other: "PreviewLine") -> bool:
        """Whether something else would become of the entry."""
        return (self.fate, self.reason, self.content, self.at) != (
            other.fate,
            other.reason,
            other.content,
            other.at,
        )


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
    checked = replace(rules, timing="at_once").checked()
    now = context.clock()
    found = find_feed(context, url, now=now, headers=access.headers() if access else None)
    title = found.document.parsed.title
    feed = Feed(id=new_id(), workspace_id=0, url=found.url, title=title, existing="none", created_at=now)
    way = _imagined_way(checked, zone_name, now=now)
    pacing = Pacing(checked.pace, zone(zone_name), (), find_slot=None)
    desk = Desk(way, Judge(checked), pacing, original_of=lambda _row: None)
    rows = entries.unsaved(feed, found.ordered, now=now)
    lines = _lines(Imagined(desk, None, {}, {}), way, rows, [feed], now=now)
    site_url = found.document.parsed.site_url
    return Preview(found.url, title, site_url, found.found_on, tuple(lines), found.others)


def preview_route(
    context: Context, workspace_id: int, route_id: int, *, rules: Rules | None = None, limit: int = 20
) -> list[PreviewLine]:
    """What a route makes of the newest stored entries of its feeds, newest first.

    Args:
        rules: others than it has; each line then says what would differ.

    Raises:
        UsageError: the rules are wrong.
    """
    checked = rules.checked() if rules is not None else None
    now = context.clock()
    with reading(context.engine) as session:
        route = routes.get(session, workspace_id, route_id)
        channel = channels.get(session, workspace_id, route.channel_id)
        lines = _of_route(session, Way(route, channel), route, limit=limit, now=now)
        if checked is None:
            return lines
        other = unsaved_route(checked, channel, now=now, name=route.name, overrides=route.rules)
        changed = _of_route(session, Way(other, channel), route, limit=limit, now=now)
    return [
        replace(line, before=before) if line.differs(before) else line
        for line, before in zip(changed, lines, strict=True)
    ]


def _of_route(session: Session, way: Way, saved: Route, *, limit: int, now: datetime) -> list[PreviewLine]:
    """``way`` may lead by other rules than the saved route's."""
    read = routes.feeds_of(session, saved.id)
    rows = entries.newest_of_feeds(session, [feed.id for feed in read], limit=limit)
    shown = {row.id for row in rows}

    def real_original_of(row: EntryRow) -> EntryRow | None:
        original = original_of(session, saved.id, row)
        return original if original is not None and original.id not in shown else None

    imagined = imagine(
        session,
        way,
        rows,
        since=now,
        route_id=saved.id,
        planned=posts.times_of_route(session, saved.id, since=now - _LOOK_BACK, now=now),
        real_original_of=real_original_of,
    )
    return _lines(imagined, way, rows[::-1], read, now=now)


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
    now = context.clock()
    with reading(context.engine) as session:
        channel = channels.get(session, workspace_id, channel_id)
        read = feeds.by_ids(session, workspace_id, feed_ids)
        rows = entries.newest_of_feeds(session, [feed.id for feed in read], limit=limit)
        way = Way(unsaved_route(checked, channel, now=now), channel)
        return _lines(imagine(session, way, rows, since=now), way, rows[::-1], read, now=now)


def _lines(
    imagined: Imagined, way: Way, rows: Sequence[EntryRow], read: Sequence[Feed], *, now: datetime
) -> list[PreviewLine]:
    """What becomes of entries, given oldest first; newest first."""
    by_id = {feed.id: feed for feed in read}
    outcomes = {row.id: outcome for row, outcome in imagined.run(rows, by_id, now=now)}
    return [_line(way, row, by_id, outcomes[row.id]) for row in reversed(rows)]


def _line(way: Way, row: EntryRow, feeds_by_id: Mapping[int, Feed], outcome: Outcome) -> PreviewLine:
    entry = entries.entry_of(row)
    if isinstance(outcome, Accepted):
        at = outcome.place.at if outcome.place else None
        return PreviewLine(entry, Fate.QUEUED, outcome.reason, outcome.content, at)
    content = None
    if outcome.fate is Fate.HELD:
        feed = feeds_by_id[row.feed_id]
        try:
            content = composed(way, entry, feed, link=target_of(way, entry.link, feed))
        except UsageError as exc:
            return PreviewLine(entry, Fate.FAILED, str(exc), None)
    return PreviewLine(entry, outcome.fate, outcome.reason, content)


def _imagined_way(rules: Rules, zone_name: str, *, now: datetime) -> Way:
    channel = ChannelRow(
        id=new_id(), workspace_id=0, platform="page", name="page", slug="page", zone=zone_name, created_at=now
    )
    return Way(unsaved_route(rules, channel, now=now), channel)
