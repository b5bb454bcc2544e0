"""Adding and changing a route over the newest real entries: what is typed is shown as it would be posted."""

from typing import Annotated

from fastapi import APIRouter, Form, Query, Request, Response

from domain.errors import NotFound, UsageError
from scheduler import routes as commands
from scheduler.previewing import PreviewLine, preview_rules
from scheduler.rules import Rules
from scheduler.slots import has_slots
from scheduler.templating import VARIABLES
from store import channels, feeds, routes
from store.engine import reading
from store.tables import ChannelRow, Route
from web.api.base import RowId
from web.auth import MayEdit, Member
from web.deps import Reading, Web, WebContext, redirect, show, voice_of
from web.i18n import Voice
from web.posted import Mistake
from web.previewing import Preview, preview
from web.route_forms import AS_ADDED, LATE, TIMINGS, RouteForm
from web.typed import Errors, Typed, errors_of

router = APIRouter(include_in_schema=False)

#: Entries that a preview shows.
PREVIEWED = 10

Form_ = Annotated[RouteForm, Form()]


@router.get("/routes/new")
def new_route(
    request: Request,
    session: Reading,
    web: Web,
    me: MayEdit,
    feed: Annotated[list[Typed] | None, Query(max_length=100)] = None,
) -> Response:
    """An empty form; ``?feed=`` ticks a feed."""
    rows = channels.listed(session, me.workspace.id)
    form = RouteForm(feed=feed or [], shorten="on", channel=str(rows[0].id) if rows else "")
    form.timing = "next_slot" if rows and has_slots(session, rows[0]) else "at_once"
    return _form(request, web, me, form)


@router.post("/routes/new")
def add_route(request: Request, web: Web, me: MayEdit, form: Form_) -> Response:
    """Show what the rules would post of the newest entries, or add the route."""
    voice = voice_of(request)
    _ = voice.gettext
    if form.act != "save":
        return _form(request, web, me, form)
    if errors := _missing(form, voice):
        return _form(request, web, me, form, errors=errors)
    assert form.channel_id is not None
    try:
        route = commands.add_route(
            web.context,
            me.workspace.id,
            name=form.name,
            feed_ids=form.feed_ids,
            channel_id=form.channel_id,
            rules=form.rules(),
            existing=form.choice(voice),
            actor=me.actor,
        )
    except (NotFound, UsageError, Mistake) as error:
        return _form(request, web, me, form, errors=errors_of(error, _field(error), voice))
    web.wake()
    return redirect(request, f"/routes/{route.id}", notice=_("Added the route %(name)s.", name=route.name))


def _missing(form: RouteForm, voice: Voice) -> Errors:
    _ = voice.gettext
    errors = Errors()
    if not form.name.strip():
        errors["name"] = _("Give the route a name.")
    if not form.feed_ids:
        errors["feed"] = _("Choose at least one feed to read.")
    if form.channel_id is None:
        errors["channel"] = _("Choose the channel to post on.")
    return errors


def _field(error: Exception) -> str:
    """The field that a refusal of a command is about, told by what it speaks of."""
    text = str(error)
    for words, field in (
        ("template", "template"),
        ("posting schedule", "timing"),
        ("called", "name"),
        ("needs a name", "name"),
        ("UTM", "utm_source"),
        ("to include or exclude", "include"),
        ("The word", "include"),
        ("timing", "timing"),
        ("late", "late"),
        ("channel", "channel"),
        ("feed", "feed"),
    ):
        if words in text:
            return field
    return "name"


def _form(
    request: Request,
    web: WebContext,
    me: Member,
    form: RouteForm,
    *,
    errors: Errors | None = None,
    route: Route | None = None,
) -> Response:
    voice = voice_of(request)
    with reading(web.context.engine) as session:
        rows = channels.listed(session, me.workspace.id)
        known = feeds.listed(session, me.workspace.id)
    found, wrong = _previewed(web, me, form, voice, route=route)
    errors = Errors({**wrong, **(errors or {})})
    return show(
        request,
        "pages/routes_form.html",
        status=422 if errors else 200,
        form=form,
        errors=errors,
        route=route,
        feeds=known,
        channels=rows,
        variables=VARIABLES,
        timings=[(key, voice.gettext(text)) for key, text in TIMINGS.items()],
        lates=[(key, voice.gettext(text)) for key, text in LATE.items()],
        as_added=AS_ADDED,
        previews=found,
    )


@router.post("/routes/preview")
def preview_form(request: Request, web: Web, me: MayEdit, form: Form_) -> Response:
    """Only the preview of a form, for htmx to put in while somebody types."""
    found, wrong = _previewed(web, me, form, voice_of(request))
    return show(request, "pages/routes_preview.html", previews=found, problem=next(iter(wrong.values()), ""))


Previews = list[tuple[PreviewLine, Preview | None]]


def _previewed(
    web: WebContext, me: Member, form: RouteForm, voice: Voice, *, route: Route | None = None
) -> tuple[Previews, Errors]:
    """What the form's rules make of the newest entries; and what is wrong with them."""
    if form.channel_id is None or not (form.feed_ids or route):
        return [], Errors()
    with reading(web.context.engine) as session:
        feed_ids = [feed.id for feed in routes.feeds_of(session, route.id)] if route else form.feed_ids
        try:
            channel = channels.get(session, me.workspace.id, form.channel_id)
        except NotFound as error:
            return [], errors_of(error, "channel", voice)
    kept = Rules.of(route) if route else Rules()
    try:
        lines = preview_rules(
            web.context,
            me.workspace.id,
            feed_ids=feed_ids,
            channel_id=channel.id,
            rules=form.rules(kept),
            limit=PREVIEWED,
        )
    except UsageError as error:
        return [], errors_of(error, _field(error), voice)
    return as_sent(web, channel, lines, voice), Errors()


def as_sent(web: WebContext, channel: ChannelRow, lines: list[PreviewLine], voice: Voice) -> Previews:
    """Beside each entry, what the channel's publisher would send of it."""
    now = web.context.clock()
    return [
        (line, preview(web.context, channel, line.content, voice=voice, now=now) if line.content else None)
        for line in lines
    ]


@router.get("/routes/{route_id}/change")
def change_form(request: Request, session: Reading, web: Web, me: MayEdit, route_id: RowId) -> Response:
    """The form with the route's name and rules."""
    route = routes.get(session, me.workspace.id, route_id)
    return _form(request, web, me, RouteForm.of(route), route=route)


@router.post("/routes/{route_id}/change")
def change_route(request: Request, web: Web, me: MayEdit, route_id: RowId, form: Form_) -> Response:
    """Show what the changed rules would post, or keep them; posts that are there stay as they are."""
    voice = voice_of(request)
    with reading(web.context.engine) as session:
        route = routes.get(session, me.workspace.id, route_id)
    form.channel = str(route.channel_id)
    if form.act != "save":
        return _form(request, web, me, form, route=route)
    try:
        commands.change_route(
            web.context,
            me.workspace.id,
            route_id,
            name=form.name,
            rules=form.rules(Rules.of(route)),
            actor=me.actor,
        )
    except UsageError as error:
        return _form(request, web, me, form, errors=errors_of(error, _field(error), voice), route=route)
    said_so = voice.gettext("Changed. Posts that are there already stay as they are.")
    return redirect(request, f"/routes/{route_id}", notice=said_so)
