"""Channels: all of them, adding one by what its platform asks for, and one with what can be done with it."""

from collections.abc import Callable, Mapping
from typing import Annotated, Any

from fastapi import APIRouter, Form, HTTPException, Request, Response

from domain.content import Identity
from domain.errors import TabuhError, UsageError
from publishers.registry import platforms
from scheduler import channels as commands
from scheduler import natives
from scheduler.access import ending_of
from scheduler.mixing import mix_of_weeks
from store import channels
from store.engine import reading
from store.tables import ChannelRow
from web.api.base import RowId
from web.auth import MayConnect, MaySee, Member
from web.channel_words import KIND_NAMES, day_fields, proof_words, schedule_from, shown
from web.connecting import CREDENTIALS, SETTINGS, AskedField, asked, given, mistakes
from web.deps import Reading, Web, WebContext, redirect, show, voice_of
from web.i18n import LANGUAGES
from web.pages.consent import begin_again, begin_new, missing_application
from web.post_words import platform_title
from web.posted import Posted, clean, zone_options
from web.said import said
from web.typed import Errors

router = APIRouter()

Field = Annotated[str, Form()]


@router.get("/channels")
def list_channels(request: Request, web: Web, session: Reading, me: MaySee) -> Response:
    """All channels, each with how it does and its next post."""
    rows = channels.listed(session, me.workspace.id)
    listed = shown(web.context, session, me.workspace.id, rows, voice_of(request))
    return show(request, "pages/channels.html", channels=listed)


@router.get("/channels/new")
def choose_platform(request: Request, web: Web, me: MayConnect) -> Response:
    """Ask which platform."""
    del me
    voice = voice_of(request)
    known = [(name, platform_title(web.context, name, voice)) for name in platforms()]
    return show(request, "pages/channels_new.html", platforms=known)


@router.get("/channels/new/{platform}")
def connect_form(request: Request, web: Web, me: MayConnect, platform: str) -> Response:
    """Ask for what this platform needs."""
    return _connect_form(request, web, me, platform, typed={}, errors={})


@router.post("/channels/new/{platform}")
def connect(request: Request, web: Web, me: MayConnect, platform: str, typed: Posted) -> Response:
    """Connect a channel; a harmless call proves the credentials first."""
    voice = voice_of(request)
    _ = voice.gettext
    kind = _adapter(web, platform)
    named = bool(typed.get("name", "").strip()) or kind.flow is not None
    errors = {} if named else {"name": _("Give the channel a name.")}
    errors |= mistakes(kind, typed, voice, only=(SETTINGS,) if kind.flow else (SETTINGS, CREDENTIALS))
    if errors:
        return _connect_form(request, web, me, platform, typed=typed, errors=errors)
    told: dict[str, Any] = {
        "platform": platform,
        "name": typed.get("name", ""),
        "zone_name": typed.get("zone", ""),
        "settings": given(typed, SETTINGS),
        "language": typed["language"] if typed.get("language") in LANGUAGES else None,
    }
    try:
        if kind.flow is not None:
            return begin_new(request, web, me, kind.flow, told)
        row = commands.connect(
            web.context, me.workspace.id, credentials=given(typed, CREDENTIALS), actor=me.actor, **told
        )
    except UsageError as error:
        return _connect_form(
            request, web, me, platform, typed=typed, errors={"name": said(voice, str(error))}
        )
    except TabuhError as error:
        return _connect_form(
            request, web, me, platform, typed=typed, errors={}, refused=said(voice, str(error))
        )
    notice = _("%(name)s is connected. Say now when its posts go out.", name=row.name)
    return redirect(request, f"/channels/{row.id}/schedule", notice=notice)


@router.get("/channels/{channel_id}")
def show_channel(request: Request, web: Web, session: Reading, me: MaySee, channel_id: RowId) -> Response:
    """One channel; its secrets are never shown."""
    row = channels.get(session, me.workspace.id, channel_id)
    voice = voice_of(request)
    [one] = shown(web.context, session, me.workspace.id, [row], voice)
    return show(
        request,
        "pages/channels_one.html",
        channel=one,
        row=row,
        ending=ending_of(session, row, now=web.context.clock()),
        settings=_settings(request, web, row),
        natives=_natives(web, row),
        mix=mix_of_weeks(session, row, now=web.context.clock()),
        kinds={kind: voice.gettext(words) for kind, words in KIND_NAMES.items()},
    )


