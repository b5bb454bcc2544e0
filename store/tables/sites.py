"""The workspace's own sites."""

from datetime import datetime
from typing import Any

from sqlalchemy import Index, text
from sqlmodel import Field

from store.tables.base import Json, Owned, Row, UtcDateTime


class Site(Row, Owned, table=True):
    """A web site whose visits are counted, by the script that its pages load."""

    __table_args__ = (
        # A name may be used again once its site is removed.
        Index(
            "uq_site_name",
            "workspace_id",
            "name",
            unique=True,
            sqlite_where=text("removed_at IS NULL"),
            postgresql_where=text("removed_at IS NULL"),
        ),
    )

    name: str = Field(max_length=80)
    #: Names of the hosts of its pages: ASCII, lower case, without port or dot at the end.
    hosts: Any = Field(default_factory=list, sa_type=Json)
    #: Named by the script in its pages; it opens nothing.
    key: str = Field(max_length=16, unique=True)
    #: See `domain.web_site.SiteSettings`.
    settings: Any = Field(default_factory=dict, sa_type=Json)
    created_at: datetime = Field(sa_type=UtcDateTime)
    #: No longer counted; its figures stay.
    removed_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
