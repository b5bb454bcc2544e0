"""Channels whose owner is at a platform's consent page right now."""

from datetime import datetime
from typing import Any

from sqlalchemy import LargeBinary
from sqlmodel import Field

from store.tables.base import Id, Json, Owned, Row, UtcDateTime


class Connecting(Row, Owned, table=True):
    """One walk to a platform's consent page and back; only the hash of its state is stored."""

    state_hash: str = Field(max_length=64, unique=True)
    #: Who began it; nobody else may end it.
    person_id: int | None = Field(default=None, foreign_key="person.id", sa_type=Id)
    #: The browser session in which it began; NULL: a terminal or a program began it.
    session_hash: str | None = Field(default=None, max_length=64)
    platform: str = Field(max_length=32)
    #: The channel that is connected again; NULL: a new one.
    channel_id: int | None = Field(default=None, foreign_key="channel.id", sa_type=Id)
    #: What the person has said of the channel; no secrets.
    asked: Any = Field(default_factory=dict, sa_type=Json)
    #: Sealed: the proof key, then what was granted while the person chooses a target.
    sealed: bytes = Field(sa_type=LargeBinary)
    created_at: datetime = Field(sa_type=UtcDateTime)
    expires_at: datetime = Field(sa_type=UtcDateTime, index=True)
    #: When the person came back; its state works no more.
    answered_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    #: When the channel was made or connected again.
    ended_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
