"""What people do with their own access and with their workspace: passwords, API tokens, settings."""

from collections.abc import Mapping, Sequence
from functools import cache
from typing import TYPE_CHECKING

from sqlmodel import Session

from domain.errors import UsageError
from domain.person import Scope, check_password_choice
from domain.schedule import zone
from scheduler.context import Context
from store import people, tokens
from store.changes import Actor, record
from store.engine import reading, writing
from store.tables import ApiToken, Person, Workspace

if TYPE_CHECKING:
    from pwdlib import PasswordHash


def set_password(
    context: Context, person_id: int, password: str, *, keep_session: str | None = None
) -> Person:
    """Give a person a password and sign all their browsers out, but the one with the hash ``keep_session``.

    Raises:
        UsageError: the password will not do; the text says why.
    """
    with reading(context.engine) as session:
        person = people.person(session, person_id)
    check_password_choice(password, name=person.name)
    hashed = hashing().hash(password)  # takes 0.2 s: outside of any transaction
    with writing(context.engine) as session:
        people.set_password_hash(session, person_id, hashed)
        people.close_other_sessions(session, person_id, keep=keep_session)
        record(
            session,
            Actor("person", person_id),
            "set password",
            subject="person",
            subject_id=person_id,
            workspace_id=None,
            now=context.clock(),
        )
        session.commit()
    return person


def password_fits(person: Person | None, password: str) -> bool:
    """Whether this is the person's password; takes as long when there is no such person, or no password."""
    known = person.password_hash if person is not None else None
    fits = hashing().verify(password, known or _nobody())
    return fits and known is not None


@cache
def hashing() -> "PasswordHash":
    """Argon2id as pwdlib recommends it: 64 MiB and about 0.2 s a check."""
    from pwdlib import PasswordHash

    return PasswordHash.recommended()


@cache
def _nobody() -> str:
    return hashing().hash("nobody has this password")


def make_token(
    context: Context, workspace_id: int, name: str, scopes: Sequence[Scope], *, actor: Actor
) -> tuple[ApiToken, str]:
    """A new API token of the acting person: its row, and the token itself, which is shown once and not kept.

    Raises:
        UsageError: no scope was named, or nobody acts.
    """
    if not scopes or actor.person_id is None:
        raise UsageError("A token belongs to a person and needs at least one scope: read or write.")
    now = context.clock()
    with writing(context.engine) as session:
        row, token = tokens.issue_token(
            session,
            workspace_id=workspace_id,
            person_id=actor.person_id,
            name=name,
            scopes=scopes,
            now=now,
        )
        record(
            session,
            actor,
            "made token",
            subject="api_token",
            subject_id=row.id,
            workspace_id=workspace_id,
            now=now,
            after={"name": name, "scopes": list(row.scopes)},
        )
        session.commit()
    return row, token


def revoke_token(context: Context, workspace_id: int, token_id: int, *, actor: Actor) -> None:
    """End one of the acting person's tokens. Raises `NotFound` when the person has none by that number."""
    now = context.clock()
    with writing(context.engine) as session:
        tokens.revoke_token(session, workspace_id, actor.person_id or 0, token_id, now=now)
        record(
            session,
            actor,
            "revoked token",
            subject="api_token",
            subject_id=token_id,
            workspace_id=workspace_id,
            now=now,
        )
        session.commit()


#: What a workspace's owner may change by `change_workspace`.
WORKSPACE_SETTINGS = ("name", "zone", "language", "week_start", "currency")


def change_workspace(
    context: Context, workspace_id: int, settings: Mapping[str, str | int], *, actor: Actor
) -> Workspace:
    """Change some of `WORKSPACE_SETTINGS`.

    Raises:
        UsageError: the zone is unknown, or another workspace has that name.
    """
    if "zone" in settings:
        zone(str(settings["zone"]))
    now = context.clock()
    with writing(context.engine) as session:
        workspace = people.lock_workspace(session, workspace_id)
        _refuse_taken_name(session, workspace, settings)
        before = {name: getattr(workspace, name) for name in settings}
        for name in WORKSPACE_SETTINGS:
            if name in settings:
                setattr(workspace, name, settings[name])
        record(
            session,
            actor,
            "changed settings",
            subject="workspace",
            subject_id=workspace_id,
            workspace_id=workspace_id,
            now=now,
            before=before,
            after=dict(settings),
        )
        session.commit()
    return workspace


def _refuse_taken_name(session: Session, workspace: Workspace, settings: Mapping[str, str | int]) -> None:
    name = str(settings.get("name", workspace.name))
    if name != workspace.name and people.workspace_name_taken(session, name):
        raise UsageError(f"There is a workspace called {name!r} already. Choose another name.")
