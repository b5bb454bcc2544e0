"""Reports: when they are written by themselves, what they said, and who may read one without signing in."""

from datetime import date, datetime
from typing import Any

from sqlalchemy import CheckConstraint, Date, Index, UniqueConstraint
from sqlmodel import Field

from store.tables.base import Due, Id, Json, Owned, Row, UtcDateTime, due_index


class ReportPlan(Due, Owned, table=True):
    """A report that is written by itself after each week, month or quarter."""

    __tablename__ = "report_plan"
    __table_args__ = (
        due_index("report_plan"),
        CheckConstraint("every IN ('week', 'month', 'quarter')", name="every"),
    )

    every: str = Field(max_length=8)
    #: Full hour (0 to 23) of the day after the period, in the workspace's zone.
    hour: int = 7
    #: In which language it is mailed.
    language: str = Field(default="en", max_length=8)
    #: Mail addresses; empty: it is written and not mailed.
    recipients: Any = Field(default_factory=list, sa_type=Json)
    created_at: datetime = Field(sa_type=UtcDateTime)
    created_by: int | None = Field(default=None, foreign_key="person.id", sa_type=Id)
    stopped_at: datetime | None = Field(default=None, sa_type=UtcDateTime)


class ReportRow(Due, Owned, table=True):
    """One report; once written it never changes."""

    __tablename__ = "report"
    __table_args__ = (
        due_index("report"),
        Index("ix_report_workspace_last", "workspace_id", "last_day"),
        # A plan writes about a period once, whichever machine does.
        UniqueConstraint("plan_id", "first_day"),
        CheckConstraint("every IN ('week', 'month', 'quarter')", name="every"),
        CheckConstraint("state IN ('writing', 'ready', 'failed')", name="state"),
        CheckConstraint("state <> 'ready' OR body IS NOT NULL", name="ready_has_body"),
    )

    plan_id: int | None = Field(default=None, foreign_key="report_plan.id", sa_type=Id)
    every: str = Field(max_length=8)
    first_day: date = Field(sa_type=Date)
    #: The last day that counts.
    last_day: date = Field(sa_type=Date)
    zone: str = Field(max_length=64)
    state: str = Field(default="writing", max_length=8)
    #: Chapters that are written so far.
    done: int = 0
    #: Why it failed, for people.
    reason: str | None = None
    #: `domain.report.Report.frozen`.
    body: Any = Field(default=None, sa_type=Json, nullable=True)
    created_at: datetime = Field(sa_type=UtcDateTime)
    created_by: int | None = Field(default=None, foreign_key="person.id", sa_type=Id)
    made_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    #: When it was handed over for mailing.
    mailed_at: datetime | None = Field(default=None, sa_type=UtcDateTime)


class SecretLink(Row, Owned):
    """Columns of a secret address at which something is read without signing in, until it ends."""

    #: Only the hash is kept: the address is shown once.
    token_hash: str = Field(max_length=64, unique=True)
    #: Whom it is for, as its maker wrote it.
    name: str = Field(max_length=80)
    language: str = Field(default="en", max_length=8)
    created_at: datetime = Field(sa_type=UtcDateTime)
    created_by: int | None = Field(default=None, foreign_key="person.id", sa_type=Id)
    expires_at: datetime = Field(sa_type=UtcDateTime)
    revoked_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    opened: int = 0
    opened_at: datetime | None = Field(default=None, sa_type=UtcDateTime)


class ReportLink(SecretLink, table=True):
    """The secret address of one report."""

    __tablename__ = "report_link"

    report_id: int = Field(foreign_key="report.id", sa_type=Id, index=True)
