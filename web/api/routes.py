"""Routes: which entries become posts on which channel, and what became of them."""

from typing import Annotated, Literal

from fastapi import Query, Response

from scheduler import routes as commands
from scheduler.cloning import clone_route
from scheduler.previewing import preview_route, preview_rules
from scheduler.replaying import MAX_DAYS, replay_route, replay_rules
from scheduler.route_removing import remove_route
from scheduler.rules import Rules
from store import routes
from store.engine import reading
from web.api.base import Listing, Pages, Repeatable, RowId, api_router
from web.api.feed_shapes import PreviewedEntry, previewed
from web.api.route_shapes import (
    NewRoute,
    OneMoreFeed,
    PastDays,
    PostsMade,
    ReplayShown,
    RouteChange,
    RouteCopy,
    RouteShown,
    RuleFields,
    Trial,
    replayed,
    route_shown,
)
from web.api.shapes import in_pages
from web.auth import MayEdit, MaySee, Member
from web.deps import Reading, Web, WebContext

router = api_router("routes")

Entries = Annotated[int, Query(ge=1, le=50)]
Days = Annotated[int, Query(ge=1, le=MAX_DAYS)]


@router.get("/routes")
def get_routes(session: Reading, me: MaySee, pages: Pages) -> Listing[RouteShown]:
    """All routes by name, with their balances."""
    return in_pages(pages, routes.lines(session, me.workspace.id), route_shown)


@router.post("/routes", status_code=201, response_model=RouteShown)
def post_route(body: NewRoute, web: Web, me: MayEdit, once: Repeatable) -> Response:
    """Let entries of feeds become posts on a channel."""

    def make() -> RouteShown:
        route = commands.add_route(
            web.context,
            me.workspace.id,
            name=body.name,
            feed_ids=body.feed_ids,
            channel_id=body.channel_id,
            rules=_rules(body),
            existing=body.existing,
            actor=me.actor,
        )
        web.wake()
        return _reread(web, me, route.id)

    return once.run(me, body, make)


@router.post("/routes/preview")
def preview_trial(body: Trial, web: Web, me: MayEdit, limit: Entries = 10) -> list[PreviewedEntry]:
    """What rules that are not saved would make of the newest stored entries, newest first."""
    lines = preview_rules(
        web.context,
        me.workspace.id,
        feed_ids=body.feed_ids,
        channel_id=body.channel_id,
        rules=_rules(body),
        limit=limit,
    )
    return [previewed(line) for line in lines]


@router.get("/routes/{route_id}")
def get_route(session: Reading, me: MaySee, route_id: RowId) -> RouteShown:
    """One route with its balance."""
    return route_shown(routes.line(session, me.workspace.id, route_id))


@router.patch("/routes/{route_id}")
def patch_route(body: RouteChange, web: Web, me: MayEdit, route_id: RowId) -> RouteShown:
    """Change a route's name or rules; posts that are there already stay as they are."""
    with reading(web.context.engine) as session:
        route = routes.get(session, me.workspace.id, route_id)
    name = body.name if "name" in body.model_fields_set else route.name
    rules = _changed(web, me, route_id, body)
    commands.change_route(web.context, me.workspace.id, route_id, name=name, rules=rules, actor=me.actor)
    return _reread(web, me, route_id)


@router.get("/routes/{route_id}/preview")
def get_preview(web: Web, me: MaySee, route_id: RowId, limit: Entries = 10) -> list[PreviewedEntry]:
    """What the route makes of the newest entries of its feeds, newest first; nothing is posted."""
    return [previewed(line) for line in preview_route(web.context, me.workspace.id, route_id, limit=limit)]


@router.post("/routes/{route_id}/preview")
def preview_change(
    body: RouteChange, web: Web, me: MayEdit, route_id: RowId, limit: Entries = 10
) -> list[PreviewedEntry]:
    """What the route would make of the newest entries by other rules, and beside it what it makes now."""
    rules = _changed(web, me, route_id, body)
    lines = preview_route(web.context, me.workspace.id, route_id, rules=rules, limit=limit)
    return [previewed(line) for line in lines]


