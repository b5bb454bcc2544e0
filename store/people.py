"""Questions and changes about workspaces, people, and how people sign in."""

import hashlib
import secrets
from collections.abc import Collection, Sequence
from datetime import datetime, timedelta
from typing import Final

from sqlalchemy import CursorResult, bindparam, delete, update
from sqlalchemy import select as sa_select
from sqlmodel import Session, col, select

from domain.errors import NotFound
from domain.person import Role
from store.answers import remembered
from store.tables import Membership, Person, SignInLink, SignInSession, Workspace

LINK_LIFETIME = timedelta(minutes=15)
#: From the last time the browser was seen.
SESSION_LIFETIME = timedelta(days=30)
#: How often a session that is used is written anew.
SEEN_EVERY = timedelta(hours=1)


def ensure_owner(session: Session, now: datetime) -> Person:
    """The oldest owner there is; on the first run, a person "owner" of a new workspace "Main"."""
    query = (
        select(Person)
        .join(Membership, col(Membership.person_id) == col(Person.id))
        .where(col(Membership.role) == Role.OWNER, col(Person.disabled_at).is_(None))
        .order_by(col(Person.id))
        .limit(1)
    )
    owner = session.scalar(query)
    if owner is not None:
        return owner
    workspace = session.scalar(select(Workspace).order_by(col(Workspace.id)).limit(1))
    if workspace is None:
        workspace = add_workspace(session, "Main", now=now)
    owner = session.scalar(select(Person).where(col(Person.name) == "owner"))
    if owner is None:
        owner = add_person(session, "owner", now=now)
    owner.disabled_at = None
    set_role(session, person_id=owner.id, workspace_id=workspace.id, role=Role.OWNER)
    return owner


def has_people(session: Session) -> bool:
    """Whether the installation was set up."""
    return session.scalar(select(col(Person.id)).limit(1)) is not None


def add_workspace(session: Session, name: str, *, now: datetime, simulated: bool = False) -> Workspace:
    """A new workspace without members."""
    workspace = Workspace(name=name, created_at=now, simulated=simulated)
    session.add(workspace)
    session.flush()
    return workspace


def add_person(session: Session, name: str, *, now: datetime) -> Person:
    """A new person who belongs to no workspace and has no password yet."""
    person = Person(name=name, created_at=now)
    session.add(person)
    session.flush()
    return person


def person(session: Session, person_id: int) -> Person:
    """The person. Raises `NotFound` when there is none by that number, or the person is disabled."""
    found = session.get(Person, person_id)
    if found is None or found.disabled_at is not None:
        raise NotFound(f"There is no person {person_id}.")
    return found


def person_named(session: Session, name: str) -> Person:
    """The person. Raises `NotFound` when nobody who may sign in is called so."""
    query = select(Person).where(col(Person.name) == name, col(Person.disabled_at).is_(None))
    found = session.scalar(query)
    if found is None:
        raise NotFound(f"There is no person called {name!r}.")
    return found


def names(session: Session, ids: Collection[int]) -> dict[int, str]:
    """What these people are called, also those who may no longer sign in."""
    if not ids:
        return {}
    query = select(col(Person.id), col(Person.name)).where(col(Person.id).in_(set(ids)))
    return dict(session.exec(query).all())


def members(session: Session, workspace_id: int) -> dict[int, str]:
    """Names of those who belong to a workspace and may sign in, by name."""
    query = (
        select(col(Person.id), col(Person.name))
        .join(Membership, col(Membership.person_id) == col(Person.id))
        .where(col(Membership.workspace_id) == workspace_id, col(Person.disabled_at).is_(None))
        .order_by(col(Person.name))
    )
    return dict(session.exec(query).all())


def workspaces_of(session: Session, person_id: int) -> Sequence[tuple[Workspace, Role]]:
    """The workspaces a person belongs to, oldest first, with the person's role in each."""
    query = (
        select(Workspace, col(Membership.role))
        .join(Membership, col(Membership.workspace_id) == col(Workspace.id))
        .where(col(Membership.person_id) == person_id)
        .order_by(col(Workspace.id))
    )
    return [(workspace, Role(role)) for workspace, role in session.exec(query)]


