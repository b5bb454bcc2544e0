"""Channels: connecting, testing, pausing, posting schedules, and what each platform asks for."""

from datetime import datetime
from typing import Annotated, Any, Literal

from fastapi import Response
from pydantic import AfterValidator, BaseModel, Field

from domain.content import Identity, Proof
from domain.schedule import schedule_text
from publishers.registry import platforms
from scheduler import channels as commands
from scheduler import natives
from scheduler.access import ending_of
from store import channels, queue
from store.engine import reading
from store.tables import ChannelRow
from web.api.base import Body, Line, Repeatable, RowId, api_router
from web.auth import MayConnect, MaySee, Member
from web.channel_words import addresses
from web.connecting import asked
from web.deps import Reading, Web, WebContext
from web.i18n import Voice
from web.posted import clean

router = api_router("channels")

Schedule = Annotated[
    str,
    AfterValidator(clean),
    Field(max_length=2000, description="Such as `mon-fri 09:00,12:30; sat 10:00`; empty: none."),
]
#: Values by name; which there are, `GET /platforms` tells.
Values = dict[
    Annotated[str, Field(max_length=80)], Annotated[str, AfterValidator(clean), Field(max_length=10_000)]
]


class ChannelShown(BaseModel):
    """One channel; its secrets are never told."""

    id: RowId
    platform: str
    name: str
    slug: str
    zone: str
    language: str | None
    settings: dict[str, Any]
    state: Literal["active", "paused", "needs_reconnect"]
    state_reason: str | None
    #: Who the credentials belong to.
    remote_id: str | None
    remote_name: str | None
    remote_url: str | None
    #: Where readers find it: page and feeds that Tabuh serves, or the platform's own address.
    addresses: list[str]
    schedule: str
    #: The hour of its next queued post.
    next_post_at: datetime | None
    tested_at: datetime | None
    #: Why the last test told nothing; null: it went well, or the channel must be connected again.
    test_error: str | None
    #: When its access ends for good unless a person connects it again; null: unknown, or never.
    access_until: datetime | None
    #: While that is near: queued posts that are planned after it, and the first one's hour.
    posts_at_risk: int
    first_at_risk: datetime | None
    created_at: datetime
    #: Whether posts written on the platform itself are measured too, and when it was last asked for them.
    native_posts: bool
    native_at: datetime | None


class NativeChoice(Body):
    """Whether posts written on the platform itself are measured."""

    included: bool


class Channels(BaseModel):
    """All channels of the workspace, by name."""

    rows: list[ChannelShown]


class NewChannel(Body):
    """A channel to connect."""

    platform: Annotated[str, Field(max_length=32)]
    name: Line
    #: IANA; absent: the workspace's.
    zone: Annotated[str, Field(max_length=64)] | None = None
    language: Literal["en", "id"] | None = None
    settings: Values = Field(default_factory=dict)
    credentials: Values = Field(default_factory=dict)
    schedule: Schedule = ""


class Reconnect(Body):
    """New credentials; what is absent stays as it was."""

    credentials: Values


class Pause(Body):
    """Why nothing shall go out."""

    reason: Annotated[str, AfterValidator(clean), Field(max_length=200)] = ""


class SetSchedule(Body):
    """A posting schedule."""

    schedule: Schedule


class Tested(BaseModel):
    """Who the credentials belong to; null where the platform has nobody to name."""

    identity_name: str | None
    identity_url: str | None


class AskedShown(BaseModel):
    """One thing that a platform must be told."""

    part: Literal["settings", "credentials"]
    name: str
    label: str
    hint: str
    secret: bool
    required: bool
    #: Empty: any text.
    options: list[str]


class PlatformShown(BaseModel):
    """A platform, and what connecting a channel on it takes."""

    platform: str
    title: str
    #: Whether access is granted on the platform's own page (`POST /connections`) in place of credentials.
    consent: bool
    #: How it was shown that the adapter does what the platform expects.
    proof: Proof
    fields: list[AskedShown]


@router.get("/platforms")
def list_platforms(web: Web, me: MaySee) -> list[PlatformShown]:
    """The platforms there are."""
    del me
    return [_platform(web, name) for name in platforms()]


def _platform(web: WebContext, name: str) -> PlatformShown:
    kind = web.context.adapter(name)
    fields = [
        AskedShown(
            part="settings" if one.name.startswith("settings-") else "credentials",
            name=one.key,
            label=one.label,
            hint=one.hint,
            secret=one.is_secret,
            required=one.required,
            options=[value for value, _ in one.options if value],
        )
        for one in asked(kind, Voice())
    ]
    return PlatformShown(
        platform=name, title=kind.title, consent=kind.flow is not None, proof=kind.capabilities.proof,
        fields=fields,
    )  # fmt: skip


