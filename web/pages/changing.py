"""Changing a post: the text of one that was never tried, and the hour of any that has not gone out."""

from collections.abc import Mapping
from dataclasses import replace

from fastapi import APIRouter, Request, Response
from sqlmodel import Session

from domain.content import content_from
from domain.errors import UsageError
from scheduler import posts as commands
from scheduler.posts import NEXT_SLOT
from scheduler.slots import has_slots
from store import channels, posts
from store.engine import reading
from store.tables import Post
from web import pictures
from web.api.base import RowId
from web.auth import MayEdit, Member
from web.deps import Reading, Web, WebContext, redirect, safe_path, show, voice_of
from web.extra_fields import extras_in, fields_of
from web.pages.posts import row_answer
from web.pages.writing import REFUSED, Short, previewed, too_long, written, zones
from web.pictures import Uploaded, UploadedFilm
from web.post_words import one_line
from web.posted import AT, Mistake, Posted, hour, hour_field
from web.said import said
from web.telling import is_htmx
from web.typed import Errors

router = APIRouter()


@router.get("/posts/{post_id}/edit")
def edit_form(request: Request, web: Web, session: Reading, me: MayEdit, post_id: RowId) -> Response:
    """The text of a post that was never tried, to be changed."""
    post = posts.get(session, me.workspace.id, post_id)
    content = content_from(post.content)
    shown = {**pictures.filled_in(content.media), **fields_of(content)}
    return _edit_form(request, web, session, me, post=post, typed={"text": content.text, **shown})


@router.post("/posts/{post_id}/edit")
def edit_post(  # noqa: PLR0917 - FastAPI passes them by name
    request: Request,
    web: Web,
    me: MayEdit,
    post_id: RowId,
    typed: Posted,
    uploaded: Uploaded,
    film: UploadedFilm,
) -> Response:
    """Change the text or the pictures; an approval is void after it."""
    voice = voice_of(request)
    _ = voice.gettext
    with reading(web.context.engine) as session:
        post = posts.get(session, me.workspace.id, post_id)
        places = pictures.places(
            session, web, me.workspace.id, typed, uploaded=uploaded, film=film, voice=voice
        )
        wrong = pictures.errors(places)
        typed = pictures.remembered(typed, places)
        text = typed.get("text", "")
        if problem := too_long(text, voice):
            wrong["text"] = problem
        try:
            extras = extras_in(typed)
        except UsageError as error:
            extras, wrong["thread"] = None, said(voice, str(error))
        if wrong or typed.get("act") == "preview":
            return _edit_form(request, web, session, me, post=post, typed=typed, errors=wrong or None)
    given = pictures.changed(content_from(post.content).media, places)
    try:
        commands.edit(
            web.context, me.workspace.id, post_id, text=text, pictures=given, extras=extras, actor=me.actor
        )
    except UsageError as error:
        with reading(web.context.engine) as session:
            return _edit_form(
                request, web, session, me, post=post, typed=typed, errors={"text": said(voice, str(error))}
            )
    return redirect(request, f"/posts/{post_id}", notice=_("The text is changed."))


@router.get("/posts/{post_id}/move")
def move_form(  # noqa: PLR0917 - FastAPI passes them by name
    request: Request, web: Web, session: Reading, me: MayEdit, post_id: RowId, back: Short = ""
) -> Response:
    """Ask for another hour; the one it has is filled in."""
    post = posts.get(session, me.workspace.id, post_id)
    typed = {
        "at": (post.planned_wall or "")[:16],
        "zone": post.planned_zone or "",
        "back": safe_path(back) if back else "",
    }
    return _move_form(request, web, session, me, post=post, typed=typed)


@router.post("/posts/{post_id}/move")
def move_post(request: Request, web: Web, me: MayEdit, post_id: RowId, typed: Posted) -> Response:
    """Give a post another hour; a draft, failed or skipped one is queued by it."""
    voice = voice_of(request)
    errors: dict[str, str] = {}
    try:
        when = hour(voice, typed)
        post = commands.move(web.context, me.workspace.id, post_id, when=when, actor=me.actor)
    except Mistake as mistake:
        errors = {mistake.field: str(mistake)}
    except UsageError as error:
        errors = {hour_field(typed): said(voice, str(error))}
    with reading(web.context.engine) as session:
        if errors:
            if is_htmx(request):  # a button of a row, not the form
                raise UsageError(next(iter(errors.values())))
            post = posts.get(session, me.workspace.id, post_id)
            return _move_form(request, web, session, me, post=post, typed=typed, errors=errors)
        row = channels.get(session, me.workspace.id, post.channel_id)
    web.wake()
    sentence = written(voice, web, post, row)
    back = safe_path(typed.get("back") or f"/posts/{post_id}")
    if is_htmx(request):
        return row_answer(request, web, me, post, sentence, back=back)
    return redirect(request, back, notice=sentence)


def _edit_form(
    request: Request,
    web: WebContext,
    session: Session,
    me: Member,
    *,
    post: Post,
    typed: Mapping[str, str],
    errors: Mapping[str, str] | None = None,
) -> Response:
    voice = voice_of(request)
    places = pictures.places(session, web, me.workspace.id, typed, uploaded={}, voice=voice)
    return show(
        request,
        "pages/post_edit.html",
        status=REFUSED if errors else 200,
        post=post,
        typed=typed,
        errors=Errors(errors or {}),
        channel=channels.get(session, me.workspace.id, post.channel_id),
        places=[replace(one, error=(errors or {}).get(f"picture_{one.number}", "")) for one in places],
        seen=previewed(session, web, me, {**typed, "post": str(post.id)}, voice, places=places),
    )


def _move_form(
    request: Request,
    web: WebContext,
    session: Session,
    me: Member,
    *,
    post: Post,
    typed: Mapping[str, str],
    errors: Mapping[str, str] | None = None,
) -> Response:
    row = channels.get(session, me.workspace.id, post.channel_id)
    is_scheduled = has_slots(session, row)
    return show(
        request,
        "pages/post_move.html",
        status=REFUSED if errors else 200,
        post=post,
        text=one_line(post),
        channel=row,
        typed={"when": NEXT_SLOT if is_scheduled else AT, "at": "", **typed},
        errors=Errors(errors or {}),
        zones=zones(web, me, [row], row),
        is_scheduled=is_scheduled,
    )
