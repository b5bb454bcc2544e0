"""Connecting a channel at its platform's own consent page, by a program.

Begin, let a person open the address, and send back the address that their browser was sent to.
"""

from datetime import datetime
from typing import Annotated, Literal

from pydantic import AfterValidator, BaseModel, Field

from domain.errors import UsageError
from scheduler import connecting
from scheduler.connecting import Choosing, Connected
from store import channels
from store.engine import reading
from web.api.base import Body, Line, RowId, api_router
from web.api.channels import ChannelShown, Schedule, Values, told_of
from web.auth import MayConnect, Member
from web.deps import Web, WebContext
from web.pages.consent import redirect_address, walker_of
from web.posted import clean

router = api_router("channels")


class NewConnection(Body):
    """A channel to connect, or to connect again."""

    platform: Annotated[str, Field(max_length=32)] | None = None
    #: The channel to connect again, in place of a platform.
    channel_id: RowId | None = None
    #: Absent: as the platform calls it.
    name: Line | None = None
    #: IANA; absent: the workspace's.
    zone: Annotated[str, Field(max_length=64)] | None = None
    language: Literal["en", "id"] | None = None
    settings: Values = Field(default_factory=dict)
    schedule: Schedule = ""


class ConnectionBegun(BaseModel):
    """A person opens `address` and allows the access; it works once, until `expires_at`."""

    id: RowId
    address: str
    redirect_address: str
    expires_at: datetime


class CameBack(Body):
    """Where the person's browser was sent back to."""

    address: Annotated[str, AfterValidator(clean), Field(max_length=10_000)]


class Chosen(Body):
    """One of `targets`, counted from 0."""

    target: Annotated[int, Field(ge=0, le=10_000)]


class ConnectionEnded(BaseModel):
    """The channel; or what to choose from, with `PUT /connections/{id}/target`."""

    channel: ChannelShown | None = None
    id: RowId | None = None
    targets: list[str] = Field(default_factory=list)


@router.post("/connections", status_code=201)
def begin_connection(body: NewConnection, web: Web, me: MayConnect) -> ConnectionBegun:
    """Prepare the walk to the consent page; nothing is stored of the channel yet."""
    channel = None
    if body.channel_id is not None:
        with reading(web.context.engine) as session:
            channel = channels.get(session, me.workspace.id, body.channel_id)
    platform = channel.platform if channel else body.platform
    if platform is None:
        raise UsageError("Name a platform, or the channel to connect again.")
    begun = connecting.begin(
        web.context, walker_of(me), platform=platform, redirect_uri=redirect_address(web),
        name=body.name or "", zone_name=body.zone or me.workspace.zone, settings=body.settings,
        schedule=body.schedule, language=body.language, channel=channel,
    )  # fmt: skip
    return ConnectionBegun(
        id=begun.id,
        address=begun.address,
        redirect_address=redirect_address(web),
        expires_at=begun.expires_at,
    )


@router.post("/connections/end")
def end_connection(body: CameBack, web: Web, me: MayConnect) -> ConnectionEnded:
    """Turn what the platform sent back into a channel, or into a choice of targets."""
    return _ended(web, me, connecting.come_back(web.context, walker_of(me), connecting.answers(body.address)))


@router.put("/connections/{walk_id}/target")
def choose_target(walk_id: RowId, body: Chosen, web: Web, me: MayConnect) -> ConnectionEnded:
    """Make the channel for one of the targets."""
    return _ended(web, me, connecting.choose(web.context, walker_of(me), walk_id, body.target))


def _ended(web: WebContext, me: Member, found: Connected | Choosing) -> ConnectionEnded:
    if isinstance(found, Choosing):
        return ConnectionEnded(id=found.id, targets=list(found.names))
    web.wake()
    return ConnectionEnded(channel=told_of(web, me, found.channel.id))
