"""Feeds: what they show, how they do, and what became of their entries."""

from dataclasses import asdict
from datetime import datetime, timedelta

from fastapi import Response

from domain.errors import UsageError
from scheduler import feeds as commands
from scheduler.feed_access import set_access, set_user_agent
from scheduler.feed_lists import export_list, import_list
from scheduler.previewing import preview
from scheduler.removing import move_feed, remove_feed
from store import feed_health, feeds, ledger, routes
from store.engine import reading
from store.feeds import EntryLine
from web.api.base import BAD_CURSOR, Listing, Pages, Repeatable, RowId, api_router
from web.api.feed_health_shapes import (
    FeedHealthShown,
    FeedList,
    FeedListRead,
    FeedWithBalances,
    RouteBalance,
    health_shown,
)
from web.api.feed_shapes import (
    EntryShown,
    FeedAddress,
    FeedMove,
    FeedPause,
    FeedPreview,
    FeedRelease,
    FeedResume,
    FeedResumed,
    FeedSettings,
    FeedShown,
    NewFeed,
    entry_shown,
    feed_shown,
    previewed,
)
from web.api.shapes import balance_shown, in_pages
from web.auth import MayEdit, MaySee, Member
from web.deps import Reading, Web, WebContext

router = api_router("feeds")


@router.get("/feeds")
def get_feeds(session: Reading, me: MaySee, pages: Pages) -> Listing[FeedShown]:
    """All feeds by title."""
    return in_pages(pages, feeds.lines(session, me.workspace.id), feed_shown)


@router.get("/feeds/health")
def get_health(web: Web, session: Reading, me: MaySee, pages: Pages) -> Listing[FeedHealthShown]:
    """How all feeds do, by title."""
    found = feed_health.all_of(session, me.workspace.id, now=web.context.clock())
    return in_pages(pages, found, health_shown)


@router.get("/feeds/opml", response_class=Response, responses={200: {"content": {"text/x-opml": {}}}})
def get_list(web: Web, me: MaySee) -> Response:
    """All feeds as OPML, in their folders; what opens them is left out."""
    body = export_list(web.context, me.workspace.id, title=me.workspace.name)
    return Response(body, media_type="text/x-opml; charset=utf-8")


@router.post("/feeds/opml")
def post_list(body: FeedList, web: Web, me: MayEdit) -> FeedListRead:
    """Add all feeds of an OPML file that are not there yet; each is read within minutes."""
    done = import_list(
        web.context, me.workspace.id, body.opml.encode(), existing=body.existing, actor=me.actor,
        dry_run=body.dry_run,
    )  # fmt: skip
    web.wake()
    return FeedListRead.model_validate(asdict(done))


@router.post("/feeds/preview")
def preview_feed(body: FeedAddress, web: Web, me: MayEdit) -> FeedPreview:
    """Read a feed and show what would be posted of it, without storing anything."""
    access = body.access.as_access() if body.access else None
    found = preview(web.context, body.url, zone_name=me.workspace.zone, access=access)
    return FeedPreview(
        url=found.url,
        title=found.title,
        site_url=found.site_url,
        found_on=found.found_on,
        others=list(found.others),
        entries=[previewed(line) for line in found.lines],
    )


@router.post("/feeds", status_code=201, response_model=FeedShown)
def post_feed(body: NewFeed, web: Web, me: MayEdit, once: Repeatable) -> Response:
    """Add a feed with the entries that it shows; routes say what is posted of it."""

    def make() -> FeedShown:
        feed = commands.add_feed(
            web.context,
            me.workspace.id,
            body.url,
            existing=body.existing,
            actor=me.actor,
            interval=timedelta(minutes=body.interval_minutes) if body.interval_minutes else None,
            access=body.access.as_access() if body.access else None,
        )
        web.wake()
        return _reread(web, me, feed.id)

    return once.run(me, body, make)


@router.get("/feeds/{feed_id}")
def get_feed(web: Web, session: Reading, me: MaySee, feed_id: RowId) -> FeedWithBalances:
    """One feed, with what became of its entries on each route."""
    found = feed_health.of(session, me.workspace.id, feed_id, now=web.context.clock())
    names = {route.id: route.name for route in routes.listed(session, me.workspace.id)}
    told = ledger.balances_of_feed(session, me.workspace.id, feed_id)
    balances = [
        RouteBalance(route_id=route, route=names[route], **balance_shown(balance).model_dump())
        for route, balance in told.items()
    ]
    return FeedWithBalances(**health_shown(found).model_dump(), balances=balances)


