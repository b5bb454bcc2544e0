"""Feeds, their entries, the keys that tell entries apart, routes, and the ledger."""

from datetime import datetime
from typing import Any

from sqlalchemy import CheckConstraint, Index, LargeBinary, UniqueConstraint, false
from sqlmodel import Field, SQLModel

from store.tables.base import Due, Id, Json, Owned, Row, UtcDateTime, due_index


class Feed(Due, Owned, table=True):
    """A document that we poll."""

    __table_args__ = (
        due_index("feed"),
        UniqueConstraint("workspace_id", "url"),
        Index("ix_feed_host", "host"),
    )

    url: str = Field(max_length=2048)
    #: Who shares a server's wish for a pause with it (`scheduler.politeness`); NULL until the first poll.
    host: str | None = Field(default=None, max_length=300)
    title: str = ""
    site_url: str | None = None
    #: What was chosen for the entries that existed already: ``none``, ``newest``, ``last:N``, ``since:DATE``.
    existing: str = Field(max_length=64)
    #: NULL until the first poll that succeeded; until then every entry counts as existing.
    baseline_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    #: True: what polls find is held until a person decides.
    ask: bool = False
    #: Why it asks, for people; NULL after a restored backup.
    asks_because: str | None = None
    #: When a person last decided about what was held; what came before is no flood any more.
    released_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    etag: str | None = None
    last_modified: str | None = None
    body_hash: bytes | None = Field(default=None, sa_type=LargeBinary)
    #: Whether new entries alone would do as an answer (RFC 3229), by the last document.
    takes_deltas: bool = Field(default=False, sa_column_kwargs={"server_default": false()})
    #: Seconds; a person's word; NULL: adaptive.
    interval_override: int | None = None
    #: Seconds between two entries, as a rule (`feeds.interval.rhythm`); NULL with fewer than two dates.
    median_gap: int | None = Field(default=None, sa_type=Id)
    #: The date of the newest entry; with ``median_gap`` it spares each poll a look at the entries.
    newest_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    #: What the last document and its headers asked for, so that a 304 keeps it (`feeds.hints.Hints`).
    hints: Any = Field(default=None, sa_type=Json, nullable=True)
    #: Seconds: what we chose last by ourselves, before anybody's wishes.
    own_interval: int | None = None
    #: Whether the server has ever answered 304; NULL: it was never asked with validators.
    answers_304: bool | None = None
    #: Why the next poll is when it is, for people.
    next_reason: str = ""
    #: Polls in a row that failed.
    failures: int = 0
    last_polled_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    last_success_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    #: When a document came, new or not, rather than 304.
    last_body_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    #: When 410 was first answered; NULL: it was not, or something else came since.
    gone_since: datetime | None = Field(default=None, sa_type=UtcDateTime)
    last_status: int | None = None
    last_error: str | None = None
    #: Where a permanent redirect pointed, since when, and how often it was seen.
    moved: Any = Field(default=None, sa_type=Json, nullable=True)
    #: Basic, bearer, header or cookie; sealed.
    credentials: bytes | None = Field(default=None, sa_type=LargeBinary)
    #: Which of them: ``basic``, ``bearer``, ``header`` or ``cookie``; NULL: none, or basic from an address.
    access: str | None = Field(default=None, max_length=16)
    #: A person's word in place of our User-Agent.
    user_agent: str | None = Field(default=None, max_length=300)
    #: The server refuses our own User-Agent, and takes one that begins with feedparser's.
    plain_agent: bool = Field(default=False, sa_column_kwargs={"server_default": false()})
    #: Folders of the list that it came from, outermost first.
    folders: Any = Field(default=None, sa_type=Json, nullable=True)
    #: When a person removed it; its entries stay known, so that none is posted again.
    removed_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    paused_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    paused_reason: str | None = None
    created_at: datetime = Field(sa_type=UtcDateTime)


class EntryRow(Row, Owned, table=True):
    """One item of a feed, kept for good: its keys stay when its text is purged."""

    __tablename__ = "entry"
    __table_args__ = (
        Index("ix_entry_feed_seen", "feed_id", "first_seen_at"),
        CheckConstraint("origin IN ('existing', 'chosen', 'new')", name="origin"),
    )

    feed_id: int = Field(foreign_key="feed.id", sa_type=Id)
    #: Raw, byte for byte as in the document.
    guid: str | None = None
    link: str | None = None
    title: str = ""
    summary_html: str = ""
    content_html: str = ""
    text: str = ""
    authors: Any = Field(default_factory=list, sa_type=Json)
    categories: Any = Field(default_factory=list, sa_type=Json)
    enclosures: Any = Field(default_factory=list, sa_type=Json)
    language: str | None = Field(default=None, max_length=35)
    image_url: str | None = None
    published_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    updated_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    first_seen_at: datetime = Field(sa_type=UtcDateTime)
    #: Order within the feed: higher is newer.
    position: int = Field(sa_type=Id)
    digest: bytes = Field(sa_type=LargeBinary)
    #: How often the author changed it after we saw it.
    edits: int = 0
    #: When its texts were removed for their age; NULL: they are here.
    purged_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    #: ``existing`` at the first poll and not chosen, ``chosen`` then, or ``new`` since.
    origin: str = Field(max_length=16)


