"""The template of a channel: what routes say there that have none of their own."""

from pydantic import BaseModel

from scheduler.channel_template import set_template
from store import channels
from store.engine import reading
from store.tables import ChannelRow
from web.api.base import Body, RowId, api_router
from web.api.shapes import Text
from web.auth import MayConnect, MaySee, Member
from web.deps import Web, WebContext

router = api_router("channels")


class TemplateShown(BaseModel):
    """A channel's template; null: routes without one of their own say title and link."""

    template: str | None


class SetTemplate(Body):
    """Text with variables such as ``{{ title }}``; empty takes the channel's template away."""

    template: Text


@router.get("/channels/{channel_id}/template")
def get_template(channel_id: RowId, web: Web, me: MaySee) -> TemplateShown:
    """What routes say on the channel that have no template of their own."""
    return TemplateShown(template=_row(web, me, channel_id).template)


@router.put("/channels/{channel_id}/template")
def put_template(channel_id: RowId, body: SetTemplate, web: Web, me: MayConnect) -> TemplateShown:
    """Set it; posts that are there already stay as they are."""
    name = _row(web, me, channel_id).name
    kept = set_template(web.context, me.workspace.id, name, body.template, actor=me.actor)
    return TemplateShown(template=kept)


def _row(web: WebContext, me: Member, channel_id: int) -> ChannelRow:
    with reading(web.context.engine) as session:
        return channels.get(session, me.workspace.id, channel_id)
