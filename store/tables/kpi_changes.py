"""How a KPI was changed, and what people said about it."""

from datetime import datetime
from typing import Any

from sqlalchemy import Index, UniqueConstraint
from sqlmodel import Field

from store.tables.base import Id, Json, Row, UtcDateTime


class KpiVersion(Row, table=True):
    """What a KPI asked for from a time on, until its next version."""

    __tablename__ = "kpi_version"
    __table_args__ = (UniqueConstraint("kpi_id", "version"),)

    kpi_id: int = Field(foreign_key="kpi.id", sa_type=Id)
    version: int
    at: datetime = Field(sa_type=UtcDateTime)
    #: Who changed it; NULL: the program.
    person_id: int | None = Field(default=None, foreign_key="person.id", sa_type=Id)
    because: str = ""
    #: What changed: the name of each field with its value before and after.
    changed: Any = Field(default_factory=dict, sa_type=Json)


class KpiComment(Row, table=True):
    """What somebody said about a KPI."""

    __tablename__ = "kpi_comment"
    __table_args__ = (Index("ix_kpi_comment_series", "kpi_id", "at"),)

    kpi_id: int = Field(foreign_key="kpi.id", sa_type=Id)
    at: datetime = Field(sa_type=UtcDateTime)
    person_id: int | None = Field(default=None, foreign_key="person.id", sa_type=Id)
    text: str
