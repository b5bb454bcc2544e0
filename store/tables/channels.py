"""Channels and their posting schedules."""

from datetime import datetime
from typing import Any

from sqlalchemy import CheckConstraint, Index, LargeBinary, UniqueConstraint
from sqlmodel import Field, SQLModel

from store.tables.base import Due, Id, Json, Owned, Row, UtcDateTime, due_index


class ChannelRow(Due, Owned, table=True):
    """One connected account, page or board on a platform."""

    __tablename__ = "channel"
    __table_args__ = (
        due_index("channel"),
        UniqueConstraint("workspace_id", "name"),
        CheckConstraint("state IN ('active', 'paused', 'needs_reconnect')", name="state"),
    )

    platform: str = Field(max_length=32)
    name: str = Field(max_length=80)
    #: For addresses; unique in the installation.
    slug: str = Field(max_length=80, unique=True)
    zone: str = Field(default="UTC", max_length=64)
    language: str | None = Field(default=None, max_length=8)
    settings: Any = Field(default_factory=dict, sa_type=Json)
    #: What routes say here that have no template of their own; NULL: title and link.
    template: str | None = None
    #: Sealed; NULL where the platform needs none.
    credentials: bytes | None = Field(default=None, sa_type=LargeBinary)
    #: Who the credentials belong to, as the platform said.
    remote_id: str | None = None
    remote_name: str | None = None
    remote_url: str | None = None
    state: str = Field(default="active", max_length=16)
    state_reason: str | None = None
    #: No publish call before this time: the platform asked for quiet.
    quiet_until: datetime | None = Field(default=None, sa_type=UtcDateTime)
    #: Until when one worker alone may renew the credentials, and its fencing number.
    renewing_until: datetime | None = Field(default=None, sa_type=UtcDateTime)
    renewal: int = 0
    #: Rules about when posts go out, by name (`domain.rules.texts`); those not named forbid nothing.
    rules: Any = Field(default=None, sa_type=Json, nullable=True)
    tested_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    #: Why its last test told nothing; NULL: it went well, or the channel must be connected again.
    test_error: str | None = None
    #: When its access ends for good unless a person connects it again; NULL: unknown, or never.
    access_until: datetime | None = Field(default=None, sa_type=UtcDateTime)
    #: Posts a day that the platform takes, by its documentation; NULL: any number.
    budget_day: int | None = None
    #: Whether posts that are written on the platform itself are measured too; NULL: where asking is free.
    native_posts: bool | None = None
    #: When it was last asked for them; NULL: never.
    native_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    #: When it was last asked who mentions it, and from when to when all mentions are known; NULL: never.
    mentions_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    mentions_since: datetime | None = Field(default=None, sa_type=UtcDateTime)
    mentions_until: datetime | None = Field(default=None, sa_type=UtcDateTime)
    created_at: datetime = Field(sa_type=UtcDateTime)


class PostingTimeRow(SQLModel, table=True):
    """One weekly time of a channel's posting schedule, in the channel's zone."""

    __tablename__ = "posting_time"

    channel_id: int = Field(foreign_key="channel.id", sa_type=Id, primary_key=True)
    #: 0 is Monday.
    weekday: int = Field(primary_key=True, sa_column_kwargs={"autoincrement": False})
    #: ``HH:MM``.
    wall: str = Field(primary_key=True, max_length=5)


class ChannelReading(Row, table=True):
    """A number of the channel itself at a time, such as its followers; never changed."""

    __tablename__ = "channel_reading"
    __table_args__ = (Index("ix_channel_reading_series", "channel_id", "metric", "at"),)

    channel_id: int = Field(foreign_key="channel.id", sa_type=Id)
    metric: str = Field(max_length=32)
    at: datetime = Field(sa_type=UtcDateTime)
    value: int = Field(sa_type=Id)
    #: The platform's own field.
    source: str = Field(max_length=80)
