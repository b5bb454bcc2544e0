"""Routes: which entries become posts on which channel, and what became of them."""

from datetime import datetime
from typing import Annotated, Any, Literal

from fastapi import Query, Response
from pydantic import BaseModel, Field

from domain.route import MAX_WORDS
from scheduler import routes as commands
from scheduler.previewing import preview_route, preview_rules
from scheduler.rules import Rules
from scheduler.templating import DEFAULT_TEMPLATE
from store import routes
from store.engine import reading
from store.routes import RouteLine
from web.api.base import Body, Line, Listing, Pages, Repeatable, RowId, api_router
from web.api.feed_shapes import PreviewedEntry, previewed
from web.api.shapes import BalanceShown, ExistingChoice, NamedRow, Text, balance_shown, in_pages
from web.auth import MayEdit, MaySee, Member
from web.deps import Reading, Web, WebContext

router = api_router("routes")

Word = Annotated[str, Field(max_length=200, pattern=r"^[^\x00]*$")]
Words = Annotated[list[Word], Field(max_length=MAX_WORDS)]
Utm = Annotated[dict[Word, Word], Field(max_length=6)]
Timing = Literal["next_slot", "at_once"]
Late = Literal["send", "skip", "ask"]
Entries = Annotated[int, Query(ge=1, le=50)]


class RouteShown(BalanceShown):
    """A route, its rules, and what became of its entries."""

    id: RowId
    name: str
    channel: NamedRow
    feeds: list[NamedRow]
    template: str
    include: list[str]
    exclude: list[str]
    utm: dict[str, str]
    shorten: bool
    timing: Timing
    needs_approval: bool
    #: What happens to a post that a down-time made late.
    late: Late
    paused_at: datetime | None
    created_at: datetime


class RuleFields(Body):
    """What a route does with an entry."""

    #: Text with variables such as ``{{ title }}`` and ``{{ link }}``.
    template: Text = DEFAULT_TEMPLATE
    #: An entry must hold one of these; none given: all pass.
    include: Words = Field(default_factory=list)
    exclude: Words = Field(default_factory=list)
    #: Such as ``{"source": "{{ platform }}"}``.
    utm: Utm = Field(default_factory=dict)
    #: Only where the public address is one that strangers can open.
    shorten: bool = True
    timing: Timing = "next_slot"
    needs_approval: bool = False
    late: Late = "send"


class Trial(RuleFields):
    """Rules to try on stored entries."""

    feed_ids: Annotated[list[RowId], Field(min_length=1, max_length=200)]
    channel_id: RowId


class NewRoute(Trial):
    """A route to add."""

    name: Line
    #: Which stored entries are posted now; null: what was chosen when each feed was added.
    existing: ExistingChoice | None = None


class RouteChange(Body):
    """What shall change; absent stays as it is."""

    name: Line = ""
    template: Text = ""
    include: Words = Field(default_factory=list)
    exclude: Words = Field(default_factory=list)
    utm: Utm = Field(default_factory=dict)
    shorten: bool = True
    timing: Timing = "next_slot"
    needs_approval: bool = False
    late: Late = "send"


class OneMoreFeed(Body):
    """A feed for a route to read besides its others."""

    feed_id: RowId
    existing: ExistingChoice | None = None


class PostsMade(BaseModel):
    """What came of it."""

    posts_made: int


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
    changes = body.model_dump(exclude_unset=True)
    name = changes.pop("name", route.name)
    rules = Rules(**{**Rules.of(route).columns(), **changes})
    commands.change_route(web.context, me.workspace.id, route_id, name=name, rules=rules, actor=me.actor)
    return _reread(web, me, route_id)


@router.get("/routes/{route_id}/preview")
def get_preview(web: Web, me: MaySee, route_id: RowId, limit: Entries = 10) -> list[PreviewedEntry]:
    """What the route makes of the newest entries of its feeds, newest first; nothing is posted."""
    return [previewed(line) for line in preview_route(web.context, me.workspace.id, route_id, limit=limit)]


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


def _rules(body: RuleFields) -> Rules:
    return Rules(**body.model_dump(include=set(RuleFields.model_fields)))


def _reread(web: WebContext, me: Member, route_id: int) -> RouteShown:
    with reading(web.context.engine) as session:
        return route_shown(routes.line(session, me.workspace.id, route_id))


def route_shown(line: RouteLine) -> RouteShown:
    """A route as the API tells it."""
    values: dict[str, Any] = line.route.model_dump()
    return RouteShown.model_validate(
        {
            **values,
            **balance_shown(line.balance).model_dump(),
            "channel": NamedRow(id=line.channel.id, name=line.channel.name),
            "feeds": [NamedRow(id=feed.id, name=feed.title or feed.url) for feed in line.feeds],
        }
    )
