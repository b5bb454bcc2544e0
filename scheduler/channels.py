"""What people do with channels: connect, test, pause, resume, and give them a posting schedule."""

import re
import unicodedata
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any, TypeVar

from pydantic import BaseModel, ValidationError
from sqlmodel import Session

from domain.content import Identity
from domain.errors import TabuhError, UsageError
from domain.ids import new_id
from domain.schedule import parse_schedule, schedule_text, zone
from publishers.base import Publisher
from scheduler.allowing import posts_a_day
from scheduler.context import Context
from scheduler.pausing import let_go
from scheduler.renewing import in_good_standing
from store import channels
from store.changes import Actor, record
from store.engine import reading, writing
from store.tables import ChannelRow
from store.wake import wake_workers

#: How often credentials are tried with a harmless call.
TEST_EVERY = timedelta(hours=24)


def connect(
    context: Context,
    workspace_id: int,
    *,
    platform: str,
    name: str,
    zone_name: str,
    settings: Mapping[str, Any],
    credentials: Mapping[str, Any],
    schedule: str = "",
    language: str | None = None,
    actor: Actor,
) -> ChannelRow:
    """Add a channel after a harmless call has proved its credentials; nothing is stored before.

    Raises:
        UsageError: unknown platform or zone, missing or unknown fields, a name in use.
        NeedsReconnect: the platform refuses the credentials.
        NotSent: the platform cannot be reached.
    """
    kind = context.adapter(platform)
    zone(zone_name)
    times = parse_schedule(schedule)
    now = context.clock()
    row = ChannelRow(
        id=new_id(),
        workspace_id=workspace_id,
        platform=platform,
        name=free_name(context, workspace_id, name),
        slug="",
        zone=zone_name,
        language=language,
        settings=_checked(kind.Settings, settings, platform).model_dump(mode="json"),
        created_at=now,
    )
    given = _checked(kind.Credentials, credentials, platform)
    row.credentials = context.seal.close(row.id, given.sealable()) if type(given).model_fields else None
    _prove(context, row, now=now)
    with writing(context.engine) as session:
        row.slug = _free_slug(session, name)
        session.add(row)
        session.flush()
        channels.set_schedule(session, row.id, times)
        after = {"platform": platform, "name": row.name, "schedule": schedule_text(times)}
        _note(session, actor, "connected", row, now=now, after=after)
        session.commit()
    return row


def free_name(context: Context, workspace_id: int, name: str) -> str:
    """The name, without spaces around it. Raises `UsageError` when it is none, or taken."""
    name = name.strip()
    if not name or len(name) > 80:
        raise UsageError("A channel needs a name of 1 to 80 characters.")
    with reading(context.engine) as session:
        if any(row.name == name for row in channels.listed(session, workspace_id)):
            raise UsageError(f"There is a channel called {name!r} already. Choose another name.")
    return name


def numbered_name(context: Context, workspace_id: int, stem: str) -> str:
    """A name like this one that is free: itself, or with a number behind it."""
    stem = "".join(sign for sign in " ".join(stem.split()) if sign.isprintable())[:70] or "Channel"
    with reading(context.engine) as session:
        taken = {row.name for row in channels.listed(session, workspace_id)}
    name, number = stem, 2
    while name in taken:
        name, number = f"{stem} {number}", number + 1
    return name


def _free_slug(session: Session, name: str) -> str:
    plain = unicodedata.normalize("NFKD", name).encode("ascii", "ignore").decode().lower()
    stem = re.sub(r"[^a-z0-9]+", "-", plain).strip("-")[:60] or "channel"
    slug, number = stem, 2
    while channels.slug_taken(session, slug):
        slug, number = f"{stem}-{number}", number + 1
    return slug


def checked_settings(kind: type[Publisher], given: Mapping[str, Any]) -> dict[str, Any]:
    """What a person said of a channel's settings, before the platform was asked.

    Raises:
        UsageError: a field is missing or unknown.
    """
    return _checked(kind.Settings, given, kind.platform).model_dump(mode="json", exclude_unset=True)


Model = TypeVar("Model", bound=BaseModel)


def _checked(model: type[Model], given: Mapping[str, Any], platform: str) -> Model:
    try:
        return model.model_validate({key: value for key, value in given.items() if value not in (None, "")})
    except ValidationError as exc:
        first = exc.errors(include_input=False, include_url=False, include_context=False)[0]
        field = ".".join(str(part) for part in first["loc"])
        known = ", ".join(model.model_fields) or "none"
        asked = model.model_fields[field].description if first["type"] == "missing" else None
        said = (asked or first["msg"]).removeprefix("Value error, ").rstrip(".")
        raise UsageError(f"{platform} needs {field}: {said}. Its fields are: {known}.") from None


def _prove(context: Context, row: ChannelRow, *, now: datetime) -> Identity | None:
    """One harmless call with the row's credentials; fills in what the platform tells of itself."""
    publisher = context.publisher(row)
    if publisher.needs_refresh() and (fresh := publisher.refresh()) is not None:
        row.credentials = context.seal.close(row.id, fresh.sealable())
        publisher = context.publisher(row)
    identity = publisher.identify()
    if (known := publisher.enrich()) is not None:
        row.settings = known.model_dump(mode="json")
    _remember(row, identity, publisher, now=now)
    row.next_at = now  # the first upkeep reads the followers
    return identity