class EntryKeyRow(SQLModel, table=True):
    """One identity of an entry; durable, so that an entry that comes back is known."""

    __tablename__ = "entry_key"
    __table_args__ = {"sqlite_with_rowid": False}

    feed_id: int = Field(foreign_key="feed.id", sa_type=Id, primary_key=True)
    #: `domain.entry.KeyKind`.
    kind: int = Field(primary_key=True, sa_column_kwargs={"autoincrement": False})
    #: 16 bytes.
    key: bytes = Field(sa_type=LargeBinary, primary_key=True)
    #: 0: several entries have had this key, so that it identifies none.
    entry_id: int = Field(sa_type=Id)


class Route(Due, Owned, table=True):
    """Entries of these feeds that match become posts on this channel."""

    __table_args__ = (
        due_index("route"),
        UniqueConstraint("workspace_id", "name"),
        CheckConstraint("timing IN ('next_slot', 'at_once')", name="timing"),
        CheckConstraint("late IN ('send', 'skip', 'ask')", name="late"),
    )

    name: str = Field(max_length=80)
    channel_id: int = Field(foreign_key="channel.id", sa_type=Id, index=True)
    #: Empty: the channel's own.
    template: str
    #: Words and phrases; an entry must hold one of them (none listed: all pass) ...
    include: Any = Field(default_factory=list, sa_type=Json)
    #: ... and none of these.
    exclude: Any = Field(default_factory=list, sa_type=Json)
    #: ``utm_source`` and so on, with placeholders; empty: links stay as they are.
    utm: Any = Field(default_factory=dict, sa_type=Json)
    #: Shorten links where the public address allows it.
    shorten: bool = True
    #: ``next_slot`` of the channel, or ``at_once``.
    timing: str = Field(default="next_slot", max_length=16)
    needs_approval: bool = False
    #: What happens to a post that a down-time made late: ``send``, ``skip`` or ``ask``.
    late: str = Field(default="send", max_length=8)
    #: Groups of rules as `domain.filters.groups_json` writes them; NULL: none.
    filters: Any = Field(default=None, sa_type=Json, nullable=True)
    #: What stands before and after the template's text; NULL: nothing.
    prefix: str | None = None
    suffix: str | None = None
    #: How categories become hashtags, `domain.wording.Tags` as JSON; NULL: as they are.
    tags: Any = Field(default=None, sa_type=Json, nullable=True)
    #: Which picture a post shows, `domain.wording.Picture` as JSON; NULL: the entry's.
    picture: Any = Field(default=None, sa_type=Json, nullable=True)
    #: Most posts made in one run; NULL: any number.
    per_run: int | None = None
    #: Most posts that go out in one day of the channel's zone; NULL: any number.
    per_day: int | None = None
    #: Minutes at least between two posts; NULL: none.
    gap_minutes: int | None = None
    #: Whether the newest go out first when not all can.
    newest_first: bool = Field(default=False, sa_column_kwargs={"server_default": false()})
    #: Rules of the channel that its posts obey differently, by name (`domain.rules`); NULL: none.
    rules: Any = Field(default=None, sa_type=Json, nullable=True)
    paused_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    #: A removed route reads no feed; what it made and decided stays.
    removed_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    created_at: datetime = Field(sa_type=UtcDateTime)


class RouteFeed(SQLModel, table=True):
    """Which feeds a route reads."""

    __tablename__ = "route_feed"

    route_id: int = Field(foreign_key="route.id", sa_type=Id, primary_key=True)
    feed_id: int = Field(foreign_key="feed.id", sa_type=Id, primary_key=True, index=True)


class Ledger(SQLModel, table=True):
    """What became of one entry on one route; exactly one row for each pair.

    A row with a post takes its fate from the post's state; a row without one says its own.
    """

    __table_args__ = (
        Index("ix_ledger_route_at", "route_id", "at"),
        CheckConstraint(
            "(post_id IS NULL) = (fate IS NOT NULL)",
            name="one_fate",
        ),
        CheckConstraint("fate IN ('held', 'filtered', 'duplicate', 'skipped', 'failed')", name="fate"),
    )

    entry_id: int = Field(foreign_key="entry.id", sa_type=Id, primary_key=True)
    route_id: int = Field(foreign_key="route.id", sa_type=Id, primary_key=True)
    post_id: int | None = Field(default=None, foreign_key="post.id", sa_type=Id, unique=True)
    fate: str | None = Field(default=None, max_length=16)
    reason: str = ""
    at: datetime = Field(sa_type=UtcDateTime)
