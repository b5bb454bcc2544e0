"""Connecting a channel at the platform's own consent page: there with a state, back with a code.

A state works once, for ten minutes, and only for whoever began: a browser session its own, a person of the
command line or the API theirs. What was granted is sealed at once and never told.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import parse_qsl, urlsplit

from pydantic import SecretStr

from domain.errors import NotFound, UsageError
from domain.ids import new_id
from domain.schedule import parse_schedule, zone
from publishers.oauth import OAuthCredentials, OAuthPublisher, new_secret
from scheduler import channels as commands
from scheduler.context import Context, is_public_address
from store import channels, connecting
from store.changes import Actor
from store.engine import reading, writing
from store.tables import ChannelRow, Connecting

#: Where platforms send people back to, below our own address.
CALLBACK = "/connect/callback"
#: How long a walk may take, and again the choice of a target.
LIFETIME = timedelta(minutes=10)
#: Of what a platform says, at most this much is shown.
_LONGEST_SAYING = 200

_UNKNOWN = "This walk to the platform was not begun here, or it has ended. Begin again."


@dataclass(frozen=True, slots=True)
class Begun:
    """A person is to open ``address``, where the platform asks for their consent."""

    id: int
    address: str
    expires_at: datetime


@dataclass(frozen=True, slots=True)
class Choosing:
    """The access can post for several targets: one must be chosen."""

    id: int
    platform: str
    names: Sequence[str]


@dataclass(frozen=True, slots=True)
class Connected:
    """The channel that was made or connected again."""

    channel: ChannelRow
    #: Whether it was there before.
    again: bool


@dataclass(frozen=True, slots=True)
class Walker:
    """Who walks: only the same may come back."""

    actor: Actor
    workspace_id: int
    #: The browser session's; None: a terminal or a program.
    session_hash: str | None = None


def redirect_address(*, public_url: str, private_url: str) -> str:
    """The address to register at platforms: a secure public one, where there is one, else our own."""
    secure = public_url.startswith("https://") and is_public_address(public_url)
    return (public_url if secure else private_url) + CALLBACK


def begin(
    context: Context,
    walker: Walker,
    *,
    platform: str,
    redirect_uri: str,
    name: str = "",
    zone_name: str = "UTC",
    settings: Mapping[str, Any] | None = None,
    schedule: str = "",
    language: str | None = None,
    channel: ChannelRow | None = None,
) -> Begun:
    """Prepare a walk to the consent page; nothing is asked of the platform yet.

    Args:
        redirect_uri: where the platform sends the person back to.
        name: of the new channel; empty: as the platform calls it.
        channel: the one to connect again, in place of a new one.

    Raises:
        UsageError: no such platform or zone, a name in use, or no application is set.
    """
    kind, now = context.adapter(platform), context.clock()
    if kind.flow is None or not issubclass(kind, OAuthPublisher):
        raise UsageError(f"{kind.title} has no page of its own for consent: give its credentials.")
    zone(zone_name)
    parse_schedule(schedule)
    told = {} if channel is not None else commands.checked_settings(kind, settings or {})
    if channel is None and name.strip():
        commands.free_name(context, walker.workspace_id, name)
    state, verifier = new_secret(), new_secret()
    walk = Connecting(
        id=new_id(),
        workspace_id=walker.workspace_id,
        state_hash=connecting.state_hash(state),
        person_id=walker.actor.person_id,
        session_hash=walker.session_hash,
        platform=platform,
        channel_id=channel.id if channel else None,
        asked={"name": name.strip(), "zone": zone_name, "settings": told, "schedule": schedule,
               "language": language, "redirect_uri": redirect_uri},
        sealed=b"",
        created_at=now,
        expires_at=now + LIFETIME,
    )  # fmt: skip
    walk.sealed = context.seal.close(walk.id, {"verifier": verifier})
    publisher = _publisher(context, walk, channel)
    if publisher.application is None:
        raise UsageError(
            f"{kind.title} does not know this installation yet. Register an application there and set it "
            f"with `tabuh platform set {platform}`."
        )
    address = publisher.consent_address(redirect_uri=redirect_uri, state=state, verifier=verifier)
    with writing(context.engine) as session:
        connecting.forget_old(session, before=now - LIFETIME)
        session.add(walk)
        session.commit()
    return Begun(walk.id, address, walk.expires_at)


def _publisher(
    context: Context,
    walk: Connecting,
    channel: ChannelRow | None,
    *,
    credentials: OAuthCredentials | None = None,
    settings: Mapping[str, Any] | None = None,
) -> OAuthPublisher:
    """The adapter of a channel that is not there yet, or of the one that is connected again."""
    kind = context.adapter(walk.platform)
    row = channel or ChannelRow(
        id=walk.id, workspace_id=walk.workspace_id, platform=walk.platform, name=walk.asked["name"], slug="",
        settings={**walk.asked["settings"], **(settings or {})}, created_at=walk.created_at,
    )  # fmt: skip
    held = credentials or kind.Credentials.model_construct(access_token=SecretStr(""))
    publisher = context.publisher_with(row, held)
    assert isinstance(publisher, OAuthPublisher)
    return publisher


def answers(pasted: str) -> dict[str, str]:
    """The parameters of an address that a browser was sent back to, as a person pastes it."""
    parts = urlsplit(pasted.strip())
    return dict(parse_qsl(parts.query or parts.path.rpartition("?")[2]))


def come_back(context: Context, walker: Walker, told: Mapping[str, str]) -> Connected | Choosing:
    """Turn what the platform sent back into a channel, or into a choice of targets.

    Args:
        told: the parameters of the address that the person was sent back to.

    Raises:
        UsageError: it is nobody's walk, or somebody else's, or an old one; or the person said no.
        PublishError: the platform refuses the code, or cannot be asked.
    """
    walk = _begun_by(context, walker, told.get("state", ""))
    with writing(context.engine) as session:
        fresh = connecting.answer(session, walk, now=context.clock())
        session.commit()
    if not fresh:
        raise UsageError(_UNKNOWN)
    kind = context.adapter(walk.platform)
    if "error" in told or not told.get("code"):
        raise UsageError(_refused(kind.title, told))
    channel = _channel_of(context, walk)
    publisher = _publisher(context, walk, channel)
    verifier = str(context.seal.open(walk.id, walk.sealed)["verifier"])
    granted = publisher.redeem(told["code"], redirect_uri=walk.asked["redirect_uri"], verifier=verifier)
    targets = _publisher(context, walk, channel, credentials=granted).targets()
    offers: list[dict[str, Any]] = [
        {
            "name": one.name,
            "settings": dict(one.settings),
            "credentials": (one.credentials or granted).sealable(),
        }
        for one in targets
    ] or [{"name": "", "settings": {}, "credentials": granted.sealable()}]
    if channel is not None:
        return _connected(context, walker, walk, _same(channel, offers), channel)
    if len(offers) == 1:
        return _connected(context, walker, walk, offers[0], None)
    with writing(context.engine) as session:
        sealed = context.seal.close(walk.id, {"offers": offers})
        connecting.keep(session, walk.id, sealed=sealed, expires_at=context.clock() + LIFETIME)
        session.commit()
    return Choosing(walk.id, walk.platform, [str(one["name"]) for one in offers])


def _begun_by(context: Context, walker: Walker, state: str) -> Connecting:
    """The walk of this state, if it is this walker's; a stranger learns nothing, and uses nothing up."""
    with reading(context.engine) as session:
        walk = connecting.by_state(session, state) if state else None
    if walk is None or not _is_own(walk, walker):
        raise UsageError(_UNKNOWN)
    return walk


