"""What people and programs are told: notices, the ways out, and each delivery of a notice."""

from datetime import datetime
from typing import Any

from sqlalchemy import CheckConstraint, Index, LargeBinary, UniqueConstraint
from sqlmodel import Field, SQLModel

from store.tables.base import Due, Id, Json, Owned, Row, UtcDateTime, due_index


class NoticeRow(Row, Owned, table=True):
    """Something to be told, in the words of every language, frozen when it was made."""

    __tablename__ = "notice"
    __table_args__ = (UniqueConstraint("workspace_id", "key"),)

    #: The same thing told twice has the same key, and is told once.
    key: str = Field(max_length=120)
    #: What webhooks call it, such as ``alert.opened`` or ``report.ready``.
    kind: str = Field(max_length=40)
    #: By language: subject, text, and HTML or nothing.
    words: Any = Field(sa_type=Json)
    #: For programs.
    facts: Any = Field(default_factory=dict, sa_type=Json)
    #: Path of a page of ours.
    link: str | None = Field(default=None, max_length=500)
    at: datetime = Field(sa_type=UtcDateTime)


class Endpoint(Row, Owned, table=True):
    """An address that notices go to by themselves: a webhook, or a service that Apprise knows."""

    __table_args__ = (
        UniqueConstraint("workspace_id", "name"),
        CheckConstraint("way IN ('webhook', 'apprise')", name="way"),
    )

    name: str = Field(max_length=80)
    way: str = Field(max_length=8)
    #: Address and signing secrets; sealed.
    secret: bytes = Field(sa_type=LargeBinary)
    #: What may be shown of the address: scheme and host.
    shown: str = Field(max_length=300)
    #: Kinds of notices; NULL: all.
    kinds: Any = Field(default=None, sa_type=Json, nullable=True)
    #: Until when the secret before this one signs too (UTC).
    old_until: datetime | None = Field(default=None, sa_type=UtcDateTime)
    #: Since when every delivery has failed; NULL: the last one went well.
    failing_since: datetime | None = Field(default=None, sa_type=UtcDateTime)
    last_sent_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    last_error: str | None = None
    #: When it was switched off, and why; NULL: it is used.
    disabled_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    disabled_reason: str | None = None
    created_at: datetime = Field(sa_type=UtcDateTime)


class Telling(Due, Owned, table=True):
    """One delivery to one recipient: of one notice, or of all that a person's digest gathers."""

    __table_args__ = (
        due_index("telling"),
        UniqueConstraint("key"),
        Index("ix_telling_workspace_at", "workspace_id", "created_at"),
        CheckConstraint("way IN ('email', 'webhook', 'apprise')", name="way"),
        CheckConstraint("state IN ('waiting', 'sent', 'failed')", name="state"),
    )

    #: Recipient and notice, or recipient and hour of the digest: one row for each.
    key: str = Field(max_length=200)
    way: str = Field(max_length=8)
    person_id: int | None = Field(default=None, foreign_key="person.id", sa_type=Id, index=True)
    endpoint_id: int | None = Field(default=None, foreign_key="endpoint.id", sa_type=Id, index=True)
    #: Where mail goes, as it was when the notice was made.
    address: str | None = Field(default=None, max_length=254)
    language: str = Field(default="en", max_length=8)
    is_digest: bool = False
    state: str = Field(default="waiting", max_length=8)
    tries: int = 0
    #: Why the last try failed, or why it was given up.
    reason: str | None = None
    created_at: datetime = Field(sa_type=UtcDateTime)
    sent_at: datetime | None = Field(default=None, sa_type=UtcDateTime)


class ToldNotice(SQLModel, table=True):
    """Which notices a telling holds."""

    __tablename__ = "told_notice"

    telling_id: int = Field(foreign_key="telling.id", sa_type=Id, primary_key=True)
    notice_id: int = Field(foreign_key="notice.id", sa_type=Id, primary_key=True, index=True)


class TellingWish(SQLModel, table=True):
    """How one person wants to be told of one workspace; without a row, as `domain.telling` says."""

    __tablename__ = "telling_wish"

    person_id: int = Field(foreign_key="person.id", sa_type=Id, primary_key=True)
    workspace_id: int = Field(foreign_key="workspace.id", sa_type=Id, primary_key=True, index=True)
    by_mail: bool = True
    #: Groups of notices; NULL: all.
    groups: Any = Field(default=None, sa_type=Json, nullable=True)
    #: Hour of the workspace's zone at which everything comes in one mail; NULL: each at once.
    digest_hour: int | None = None
    #: Minutes after midnight in the workspace's zone, between which nothing is sent; NULL: always.
    quiet_from: int | None = None
    quiet_until: int | None = None
