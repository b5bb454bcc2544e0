"""Surveys of one question, their answers, and connectors to other analytics tools."""

from datetime import datetime
from typing import Any

from sqlalchemy import CheckConstraint, LargeBinary, PrimaryKeyConstraint, UniqueConstraint
from sqlmodel import Field, SQLModel

from store.tables.base import Due, Id, Json, Owned, Row, UtcDateTime, due_index
from store.tables.brought import Brought, brought_indexes


class Survey(Row, Owned, table=True):
    """One question behind a short link."""

    __table_args__ = (
        UniqueConstraint("workspace_id", "name"),
        CheckConstraint("kind IN ('csat', 'nps')", name="kind"),
    )

    name: str = Field(max_length=80)
    code: str = Field(max_length=32, unique=True)
    #: ``csat`` asks for 1 to 5, ``nps`` for 0 to 10.
    kind: str = Field(max_length=8)
    #: What is asked, in the words of whoever asks; empty: the usual question in the reader's language.
    question: str = Field(default="", max_length=300)
    #: Pages that people opened; programs are left out.
    opened: int = 0
    #: After this nobody answers; NULL: open until it is closed.
    closes_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    created_at: datetime = Field(sa_type=UtcDateTime)
    closed_at: datetime | None = Field(default=None, sa_type=UtcDateTime)


class SurveyHour(SQLModel, table=True):
    """How many people opened a survey's page in one hour."""

    __tablename__ = "survey_hour"
    __table_args__ = (PrimaryKeyConstraint("survey_id", "hour"),)

    survey_id: int = Field(foreign_key="survey.id", sa_type=Id)
    #: Its start (UTC).
    hour: datetime = Field(sa_type=UtcDateTime)
    opened: int


class Answer(Brought, table=True):
    """One answer, given on a survey's page or imported; who gave it is not stored."""

    __table_args__ = (
        *brought_indexes("answer"),
        CheckConstraint("kind IN ('csat', 'nps')", name="kind"),
    )

    survey_id: int | None = Field(default=None, foreign_key="survey.id", sa_type=Id, index=True)
    kind: str = Field(max_length=8)
    score: int
    words: str = ""


class Connector(Due, Owned, table=True):
    """Another analytics tool whose daily totals are read."""

    __table_args__ = (due_index("connector"), UniqueConstraint("workspace_id", "name"))

    name: str = Field(max_length=80)
    #: ``ga4``, ``plausible`` or ``matomo``.
    tool: str = Field(max_length=16)
    #: Address, property or site; nothing secret.
    settings: Any = Field(default_factory=dict, sa_type=Json)
    credentials: bytes = Field(sa_type=LargeBinary)
    #: Reads in a row that failed, and what the last one said.
    failures: int = 0
    last_error: str | None = None
    last_read_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    created_at: datetime = Field(sa_type=UtcDateTime)
