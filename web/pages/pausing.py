"""Pausing everything, with a reason, and letting posts go out again."""

from typing import Annotated

from fastapi import APIRouter, Form, Request, Response

from domain.errors import UsageError
from scheduler import pausing
from web.auth import MayEdit
from web.deps import Web, redirect, show, voice_of
from web.posted import clean
from web.said import said
from web.typed import Errors

router = APIRouter()

Field = Annotated[str, Form()]


@router.get("/pause")
def pause_form(request: Request, me: MayEdit) -> Response:
    """Ask for the reason, or offer to resume."""
    del me
    return show(request, "pages/pause.html", reason="", errors=Errors({}))


@router.post("/pause")
def pause(request: Request, web: Web, me: MayEdit, reason: Field = "") -> Response:
    """Publish nothing in the whole workspace until it is resumed."""
    voice = voice_of(request)
    try:
        pausing.pause(web.context, me.workspace.id, reason=clean(reason), actor=me.actor)
    except UsageError as error:
        errors = Errors({"reason": said(voice, str(error))})
        return show(request, "pages/pause.html", status=422, reason=reason, errors=errors)
    return redirect(request, "/", notice=voice.gettext("Everything is paused. Posts wait in the queue."))


@router.post("/resume")
def resume(request: Request, web: Web, me: MayEdit) -> Response:
    """Let posts go out again; those that are late follow the rule for late posts."""
    voice = voice_of(request)
    try:
        waiting = pausing.resume(web.context, me.workspace.id, actor=me.actor)
    except UsageError as error:
        return redirect(request, "/", notice=said(voice, str(error)), kind="bad")
    web.wake()
    notice = voice.gettext("Posts go out again.")
    if waiting:
        notice += " " + voice.ngettext("%(num)s post was waiting.", "%(num)s posts were waiting.", waiting)
    return redirect(request, "/queue", notice=notice)