def _natives(web: WebContext, row: ChannelRow) -> bool | None:
    """Whether posts written there are measured; None: the platform cannot be asked for them."""
    try:
        kind = web.context.adapter(row.platform)
    except TabuhError:
        return None
    return natives.includes(web.context, row) if natives.lists(kind) else None


def _settings(request: Request, web: WebContext, row: ChannelRow) -> list[tuple[str, str]]:
    try:
        fields = asked(web.context.adapter(row.platform), voice_of(request), only=(SETTINGS,))
    except TabuhError:
        return []
    return [(one.label, str(row.settings[one.key])) for one in fields if row.settings.get(one.key)]


@router.post("/channels/{channel_id}/test")
def test(request: Request, web: Web, me: MayConnect, channel_id: RowId) -> Response:
    """Try the channel's credentials with a harmless call."""
    _ = voice_of(request).gettext

    def do(row: ChannelRow) -> str:
        identity = commands.test(web.context, me.workspace.id, row.name)
        return _("%(name)s works.", name=row.name) + _as(request, identity)

    return _act(request, web, me, channel_id, do)


@router.post("/channels/{channel_id}/pause")
def pause(request: Request, web: Web, me: MayConnect, channel_id: RowId, reason: Field = "") -> Response:
    """Publish nothing on the channel until it is resumed."""
    _ = voice_of(request).gettext

    def do(row: ChannelRow) -> str:
        why = clean(reason).strip()[:200]
        commands.pause(web.context, me.workspace.id, row.name, reason=why, actor=me.actor)
        return _("%(name)s is paused. Its posts wait.", name=row.name)

    return _act(request, web, me, channel_id, do)


@router.post("/channels/{channel_id}/native-posts")
def native_posts(
    request: Request, web: Web, me: MayConnect, channel_id: RowId, included: Field = ""
) -> Response:
    """Measure posts that are written on the platform itself, or take in no more of them."""
    _ = voice_of(request).gettext

    def do(row: ChannelRow) -> str:
        natives.choose(web.context, me.workspace.id, row.name, included == "yes", actor=me.actor)
        if included == "yes":
            return _("Posts written on %(name)s itself are measured.", name=row.name)
        return _("Posts written on %(name)s itself are not taken in any more.", name=row.name)

    return _act(request, web, me, channel_id, do)


@router.post("/channels/{channel_id}/resume")
def resume(request: Request, web: Web, me: MayConnect, channel_id: RowId) -> Response:
    """Publish again; posts whose hour has passed take new slots."""
    voice = voice_of(request)

    def do(row: ChannelRow) -> str:
        waiting = commands.resume(web.context, me.workspace.id, row.name, actor=me.actor)
        told = voice.gettext("%(name)s is resumed.", name=row.name)
        if not waiting:
            return told
        return f"{told} " + voice.ngettext(
            "%(num)s post was waiting.", "%(num)s posts were waiting.", waiting
        )

    return _act(request, web, me, channel_id, do)


@router.get("/channels/{channel_id}/schedule")
def schedule_form(request: Request, session: Reading, me: MayConnect, channel_id: RowId) -> Response:
    """The weekly times of a channel, one line for each day."""
    row = channels.get(session, me.workspace.id, channel_id)
    typed = day_fields(channels.schedule(session, row.id), voice_of(request))
    return _schedule_form(request, row, typed=typed, errors={})


@router.post("/channels/{channel_id}/schedule")
def set_schedule(request: Request, web: Web, me: MayConnect, channel_id: RowId, typed: Posted) -> Response:
    """Replace the weekly times; posts that have a slot keep it."""
    voice = voice_of(request)
    row = _row(web, me, channel_id)
    text, errors = schedule_from(typed, voice)
    if errors:
        return _schedule_form(request, row, typed=typed, errors=errors)
    commands.set_schedule(web.context, me.workspace.id, row.name, text, actor=me.actor)
    return redirect(request, f"/channels/{row.id}", notice=voice.gettext("The posting schedule is set."))


