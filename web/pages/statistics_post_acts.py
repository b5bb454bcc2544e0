"""What is done from the page of one post: notes, the same again, and what follows."""

from collections.abc import Callable

from fastapi import APIRouter, Request, Response

from domain.errors import UsageError
from scheduler import notes, repeating
from web.api.base import RowId
from web.auth import MayEdit
from web.deps import Web, redirect, voice_of
from web.posted import Posted
from web.said import said

router = APIRouter(include_in_schema=False)


@router.post("/statistics/posts/{post_id}/notes")
def add_note(request: Request, web: Web, me: MayEdit, post_id: RowId, typed: Posted) -> Response:
    """Note something on the post."""

    def do() -> str:
        notes.add(web.context, me.workspace.id, post_id, text=typed.get("text", ""), actor=me.actor)
        return _page(post_id, "notes")

    return _done(request, post_id, do, voice_of(request).gettext("Noted."), "notes")


@router.post("/statistics/posts/{post_id}/notes/{note_id}/remove")
def remove_note(request: Request, web: Web, me: MayEdit, post_id: RowId, note_id: RowId) -> Response:
    """Take a note away."""
    notes.remove(web.context, me.workspace.id, note_id, actor=me.actor)
    return redirect(request, _page(post_id, "notes"), notice=voice_of(request).gettext("The note is gone."))


@router.post("/statistics/posts/{post_id}/repeat")
def repeat(request: Request, web: Web, me: MayEdit, post_id: RowId) -> Response:
    """A draft that says the same."""

    def do() -> str:
        made = repeating.repeat(web.context, me.workspace.id, post_id, actor=me.actor)
        return f"/posts/{made.id}"

    sentence = voice_of(request).gettext(
        "A draft that says the same. Change it if you like, and give it an hour."
    )
    return _done(request, post_id, do, sentence)


@router.post("/statistics/posts/{post_id}/follow-up")
def follow_up(request: Request, web: Web, me: MayEdit, post_id: RowId, typed: Posted) -> Response:
    """A draft that comes after it."""

    def do() -> str:
        text = typed.get("text", "")
        made = repeating.follow_up(web.context, me.workspace.id, post_id, text=text, actor=me.actor)
        return f"/posts/{made.id}"

    sentence = voice_of(request).gettext("A draft that follows the post. Give it an hour.")
    return _done(request, post_id, do, sentence)


def _page(post_id: int, part: str = "") -> str:
    return f"/statistics/posts/{post_id}" + (f"#{part}" if part else "")


def _done(request: Request, post_id: int, do: Callable[[], str], sentence: str, part: str = "") -> Response:
    """Do it and go where it leads; what is wrong is said on the page of the post."""
    try:
        to = do()
    except UsageError as error:
        voice = voice_of(request)
        return redirect(request, _page(post_id, part), notice=said(voice, str(error)), kind="bad")
    return redirect(request, to, notice=sentence)
