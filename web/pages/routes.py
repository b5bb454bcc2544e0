"""The pages of routes: all of them, and one with its rules, its balance and what it makes of entries."""

from typing import Annotated

from fastapi import APIRouter, Form, Query, Request, Response
from sqlmodel import Session

from domain.errors import TabuhError, UsageError
from scheduler import routes as commands
from scheduler.judging import SLOW
from scheduler.pacing import PACED
from scheduler.previewing import preview_route
from scheduler.replaying import MAX_DAYS, replay_route
from scheduler.route_removing import remove_route as removing_command
from scheduler.rules import Rules
from scheduler.templating import DEFAULT_TEMPLATE
from store import feeds, ledger, posts, routes
from store.engine import reading
from web.api.base import RowId
from web.auth import MayEdit, MaySee, Member
from web.deps import Reading, Web, WebContext, redirect, show, voice_of
from web.feed_words import balance_shown
from web.i18n import Voice
from web.i18n import marked as N_
from web.pages.route_editing import PREVIEWED, SHOWN, as_sent
from web.posted import Mistake
from web.route_forms import AS_ADDED, RouteForm
from web.route_words import rule_words
from web.typed import Errors, ExistingForm, Typed, errors_of

router = APIRouter(include_in_schema=False)

Days = Annotated[int, Query(ge=1, le=MAX_DAYS)]
Unsent = Annotated[Typed, Form(alias="posts")]
#: Days that a replay offers.
_SPANS = (7, 30, 90, 365)
_UNSENT = {"keep": N_("Keep them: they go out as planned"), "skip": N_("Skip them: they do not go out")}


@router.get("/routes")
def list_routes(request: Request, session: Reading, me: MaySee) -> Response:
    """All routes, each with its balance."""
    voice = voice_of(request)
    lines = routes.lines(session, me.workspace.id)
    return show(
        request,
        "pages/routes.html",
        lines=lines,
        balances={line.route.id: balance_shown(line.balance, voice) for line in lines},
        rules={line.route.id: rule_words(Rules.of(line.route), voice) for line in lines},
        feeds=len(feeds.listed(session, me.workspace.id)),
    )


@router.get("/routes/{route_id}")
def one_route(request: Request, web: Web, me: MaySee, route_id: RowId) -> Response:
    """One route: its rules in words, its balance, and what it makes of the newest entries."""
    return _one(request, web, me, route_id)


def _one(
    request: Request,
    web: WebContext,
    me: Member,
    route_id: int,
    *,
    form: ExistingForm | None = None,
    errors: Errors | None = None,
) -> Response:
    voice = voice_of(request)
    with reading(web.context.engine) as session:
        line = routes.line(session, me.workspace.id, route_id)
        others = _others(session, me, {feed.id for feed in line.feeds})
        waiting, slow = ledger.counts_waiting(session, route_id, PACED, SLOW)
    lines = preview_route(web.context, me.workspace.id, route_id, limit=PREVIEWED)
    return show(
        request,
        "pages/routes_one.html",
        status=422 if errors else 200,
        line=line,
        route=line.route,
        rules=rule_words(Rules.of(line.route), voice),
        balance=balance_shown(line.balance, voice),
        previews=as_sent(web, line.channel, lines, voice),
        others=others,
        as_added=AS_ADDED,
        waiting=waiting,
        slow=slow,
        default_template=DEFAULT_TEMPLATE,
        form=form or RouteForm(),
        errors=errors or Errors(),
    )


def _others(session: Session, me: Member, read: set[int]) -> list[tuple[str, str]]:
    """Feeds that the route does not read yet, to choose from."""
    known = feeds.listed(session, me.workspace.id)
    return [(str(feed.id), feed.title or feed.url) for feed in known if feed.id not in read]


@router.post("/routes/{route_id}/pause")
def pause_route(request: Request, web: Web, me: MayEdit, route_id: RowId) -> Response:
    """Make no more posts of what comes; queued posts still go out."""
    commands.pause_route(web.context, me.workspace.id, route_id, actor=me.actor)
    said_so = voice_of(request).gettext("Paused. Entries that come are held; queued posts still go out.")
    return redirect(request, f"/routes/{route_id}", notice=said_so)