@router.patch("/feeds/{feed_id}")
def patch_feed(body: FeedSettings, web: Web, me: MayEdit, feed_id: RowId) -> FeedShown:
    """Choose how often the feed is looked at, what opens it, and by which User-Agent it is asked for."""
    context, workspace, given = web.context, me.workspace.id, body.model_fields_set
    access = body.access.as_access() if body.access else None
    if "interval_minutes" in given:
        interval = timedelta(minutes=body.interval_minutes) if body.interval_minutes else None
        commands.set_interval(context, workspace, feed_id, interval, actor=me.actor)
    if "access" in given:
        set_access(context, workspace, feed_id, access, actor=me.actor)
    if "user_agent" in given:
        set_user_agent(context, workspace, feed_id, body.user_agent, actor=me.actor)
    web.wake()
    return _reread(web, me, feed_id)


@router.post("/feeds/{feed_id}/move")
def post_move(body: FeedMove, web: Web, me: MayEdit, feed_id: RowId) -> FeedShown:
    """Read the feed at another address; what it showed at the old one stays known."""
    move_feed(web.context, me.workspace.id, feed_id, body.url, actor=me.actor)
    web.wake()
    return _reread(web, me, feed_id)


@router.delete("/feeds/{feed_id}", status_code=204)
def delete_feed(web: Web, me: MayEdit, feed_id: RowId) -> Response:
    """Read the feed no more; its posts stay, queued ones too, and its entries stay known if it comes back."""
    remove_feed(web.context, me.workspace.id, feed_id, actor=me.actor)
    web.wake()
    return Response(status_code=204)


@router.get("/feeds/{feed_id}/entries")
def get_entries(
    session: Reading, me: MaySee, feed_id: RowId, pages: Pages, held: bool = False
) -> Listing[EntryShown]:
    """A feed's entries, newest first, each with what became of it on every route; or only those that wait."""
    feeds.get(session, me.workspace.id, feed_id)
    last = pages.after(str, int)
    after = (_instant(last[0]), last[1]) if last else None
    lines = feeds.entry_lines(
        session, me.workspace.id, feed_id, limit=pages.limit + 1, after=after, held_only=held
    )
    return pages.cut(lines, entry_shown, key=_key)


def _instant(text: str) -> datetime:
    try:
        at = datetime.fromisoformat(text)
    except ValueError as exc:
        raise UsageError(BAD_CURSOR) from exc
    if at.tzinfo is None:
        raise UsageError(BAD_CURSOR)
    return at


def _key(line: EntryLine) -> list[str | int]:
    at, position = feeds.place_of(line.entry)
    return [at.isoformat(), position]


@router.post("/feeds/{feed_id}/poll")
def poll_feed(web: Web, me: MayEdit, feed_id: RowId) -> FeedShown:
    """Let the next tick look at the feed at once."""
    commands.poll_now(web.context, me.workspace.id, feed_id, actor=me.actor)
    web.wake()
    return _reread(web, me, feed_id)


@router.post("/feeds/{feed_id}/pause")
def pause_feed(body: FeedPause, web: Web, me: MayEdit, feed_id: RowId) -> FeedShown:
    """Look at the feed no more until it is resumed; what it publishes meanwhile is found then."""
    commands.pause(web.context, me.workspace.id, feed_id, reason=body.reason, actor=me.actor)
    return _reread(web, me, feed_id)


@router.post("/feeds/{feed_id}/resume")
def resume_feed(body: FeedResume, web: Web, me: MayEdit, feed_id: RowId) -> FeedResumed:
    """Look at a paused feed again; for one that asks, with the choice that it asks for."""
    made = commands.resume(web.context, me.workspace.id, feed_id, existing=body.existing, actor=me.actor)
    web.wake()
    return FeedResumed(posts_made=made)


@router.post("/feeds/{feed_id}/release")
def release_feed(body: FeedRelease, web: Web, me: MayEdit, feed_id: RowId) -> FeedResumed:
    """Post what a feed holds back, or skip it; a feed that is paused stays so."""
    made = commands.release(web.context, me.workspace.id, feed_id, existing=body.existing, actor=me.actor)
    web.wake()
    return FeedResumed(posts_made=made)


def _reread(web: WebContext, me: Member, feed_id: int) -> FeedShown:
    with reading(web.context.engine) as session:
        return feed_shown(feeds.line(session, me.workspace.id, feed_id))