def first_workspace(session: Session) -> Workspace:
    """The oldest workspace. Raises `NotFound` before the first run."""
    found = session.scalar(select(Workspace).order_by(col(Workspace.id)).limit(1))
    if found is None:
        raise NotFound("There is no workspace yet. Start Tabuh once with `tabuh up`.")
    return found


def all_workspaces(session: Session) -> Sequence[Workspace]:
    """Every workspace of the installation, oldest first."""
    return session.scalars(select(Workspace).order_by(col(Workspace.id))).all()


@remembered
def workspace(session: Session, workspace_id: int) -> Workspace:
    """The workspace. Raises `NotFound` when there is none by that number."""
    found = session.get(Workspace, workspace_id)
    if found is None:
        raise NotFound(f"There is no workspace {workspace_id}.")
    return found


_CURRENCY: Final = sa_select(col(Workspace.currency)).where(col(Workspace.id) == bindparam("workspace_id"))


@remembered
def currency(session: Session, workspace_id: int) -> str:
    """The currency that a workspace reckons in. Raises `NotFound` as `workspace`."""
    found: str | None = session.execute(_CURRENCY, {"workspace_id": workspace_id}).scalar()
    if found is None:
        raise NotFound(f"There is no workspace {workspace_id}.")
    return found


def lock_workspace(session: Session, workspace_id: int) -> Workspace:
    """The workspace, held against all others until this transaction ends. Raises `NotFound`."""
    query = (
        select(Workspace)
        .where(col(Workspace.id) == workspace_id)
        .with_for_update()
        .execution_options(populate_existing=True)
    )
    found = session.scalar(query)
    if found is None:
        raise NotFound(f"There is no workspace {workspace_id}.")
    return found


def workspace_name_taken(session: Session, name: str) -> bool:
    """Whether any workspace of the installation is called so."""
    return session.scalar(select(col(Workspace.id)).where(col(Workspace.name) == name)) is not None


def set_role(session: Session, *, person_id: int, workspace_id: int, role: Role) -> None:
    """Make the person a member with this role, or change the role of a member."""
    query = select(Membership).where(
        col(Membership.person_id) == person_id, col(Membership.workspace_id) == workspace_id
    )
    member = session.scalar(query)
    if member is None:
        member = Membership(person_id=person_id, workspace_id=workspace_id, role=role)
    member.role = role
    session.add(member)
    session.flush()


def set_password_hash(session: Session, person_id: int, password_hash: str) -> None:
    """Store a new password's hash; the person's links stop working."""
    session.connection().execute(
        update(Person).where(col(Person.id) == person_id).values(password_hash=password_hash)
    )
    session.connection().execute(delete(SignInLink).where(col(SignInLink.person_id) == person_id))


def set_preferences(
    session: Session, person_id: int, *, language: str | None = None, theme: str | None = None
) -> None:
    """Remember what a person chose; None leaves it as it is."""
    chosen = {"language": language, "theme": theme}
    values = {name: value for name, value in chosen.items() if value is not None}
    if values:
        session.connection().execute(update(Person).where(col(Person.id) == person_id).values(**values))


def issue_link(session: Session, person_id: int, now: datetime) -> str:
    """A token that signs this person in once within `LINK_LIFETIME`; only its hash is kept."""
    token = secrets.token_urlsafe(32)
    expires_at = now + LINK_LIFETIME
    session.add(SignInLink(token_hash=token_hash(token), person_id=person_id, expires_at=expires_at))
    session.flush()
    return token


def link_owner(session: Session, token: str, *, now: datetime) -> Person:
    """Whom a link would sign in. Raises `NotFound` when it was used, is too old, or never was."""
    query = (
        select(Person)
        .join(SignInLink, col(SignInLink.person_id) == col(Person.id))
        .where(
            col(SignInLink.token_hash) == token_hash(token),
            col(SignInLink.used_at).is_(None),
            col(SignInLink.expires_at) > now,
            col(Person.disabled_at).is_(None),
        )
    )
    found = session.scalar(query)
    if found is None:
        raise NotFound("This link was used already, or it is older than 15 minutes.")
    return found


def use_link(session: Session, token: str, *, now: datetime) -> Person:
    """Spend a link. Of two who try at once, one succeeds; the other gets `NotFound`."""
    owner = link_owner(session, token, now=now)
    spend = (
        update(SignInLink)
        .where(col(SignInLink.token_hash) == token_hash(token), col(SignInLink.used_at).is_(None))
        .values(used_at=now)
    )
    result = session.connection().execute(spend)
    assert isinstance(result, CursorResult)
    if result.rowcount != 1:
        raise NotFound("This link was used already, or it is older than 15 minutes.")
    return owner


