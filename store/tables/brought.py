"""What is brought in from elsewhere: ad spend, orders, customers, mentions, and where each row came from."""

from datetime import datetime
from typing import Any

from sqlalchemy import CheckConstraint, Index, LargeBinary, String, UniqueConstraint, text
from sqlmodel import Field, SQLModel

from store.tables.base import Id, Json, Owned, Row, UtcDateTime


class ImportedFile(Row, Owned, table=True):
    """One file that was taken in; undone as a whole."""

    __tablename__ = "imported_file"

    #: ``ads``, ``orders`` and so on: `domain.imports.Kind`.
    kind: str = Field(max_length=16)
    name: str = Field(default="", max_length=200)
    #: Whose export it is; empty: its columns were known by their names alone.
    source: str = Field(default="", max_length=80)
    added: int = 0
    #: Rows that took the place of earlier ones with the same key.
    changed: int = 0
    first_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    last_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    #: How it was read: zone, currency, columns that a person named.
    choices: Any = Field(default_factory=dict, sa_type=Json)
    created_at: datetime = Field(sa_type=UtcDateTime)
    undone_at: datetime | None = Field(default=None, sa_type=UtcDateTime)


class WorkspaceKey(SQLModel, table=True):
    """The key by which a workspace's imports turn customers' names into hashes; sealed."""

    __tablename__ = "workspace_key"

    workspace_id: int = Field(foreign_key="workspace.id", sa_type=Id, primary_key=True)
    sealed: bytes = Field(sa_type=LargeBinary)


class ValueChoice(SQLModel, table=True):
    """With what a customer's value is computed."""

    __tablename__ = "value_choice"

    workspace_id: int = Field(foreign_key="workspace.id", sa_type=Id, primary_key=True)
    #: Percent of revenue that stays, and percent by which a year discounts.
    margin: float = 100.0
    discount: float = 0.0
    #: How far ahead is looked.
    years: float = 1.0


class Brought(Row, Owned):
    """Columns of every row that came from elsewhere.

    A later import that tells a row anew keeps the old one, which is current again when that is undone.
    """

    #: NULL: typed by hand, answered on a page, or read by a connector.
    file_id: int | None = Field(default=None, foreign_key="imported_file.id", sa_type=Id, index=True)
    #: The same for the same thing in whichever file it comes again.
    key: str = Field(max_length=64)
    is_current: bool = True
    #: When it happened (UTC); what is known by its day only stands at noon of that day on its clock.
    at: datetime = Field(sa_type=UtcDateTime)
    source: str = Field(default="", max_length=80)
    #: When it was brought in.
    read_at: datetime = Field(sa_type=UtcDateTime)


def brought_indexes(table: str) -> tuple[Index, ...]:
    """One current row for each key, and the current ones by time."""
    current = text("is_current")
    return (
        Index(
            f"uq_{table}_current", "workspace_id", "key", unique=True, sqlite_where=current,
            postgresql_where=current,
        ),
        Index(f"ix_{table}_workspace_at", "workspace_id", "at"),
    )  # fmt: skip


class AdDay(Brought, table=True):
    """What a campaign cost on a day, and what its platform says came of it."""

    __tablename__ = "ad_day"
    __table_args__ = brought_indexes("ad_day")

    #: ``meta``, ``x``, ``linkedin``, ``google``, ``tiktok`` or another word.
    platform: str = Field(max_length=32)
    campaign: str = Field(default="", max_length=200)
    #: The channel that the advertisements are counted for; NULL: for the workspace only.
    channel_id: int | None = Field(default=None, foreign_key="channel.id", sa_type=Id)
    currency: str = Field(max_length=3)
    spend_micros: int = Field(sa_type=Id)
    #: Whether taxes and fees are in the spend; NULL: nobody said.
    with_fees: bool | None = None
    impressions: int | None = Field(default=None, sa_type=Id)
    link_clicks: int | None = Field(default=None, sa_type=Id)


class Purchase(Brought, table=True):
    """One order, with what came back of it."""

    __tablename__ = "purchase"
    __table_args__ = brought_indexes("purchase")

    #: A keyed hash; NULL: the file does not say who bought.
    customer: str | None = Field(default=None, max_length=32, index=True)
    currency: str = Field(max_length=3)
    value_micros: int = Field(sa_type=Id)
    returned_micros: int = Field(default=0, sa_type=Id)


class Customer(Brought, table=True):
    """Somebody who buys, known by a keyed hash only; ``at`` is since when."""

    __tablename__ = "customer"
    __table_args__ = brought_indexes("customer")


class Testimonial(Brought, table=True):
    """What somebody said of the brand."""

    __tablename__ = "testimonial"
    __table_args__ = brought_indexes("testimonial")

    text: str
    link: str | None = None
    #: Who said it; NULL unless that person agreed to be named.
    rater: str | None = Field(default=None, max_length=120)
    #: Whether it speaks well of the brand, as a person judged; NULL: nobody has yet.
    is_positive: bool | None = None


class Brand(Row, Owned, table=True):
    """The own brand or a competitor's, whose mentions are counted."""

    __table_args__ = (UniqueConstraint("workspace_id", "name"),)

    name: str = Field(max_length=80)
    is_own: bool = False
    created_at: datetime = Field(sa_type=UtcDateTime)


class MentionSource(Row, Owned, table=True):
    """A feed whose entries are mentions of a brand, with the search that it shows."""

    __tablename__ = "mention_source"
    __table_args__ = (UniqueConstraint("brand_id", "feed_id"),)

    brand_id: int = Field(foreign_key="brand.id", sa_type=Id)
    feed_id: int = Field(foreign_key="feed.id", sa_type=Id, index=True)
    query: str = Field(default="", max_length=200)
    created_at: datetime = Field(sa_type=UtcDateTime)


class MentionDay(Brought, table=True):
    """How often a brand was mentioned on a day, as a source counted it."""

    __tablename__ = "mention_day"
    __table_args__ = brought_indexes("mention_day")

    brand_id: int = Field(foreign_key="brand.id", sa_type=Id, index=True)
    number: int
    #: What was searched for.
    query: str = Field(default="", max_length=200)


class Sharer(Brought, table=True):
    """Somebody who passed a post on, by follower count only."""

    __table_args__ = brought_indexes("sharer")

    platform: str = Field(default="", max_length=32)
    followers: int = Field(sa_type=Id)


class ToolDay(Brought, table=True):
    """A day's total of another analytics tool, for one source, medium and campaign."""

    __tablename__ = "tool_day"
    __table_args__ = (
        *brought_indexes("tool_day"),
        CheckConstraint("metric IN ('sessions', 'engaged', 'conversions', 'revenue')", name="metric"),
    )

    #: ``ga4``, ``plausible``, ``matomo`` or ``other``.
    tool: str = Field(max_length=16)
    #: The property or site there.
    site: str = Field(default="", max_length=200)
    metric: str = Field(sa_type=String(16))
    came_from: str = Field(default="", max_length=200)
    medium: str = Field(default="", max_length=100)
    campaign: str = Field(default="", max_length=200)
    #: A count; for revenue, millionths of the currency's unit.
    amount: int = Field(sa_type=Id)
    currency: str | None = Field(default=None, max_length=3)
