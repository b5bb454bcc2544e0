"""Keeping what the list of published posts shows: its columns, and views under a name."""

from collections.abc import Callable
from urllib.parse import parse_qsl, urlsplit

from fastapi import APIRouter, HTTPException, Request, Response

from domain.errors import UsageError
from domain.person import Permission
from domain.post_columns import offered
from domain.post_view import PostView, view_from
from scheduler import views as commands
from store import views
from store.engine import reading
from store.tables import StatisticsView
from web.api.base import RowId
from web.auth import MaySee, Member
from web.deps import Web, WebContext, redirect, safe_path, voice_of
from web.i18n import Voice
from web.posted import Posted
from web.said import said
from web.statistics_form import LIST, ListForm, form_of, known_in, stored_view

router = APIRouter(include_in_schema=False)


@router.post("/statistics/columns")
def choose_columns(request: Request, web: Web, me: MaySee, typed: Posted) -> Response:
    """Remember which columns this person's list shows."""
    chosen = [] if typed.get("usual") else [key for key in offered() if f"column_{key}" in typed]
    commands.choose_columns(web.context, me.workspace.id, chosen, person_id=me.person.id)
    return redirect(request, safe_path(typed.get("back") or LIST))


@router.post("/statistics/views")
def keep(request: Request, web: Web, me: MaySee, typed: Posted) -> Response:
    """Keep what is shown as a new view, one's own or everybody's."""
    shared = bool(typed.get("shared"))
    _check(me, shared=shared)
    back = safe_path(typed.get("shows") or LIST)

    def do(voice: Voice) -> Response:
        view = _view_in(web, me, typed.get("shows", ""), voice)
        row = commands.save(
            web.context, me.workspace.id, typed.get("name", ""), view, shared=shared, person_id=me.person.id,
            actor=me.actor,
        )  # fmt: skip
        return redirect(request, form_of(view, view_id=row.id).address(), notice=voice.gettext("Kept."))

    return _told(request, back, do)


@router.post("/statistics/views/first")
def begin_with(request: Request, web: Web, me: MaySee, typed: Posted) -> Response:
    """Let this person's list begin with a view, or with all posts."""
    wish = typed.get("view", "")
    number = int(wish) if wish.isascii() and wish.isdecimal() and int(wish[:20]) < 2**63 else None
    commands.begin_with(web.context, me.workspace.id, number, person_id=me.person.id)
    voice = voice_of(request)
    done = voice.gettext("Your list begins with this view from now on.") if number else voice.gettext(
        "Your list begins with all posts."
    )  # fmt: skip
    return redirect(request, LIST, notice=done)


@router.post("/statistics/views/{view_id}/keep")
def change(request: Request, web: Web, me: MaySee, view_id: RowId, typed: Posted) -> Response:
    """Let a view show what is shown now."""
    row = _changeable(web, me, view_id)

    def do(voice: Voice) -> Response:
        view = _view_in(web, me, typed.get("shows", ""), voice)
        commands.save(
            web.context, me.workspace.id, row.name, view, shared=row.whose == views.EVERYBODY,
            person_id=me.person.id, actor=me.actor, replace=True,
        )  # fmt: skip
        return redirect(request, form_of(view, view_id=row.id).address(), notice=voice.gettext("Kept."))

    return _told(request, LIST, do)


@router.post("/statistics/views/{view_id}/rename")
def rename(request: Request, web: Web, me: MaySee, view_id: RowId, typed: Posted) -> Response:
    """Give a view another name."""
    _changeable(web, me, view_id)
    back = safe_path(typed.get("back") or LIST)

    def do(voice: Voice) -> Response:
        commands.rename(
            web.context, me.workspace.id, view_id, typed.get("name", ""), person_id=me.person.id,
            actor=me.actor,
        )  # fmt: skip
        return redirect(request, back, notice=voice.gettext("Renamed."))

    return _told(request, back, do)


@router.post("/statistics/views/{view_id}/remove")
def remove(request: Request, web: Web, me: MaySee, view_id: RowId) -> Response:
    """Take a view away."""
    _changeable(web, me, view_id)
    commands.remove(web.context, me.workspace.id, view_id, person_id=me.person.id, actor=me.actor)
    return redirect(request, LIST, notice=voice_of(request).gettext("The view is gone; the posts stay."))


def _changeable(web: WebContext, me: Member, view_id: int) -> StatisticsView:
    """The view, where this person may change it. Raises an HTTP 403: they may not; `NotFound`: it is none."""
    with reading(web.context.engine) as session:
        row = views.get(session, me.workspace.id, view_id, person_id=me.person.id)
    _check(me, shared=row.whose == views.EVERYBODY)
    return row


def _check(me: Member, *, shared: bool) -> None:
    if shared and not me.may(Permission.EDIT):
        raise HTTPException(403, "Your role in this workspace does not allow this. Ask an owner.")


def _view_in(web: WebContext, me: Member, address: str, voice: Voice) -> PostView:
    """The view that an address of the list shows."""
    query = dict(parse_qsl(urlsplit(address).query)) if address else {}
    form = ListForm(**{name: value for name, value in query.items() if name in ListForm.model_fields})
    with reading(web.context.engine) as session:
        known = known_in(session, me.workspace.id)
    return view_from(stored_view(form, known, voice).stored())


def _told(request: Request, back: str, do: Callable[[Voice], Response]) -> Response:
    voice = voice_of(request)
    try:
        return do(voice)
    except UsageError as error:
        return redirect(request, back, notice=said(voice, str(error)), kind="bad")
