"""What reading a feed leaves behind for the next look; all of it may be lost at any time."""

from datetime import datetime

from sqlalchemy import LargeBinary
from sqlmodel import Field, SQLModel

from store.tables.base import Id, UtcDateTime


class FeedMemory(SQLModel, table=True):
    """The last document of a feed whose entries were stored; apart from the feed, which is written often."""

    __tablename__ = "feed_memory"

    feed_id: int = Field(foreign_key="feed.id", sa_type=Id, primary_key=True)
    #: `feeds.document.Document.memory`; about 110 bytes an entry.
    memory: bytes = Field(sa_type=LargeBinary)


class FollowedLink(SQLModel, table=True):
    """Where a shortened link of some entry led, so that its host is not asked again."""

    __tablename__ = "followed_link"

    #: 16 bytes, BLAKE2b of the address.
    key: bytes = Field(sa_type=LargeBinary, primary_key=True)
    target: str
    at: datetime = Field(sa_type=UtcDateTime, index=True)
