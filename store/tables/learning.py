"""Posts that a channel had before Tabuh, and what was learned of its week."""

from datetime import datetime
from typing import Any

from sqlalchemy import Index, UniqueConstraint
from sqlmodel import Field, SQLModel

from store.tables.base import Id, Json, Owned, Row, UtcDateTime


class PastPost(Row, Owned, table=True):
    """A post that went out before or beside Tabuh, with its engagement; never published by us."""

    __tablename__ = "past_post"
    __table_args__ = (
        UniqueConstraint("channel_id", "key"),
        Index("ix_past_post_channel_at", "channel_id", "at"),
    )

    channel_id: int = Field(foreign_key="channel.id", sa_type=Id)
    #: The same for the same post in whichever file it comes again.
    key: str = Field(max_length=64)
    at: datetime = Field(sa_type=UtcDateTime)
    #: Content type as the file names it, such as ``video``; empty: unknown.
    kind: str = Field(default="", max_length=64)
    engagement: int = Field(sa_type=Id)
    reactions: int | None = Field(default=None, sa_type=Id)
    replies: int | None = Field(default=None, sa_type=Id)
    shares: int | None = Field(default=None, sa_type=Id)
    text: str = ""
    #: The platform's number or address of it.
    remote: str | None = Field(default=None, max_length=512)
    imported_at: datetime = Field(sa_type=UtcDateTime)


class SlotWeek(SQLModel, table=True):
    """What the hours of the week are worth to a channel, as learned once a day."""

    __tablename__ = "slot_week"

    channel_id: int = Field(foreign_key="channel.id", sa_type=Id, primary_key=True)
    workspace_id: int = Field(foreign_key="workspace.id", sa_type=Id, index=True)
    learned_at: datetime = Field(sa_type=UtcDateTime)
    #: The clock by which the week is counted.
    zone: str = Field(max_length=64)
    #: `domain.learned.LearnedWeek` as JSON.
    week: Any = Field(sa_type=Json)