@router.post("/routes/{route_id}/resume")
def resume_route(request: Request, web: Web, me: MayEdit, route_id: RowId) -> Response:
    """Make posts again, first of what was held."""
    voice = voice_of(request)
    try:
        made = commands.resume_route(web.context, me.workspace.id, route_id, actor=me.actor)
    except UsageError as error:
        said_so = errors_of(error, "", voice)[""]
        return redirect(request, f"/routes/{route_id}", notice=said_so, kind="bad")
    web.wake()
    return redirect(request, f"/routes/{route_id}", notice=_resumed(made, voice))


def _resumed(made: int, voice: Voice) -> str:
    said_so = voice.gettext("The route makes posts again.")
    return said_so + (f" {_made(made, voice)}" if made else "")


def _made(number: int, voice: Voice) -> str:
    return voice.ngettext("%(num)s post was made.", "%(num)s posts were made.", number)


@router.get("/routes/{route_id}/replay")
def replay(
    request: Request,
    web: Web,
    me: MaySee,
    route_id: RowId,
    days: Annotated[int, Query(ge=1, le=MAX_DAYS)] = 30,
) -> Response:
    """What the route would have posted in the last days."""
    voice = voice_of(request)
    with reading(web.context.engine) as session:
        route = routes.get(session, me.workspace.id, route_id)
    return show(
        request,
        "pages/routes_replay.html",
        route=route,
        past=replay_route(web.context, me.workspace.id, route_id, days=days),
        days=days,
        choices=[
            (number, voice.ngettext("the last %(num)s day", "the last %(num)s days", number))
            for number in sorted({*_SPANS, days})
        ],
        shown=SHOWN,
    )


@router.get("/routes/{route_id}/remove")
def removing(request: Request, web: Web, me: MayEdit, route_id: RowId) -> Response:
    """Asks what becomes of the route's posts that did not go out."""
    return _removing(request, web, me, route_id)


def _removing(
    request: Request, web: WebContext, me: Member, route_id: int, *, errors: Errors | None = None
) -> Response:
    voice = voice_of(request)
    with reading(web.context.engine) as session:
        route = routes.get(session, me.workspace.id, route_id)
        unsent = posts.unsent_count(session, route.id)
    return show(
        request,
        "pages/routes_remove.html",
        status=422 if errors else 200,
        route=route,
        unsent=unsent,
        chosen="",
        options=[(key, voice.gettext(text)) for key, text in _UNSENT.items()],
        errors=errors or Errors(),
    )


@router.post("/routes/{route_id}/remove")
def remove_route(
    request: Request,
    web: Web,
    me: MayEdit,
    route_id: RowId,
    chosen: Annotated[Typed, Form(alias="posts")] = "",
) -> Response:
    """Remove the route."""
    voice = voice_of(request)
    with reading(web.context.engine) as session:
        name = routes.get(session, me.workspace.id, route_id).name
    try:
        removing_command(web.context, me.workspace.id, route_id, unsent=chosen or None, actor=me.actor)
    except UsageError as error:
        return _removing(request, web, me, route_id, errors=errors_of(error, "posts", voice))
    return redirect(request, "/routes", notice=voice.gettext("Removed the route %(name)s.", name=name))


class FeedChoice(ExistingForm):
    """One more feed for a route."""

    feed: Typed = ""
    existing: Typed = AS_ADDED


@router.post("/routes/{route_id}/feeds")
def read_feed(
    request: Request, web: Web, me: MayEdit, route_id: RowId, form: Annotated[FeedChoice, Form()]
) -> Response:
    """Let the route read one more feed."""
    voice = voice_of(request)
    chosen = RouteForm(feed=[form.feed], existing=form.existing, last=form.last, since=form.since, act="read")
    try:
        if not chosen.feed_ids:
            raise Mistake("feed", voice.gettext("Choose the feed to read."))
        made = commands.add_feed_to_route(
            web.context,
            me.workspace.id,
            route_id,
            chosen.feed_ids[0],
            existing=chosen.choice(voice),
            actor=me.actor,
        )
    except (TabuhError, Mistake) as error:
        return _one(request, web, me, route_id, form=chosen, errors=errors_of(error, "feed", voice))
    web.wake()
    said_so = voice.gettext("The route reads one more feed.")
    if made:
        said_so += " " + _made(made, voice)
    return redirect(request, f"/routes/{route_id}", notice=said_so)
