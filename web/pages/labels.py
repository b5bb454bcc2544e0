"""Campaign and tags of a post, at any time; what is sent stays as it is."""

from collections.abc import Mapping

from fastapi import APIRouter, Request, Response

from domain.errors import UsageError
from scheduler.labelling import label
from store import posts, queue
from store.engine import reading
from web.api.base import RowId
from web.auth import MayEdit, Member
from web.deps import Reading, Web, WebContext, redirect, show, voice_of
from web.post_words import one_line
from web.posted import Posted
from web.said import said
from web.typed import Errors

router = APIRouter()


@router.get("/posts/{post_id}/labels")
def labels_form(request: Request, web: Web, session: Reading, me: MayEdit, post_id: RowId) -> Response:
    """The labels that it has, to be changed."""
    post = posts.get(session, me.workspace.id, post_id)
    typed = {"campaign": post.campaign or "", "tags": ", ".join(post.tags or [])}
    return _form(request, web, me, post_id, typed)


@router.post("/posts/{post_id}/labels")
def change_labels(request: Request, web: Web, me: MayEdit, post_id: RowId, typed: Posted) -> Response:
    """Keep what was typed."""
    voice = voice_of(request)
    tags = typed.get("tags", "").split(",")
    try:
        label(
            web.context,
            me.workspace.id,
            post_id,
            campaign=typed.get("campaign", ""),
            tags=tags,
            actor=me.actor,
        )
    except UsageError as error:
        field = "campaign" if " campaign" in str(error) else "tags"
        return _form(request, web, me, post_id, typed, errors={field: said(voice, str(error))})
    return redirect(request, f"/posts/{post_id}", notice=voice.gettext("Campaign and tags are changed."))


def _form(
    request: Request,
    web: WebContext,
    me: Member,
    post_id: int,
    typed: Mapping[str, str],
    *,
    errors: Mapping[str, str] | None = None,
) -> Response:
    with reading(web.context.engine) as session:
        post = posts.get(session, me.workspace.id, post_id)
        campaigns = queue.campaigns(session, me.workspace.id)
    return show(
        request,
        "pages/post_labels.html",
        status=422 if errors else 200,
        post=post,
        text=one_line(post),
        typed=typed,
        campaigns=campaigns,
        errors=Errors(errors or {}),
    )
