"""Subscriptions at WebSub hubs."""

from datetime import datetime

from sqlalchemy import LargeBinary
from sqlmodel import Field

from store.tables.base import Due, Id, Owned, UtcDateTime, due_index


class HubSubscription(Due, Owned, table=True):
    """That a hub shall tell us of news of one feed; due when the hub is to be asked (again)."""

    __tablename__ = "hub_subscription"
    __table_args__ = (due_index("hub_subscription"),)

    feed_id: int = Field(foreign_key="feed.id", sa_type=Id, unique=True)
    hub: str = Field(max_length=2048)
    #: The feed's address as the hub knows it.
    topic: str = Field(max_length=2048)
    #: Sealed.
    secret: bytes = Field(sa_type=LargeBinary)
    #: The part of the callback's address that nobody can guess.
    token: str = Field(max_length=64, unique=True)
    #: What we asked for last: ``subscribe`` or ``unsubscribe``.
    wanted: str = Field(default="subscribe", max_length=16)
    #: Until when the hub has promised to tell us; NULL: it has not.
    verified_until: datetime | None = Field(default=None, sa_type=UtcDateTime)
    #: New entries that a push announced, and those that we found by ourselves, since the hub agreed.
    pushed: int = 0
    polled: int = 0
    #: When a push came that no poll has followed yet.
    rung_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    last_push_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    #: Requests to the hub in a row that failed.
    failures: int = 0
    last_error: str | None = None
    #: When we stopped asking, since it never pushed or refuses us.
    given_up_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    created_at: datetime = Field(sa_type=UtcDateTime)
