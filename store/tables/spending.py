"""What paid calls cost, and how much they may cost in a month."""

from datetime import datetime

from sqlalchemy import BigInteger, CheckConstraint, Index
from sqlmodel import Field, SQLModel

from store.tables.base import Id, Owned, Row, UtcDateTime


class Spending(Row, Owned, table=True):
    """What one call on a platform costs, written before it is made; never changed."""

    __table_args__ = (Index("ix_spending_channel_at", "channel_id", "at"),)

    channel_id: int = Field(foreign_key="channel.id", sa_type=Id)
    at: datetime = Field(sa_type=UtcDateTime)
    #: `domain.content.Call`.
    call: str = Field(max_length=32)
    #: The post that was published or read; NULL: the channel itself was read.
    post_id: int | None = Field(default=None, foreign_key="post.id", sa_type=Id)
    #: Millionths of the currency's unit.
    micros: int = Field(sa_type=BigInteger)
    currency: str = Field(max_length=3)


class SpendingCap(SQLModel, table=True):
    """The most that a channel, a platform or a workspace may cost in a calendar month of its workspace."""

    __tablename__ = "spending_cap"
    __table_args__ = (CheckConstraint("micros >= 0", name="micros"),)

    workspace_id: int = Field(foreign_key="workspace.id", sa_type=Id, primary_key=True)
    #: ``channel:17``, ``platform:x``, or ``workspace``.
    scope: str = Field(primary_key=True, max_length=60)
    micros: int = Field(sa_type=BigInteger)
    currency: str = Field(max_length=3)
    set_at: datetime = Field(sa_type=UtcDateTime)
