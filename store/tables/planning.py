"""Evergreens, links that let a reviewer without account decide, and addresses of calendar feeds."""

from datetime import datetime
from typing import Any

from sqlalchemy import CheckConstraint
from sqlmodel import Field, SQLModel

from store.tables.base import Due, Id, Json, Owned, Row, UtcDateTime, due_index


class Evergreen(Due, Owned, table=True):
    """Texts that come back: each cycle is a post of its own, in a slot that would stay empty."""

    __table_args__ = (
        due_index("evergreen"),
        CheckConstraint("cooldown_days >= 1", name="cooldown"),
        CheckConstraint("max_cycles IS NULL OR max_cycles >= 1", name="max_cycles"),
        CheckConstraint("fill_days >= 1", name="fill_days"),
    )

    name: str = Field(max_length=80)
    channel_id: int = Field(foreign_key="channel.id", sa_type=Id, index=True)
    #: `domain.content.Content` as JSON, at least one; taken in turn.
    variants: Any = Field(default_factory=list, sa_type=Json)
    #: The variant that the next cycle takes, from 0.
    next_variant: int = 0
    #: Cycles made so far, also those that were skipped: the number of the newest.
    cycles: int = 0
    cooldown_days: int
    #: NULL: no end.
    max_cycles: int | None = None
    #: First and last day of each year, ``MM-DD`` in the channel's zone; NULL: all year.
    season_from: str | None = Field(default=None, max_length=5)
    season_to: str | None = Field(default=None, max_length=5)
    #: Last day, ``YYYY-MM-DD`` in the channel's zone; NULL: never expires.
    last_day: str | None = Field(default=None, max_length=10)
    #: Slots that are still empty so many days ahead are filled.
    fill_days: int = 2
    campaign: str | None = Field(default=None, max_length=80)
    #: Why it takes no slot now, or what it waits for, for people.
    reason: str | None = None
    paused_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    ended_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    created_at: datetime = Field(sa_type=UtcDateTime)
    created_by: int | None = Field(default=None, foreign_key="person.id", sa_type=Id)


class ReviewLink(Row, Owned, table=True):
    """An address at which somebody without account may decide about some posts; only its hash is kept."""

    __tablename__ = "review_link"

    token_hash: str = Field(max_length=64, unique=True)
    #: Whom it is for, as its maker wrote it.
    name: str = Field(max_length=80)
    created_at: datetime = Field(sa_type=UtcDateTime)
    created_by: int | None = Field(default=None, foreign_key="person.id", sa_type=Id)
    expires_at: datetime = Field(sa_type=UtcDateTime)
    revoked_at: datetime | None = Field(default=None, sa_type=UtcDateTime)


class ReviewedPost(SQLModel, table=True):
    """One post on such a link, and what the reviewer decided; once."""

    __tablename__ = "reviewed_post"
    __table_args__ = (
        CheckConstraint("decision IN ('approved', 'rejected')", name="decision"),
        CheckConstraint("(decision IS NULL) = (decided_at IS NULL)", name="decided"),
    )

    link_id: int = Field(foreign_key="review_link.id", sa_type=Id, primary_key=True)
    post_id: int = Field(foreign_key="post.id", sa_type=Id, primary_key=True, index=True)
    #: ``approved`` or ``rejected``; NULL: not yet.
    decision: str | None = Field(default=None, max_length=16)
    decided_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    #: The name that the reviewer gave.
    reviewer: str | None = Field(default=None, max_length=80)
    comment: str | None = None
    #: The hash of what the reviewer was shown.
    payload_hash: str | None = Field(default=None, max_length=64)


class CalendarFeed(Row, Owned, table=True):
    """A secret address at which calendar programs read a workspace's or a channel's posts."""

    __tablename__ = "calendar_feed"

    token_hash: str = Field(max_length=64, unique=True)
    #: Who reads it, as its maker wrote it.
    name: str = Field(max_length=80)
    #: NULL: all channels of the workspace.
    channel_id: int | None = Field(default=None, foreign_key="channel.id", sa_type=Id)
    created_at: datetime = Field(sa_type=UtcDateTime)
    created_by: int | None = Field(default=None, foreign_key="person.id", sa_type=Id)
    read_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    revoked_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
