"""The workspace's own sites, the visits to them, and what came of those."""

from datetime import datetime
from typing import Any

from sqlalchemy import BigInteger, CheckConstraint, Index, UniqueConstraint, text
from sqlmodel import Field, SQLModel

from store.tables.base import Id, Json, Owned, Row, UtcDateTime


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


class WebView(Row, Owned, table=True):
    """One page view of a site; who saw it is a hash of one day, or an id that they allowed."""

    __tablename__ = "web_view"
    __table_args__ = (
        UniqueConstraint("site_id", "key"),
        Index("ix_web_view_visitor", "site_id", "visitor", "at"),
        Index("ix_web_view_at", "workspace_id", "at"),
        Index("ix_web_view_click", "click_key"),
        CheckConstraint("audience IN ('human', 'bot', 'unknown')", name="audience"),
    )

    site_id: int = Field(foreign_key="site.id", sa_type=Id)
    #: Drawn by the page that was viewed, so that what is told twice counts once.
    key: str = Field(max_length=32)
    #: ``d:`` and a hash of the day, ``v:`` and an id with consent; NULL: a program, or not to be followed.
    visitor: str | None = Field(default=None, max_length=40)
    at: datetime = Field(sa_type=UtcDateTime)
    #: Visible so far.
    seconds: int = 0
    path: str = Field(max_length=500)
    audience: str = Field(max_length=8)
    #: The browser asked not to be followed.
    unfollowed: bool = False
    #: Host; empty: none was told. The source and so on of UTM: empty where the address had none.
    referrer: str = Field(default="", max_length=253)
    utm_source: str = Field(default="", max_length=100)
    utm_medium: str = Field(default="", max_length=100)
    utm_campaign: str = Field(default="", max_length=100)
    #: Of the short link's click that led here.
    click_key: str | None = Field(default=None, max_length=32)
    visit_id: int | None = Field(default=None, sa_type=Id, index=True)


class Visit(SQLModel, table=True):
    """Page views of one visitor that belong together; made anew from them when one is added."""

    __table_args__ = (
        Index("ix_visit_visitor", "site_id", "visitor", "began_at"),
        Index("ix_visit_began", "workspace_id", "began_at"),
        Index("ix_visit_post", "post_id", "began_at"),
        Index("ix_visit_click", "click_id"),
        CheckConstraint("kind IN ('click', 'utm', 'referrer', 'direct')", name="kind"),
    )

    #: That of its first view.
    id: int = Field(sa_type=Id, primary_key=True)
    workspace_id: int = Field(foreign_key="workspace.id", sa_type=Id)
    site_id: int = Field(foreign_key="site.id", sa_type=Id)
    visitor: str = Field(max_length=40)
    audience: str = Field(max_length=8)
    began_at: datetime = Field(sa_type=UtcDateTime)
    ended_at: datetime = Field(sa_type=UtcDateTime)
    pages: int
    seconds: int
    entry: str = Field(max_length=500)
    exit: str = Field(max_length=500)
    #: `domain.visits.SourceKind`.
    kind: str = Field(max_length=16)
    source: str = Field(default="", max_length=253)
    medium: str = Field(default="", max_length=100)
    campaign: str = Field(default="", max_length=100)
    #: What brought it, where that is known; without foreign keys: they may be removed, the visit stays.
    click_id: int | None = Field(default=None, sa_type=Id)
    post_id: int | None = Field(default=None, sa_type=Id)
    channel_id: int | None = Field(default=None, sa_type=Id)
    route_id: int | None = Field(default=None, sa_type=Id)


class Conversion(Row, Owned, table=True):
    """An order, a registration, or another success on a site; or what was given back of one."""

    __table_args__ = (
        UniqueConstraint("site_id", "key"),
        Index("ix_conversion_at", "workspace_id", "at"),
        Index("ix_conversion_visitor", "site_id", "visitor"),
        Index("ix_conversion_visit", "visit_id"),
        Index("ix_conversion_post", "post_id", "at"),
        Index("ix_conversion_click", "click_key"),
        Index("ix_conversion_refund", "refund_of"),
        Index("ix_conversion_order", "site_id", "order_ref"),
        CheckConstraint("source IN ('script', 'server', 'sheet')", name="source"),
    )

    site_id: int = Field(foreign_key="site.id", sa_type=Id)
    #: The same key twice is one conversion.
    key: str = Field(max_length=140)
    #: Of what was told, so that another conversion under the same key is refused.
    told_hash: str = Field(max_length=64)
    name: str = Field(max_length=40)
    #: Counts as success, by the settings of its site.
    is_key: bool = True
    at: datetime = Field(sa_type=UtcDateTime)
    arrived_at: datetime = Field(sa_type=UtcDateTime)
    #: In minor units of the currency; below 0: given back. NULL: no value was told.
    minor: int | None = Field(default=None, sa_type=BigInteger)
    currency: str | None = Field(default=None, max_length=3)
    order_ref: str | None = Field(default=None, max_length=100)
    source: str = Field(max_length=8)
    audience: str = Field(default="human", max_length=8)
    #: By what its visit is found: any of these may be known.
    visitor: str | None = Field(default=None, max_length=40)
    view_key: str | None = Field(default=None, max_length=32)
    click_key: str | None = Field(default=None, max_length=32)
    visit_id: int | None = Field(default=None, sa_type=Id)
    #: The last click on a link of ours before it, at most 90 days earlier, and where that link was.
    click_id: int | None = Field(default=None, sa_type=Id)
    click_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    post_id: int | None = Field(default=None, sa_type=Id)
    channel_id: int | None = Field(default=None, sa_type=Id)
    route_id: int | None = Field(default=None, sa_type=Id)
    #: The conversion of which this is given back.
    refund_of: int | None = Field(default=None, foreign_key="conversion.id", sa_type=Id)
