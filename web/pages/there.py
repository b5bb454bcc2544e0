"""A published post where it stands: changing its text there, and taking it down."""

from collections.abc import Mapping

from fastapi import APIRouter, Request, Response
from sqlmodel import Session

from domain.content import content_from
from domain.errors import PublishError, UsageError
from domain.extras import parts_in, parts_text
from domain.person import Permission
from scheduler import remote
from store import channels, posts
from store.engine import reading
from web.api.base import RowId
from web.auth import MayEdit, Member
from web.deps import Reading, Web, WebContext, redirect, show, voice_of
from web.pages.writing import REFUSED
from web.post_words import Act, acts_there, platform_title
from web.posted import Posted
from web.said import said
from web.typed import Errors

router = APIRouter()


@router.get("/posts/{post_id}/there")
def there_form(request: Request, web: Web, session: Reading, me: MayEdit, post_id: RowId) -> Response:
    """What can be done with a post that is out."""
    content = content_from(posts.get(session, me.workspace.id, post_id).content)
    typed = {"text": content.text, "thread": parts_text(content.thread)}
    return _form(request, web, session, me, post_id, typed=typed)


@router.post("/posts/{post_id}/there/edit")
def edit_there(request: Request, web: Web, me: MayEdit, post_id: RowId, typed: Posted) -> Response:
    """Change its text on its platform, at once."""
    voice = voice_of(request)
    with reading(web.context.engine) as session:
        post = posts.get(session, me.workspace.id, post_id)
    try:
        if post.approved_hash is not None and not me.may(Permission.APPROVE):
            raise UsageError("The post was approved: somebody who approves has to change it.")
        thread = parts_in(typed.get("thread", "")) if content_from(post.content).thread else None
        text = typed.get("text", "")
        remote.edit(web.context, me.workspace.id, post_id, text=text, thread=thread, actor=me.actor)
    except (UsageError, PublishError) as error:
        errors = {"text": said(voice, str(error))}
        with reading(web.context.engine) as session:
            return _form(request, web, session, me, post_id, typed=typed, errors=errors)
    return redirect(request, f"/posts/{post_id}", notice=voice.gettext("The text is changed there."))


@router.post("/posts/{post_id}/there/delete")
def delete_there(request: Request, web: Web, me: MayEdit, post_id: RowId, typed: Posted) -> Response:
    """Take it off its platform; the form asks whether one is sure."""
    voice = voice_of(request)
    try:
        if not typed.get("sure"):
            raise UsageError(voice.gettext("Say that you are sure."))
        remote.delete(web.context, me.workspace.id, post_id, actor=me.actor)
    except (UsageError, PublishError) as error:
        with reading(web.context.engine) as session:
            content = content_from(posts.get(session, me.workspace.id, post_id).content)
            typed = {"text": content.text, "thread": parts_text(content.thread)}
            errors = {"sure": said(voice, str(error))}
            return _form(request, web, session, me, post_id, typed=typed, errors=errors)
    return redirect(request, f"/posts/{post_id}", notice=voice.gettext("It is no longer there."))


def _form(
    request: Request,
    web: WebContext,
    session: Session,
    me: Member,
    post_id: int,
    *,
    typed: Mapping[str, str],
    errors: Mapping[str, str] | None = None,
) -> Response:
    post = posts.get(session, me.workspace.id, post_id)
    channel = channels.get(session, me.workspace.id, post.channel_id)
    acts = acts_there(web.context, post, channel, me)
    return show(
        request,
        "pages/post_there.html",
        status=REFUSED if errors else 200,
        post=post,
        channel=channel,
        platform=platform_title(web.context, channel.platform, voice_of(request)),
        typed=typed,
        threaded=bool(content_from(post.content).thread),
        errors=Errors(errors or {}),
        may_edit=Act.EDIT_THERE in acts,
        may_delete=Act.DELETE_THERE in acts,
    )
