"""The page of a channel's template: what routes say there that have none of their own."""

from typing import Annotated

from fastapi import APIRouter, Form, Request, Response

from domain.errors import UsageError
from scheduler.channel_template import set_template
from scheduler.templating import DEFAULT_TEMPLATE, VARIABLES
from store import channels
from store.engine import reading
from store.tables import ChannelRow
from web.api.base import RowId
from web.auth import MayConnect, Member
from web.deps import Web, WebContext, redirect, show, voice_of
from web.typed import Errors, Typed, errors_of

router = APIRouter(include_in_schema=False)


@router.get("/channels/{channel_id}/template")
def template_form(request: Request, web: Web, me: MayConnect, channel_id: RowId) -> Response:
    """The template that the channel has."""
    row = _row(web, me, channel_id)
    return _form(request, row, row.template or "")


@router.post("/channels/{channel_id}/template")
def keep_template(
    request: Request, web: Web, me: MayConnect, channel_id: RowId, template: Annotated[Typed, Form()] = ""
) -> Response:
    """Keep another one; empty takes it away."""
    voice = voice_of(request)
    row = _row(web, me, channel_id)
    try:
        set_template(web.context, me.workspace.id, row.name, template, actor=me.actor)
    except UsageError as error:
        return _form(request, row, template, errors_of(error, "template", voice))
    said_so = voice.gettext("Kept. Posts that are there already stay as they are.")
    return redirect(request, f"/channels/{channel_id}", notice=said_so)


def _row(web: WebContext, me: Member, channel_id: int) -> ChannelRow:
    with reading(web.context.engine) as session:
        return channels.get(session, me.workspace.id, channel_id)


def _form(request: Request, row: ChannelRow, typed: str, errors: Errors | None = None) -> Response:
    return show(
        request,
        "pages/channels_template.html",
        status=422 if errors else 200,
        row=row,
        typed=typed,
        usual=DEFAULT_TEMPLATE,
        variables=VARIABLES,
        errors=errors or Errors(),
    )
