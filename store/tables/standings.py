"""How published posts stand, and sums of what happened: all of it made from readings, clicks and views."""

from datetime import datetime
from typing import Any

from sqlalchemy import Index, LargeBinary, UniqueConstraint, text, true
from sqlmodel import Field, SQLModel

from store.tables.base import Id, Json, Row, UtcDateTime

_STALE = text("stale")


class Standing(SQLModel, table=True):
    """One published post, and where its figures lie in columns."""

    __table_args__ = (
        Index("ix_standing_stale", "workspace_id", sqlite_where=_STALE, postgresql_where=_STALE),
        Index("ix_standing_channel_id", "channel_id"),
    )

    post_id: int = Field(
        foreign_key="post.id", sa_type=Id, primary_key=True, sa_column_kwargs={"autoincrement": False}
    )
    workspace_id: int = Field(sa_type=Id)
    channel_id: int = Field(sa_type=Id)
    #: Its part and its place there, from 0; NULL: its figures were not written into columns yet.
    part_id: int | None = Field(default=None, sa_type=Id)
    place: int | None = None
    #: Something was read, clicked or changed since its figures were written: readings tell, columns do not.
    stale: bool = Field(default=True, sa_column_kwargs={"server_default": true()})
    #: Where it is stale: more than looks came. False: its columns lack its last looks, and nothing else.
    anew: bool = Field(default=True, sa_column_kwargs={"server_default": true()})
    #: The last looks, oldest first (`last_looks`); NULL: its readings must be asked.
    looks: bytes | None = Field(default=None, sa_type=LargeBinary)


class StandingReadings(SQLModel, table=True):
    """All readings of one published post, as its columns were written from them (`store.bundles`)."""

    __tablename__ = "standing_readings"

    post_id: int = Field(
        foreign_key="post.id", sa_type=Id, primary_key=True, sa_column_kwargs={"autoincrement": False}
    )
    body: bytes = Field(sa_type=LargeBinary)


class StandingPart(Row, table=True):
    """Some published posts of one channel whose figures lie together."""

    __tablename__ = "standing_part"
    __table_args__ = (Index("ix_standing_part_channel_id", "channel_id"),)

    channel_id: int = Field(sa_type=Id)
    posts: int
    #: When its first and its last post went out.
    first_at: datetime = Field(sa_type=UtcDateTime)
    last_at: datetime = Field(sa_type=UtcDateTime)
    #: The newest reading, click or view in it; NULL: none.
    newest_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    #: Metric → the platforms' fields that its readings came from.
    sources: Any = Field(default_factory=dict, sa_type=Json)
    #: Another one whenever anything of it is written.
    stamp: int = Field(default=0, sa_type=Id, sa_column_kwargs={"server_default": "0"})


class StandingColumn(Row, table=True):
    """One column of a part: a value for each of its posts (`store.columns`)."""

    __tablename__ = "standing_column"
    __table_args__ = (UniqueConstraint("part_id", "name"),)

    part_id: int = Field(sa_type=Id)
    name: str = Field(max_length=80)
    body: bytes = Field(sa_type=LargeBinary)


class StandingUncompared(Row, table=True):
    """Posts of one channel whose columns are written, and that wait to be compared with those around them."""

    __tablename__ = "standing_uncompared"

    channel_id: int = Field(sa_type=Id)
    #: Their ids, 8 bytes each.
    posts: bytes = Field(sa_type=LargeBinary)


class StandingChannel(SQLModel, table=True):
    """A channel whose standings and sums are complete, and kept so by whoever writes readings."""

    __tablename__ = "standing_channel"

    channel_id: int = Field(
        foreign_key="channel.id", sa_type=Id, primary_key=True, sa_column_kwargs={"autoincrement": False}
    )
    #: Fingerprint of the columns; with another one, its standings are made anew.
    layout: str = Field(max_length=64)
    #: Another one whenever any of its columns are written.
    stamp: int = Field(default=0, sa_type=Id, sa_column_kwargs={"server_default": "0"})


class Rollup(SQLModel, table=True):
    """What happened on one channel of one metric in a UTC day, by quarter of an hour."""

    channel_id: int = Field(sa_type=Id, primary_key=True)
    #: A route or feed whose posts alone are meant; 0: the whole channel.
    scope_id: int = Field(sa_type=Id, primary_key=True)
    metric: str = Field(max_length=32, primary_key=True)
    #: Days since 1970-01-01.
    day: int = Field(primary_key=True, sa_column_kwargs={"autoincrement": False})
    source: str = Field(max_length=80, primary_key=True)
    total: int = Field(sa_type=Id)
    #: The quarters of an hour that had any, in order: number of the quarter and its sum, 9 bytes each.
    slices: bytes = Field(sa_type=LargeBinary)
    #: For each of them the first and the last moment, in microseconds since it began, 8 bytes each.
    times: bytes = Field(sa_type=LargeBinary)
    #: When the first and the last of it were read or happened.
    oldest: datetime = Field(sa_type=UtcDateTime)
    newest: datetime = Field(sa_type=UtcDateTime)


class ClickBatch(Row, table=True):
    """Clicks that one transaction kept and the sums of their posts do not hold yet (`unsummed`)."""

    __tablename__ = "click_batch"

    #: Each click in 25 bytes: its id, its post, its audience and when it was.
    body: bytes = Field(sa_type=LargeBinary)
