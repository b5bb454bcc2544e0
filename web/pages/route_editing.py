"""Adding and changing a route over the newest real entries: what is typed is shown as it would be posted."""

from collections.abc import Mapping
from typing import Annotated, Any

from fastapi import APIRouter, Form, Query, Request, Response
from sqlmodel import Session

from domain.errors import NotFound, UsageError
from scheduler import routes as commands
from scheduler.previewing import PreviewLine, preview_route, preview_rules
from scheduler.replaying import Replay, replay_route, replay_rules
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
from web.route_forms import AS_ADDED, RouteForm
from web.route_rules import FIELDS, HOWS, JOINTS
from web.route_words import LATE, PICTURES, TIMINGS
from web.typed import Errors, Typed, errors_of

router = APIRouter(include_in_schema=False)

#: Entries that a preview shows.
PREVIEWED = 10
#: Entries of a replay that a page lists, the newest.
SHOWN = 200

Form_ = Annotated[RouteForm, Form()]


@router.get("/routes/new")
def new_route(
    request: Request,
    session: Reading,
    web: Web,
    me: MayEdit,
    *,
    feed: Annotated[list[Typed] | None, Query(max_length=100)] = None,
    like: RowId | None = None,
) -> Response:
    """An empty form; ``?feed=`` ticks a feed, ``?like=`` fills it in as another route is."""
    if like is not None:
        return _form(request, web, me, _copy(session, me, like, voice_of(request)))
    rows = channels.listed(session, me.workspace.id)
    form = RouteForm(feed=feed or [], shorten="on", channel=str(rows[0].id) if rows else "")
    form.timing = "next_slot" if rows and has_slots(session, rows[0]) else "at_once"
    return _form(request, web, me, form)


def _copy(session: Session, me: Member, like: int, voice: Voice) -> RouteForm:
    other = routes.get(session, me.workspace.id, like)
    form = RouteForm.of(other)
    form.name = voice.gettext("%(name)s, copy", name=other.name)[:80]
    form.feed = [str(feed.id) for feed in routes.feeds_of(session, other.id)]
    form.existing = "none"
    return form


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
            rules=form.rules(voice),
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
        ("text before", "prefix"),
        ("text after", "suffix"),
        ("cap per run", "per_run"),
        ("cap per day", "per_day"),
        ("gap between", "gap"),
        ("hashtag", "tags_always"),
        ("picture", "picture_instead"),
        ("least width", "picture_width"),
        ("pattern", "rules"),
        ("rule", "rules"),
        ("the age", "rules"),
        ("the length", "rules"),
        ("the language", "rules"),
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
    past, missing = _past(web, me, form, voice, route=route) if form.act == "replay" else (None, Errors())
    errors = Errors({**wrong, **missing, **(errors or {})})
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
        joints=_said(JOINTS, voice),
        fields=_said(FIELDS, voice),
        hows=_said(HOWS, voice),
        pictures=_said(PICTURES, voice),
        timings=_said(TIMINGS, voice),
        lates=_said(LATE, voice),
        as_added=AS_ADDED,
        previews=found,
        past=past,
        shown=SHOWN,
    )


def _said(words: Mapping[Any, str], voice: Voice) -> list[tuple[str, str]]:
    return [(str(key), voice.gettext(text)) for key, text in words.items()]


@router.post("/routes/preview")
def preview_form(request: Request, web: Web, me: MayEdit, form: Form_) -> Response:
    """Only the preview of a form, for htmx to put in while somebody types."""
    found, wrong = _previewed(web, me, form, voice_of(request))
    return show(request, "pages/routes_preview.html", previews=found, problem=next(iter(wrong.values()), ""))


@router.post("/routes/{route_id}/preview")
def preview_changed_form(request: Request, web: Web, me: MayEdit, route_id: RowId, form: Form_) -> Response:
    """As `preview_form`, for a route that is there: each entry also says what would differ."""
    with reading(web.context.engine) as session:
        route = routes.get(session, me.workspace.id, route_id)
    form.channel = str(route.channel_id)
    found, wrong = _previewed(web, me, form, voice_of(request), route=route)
    return show(request, "pages/routes_preview.html", previews=found, problem=next(iter(wrong.values()), ""))


Previews = list[tuple[PreviewLine, Preview | None]]


def _previewed(
    web: WebContext, me: Member, form: RouteForm, voice: Voice, *, route: Route | None = None
) -> tuple[Previews, Errors]:
    """What the form's rules make of the newest entries; and what is wrong with them."""
    if form.channel_id is None or not (form.feed_ids or route):
        return [], Errors()
    try:
        with reading(web.context.engine) as session:
            channel = channels.get(session, me.workspace.id, form.channel_id)
        rules = form.rules(voice, Rules.of(route) if route else Rules())
        if route:
            lines = preview_route(web.context, me.workspace.id, route.id, rules=rules, limit=PREVIEWED)
        else:
            lines = preview_rules(
                web.context,
                me.workspace.id,
                feed_ids=form.feed_ids,
                channel_id=channel.id,
                rules=rules,
                limit=PREVIEWED,
            )
    except (NotFound, UsageError, Mistake) as error:
        return [], errors_of(error, _field(error), voice)
    return as_sent(web, channel, lines, voice), Errors()


def _past(
    web: WebContext, me: Member, form: RouteForm, voice: Voice, *, route: Route | None
) -> tuple[Replay | None, Errors]:
    """What the form's rules would have posted in the last days; and what is wrong with them."""
    days = int(form.days) if form.days.isascii() and form.days.isdigit() and len(form.days) < 4 else 30
    try:
        rules = form.rules(voice, Rules.of(route) if route else Rules())
        if route:
            return replay_route(web.context, me.workspace.id, route.id, days=days, rules=rules), Errors()
        missing = _missing(form, voice)
        missing.pop("name", None)
        if missing:
            return None, missing
        assert form.channel_id is not None
        past = replay_rules(
            web.context,
            me.workspace.id,
            feed_ids=form.feed_ids,
            channel_id=form.channel_id,
            rules=rules,
            days=days,
        )
    except (NotFound, UsageError, Mistake) as error:
        return None, errors_of(error, _field(error), voice)
    return past, Errors()


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
            rules=form.rules(voice, Rules.of(route)),
            actor=me.actor,
        )
    except (UsageError, Mistake) as error:
        return _form(request, web, me, form, errors=errors_of(error, _field(error), voice), route=route)
    said_so = voice.gettext("Changed. Posts that are there already stay as they are.")
    return redirect(request, f"/routes/{route_id}", notice=said_so)