def open_session(session: Session, person_id: int, *, now: datetime, user_agent: str = "") -> str:
    """The token of a new signed-in browser; only its hash is kept."""
    token = secrets.token_urlsafe(32)
    session.add(
        SignInSession(
            token_hash=token_hash(token),
            person_id=person_id,
            created_at=now,
            seen_at=now,
            expires_at=now + SESSION_LIFETIME,
            user_agent=user_agent.replace("\x00", "")[:200],
        )
    )
    session.flush()
    return token


_SIGNED_IN: Final = (
    sa_select(SignInSession, Person, Workspace, col(Membership.role))
    .join(Person, col(Person.id) == col(SignInSession.person_id))
    .outerjoin(Membership, col(Membership.person_id) == col(Person.id))
    .outerjoin(Workspace, col(Workspace.id) == col(Membership.workspace_id))
    .where(
        col(SignInSession.token_hash) == bindparam("hash"),
        col(SignInSession.expires_at) > bindparam("now"),
        col(Person.disabled_at).is_(None),
    )
    .order_by(col(Workspace.id))
)


def signed_in(
    session: Session, token: str, *, now: datetime
) -> tuple[SignInSession, Person, Sequence[tuple[Workspace, Role]]]:
    """The session of a token, its person, and the workspaces that the person belongs to, as `workspaces_of`.

    Raises:
        NotFound: it has ended.
    """
    found = session.execute(_SIGNED_IN, {"hash": token_hash(token), "now": now}).all()
    if not found:
        raise NotFound("This session has ended. Sign in again.")
    memberships = [(workspace, Role(role)) for _, _, workspace, role in found if workspace is not None]
    return found[0][0], found[0][1], memberships


def keep_alive(session: Session, session_hash: str, *, now: datetime) -> None:
    """The browser was seen: its session ends `SESSION_LIFETIME` from now."""
    session.connection().execute(
        update(SignInSession)
        .where(col(SignInSession.token_hash) == session_hash)
        .values(seen_at=now, expires_at=now + SESSION_LIFETIME)
    )


def sessions_of(session: Session, person_id: int, *, now: datetime) -> Sequence[SignInSession]:
    """Where a person is signed in, the browser seen last first."""
    query = (
        select(SignInSession)
        .where(col(SignInSession.person_id) == person_id, col(SignInSession.expires_at) > now)
        .order_by(col(SignInSession.seen_at).desc(), col(SignInSession.token_hash))
    )
    return session.scalars(query).all()


def end_session(session: Session, token: str) -> None:
    """Sign out the browser that holds this token; any other token ends nothing."""
    session.connection().execute(
        delete(SignInSession).where(col(SignInSession.token_hash) == token_hash(token))
    )


def close_session(session: Session, person_id: int, session_hash: str) -> None:
    """Sign one of the person's browsers out."""
    session.connection().execute(
        delete(SignInSession).where(
            col(SignInSession.token_hash) == session_hash, col(SignInSession.person_id) == person_id
        )
    )


def close_other_sessions(session: Session, person_id: int, *, keep: str | None) -> None:
    """Sign all the person's browsers out but the one whose token has the hash ``keep``."""
    others = delete(SignInSession).where(col(SignInSession.person_id) == person_id)
    if keep is not None:
        others = others.where(col(SignInSession.token_hash) != keep)
    session.connection().execute(others)


def forget_ended(session: Session, *, now: datetime) -> None:
    """Remove links and sessions that can no longer be used."""
    session.connection().execute(delete(SignInLink).where(col(SignInLink.expires_at) <= now))
    session.connection().execute(delete(SignInSession).where(col(SignInSession.expires_at) <= now))


def new_secret() -> tuple[str, str]:
    """A secret that opens an address, to be shown once, and the hash of it, which is all that is kept."""
    secret = secrets.token_urlsafe(32)
    return secret, token_hash(secret)


def token_hash(token: str) -> str:
    """What is kept of a random token: SHA-256, hex. It has 256 random bits, so no salt is needed."""
    return hashlib.sha256(token.encode("utf-8", "surrogatepass")).hexdigest()