@router.get("/channels/{channel_id}/reconnect")
def reconnect_form(request: Request, web: Web, me: MayConnect, channel_id: RowId) -> Response:
    """Ask for new credentials; what is left empty stays as it was."""
    return _reconnect_form(request, web, _row(web, me, channel_id), typed={})


@router.post("/channels/{channel_id}/reconnect")
def reconnect(request: Request, web: Web, me: MayConnect, channel_id: RowId, typed: Posted) -> Response:
    """Replace the credentials once a harmless call has proved the new ones."""
    voice = voice_of(request)
    row = _row(web, me, channel_id)
    if (flow := _adapter(web, row.platform).flow) is not None:
        return begin_again(request, web, me, row, flow)
    try:
        identity = commands.reconnect(
            web.context, me.workspace.id, row.name, credentials=given(typed, CREDENTIALS), actor=me.actor
        )
    except TabuhError as error:
        return _reconnect_form(request, web, row, typed=typed, refused=said(voice, str(error)))
    web.wake()
    notice = voice.gettext("%(name)s is connected again.", name=row.name) + _as(request, identity)
    return redirect(request, f"/channels/{row.id}", notice=notice)


def _row(web: WebContext, me: Member, channel_id: int) -> ChannelRow:
    with reading(web.context.engine) as session:
        return channels.get(session, me.workspace.id, channel_id)


def _act(
    request: Request, web: WebContext, me: Member, channel_id: int, do: Callable[[ChannelRow], str]
) -> Response:
    """Do it and go back to the channel, with what came of it."""
    row = _row(web, me, channel_id)
    try:
        notice, kind = do(row), "good"
    except TabuhError as error:
        notice, kind = said(voice_of(request), str(error)), "bad"
    web.wake()
    return redirect(request, f"/channels/{row.id}", notice=notice, kind=kind)


def _as(request: Request, identity: Identity | None) -> str:
    """Who the credentials belong to."""
    if identity is None:
        return ""
    return " " + voice_of(request).gettext("It is connected as %(identity)s.", identity=identity.name)


def _adapter(web: WebContext, platform: str) -> Any:
    try:
        return web.context.adapter(platform)
    except UsageError as error:
        raise HTTPException(404) from error


def _connect_form(
    request: Request,
    web: WebContext,
    me: Member,
    platform: str,
    *,
    typed: Mapping[str, str],
    errors: Mapping[str, str],
    refused: str = "",
) -> Response:
    kind = _adapter(web, platform)
    fields = asked(kind, voice_of(request))
    return show(
        request,
        "pages/channels_connect.html",
        status=422 if errors or refused else 200,
        platform=platform,
        title=platform_title(web.context, platform, voice_of(request)),
        fields=fields,
        consent=kind.flow is not None,
        unknown=missing_application(web, platform),
        proof=proof_words(kind.capabilities.proof, voice_of(request)),
        typed=_filled(fields, typed)
        | {
            "name": typed.get("name", ""),
            "zone": typed.get("zone", me.workspace.zone),
            "language": typed.get("language", me.workspace.language),
        },
        errors=Errors(errors),
        refused=refused,
        zones=zone_options([me.workspace.zone], now=web.context.clock()),
    )


def _filled(fields: list[AskedField], typed: Mapping[str, str]) -> dict[str, str]:
    """What was typed, secrets left out."""
    return {one.name: "" if one.is_secret else typed.get(one.name, one.default) for one in fields}


def _reconnect_form(
    request: Request, web: WebContext, row: ChannelRow, *, typed: Mapping[str, str], refused: str = ""
) -> Response:
    fields = asked(_adapter(web, row.platform), voice_of(request), only=(CREDENTIALS,))
    return show(
        request,
        "pages/channels_reconnect.html",
        status=422 if refused else 200,
        row=row,
        fields=fields,
        consent=_adapter(web, row.platform).flow is not None,
        typed=_filled(fields, typed),
        refused=refused,
    )


def _schedule_form(
    request: Request, row: ChannelRow, *, typed: Mapping[str, str], errors: Mapping[str, str]
) -> Response:
    return show(
        request,
        "pages/channels_schedule.html",
        status=422 if errors else 200,
        row=row,
        typed=typed,
        errors=Errors(errors),
        days=[voice_of(request).weekday(number, "wide") for number in range(7)],
    )
