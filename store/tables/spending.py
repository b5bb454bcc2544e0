"""Calls that platforms count or are paid for, and how much they may cost in a month."""

from datetime import datetime

from sqlalchemy import BigInteger, CheckConstraint, Index
from sqlmodel import Field, SQLModel

from store.tables.base import Id, Owned, Row, UtcDateTime


class MeteredCall(Row, Owned, table=True):
    """Calls on a platform that limits or charges them: written before they are made, never changed.

    A call that turned out not to be made has a second row with the negative of the first.
    """

    __tablename__ = "metered_call"
    __table_args__ = (
        Index("ix_metered_call_channel_at", "channel_id", "at"),
        Index("ix_metered_call_platform_at", "platform", "at"),
    )

    channel_id: int = Field(foreign_key="channel.id", sa_type=Id)
    platform: str = Field(max_length=32)
    at: datetime = Field(sa_type=UtcDateTime)
    #: `domain.content.Call`.
    call: str = Field(max_length=32)
    calls: int = 1
    #: The post that was published or read; NULL: the channel itself was read.
    post_id: int | None = Field(default=None, foreign_key="post.id", sa_type=Id)
    #: The publish call that it is part of; no foreign key: it is written in the same breath.
    attempt_id: int | None = Field(default=None, sa_type=Id, index=True)
    #: Millionths of the currency's unit; 0: counted, but free.
    micros: int = Field(default=0, sa_type=BigInteger)
    currency: str | None = Field(default=None, max_length=3)


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
