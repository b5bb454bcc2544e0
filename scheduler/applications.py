"""What identifies this installation to a platform: one application for each, sealed with its secret."""

import base64
import binascii
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

from pydantic import SecretStr
from sqlalchemy import Engine
from sqlmodel import Session

from domain.errors import NotFound, TabuhError, UsageError, WrongKey
from publishers.oauth import Application
from publishers.registry import platforms
from store import installation
from store.changes import Actor, record
from store.engine import reading, writing
from store.seal import Seal

if TYPE_CHECKING:
    from scheduler.context import Context

#: Before the platform's name, in the facts about the installation.
_FACT = "application:"
#: They belong to no row: the platform's name is sealed with them instead.
_NOBODY = 0


@dataclass(frozen=True, slots=True)
class ApplicationShown:
    """An application without its secret."""

    platform: str
    title: str
    #: None: not set.
    id: str | None
    set_at: datetime | None
    #: Where one is registered; empty where nobody has said.
    console_url: str


def application_of(engine: Engine, seal: Seal, platform: str) -> Application | None:
    """The application of a platform, opened; None when none was set.

    Raises:
        WrongKey: it does not open.
    """
    with reading(engine) as session:
        stored = installation.fact(session, _FACT + platform)
    if stored is None:
        return None
    try:
        opened = seal.open(_NOBODY, base64.b64decode(stored["sealed"]))
        if opened["platform"] != platform:
            raise KeyError(platform)
        return Application(opened["id"], SecretStr(opened["secret"]))
    except (KeyError, TypeError, binascii.Error) as error:
        raise WrongKey(
            f"What is stored of the application for {platform} is another one's. Set it again: "
            f"`tabuh platform set {platform}`."
        ) from error


def listed(context: "Context") -> list[ApplicationShown]:
    """Every platform that asks for an application, with what is set of it; secrets are never told."""
    found = []
    for platform in platforms():
        try:
            flow = context.adapter(platform).flow
        except TabuhError:  # the package that brings it is broken
            continue
        if flow is not None:
            found.append(shown(context, platform))
    return found


def shown(context: "Context", platform: str) -> ApplicationShown:
    """What is set of one platform's application.

    Raises:
        UsageError: there is no such platform, or it asks for no application.
    """
    kind = context.adapter(platform)
    if kind.flow is None:
        raise UsageError(f"{kind.title} asks for no application: its channels are connected directly.")
    with reading(context.engine) as session:
        stored = installation.fact(session, _FACT + platform)
    known, at = application_of(context.engine, context.seal, platform), None
    if stored is not None:
        at = datetime.fromisoformat(stored["set_at"])
    return ApplicationShown(platform, kind.title, known.id if known else None, at, kind.flow.console_url)


def set_application(
    context: "Context", platform: str, *, application_id: str, secret: str, actor: Actor
) -> ApplicationShown:
    """Keep a platform's application, sealed; an empty secret keeps the one that belongs to the same id.

    Raises:
        UsageError: no such platform, or the id or secret is missing.
    """
    kind, now = context.adapter(platform), context.clock()
    application_id, secret = application_id.strip(), secret.strip()
    shown(context, platform)
    if not application_id:
        raise UsageError(f"The application of {kind.title} needs its id.")
    before = application_of(context.engine, context.seal, platform)
    if not secret and before is not None and before.id == application_id:
        secret = before.secret.get_secret_value()
    if not secret:
        raise UsageError(f"The application {application_id!r} of {kind.title} needs its secret.")
    told = {"platform": platform, "id": application_id, "secret": secret}
    sealed = base64.b64encode(context.seal.close(_NOBODY, told)).decode()
    with writing(context.engine) as session:
        installation.set_fact(session, _FACT + platform, {"sealed": sealed, "set_at": now.isoformat()})
        _note(session, actor, "set the application", platform, now=now)
        session.commit()
    return shown(context, platform)


def unset_application(context: "Context", platform: str, *, actor: Actor) -> None:
    """Forget a platform's application: channels stay, but nobody can be connected and no access renewed.

    Raises:
        NotFound: none is set.
    """
    now = context.clock()
    with writing(context.engine) as session:
        if installation.fact(session, _FACT + platform) is None:
            raise NotFound(f"No application is set for {platform}.")
        installation.forget_fact(session, _FACT + platform)
        _note(session, actor, "forgot the application", platform, now=now)
        session.commit()


def _note(session: Session, actor: Actor, what: str, platform: str, *, now: datetime) -> None:
    record(
        session, actor, what, subject="installation", subject_id=0, workspace_id=None, now=now,
        after={"platform": platform},
    )  # fmt: skip
