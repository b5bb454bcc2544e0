"""What changes a feed for good: its address, what opens it, by which name it is asked for, and its end."""

from collections.abc import Callable
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Form, Request, Response
from pydantic import BaseModel
from sqlmodel import Session

from domain.errors import FetchError, UsageError
from domain.person import Permission
from scheduler.feed_access import access_of, set_access, set_user_agent
from scheduler.removing import move_feed, remove_feed
from store import feeds
from store.engine import reading
from web.api.base import RowId
from web.auth import MayEdit, Member, Needs
from web.deps import Reading, Web, WebContext, redirect, show, voice_of
from web.typed import Errors, Typed, errors_of

router = APIRouter(include_in_schema=False)


class AccessForm(BaseModel):
    """What opens a feed."""

    #: ``basic``, ``bearer``, ``header`` or ``cookie``; empty: it is public.
    kind: Typed = ""
    name: Typed = ""
    secret: Typed = ""


class SettingsForm(AccessForm):
    """All fields of the page; each of its forms sends some of them."""

    url: Typed = ""
    agent: Typed | None = None


@router.get("/feeds/{feed_id}/settings", dependencies=[Depends(Needs(Permission.EDIT))])
def settings(request: Request, session: Reading, me: MayEdit, feed_id: RowId) -> Response:
    """The forms."""
    return _page(request, session, me, feed_id, SettingsForm())


def _page(  # noqa: PLR0917 - one line for each caller
    request: Request,
    session: Session,
    me: Member,
    feed_id: int,
    form: SettingsForm,
    errors: Errors | None = None,
) -> Response:
    line = feeds.line(session, me.workspace.id, feed_id)
    if not errors and line.feed.access:
        form = form.model_copy(update={"kind": line.feed.access})
    return show(
        request,
        "pages/feeds_settings.html",
        status=422 if errors else 200,
        feed=line.feed,
        routes=line.routes,
        form=form,
        errors=errors or Errors(),
    )


@router.post("/feeds/{feed_id}/access")
def access(
    request: Request, web: Web, me: MayEdit, feed_id: RowId, form: Annotated[SettingsForm, Form()]
) -> Response:
    """Keep what opens the feed, in place of what was there."""
    _ = voice_of(request).gettext

    def act() -> str:
        told = access_of(form.kind, name=form.name, secret=form.secret)
        set_access(web.context, me.workspace.id, feed_id, told, actor=me.actor)
        return (
            _("Kept. The feed is looked at within a few seconds.")
            if told
            else _("The feed is read as public.")
        )

    return _done(request, web, me, feed_id, form, act, "secret")


@router.post("/feeds/{feed_id}/agent")
def agent(
    request: Request, web: Web, me: MayEdit, feed_id: RowId, form: Annotated[SettingsForm, Form()]
) -> Response:
    """Ask for the feed by another name."""
    _ = voice_of(request).gettext

    def act() -> str:
        set_user_agent(web.context, me.workspace.id, feed_id, form.agent, actor=me.actor)
        return _("Set.")

    return _done(request, web, me, feed_id, form, act, "agent")


@router.post("/feeds/{feed_id}/move")
def move(
    request: Request, web: Web, me: MayEdit, feed_id: RowId, form: Annotated[SettingsForm, Form()]
) -> Response:
    """Read the feed at another address."""
    _ = voice_of(request).gettext

    def act() -> str:
        moved = move_feed(web.context, me.workspace.id, feed_id, form.url, actor=me.actor)
        return _("The feed is read at %(url)s now.", url=moved.url)

    return _done(request, web, me, feed_id, form, act, "url")


@router.post("/feeds/{feed_id}/remove")
def remove(request: Request, web: Web, me: MayEdit, feed_id: RowId) -> Response:
    """Read the feed no more."""
    gone = remove_feed(web.context, me.workspace.id, feed_id, actor=me.actor)
    web.wake()
    said = voice_of(request).gettext("Removed %(feed)s.", feed=gone.title or gone.url)
    return redirect(request, "/feeds", notice=said)


def _done(  # noqa: PLR0917 - one line for each caller
    request: Request,
    web: WebContext,
    me: Member,
    feed_id: int,
    form: SettingsForm,
    act: Callable[[], Any],
    field: str,
) -> Response:
    """Do it and go back to the feed; what is wrong is said beside its field."""
    try:
        notice = act()
    except (UsageError, FetchError) as error:
        with reading(web.context.engine) as session:
            return _page(request, session, me, feed_id, form, errors_of(error, field, voice_of(request)))
    web.wake()
    return redirect(request, f"/feeds/{feed_id}", notice=notice)
