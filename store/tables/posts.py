"""Posts, the attempts to publish them, their media, and why a slot was chosen."""

from datetime import datetime
from typing import Any

from sqlalchemy import CheckConstraint, Index, LargeBinary, UniqueConstraint, false, text
from sqlmodel import Field, SQLModel

from domain.post import HOLDS_SLOT, WORKED
from store.tables.base import Due, Id, Json, Owned, Row, UtcDateTime, due_index


def _listed(states: frozenset[str]) -> str:
    return ", ".join(f"'{state}'" for state in sorted(states))


_QUEUED = text("state = 'queued'")


class Post(Due, Owned, table=True):
    """One content on one channel."""

    __table_args__ = (
        due_index("post"),
        Index("ix_post_channel_published", "channel_id", "published_at"),
        Index("ix_post_channel_planned", "channel_id", "planned_at"),
        Index("ix_post_workspace_state", "workspace_id", "state", "planned_at"),
        # How long each queue lasts, and what goes out by itself, however many posts there are.
        Index(
            "ix_post_channel_queued",
            "channel_id",
            "planned_at",
            sqlite_where=_QUEUED,
            postgresql_where=_QUEUED,
        ),
        Index("ix_post_story_id", "story_id"),
        UniqueConstraint("channel_id", "remote_id"),
        # A slot holds at most one post.
        UniqueConstraint("channel_id", "slot_at"),
        # One post at most is made from an entry by a route.
        UniqueConstraint("route_id", "entry_id"),
        Index("ix_post_workspace_campaign", "workspace_id", "campaign"),
        # A row of a sheet that was imported is one post for good.
        Index("ix_post_workspace_sheet_key", "workspace_id", "sheet_key", unique=True),
        # Each cycle of an evergreen is one post.
        Index("ix_post_evergreen_cycle", "evergreen_id", "evergreen_cycle", unique=True),
        CheckConstraint(f"next_at IS NULL OR state IN ({_listed(WORKED)})", name="only_worked_are_due"),
        CheckConstraint(f"slot_at IS NULL OR state IN ({_listed(HOLDS_SLOT)})", name="slot_is_held"),
        CheckConstraint("placed_by IN ('person', 'automation')", name="placed_by"),
        CheckConstraint("state <> 'published' OR published_at IS NOT NULL", name="published_has_time"),
    )

    channel_id: int = Field(foreign_key="channel.id", sa_type=Id)
    #: Posts made from the same entry or idea share it.
    story_id: int = Field(sa_type=Id)
    route_id: int | None = Field(default=None, foreign_key="route.id", sa_type=Id)
    entry_id: int | None = Field(default=None, foreign_key="entry.id", sa_type=Id, index=True)
    #: ``native``: written on the platform itself, only measured here (`domain.post.Sender`).
    origin: str = Field(default="tabuh", max_length=16, sa_column_kwargs={"server_default": "tabuh"})
    state: str = Field(max_length=32)
    #: Why it is in this state, for people; always said for uncertain, failed and skipped.
    reason: str | None = None
    #: `domain.content.Content` as JSON.
    content: Any = Field(sa_type=Json)
    #: What people call the campaign it belongs to; NULL: none.
    campaign: str | None = Field(default=None, max_length=80)
    #: Words by which people sort posts, in order; NULL: none.
    tags: Any = Field(default=None, sa_type=Json, nullable=True)
    #: The row of a sheet it was made from; NULL: it was not imported.
    sheet_key: str | None = Field(default=None, max_length=64)
    #: The evergreen that it is a cycle of, and which one, counted from 1.
    #: No foreign key: SQLite could add one only by writing the whole table anew.
    evergreen_id: int | None = Field(default=None, sa_type=Id)
    evergreen_cycle: int | None = None
    #: Somebody asked for an approval: it is not queued without one.
    needs_approval: bool = Field(default=False, sa_column_kwargs={"server_default": false()})
    #: Set when a person edited the text: automation no longer touches it.
    edited_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    #: The hour that was meant: as an instant, and as wall time in a zone (``2026-12-01T09:00``).
    planned_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    planned_wall: str | None = Field(default=None, max_length=19)
    planned_zone: str | None = Field(default=None, max_length=64)
    placed_by: str = Field(default="automation", max_length=16)
    #: How much more than others it is worth a good slot: 0 is usual, each step doubles (-2 to 3).
    priority: int = Field(default=0, sa_column_kwargs={"server_default": "0"})
    #: Automation places it not before this, and before that; NULL: whenever.
    earliest_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    latest_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    #: The slot it holds, if it was put into one.
    slot_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    #: Tries whose request may have left this machine.
    tries: int = 0
    #: A try may have put it on the platform, and nobody has proved that it did not.
    in_doubt: bool = False
    #: Looks for an uncertain post so far.
    looks: int = 0
    #: Random, made with the post, sent with every try.
    delivery_key: str = Field(max_length=64, unique=True)
    #: Exactly what is sent; set before the first attempt and never changed after it.
    payload: Any = Field(default=None, sa_type=Json, nullable=True)
    payload_hash: str | None = Field(default=None, max_length=64)
    #: What the adapter must remember between two calls, such as a container id.
    handle: Any = Field(default=None, sa_type=Json, nullable=True)
    #: The hash that a person approved.
    approved_hash: str | None = Field(default=None, max_length=64)
    remote_id: str | None = Field(default=None, max_length=512)
    remote_url: str | None = None
    published_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    #: Why it went out later than planned; NULL: it did not.
    late_reason: str | None = None
    #: When a restored backup made it uncertain: what is not found then waits for a person.
    restored_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    #: Seen to be gone from the platform.
    deleted_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    #: When its text was seen to be another there than we sent; NULL: it was not.
    changed_there_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    created_at: datetime = Field(sa_type=UtcDateTime)
    #: NULL: made by automation.
    created_by: int | None = Field(default=None, foreign_key="person.id", sa_type=Id)