def began_in_a_terminal(context: Context, state: str) -> bool:
    """Whether whoever comes back with this state must be sent to a terminal or program that waits for it."""
    with reading(context.engine) as session:
        walk = connecting.by_state(session, state) if state else None
    is_open = walk is not None and walk.answered_at is None and walk.expires_at > context.clock()
    return is_open and walk is not None and walk.session_hash is None


def _is_own(walk: Connecting, walker: Walker) -> bool:
    begun = (walk.workspace_id, walk.person_id, walk.session_hash)
    return begun == (walker.workspace_id, walker.actor.person_id, walker.session_hash)


def _refused(title: str, told: Mapping[str, str]) -> str:
    if told.get("error") == "access_denied":
        return f"{title} was not allowed to give access, so nothing was connected."
    said = told.get("error_description") or told.get("error") or "no code came back"
    words = "".join(sign for sign in " ".join(said.split()) if sign.isprintable())
    return f"{title} gave no access: {words[:_LONGEST_SAYING].rstrip('.')}. Begin again."


def _channel_of(context: Context, walk: Connecting) -> ChannelRow | None:
    if walk.channel_id is None:
        return None
    with reading(context.engine) as session:
        return channels.get(session, walk.workspace_id, walk.channel_id)


def _same(channel: ChannelRow, offers: Sequence[dict[str, Any]]) -> dict[str, Any]:
    """The target that the channel has been posting for."""
    for offer in offers:
        if all(channel.settings.get(name) == value for name, value in offer["settings"].items()):
            return offer
    named = ", ".join(one["name"] for one in offers)
    raise UsageError(
        f"The access that was granted is for {named}, and not for what {channel.name} posts as. "
        "Sign in there as its owner, or add a new channel."
    )