@router.get("/routes/{route_id}/replay")
def get_replay(web: Web, me: MaySee, route_id: RowId, days: Days = 30) -> ReplayShown:
    """What the route would have posted in the last days; nothing is posted."""
    return replayed(replay_route(web.context, me.workspace.id, route_id, days=days))


@router.post("/routes/{route_id}/replay")
def replay_change(body: RouteChange, web: Web, me: MayEdit, route_id: RowId, days: Days = 30) -> ReplayShown:
    """What the route would have posted in the last days by other rules."""
    rules = _changed(web, me, route_id, body)
    return replayed(replay_route(web.context, me.workspace.id, route_id, days=days, rules=rules))


@router.post("/routes/replay")
def replay_trial(body: PastDays, web: Web, me: MayEdit) -> ReplayShown:
    """What a route that is not saved would have posted in the last days."""
    past = replay_rules(
        web.context,
        me.workspace.id,
        feed_ids=body.feed_ids,
        channel_id=body.channel_id,
        rules=_rules(body),
        days=body.days,
    )
    return replayed(past)


@router.post("/routes/{route_id}/clone", status_code=201, response_model=RouteShown)
def clone(body: RouteCopy, web: Web, me: MayEdit, route_id: RowId, once: Repeatable) -> Response:
    """Add a route with the same feeds and rules; entries that are there already are not posted by it."""

    def make() -> RouteShown:
        route = clone_route(
            web.context,
            me.workspace.id,
            route_id,
            name=body.name,
            channel_id=body.channel_id,
            actor=me.actor,
        )
        web.wake()
        return _reread(web, me, route.id)

    return once.run(me, body, make)


@router.delete("/routes/{route_id}")
def delete_route(
    web: Web, me: MayEdit, route_id: RowId, posts: Literal["keep", "skip"] | None = None
) -> RouteShown:
    """Remove a route; ``posts`` says what becomes of those that did not go out, and must if there are any."""
    remove_route(web.context, me.workspace.id, route_id, unsent=posts, actor=me.actor)
    return _reread(web, me, route_id)


@router.post("/routes/{route_id}/feeds")
def post_feed(body: OneMoreFeed, web: Web, me: MayEdit, route_id: RowId) -> PostsMade:
    """Let the route read one more feed."""
    made = commands.add_feed_to_route(
        web.context, me.workspace.id, route_id, body.feed_id, existing=body.existing, actor=me.actor
    )
    web.wake()
    return PostsMade(posts_made=made)


@router.post("/routes/{route_id}/pause")
def pause_route(web: Web, me: MayEdit, route_id: RowId) -> RouteShown:
    """Make no more posts; entries that come are held, queued posts still go out."""
    commands.pause_route(web.context, me.workspace.id, route_id, actor=me.actor)
    return _reread(web, me, route_id)


@router.post("/routes/{route_id}/resume")
def resume_route(web: Web, me: MayEdit, route_id: RowId) -> PostsMade:
    """Make posts again, first of what was held."""
    made = commands.resume_route(web.context, me.workspace.id, route_id, actor=me.actor)
    web.wake()
    return PostsMade(posts_made=made)


def _changed(web: WebContext, me: Member, route_id: int, body: RouteChange) -> Rules:
    """The route's rules with what the body says."""
    with reading(web.context.engine) as session:
        route = routes.get(session, me.workspace.id, route_id)
    changes = body.model_dump(exclude_unset=True, exclude={"name"})
    for whole in ("tags", "picture"):  # what one of these leaves out is as in a new route
        if whole in changes:
            changes[whole] = getattr(body, whole).model_dump()
    return Rules.read({**Rules.of(route).columns(), **changes})


def _rules(body: RuleFields) -> Rules:
    return Rules.read(body.model_dump(include=set(RuleFields.model_fields)))


def _reread(web: WebContext, me: Member, route_id: int) -> RouteShown:
    with reading(web.context.engine) as session:
        return route_shown(routes.line(session, me.workspace.id, route_id))
