"""Installation-wide tables: workspaces, people, sign-in, and the installation itself."""

from datetime import datetime
from typing import Any

from sqlalchemy import Index, UniqueConstraint
from sqlmodel import Field, SQLModel

from store.tables.base import Id, Json, Owned, Row, UtcDateTime


class Installation(SQLModel, table=True):
    """One fact about this installation by name: key fingerprint, last beat, application credentials."""

    name: str = Field(primary_key=True, max_length=80)
    value: Any = Field(default=None, sa_type=Json, nullable=True)


class Workspace(Row, table=True):
    """One brand or client."""

    name: str = Field(max_length=80, unique=True)
    zone: str = Field(default="UTC", max_length=64)
    language: str = Field(default="en", max_length=8)
    #: 0 is Monday.
    week_start: int = 0
    currency: str = Field(default="IDR", max_length=3)
    #: Figures are made up: every page says so.
    simulated: bool = False
    #: When everything was paused, and why; NULL: not paused.
    paused_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    paused_reason: str | None = None
    created_at: datetime = Field(sa_type=UtcDateTime)


class Person(Row, table=True):
    """Somebody who may sign in."""

    name: str = Field(max_length=80, unique=True)
    email: str | None = Field(default=None, max_length=254, unique=True)
    #: Argon2id; NULL until a password is set: then only one-time links open the door.
    password_hash: str | None = None
    language: str | None = Field(default=None, max_length=8)
    theme: str = Field(default="auto", max_length=8)
    created_at: datetime = Field(sa_type=UtcDateTime)
    disabled_at: datetime | None = Field(default=None, sa_type=UtcDateTime)


class Membership(Row, Owned, table=True):
    """What a person may do in a workspace: owner, editor, approver or reader."""

    __table_args__ = (UniqueConstraint("person_id", "workspace_id"),)

    person_id: int = Field(foreign_key="person.id", sa_type=Id)
    role: str = Field(max_length=32)


class SignInSession(SQLModel, table=True):
    """One signed-in browser; only the hash of its token is stored."""

    __tablename__ = "sign_in_session"

    token_hash: str = Field(primary_key=True, max_length=64)
    person_id: int = Field(foreign_key="person.id", sa_type=Id, index=True)
    created_at: datetime = Field(sa_type=UtcDateTime)
    seen_at: datetime = Field(sa_type=UtcDateTime)
    expires_at: datetime = Field(sa_type=UtcDateTime)
    user_agent: str = Field(default="", max_length=200)


class SignInLink(SQLModel, table=True):
    """A link that signs in once."""

    __tablename__ = "sign_in_link"

    token_hash: str = Field(primary_key=True, max_length=64)
    person_id: int = Field(foreign_key="person.id", sa_type=Id, index=True)
    expires_at: datetime = Field(sa_type=UtcDateTime)
    used_at: datetime | None = Field(default=None, sa_type=UtcDateTime)


class ApiToken(Row, Owned, table=True):
    """A key for the REST API; only the hash is stored."""

    __tablename__ = "api_token"

    person_id: int = Field(foreign_key="person.id", sa_type=Id)
    name: str = Field(max_length=80)
    prefix: str = Field(max_length=16)
    token_hash: str = Field(max_length=64, unique=True)
    #: ``read`` or ``write``.
    scopes: Any = Field(default_factory=list, sa_type=Json)
    created_at: datetime = Field(sa_type=UtcDateTime)
    expires_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    revoked_at: datetime | None = Field(default=None, sa_type=UtcDateTime)


class IdempotencyKey(SQLModel, table=True):
    """What an API call with this key answered, so that a repeated call creates nothing."""

    __tablename__ = "idempotency_key"

    workspace_id: int = Field(foreign_key="workspace.id", sa_type=Id, primary_key=True)
    key: str = Field(primary_key=True, max_length=128)
    request_hash: str = Field(max_length=64)
    status: int
    body: Any = Field(default=None, sa_type=Json, nullable=True)
    created_at: datetime = Field(sa_type=UtcDateTime)


class Host(SQLModel, table=True):
    """What a server that we poll asked of us, whichever workspace polls it."""

    name: str = Field(primary_key=True, max_length=253)
    #: No request before this time.
    quiet_until: datetime | None = Field(default=None, sa_type=UtcDateTime)
    #: One request at a time, a little apart: nobody else's turn before this time.
    turn_at: datetime | None = Field(default=None, sa_type=UtcDateTime)


class Budget(SQLModel, table=True):
    """How many calls a channel or application may make in a window."""

    #: Such as ``channel:123:publish`` or ``app:x:posts``.
    key: str = Field(primary_key=True, max_length=120)
    window_start: datetime = Field(sa_type=UtcDateTime)
    window_end: datetime = Field(sa_type=UtcDateTime)
    used: int = 0
    #: Calls allowed in the window.
    allowed: int


class Change(Row, table=True):
    """Who changed what: a person, an API token, or automation."""

    __table_args__ = (Index("ix_change_subject", "subject", "subject_id"),)

    workspace_id: int | None = Field(default=None, foreign_key="workspace.id", sa_type=Id, index=True)
    at: datetime = Field(sa_type=UtcDateTime)
    #: ``person``, ``automation`` or ``api``.
    actor: str = Field(max_length=32)
    person_id: int | None = Field(default=None, foreign_key="person.id", sa_type=Id)
    #: The table, such as ``post``, and its row.
    subject: str = Field(max_length=32)
    subject_id: int = Field(sa_type=Id)
    #: What was done, as a verb phrase: ``queued``, ``moved``, ``edited text``.
    what: str = Field(max_length=200)
    before: Any = Field(default=None, sa_type=Json, nullable=True)
    after: Any = Field(default=None, sa_type=Json, nullable=True)