def choosing(context: Context, walker: Walker, walk_id: int) -> Choosing:
    """The choice that is open.

    Raises:
        NotFound: it is not, or not this walker's.
    """
    walk, offers = _open_choice(context, walker, walk_id)
    return Choosing(walk.id, walk.platform, [one["name"] for one in offers])


def choose(context: Context, walker: Walker, walk_id: int, number: int) -> Connected:
    """Make the channel for one of the targets, counted from 0.

    Raises:
        NotFound: the choice is not open, or not this walker's.
        UsageError: there is no such target.
        PublishError: the platform refuses after all.
    """
    walk, offers = _open_choice(context, walker, walk_id)
    if not 0 <= number < len(offers):
        raise UsageError("Choose one of the list.")
    with writing(context.engine) as session:
        taken = connecting.end(session, walk, now=context.clock())
        session.commit()
    if not taken:
        raise NotFound(_UNKNOWN)
    try:
        return _connected(context, walker, walk, offers[number], None)
    except Exception:
        with writing(context.engine) as session:
            connecting.reopen(session, walk.id)
            session.commit()
        raise


def _open_choice(context: Context, walker: Walker, walk_id: int) -> tuple[Connecting, list[dict[str, Any]]]:
    with reading(context.engine) as session:
        walk = connecting.get(session, walker.workspace_id, walk_id)
    is_open = walk is not None and walk.ended_at is None and walk.expires_at > context.clock()
    if walk is None or not is_open or not _is_own(walk, walker):
        raise NotFound(_UNKNOWN)
    offers = context.seal.open(walk.id, walk.sealed).get("offers")
    if not offers:
        raise NotFound(_UNKNOWN)
    return walk, offers


def _connected(
    context: Context, walker: Walker, walk: Connecting, offer: Mapping[str, Any], channel: ChannelRow | None
) -> Connected:
    """The channel, made or connected again with what was granted; the walk is forgotten after it."""
    if channel is None:
        row = commands.connect(
            context, walk.workspace_id, platform=walk.platform, name=_name(context, walk, offer),
            zone_name=walk.asked["zone"], settings={**walk.asked["settings"], **offer["settings"]},
            credentials=offer["credentials"], schedule=walk.asked["schedule"],
            language=walk.asked["language"], actor=walker.actor,
        )  # fmt: skip
    else:
        commands.reconnect(
            context, walk.workspace_id, channel.name, credentials=offer["credentials"], granted=True,
            actor=walker.actor,
        )  # fmt: skip
        row = channel
    with writing(context.engine) as session:
        connecting.keep(session, walk.id, sealed=b"", ended_at=context.clock())
        session.commit()
    return Connected(row, again=channel is not None)


def _name(context: Context, walk: Connecting, offer: Mapping[str, Any]) -> str:
    """What the channel is called: as the person said, else as the platform does, with a number if need be."""
    if walk.asked["name"]:
        return str(walk.asked["name"])
    stem = str(offer["name"])
    if not stem:
        credentials = context.adapter(walk.platform).Credentials.model_validate(offer["credentials"])
        assert isinstance(credentials, OAuthCredentials)
        identity = _publisher(
            context, walk, None, credentials=credentials, settings=offer["settings"]
        ).identify()
        stem = identity.name if identity is not None else context.adapter(walk.platform).title
    return commands.numbered_name(context, walk.workspace_id, stem)
