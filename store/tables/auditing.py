"""Audits of a workspace's figures, kept with their date."""

from datetime import datetime
from typing import Any

from sqlalchemy import Index
from sqlmodel import Field

from store.tables.base import Id, Json, Owned, Row, UtcDateTime


class AuditRow(Row, Owned, table=True):
    """One audit; never changed."""

    __tablename__ = "audit"
    __table_args__ = (Index("ix_audit_workspace_at", "workspace_id", "at"),)

    at: datetime = Field(sa_type=UtcDateTime)
    #: So many days back.
    days: int
    wrong: int
    look: int
    fine: int
    #: Findings by rule: a severity and how many.
    by_rule: Any = Field(default_factory=dict, sa_type=Json)
    #: `domain.audit.Audit.frozen`.
    body: Any = Field(sa_type=Json)
    #: NULL: it came by itself.
    made_by: int | None = Field(default=None, foreign_key="person.id", sa_type=Id)