def _remember(row: ChannelRow, identity: Identity | None, publisher: Publisher, *, now: datetime) -> None:
    row.tested_at, row.test_error = now, None
    row.access_until, row.budget_day = publisher.access_ends(), posts_a_day(publisher.limits().budgets)
    row.next_at = now + TEST_EVERY
    if identity is not None:
        row.remote_id, row.remote_name, row.remote_url = identity.remote_id, identity.name, identity.url


def test(context: Context, workspace_id: int, name: str) -> Identity | None:
    """Try a channel's credentials now; a channel that had lost its connection works again.

    Raises:
        PublishError: the platform refuses them or cannot be reached.
    """
    now = context.clock()
    with reading(context.engine) as session:
        row = channels.named(session, workspace_id, name)
    try:
        publisher, identity = in_good_standing(
            context, context.publisher(row), lambda publisher: publisher.identify()
        )
    except TabuhError as error:
        with writing(context.engine) as session:
            channels.note_test(session, row.id, error=str(error), now=now)
            session.commit()
        raise
    with writing(context.engine) as session:
        locked = channels.lock(session, row.id)
        _remember(locked, identity, publisher, now=now)
        if locked.state == "needs_reconnect":
            locked.state, locked.state_reason = "active", None
            let_go(session, locked, now=now)
        session.add(locked)
        session.commit()
    return identity


def reconnect(
    context: Context,
    workspace_id: int,
    name: str,
    *,
    credentials: Mapping[str, Any],
    granted: bool = False,
    actor: Actor,
) -> Identity | None:
    """Replace a channel's credentials once a harmless call has proved the new ones.

    Args:
        credentials: fields that are left empty keep what they were.
        granted: they come from the platform's own consent page, whole: only a secret that the platform did
            not give again is kept, and they must be those of the same owner as before.

    Raises: as `connect`.
    """
    now = context.clock()
    with reading(context.engine) as session:
        row = channels.named(session, workspace_id, name)
    kind, before = context.adapter(row.platform), row.remote_id
    kept = context.seal.open(row.id, row.credentials)
    given = {key: value for key, value in credentials.items() if value not in (None, "")}
    if granted:
        again = ("refresh_token", "refresh_expires_at") if "refresh_token" not in given else ()
        kept = {key: kept[key] for key in again if key in kept}
    row.credentials = context.seal.close(
        row.id, _checked(kind.Credentials, {**kept, **given}, row.platform).sealable()
    )
    identity = _prove(context, row, now=now)
    if granted and before and identity is not None and identity.remote_id != before:
        raise UsageError(
            f"The access that was granted is that of {identity.name}, and {name} posts as another one. "
            "Sign in there as its owner, or add a new channel."
        )
    with writing(context.engine) as session:
        locked = channels.lock(session, row.id)
        locked.credentials, locked.settings, locked.next_at = row.credentials, row.settings, row.next_at
        for told in (
            "tested_at",
            "test_error",
            "access_until",
            "budget_day",
            "remote_id",
            "remote_name",
            "remote_url",
        ):
            setattr(locked, told, getattr(row, told))
        locked.state, locked.state_reason, locked.renewing_until = "active", None, None
        locked.renewal += 1  # whoever is renewing the old ones must not overwrite these
        session.add(locked)
        let_go(session, locked, now=now)
        _note(session, actor, "connected again", locked, now=now)
        session.commit()
    return identity


def pause(context: Context, workspace_id: int, name: str, *, reason: str, actor: Actor) -> None:
    """Publish nothing on a channel until it is resumed; its posts stay queued."""
    now = context.clock()
    with writing(context.engine) as session:
        row = channels.lock(session, channels.named(session, workspace_id, name).id)
        row.state, row.state_reason = "paused", reason or None
        session.add(row)
        _note(session, actor, "paused", row, now=now, after={"reason": reason})
        session.commit()


def resume(context: Context, workspace_id: int, name: str, *, actor: Actor) -> int:
    """Publish again. Posts that automation had placed and whose hour has passed take new slots.

    Returns:
        How many posts were waiting past their hour.
    """
    now = context.clock()
    with writing(context.engine) as session:
        row = channels.lock(session, channels.named(session, workspace_id, name).id)
        if row.state == "needs_reconnect":
            raise UsageError(f"Channel {name!r} must be connected again: `tabuh channel reconnect {name!r}`.")
        row.state, row.state_reason = "active", None
        session.add(row)
        waiting = let_go(session, row, now=now)
        _note(session, actor, "resumed", row, now=now)
        wake_workers(session)
        session.commit()
        return waiting


def set_schedule(context: Context, workspace_id: int, name: str, text: str, *, actor: Actor) -> str:
    """Replace a channel's posting schedule; posts that have a slot keep it.

    Returns:
        The schedule in its shortest form.
    """
    times = parse_schedule(text)
    now = context.clock()
    with writing(context.engine) as session:
        row = channels.lock(session, channels.named(session, workspace_id, name).id)
        before = schedule_text(channels.schedule(session, row.id))
        channels.set_schedule(session, row.id, times)
        shown = schedule_text(times)
        _note(
            session, actor, "set the posting schedule", row, now=now, before={"schedule": before},
            after={"schedule": shown},
        )  # fmt: skip
        session.commit()
        return shown


def _note(
    session: Session,
    actor: Actor,
    what: str,
    row: ChannelRow,
    *,
    now: datetime,
    before: dict[str, Any] | None = None,
    after: dict[str, Any] | None = None,
) -> None:
    record(
        session,
        actor,
        what,
        subject="channel",
        subject_id=row.id,
        workspace_id=row.workspace_id,
        now=now,
        before=before,
        after=after,
    )
