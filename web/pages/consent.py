"""Channels that are connected at their platform's own consent page: the way there, and the way back."""

from collections.abc import Mapping
from typing import Annotated, Any

from fastapi import APIRouter, Form, HTTPException, Request, Response

from domain.errors import NotFound, TabuhError
from domain.person import Permission
from publishers.oauth import Flow
from scheduler import connecting
from scheduler.connecting import CALLBACK, Choosing, Connected, Walker
from store.tables import ChannelRow
from web.api.base import RowId
from web.auth import MayConnect, Member, member_of
from web.deps import Web, WebContext, redirect, show, voice_of
from web.post_words import platform_title
from web.said import said

router = APIRouter()


def walker_of(me: Member) -> Walker:
    """The one who walks: this browser session, or a program of this person's."""
    return Walker(me.actor, me.workspace.id, me.session_hash)


def redirect_address(web: WebContext) -> str:
    """Where platforms send people back to."""
    return connecting.redirect_address(public_url=web.public_url, private_url=web.private_url)


def way_there(
    request: Request, web: WebContext, me: Member, kind_flow: Flow, *, back: str, **told: Any
) -> Response:
    """A page with the link to the platform; a form may not lead there itself (Content-Security-Policy).

    Args:
        back: our page to go back to instead.
        told: as `scheduler.connecting.begin` takes it.

    Raises: as `scheduler.connecting.begin`.
    """
    begun = connecting.begin(web.context, walker_of(me), redirect_uri=redirect_address(web), **told)
    return show(
        request,
        "pages/channels_consent.html",
        title=platform_title(web.context, told["platform"], voice_of(request)),
        address=begun.address,
        scopes=kind_flow.scopes,
        back=back,
        again=told.get("channel"),
    )


@router.get(CALLBACK)
def come_back(request: Request, web: Web) -> Response:
    """Where the platform sends the person back to; who began in a terminal takes the address there."""
    told = {name: value for name, value in request.query_params.items() if len(value) <= 10_000}
    if connecting.began_in_a_terminal(web.context, told.get("state", "")):
        return show(request, "pages/channels_terminal.html")
    me = member_of(request)
    if not me.may(Permission.CONNECT):
        raise HTTPException(403)
    try:
        found = connecting.come_back(web.context, walker_of(me), told)
    except TabuhError as error:
        return redirect(request, "/channels", notice=said(voice_of(request), str(error)), kind="bad")
    if isinstance(found, Choosing):
        return redirect(request, f"/connect/{found.id}")
    return _connected(request, web, found)


@router.get("/connect/{walk_id}")
def choose_form(request: Request, web: Web, me: MayConnect, walk_id: RowId) -> Response:
    """Which of the pages, boards or organisations the channel posts for."""
    return _choose_form(request, web, connecting.choosing(web.context, walker_of(me), walk_id))


@router.post("/connect/{walk_id}")
def choose(
    request: Request, web: Web, me: MayConnect, walk_id: RowId, target: Annotated[str, Form()] = ""
) -> Response:
    """Make the channel for the one that was chosen."""
    walker = walker_of(me)
    number = int(target) if target.isdecimal() and len(target) < 6 else -1
    try:
        found = connecting.choose(web.context, walker, walk_id, number)
    except NotFound:
        raise
    except TabuhError as error:
        open_choice = connecting.choosing(web.context, walker, walk_id)
        return _choose_form(request, web, open_choice, error=said(voice_of(request), str(error)))
    return _connected(request, web, found)


def _choose_form(request: Request, web: WebContext, found: Choosing, *, error: str = "") -> Response:
    return show(
        request,
        "pages/channels_choose.html",
        status=422 if error else 200,
        walk=found,
        title=platform_title(web.context, found.platform, voice_of(request)),
        error=error,
    )


def _connected(request: Request, web: WebContext, found: Connected) -> Response:
    _ = voice_of(request).gettext
    web.wake()
    row = found.channel
    if found.again:
        return redirect(
            request, f"/channels/{row.id}", notice=_("%(name)s is connected again.", name=row.name)
        )
    notice = _("%(name)s is connected. Say now when its posts go out.", name=row.name)
    return redirect(request, f"/channels/{row.id}/schedule", notice=notice)


def missing_application(web: WebContext, platform: str) -> bool:
    """Whether the platform grants access on its own page, but does not know this installation."""
    from scheduler.applications import application_of

    if web.context.adapter(platform).flow is None:
        return False
    return application_of(web.context.engine, web.context.seal, platform) is None


def begin_again(request: Request, web: WebContext, me: Member, row: ChannelRow, flow: Flow) -> Response:
    """The way to the consent page for a channel that is there already."""
    back = f"/channels/{row.id}"
    try:
        return way_there(request, web, me, flow, back=back, platform=row.platform, channel=row)
    except TabuhError as error:
        return redirect(request, back, notice=said(voice_of(request), str(error)), kind="bad")


def begin_new(request: Request, web: WebContext, me: Member, flow: Flow, told: Mapping[str, Any]) -> Response:
    """The way to the consent page for a new channel. Raises as `scheduler.connecting.begin`."""
    return way_there(request, web, me, flow, back=f"/channels/new/{told['platform']}", **told)
