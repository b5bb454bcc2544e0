"""The KPI guide: its versions, who may read it by a secret address, and who said to have read it."""

from datetime import datetime
from typing import Any

from sqlalchemy import Index, UniqueConstraint
from sqlmodel import Field

from store.tables.base import Id, Json, Owned, Row, UtcDateTime
from store.tables.reporting import SecretLink


class GuideSection(Row, Owned, table=True):
    """What the guide says of one KPI, from one version on; never changed."""

    __tablename__ = "guide_section"

    kpi_id: int = Field(foreign_key="kpi.id", sa_type=Id)
    at: datetime = Field(sa_type=UtcDateTime)
    #: `domain.guide.Section`, frozen.
    body: Any = Field(sa_type=Json)


class GuideVersion(Row, Owned, table=True):
    """One version of a workspace's guide; never changed, but for who was reminded of it."""

    __tablename__ = "guide_version"
    __table_args__ = (UniqueConstraint("workspace_id", "number"),)

    number: int
    at: datetime = Field(sa_type=UtcDateTime)
    #: `domain.guide.Head`, frozen.
    head: Any = Field(sa_type=Json)
    #: Numbers of its sections, in their order.
    sections: Any = Field(default_factory=list, sa_type=Json)
    #: What is other than in the version before: `domain.guide.GuideChange`, frozen.
    changes: Any = Field(default_factory=list, sa_type=Json)
    #: When those who had not read it were reminded; NULL: not yet.
    reminded_at: datetime | None = Field(default=None, sa_type=UtcDateTime)


class GuideLink(SecretLink, table=True):
    """A secret address at which the guide is read without signing in, until it ends."""

    __tablename__ = "guide_link"

    #: The version that it shows; NULL: always the newest.
    number: int | None = None


class GuideReceipt(Row, Owned, table=True):
    """That somebody said to have read a version."""

    __tablename__ = "guide_receipt"
    __table_args__ = (
        # Each says so once; of NULLs there may be many.
        UniqueConstraint("workspace_id", "number", "person_id"),
        UniqueConstraint("link_id", "number", "said_by"),
        Index("ix_guide_receipt_version", "workspace_id", "number"),
    )

    number: int
    at: datetime = Field(sa_type=UtcDateTime)
    #: A member; NULL: a reader at a secret address.
    person_id: int | None = Field(default=None, foreign_key="person.id", sa_type=Id)
    link_id: int | None = Field(default=None, foreign_key="guide_link.id", sa_type=Id)
    #: The name that such a reader typed.
    said_by: str = Field(default="", max_length=80)