@router.get("/channels")
def list_channels(web: Web, me: MaySee, session: Reading) -> Channels:
    """All channels, by name."""
    next_at = queue.next_hours(session, me.workspace.id)
    rows = channels.listed(session, me.workspace.id)
    return Channels(rows=[_shown(web, session, row, next_at.get(row.id)) for row in rows])


@router.post("/channels", status_code=201, response_model=ChannelShown)
def create_channel(body: NewChannel, web: Web, me: MayConnect, once: Repeatable) -> Response:
    """Connect a channel once a harmless call has proved its credentials."""

    def make() -> ChannelShown:
        row = commands.connect(
            web.context,
            me.workspace.id,
            platform=body.platform,
            name=body.name,
            zone_name=body.zone or me.workspace.zone,
            settings=body.settings,
            credentials=body.credentials,
            schedule=body.schedule,
            language=body.language,
            actor=me.actor,
        )
        return told_of(web, me, row.id)

    return once.run(me, body, make)


@router.get("/channels/{channel_id}")
def get_channel(channel_id: RowId, web: Web, me: MaySee) -> ChannelShown:
    """One channel."""
    return told_of(web, me, channel_id)


@router.post("/channels/{channel_id}/test")
def test_channel(channel_id: RowId, web: Web, me: MayConnect) -> Tested:
    """Try its credentials with a harmless call; one that had lost its connection works again."""
    tested = commands.test(web.context, me.workspace.id, _name(web, me, channel_id))
    web.wake()
    return _tested(tested)


@router.post("/channels/{channel_id}/reconnect")
def reconnect_channel(channel_id: RowId, body: Reconnect, web: Web, me: MayConnect) -> Tested:
    """Replace its credentials once a harmless call has proved the new ones."""
    name = _name(web, me, channel_id)
    identity = commands.reconnect(
        web.context, me.workspace.id, name, credentials=body.credentials, actor=me.actor
    )
    web.wake()
    return _tested(identity)


@router.post("/channels/{channel_id}/pause")
def pause_channel(channel_id: RowId, body: Pause, web: Web, me: MayConnect) -> ChannelShown:
    """Publish nothing on it until it is resumed; its posts stay queued."""
    name = _name(web, me, channel_id)
    commands.pause(web.context, me.workspace.id, name, reason=body.reason, actor=me.actor)
    return told_of(web, me, channel_id)


@router.post("/channels/{channel_id}/resume")
def resume_channel(channel_id: RowId, web: Web, me: MayConnect) -> ChannelShown:
    """Publish again; posts whose hour has passed take new slots."""
    commands.resume(web.context, me.workspace.id, _name(web, me, channel_id), actor=me.actor)
    web.wake()
    return told_of(web, me, channel_id)


@router.put("/channels/{channel_id}/native-posts")
def put_native_posts(channel_id: RowId, body: NativeChoice, web: Web, me: MayConnect) -> ChannelShown:
    """Measure posts that are written on the platform itself, or take in no more of them."""
    natives.choose(web.context, me.workspace.id, _name(web, me, channel_id), body.included, actor=me.actor)
    return told_of(web, me, channel_id)


@router.put("/channels/{channel_id}/schedule")
def put_schedule(channel_id: RowId, body: SetSchedule, web: Web, me: MayConnect) -> ChannelShown:
    """Replace its weekly times; posts that have a slot keep it."""
    name = _name(web, me, channel_id)
    commands.set_schedule(web.context, me.workspace.id, name, body.schedule, actor=me.actor)
    return told_of(web, me, channel_id)


def _name(web: WebContext, me: Member, channel_id: int) -> str:
    with reading(web.context.engine) as session:
        return channels.get(session, me.workspace.id, channel_id).name


def told_of(web: WebContext, me: Member, channel_id: int) -> ChannelShown:
    """One channel, as answers show it."""
    with reading(web.context.engine) as session:
        row = channels.get(session, me.workspace.id, channel_id)
        next_at = queue.next_hours(session, me.workspace.id).get(row.id)
        return _shown(web, session, row, next_at)


def _schedule(session: Reading, row: ChannelRow) -> str:
    return schedule_text(channels.schedule(session, row.id))


def _shown(web: WebContext, session: Reading, row: ChannelRow, next_at: datetime | None) -> ChannelShown:
    ending = ending_of(session, row, now=web.context.clock())
    return ChannelShown.model_validate(
        {
            **row.model_dump(exclude={"credentials"}),
            "native_posts": natives.includes(web.context, row),
            "addresses": [one.url for one in addresses(web.context, row, Voice())],
            "schedule": _schedule(session, row),
            "next_post_at": next_at,
            "posts_at_risk": ending.posts if ending else 0,
            "first_at_risk": ending.first_at if ending else None,
        }
    )


def _tested(identity: Identity | None) -> Tested:
    return Tested(
        identity_name=identity.name if identity else None, identity_url=identity.url if identity else None
    )