class Attempt(Row, table=True):
    """One publish call: written before it starts, completed after it."""

    __table_args__ = (Index("ix_attempt_post_id", "post_id"),)

    post_id: int = Field(foreign_key="post.id", sa_type=Id)
    claim: int = Field(sa_type=Id)
    started_at: datetime = Field(sa_type=UtcDateTime)
    finished_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    #: `domain.post.AttemptOutcome`; NULL while the call runs, and for good when its worker died.
    outcome: str | None = Field(default=None, max_length=32)
    detail: str | None = None
    remote_id: str | None = Field(default=None, max_length=512)
    remote_url: str | None = None
    payload_hash: str = Field(max_length=64)


class SlotChoice(Row, Owned, table=True):
    """Every automatic choice of a slot, with the odds it had: learning needs both."""

    __tablename__ = "slot_choice"
    __table_args__ = (CheckConstraint("propensity > 0 AND propensity <= 1", name="propensity"),)

    post_id: int = Field(foreign_key="post.id", sa_type=Id, index=True)
    channel_id: int = Field(foreign_key="channel.id", sa_type=Id)
    at: datetime = Field(sa_type=UtcDateTime)
    chosen_at: datetime = Field(sa_type=UtcDateTime)
    #: The slots that could have been taken, soonest first.
    candidates: Any = Field(default_factory=list, sa_type=Json)
    #: Chance that this rule had of choosing this slot, in (0, 1].
    propensity: float
    #: The rule and its version, such as ``next_free/1``.
    rule: str = Field(max_length=64)
    #: Why this slot (`domain.placement.Placement` as JSON); NULL: written before reasons were kept.
    why: Any = Field(default=None, sa_type=Json, nullable=True)


class PostKey(SQLModel, table=True):
    """One of the keys that texts which are nearly the same share (`domain.likeness`)."""

    __tablename__ = "post_key"
    __table_args__ = (Index("ix_post_key_post_id", "post_id"), {"sqlite_with_rowid": False})

    channel_id: int = Field(sa_type=Id, primary_key=True)
    key: int = Field(sa_type=Id, primary_key=True)
    post_id: int = Field(sa_type=Id, primary_key=True)


class Media(SQLModel, table=True):
    """A file, named by what it holds; the same bytes are kept once."""

    __table_args__ = (CheckConstraint("stored_in IN ('folder', 'database')", name="stored_in"),)

    sha256: str = Field(primary_key=True, max_length=64)
    media_type: str = Field(max_length=80)
    size: int = Field(sa_type=Id)
    width: int | None = None
    height: int | None = None
    #: Of a video, in milliseconds; NULL: a picture, or not known.
    duration_ms: int | None = None
    #: ``folder``: in the data folder, under the first two digits (SQLite, one machine);
    #: ``database``: in ``body``, where every machine can read it (PostgreSQL); of a video, in `MediaPiece`.
    stored_in: str = Field(max_length=16)
    body: bytes | None = Field(default=None, sa_type=LargeBinary)
    created_at: datetime = Field(sa_type=UtcDateTime)


class MediaPiece(SQLModel, table=True):
    """Four MiB of a video, the last one less; written before the file's own row."""

    __tablename__ = "media_piece"

    sha256: str = Field(primary_key=True, max_length=64)
    number: int = Field(primary_key=True, sa_column_kwargs={"autoincrement": False})
    body: bytes = Field(sa_type=LargeBinary)


class PostMedia(SQLModel, table=True):
    """A file on a post, in order."""

    __tablename__ = "post_media"
    __table_args__ = (Index("ix_post_media_sha256", "sha256"),)

    post_id: int = Field(foreign_key="post.id", sa_type=Id, primary_key=True)
    position: int = Field(primary_key=True, sa_column_kwargs={"autoincrement": False})
    sha256: str = Field(foreign_key="media.sha256", max_length=64)
    alt: str = ""


class WorkspaceMedia(SQLModel, table=True):
    """Which files a workspace has added: only these can go with its posts."""

    __tablename__ = "workspace_media"

    workspace_id: int = Field(foreign_key="workspace.id", sa_type=Id, primary_key=True)
    sha256: str = Field(foreign_key="media.sha256", max_length=64, primary_key=True)
    #: As it was called when it was added.
    name: str = Field(default="", max_length=200)
    added_at: datetime = Field(sa_type=UtcDateTime)
