"""Domains of short links, and the salts of the days."""

from datetime import date, datetime

from sqlalchemy import Date
from sqlmodel import Field, SQLModel

from store.tables.base import Id, UtcDateTime


class LinkDomain(SQLModel, table=True):
    """A host that points here and serves only the short links of one workspace."""

    __tablename__ = "link_domain"

    workspace_id: int = Field(foreign_key="workspace.id", sa_type=Id, primary_key=True)
    #: Lower case, ASCII, without port.
    host: str = Field(max_length=253, unique=True)
    created_at: datetime = Field(sa_type=UtcDateTime)


class DaySalt(SQLModel, table=True):
    """The secret of one day of a workspace; overwritten and removed when the day is over."""

    __tablename__ = "day_salt"

    workspace_id: int = Field(foreign_key="workspace.id", sa_type=Id, primary_key=True)
    #: A day of the workspace's zone.
    day: date = Field(sa_type=Date, primary_key=True)
    salt: str = Field(max_length=64)
    #: When the day is over.
    ends_at: datetime = Field(sa_type=UtcDateTime)
