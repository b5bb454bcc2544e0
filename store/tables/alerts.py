"""Alerts, who wants to hear of which no more, and when each workspace is looked at next."""

from datetime import date, datetime
from typing import Any

from sqlalchemy import Date, Index, text
from sqlmodel import Field, SQLModel

from store.tables.base import Due, Id, Json, Owned, Row, UtcDateTime, due_index


class AlertRow(Row, Owned, table=True):
    """Something out of the ordinary: opened once, open while it holds, closed by itself."""

    __tablename__ = "alert"
    __table_args__ = (
        # One open alert for each rule and subject.
        Index(
            "ix_alert_open", "workspace_id", "rule", "subject", unique=True,
            sqlite_where=text("closed_at IS NULL"), postgresql_where=text("closed_at IS NULL"),
        ),
        Index("ix_alert_workspace_opened", "workspace_id", "opened_at"),
    )  # fmt: skip

    rule: str = Field(max_length=32)
    #: What it is about, such as ``channel:12``, ``kpi:7`` or ``channel:12:views``.
    subject: str = Field(max_length=120)
    #: How people call the subject, when the alert was opened.
    name: str = Field(default="", max_length=300)
    #: What the sentences are made of.
    facts: Any = Field(default_factory=dict, sa_type=Json)
    is_good: bool = False
    #: Since when it is so, which may be long before it was noticed.
    since: datetime = Field(sa_type=UtcDateTime)
    opened_at: datetime = Field(sa_type=UtcDateTime)
    #: When it was last found to hold.
    held_at: datetime = Field(sa_type=UtcDateTime)
    closed_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    #: Why it was closed: the key of a sentence.
    closed_because: str | None = Field(default=None, max_length=40)
    seen_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    seen_by: int | None = Field(default=None, foreign_key="person.id", sa_type=Id)
    #: Out of the way until then, unless it closes before.
    snoozed_until: datetime | None = Field(default=None, sa_type=UtcDateTime)


class AlertMute(SQLModel, table=True):
    """A rule that opens no alerts, for one subject or for all."""

    __tablename__ = "alert_mute"

    workspace_id: int = Field(foreign_key="workspace.id", sa_type=Id, primary_key=True)
    rule: str = Field(max_length=32, primary_key=True)
    #: Empty: every subject.
    subject: str = Field(max_length=120, primary_key=True)
    name: str = Field(default="", max_length=300)
    #: NULL: until a person lifts it.
    until: datetime | None = Field(default=None, sa_type=UtcDateTime)
    person_id: int | None = Field(default=None, foreign_key="person.id", sa_type=Id)
    at: datetime = Field(sa_type=UtcDateTime)


class Watch(Due, Owned, table=True):
    """When a workspace is looked at for alerts, and what was judged last."""

    __table_args__ = (due_index("watch"), Index("ix_watch_workspace", "workspace_id", unique=True))

    #: The last whole day whose figures were judged, in the workspace's zone.
    judged_on: date | None = Field(default=None, sa_type=Date)
    #: The last look within a day that is not over: its day and hour.
    looked_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
