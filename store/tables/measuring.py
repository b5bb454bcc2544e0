"""Measurements and readings, links and clicks, views of our own pages, and KPIs."""

from datetime import date, datetime
from typing import Any

from sqlalchemy import CheckConstraint, Date, Index, UniqueConstraint, text
from sqlmodel import Field, SQLModel

from store.tables.base import Due, Id, Json, Owned, Row, UtcDateTime, due_index


class Measurement(Due, Owned, table=True):
    """The reading of one remote post's metrics, from checkpoint to checkpoint."""

    __table_args__ = (due_index("measurement"),)

    post_id: int = Field(foreign_key="post.id", sa_type=Id, unique=True)
    channel_id: int = Field(foreign_key="channel.id", sa_type=Id, index=True)
    published_at: datetime = Field(sa_type=UtcDateTime)
    #: Reads in a row that failed, and what the last one said.
    failures: int = 0
    last_error: str | None = None
    last_read_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    #: Metrics that the platform gives and had not counted at the last look; NULL: none.
    not_yet: Any = Field(default=None, sa_type=Json, nullable=True)
    #: Ages in seconds at which a budget or a cap did not allow to read it; NULL: none.
    thinned: Any = Field(default=None, sa_type=Json, nullable=True)


class Reading(Row, table=True):
    """One metric of one remote post at one checkpoint, cumulative; never changed."""

    __table_args__ = (
        UniqueConstraint("post_id", "metric", "checkpoint"),
        Index("ix_reading_metric_read", "metric", "read_at"),
    )

    post_id: int = Field(foreign_key="post.id", sa_type=Id)
    metric: str = Field(max_length=32)
    #: Age that was due, seconds since publishing.
    checkpoint: int
    #: When it was really read; its age then may be larger than the checkpoint.
    read_at: datetime = Field(sa_type=UtcDateTime)
    value: int = Field(sa_type=Id)
    #: The platform's own field, or ``tabuh`` for our links and pages.
    source: str = Field(max_length=80)


class DatedReaction(Row, table=True):
    """One reaction, reply or share of a remote post, and when it came; who it was from is not stored."""

    __tablename__ = "dated_reaction"
    __table_args__ = (UniqueConstraint("post_id", "key"),)

    post_id: int = Field(foreign_key="post.id", sa_type=Id)
    #: ``reactions``, ``replies`` or ``shares``.
    kind: str = Field(max_length=16)
    at: datetime = Field(sa_type=UtcDateTime)
    #: A keyed hash: the same for the same reaction of this post, and nothing beyond it.
    key: str = Field(max_length=32)


class Link(Row, Owned, table=True):
    """Our short link to a target. A row stays for good: its code never leads to anything else."""

    __table_args__ = (Index("ix_link_looks", "looks", unique=True),)

    code: str = Field(max_length=32, unique=True)
    target: str
    post_id: int | None = Field(default=None, foreign_key="post.id", sa_type=Id, index=True)
    created_at: datetime = Field(sa_type=UtcDateTime)
    #: Of a code that a person chose: the code as the eye takes it, so that none looks like another.
    #: NULL: the code was drawn at random.
    looks: str | None = Field(default=None, max_length=32)
    #: What people here call it.
    note: str | None = Field(default=None, max_length=200)
    #: When it was taken away: it leads nowhere since.
    removed_at: datetime | None = Field(default=None, sa_type=UtcDateTime)


class Click(Row, table=True):
    """One request for a link; no address and no person is stored."""

    __table_args__ = (
        Index("ix_click_post_at", "post_id", "at"),
        Index("ix_click_link_at", "link_id", "at"),
        Index("ix_click_at", "at"),
        Index(
            "ix_click_key",
            "key",
            unique=True,
            sqlite_where=text("key IS NOT NULL"),
            postgresql_where=text("key IS NOT NULL"),
        ),
        CheckConstraint("audience IN ('human', 'bot', 'unknown')", name="audience"),
    )

    link_id: int = Field(foreign_key="link.id", sa_type=Id)
    post_id: int | None = Field(default=None, foreign_key="post.id", sa_type=Id)
    at: datetime = Field(sa_type=UtcDateTime)
    audience: str = Field(max_length=8)
    #: Host of the page it came from, without path.
    referrer: str | None = Field(default=None, max_length=253)
    #: Why it has this audience, a key of `domain.audience.REASONS`; NULL: not kept yet.
    why: str | None = Field(default=None, max_length=16)
    #: Random; goes to the target as ``tb=`` where that is a site of the workspace. NULL: it did not go.
    key: str | None = Field(default=None, max_length=32)
    #: The same for one address and agent in one workspace on one day, and for nothing else; NULL: not made.
    day_hash: str | None = Field(default=None, max_length=32)
    #: ISO 3166-1 code; NULL: not told.
    country: str | None = Field(default=None, max_length=2)


class ChangedText(SQLModel, table=True):
    """How a published post reads on its platform, where that was seen to be another text than was sent."""

    __tablename__ = "changed_text"

    post_id: int = Field(
        foreign_key="post.id", sa_type=Id, primary_key=True, sa_column_kwargs={"autoincrement": False}
    )
    #: When it was read last.
    read_at: datetime = Field(sa_type=UtcDateTime)
    #: Both as people read them, without markup.
    sent: str
    there: str


class PageCount(SQLModel, table=True):
    """How often a page channel's page or one of its posts was shown in one hour."""

    __tablename__ = "page_count"
    __table_args__ = (
        Index("ix_page_count_post", "post_id", "hour"),
        CheckConstraint("audience IN ('human', 'bot', 'unknown')", name="audience"),
        CheckConstraint("kind IN ('impressions', 'views', 'visits')", name="kind"),
    )

    channel_id: int = Field(foreign_key="channel.id", sa_type=Id, primary_key=True)
    #: 0: the page itself, not one of its posts.
    post_id: int = Field(sa_type=Id, primary_key=True)
    #: Start of the hour, UTC.
    hour: datetime = Field(sa_type=UtcDateTime, primary_key=True)
    kind: str = Field(primary_key=True, max_length=16)
    audience: str = Field(primary_key=True, max_length=8)
    shown: int = 0


class Kpi(Due, Owned, table=True):
    """A metric or rate over a scope and period, with a target."""

    __table_args__ = (
        due_index("kpi"),
        UniqueConstraint("workspace_id", "name"),
        CheckConstraint("target_kind IN ('absolute', 'relative')", name="target_kind"),
        CheckConstraint("period IN ('once', 'day', 'week', 'month', 'quarter')", name="period"),
        CheckConstraint("direction IN ('up', 'down')", name="direction"),
    )

    name: str = Field(max_length=120)
    #: A metric or rate of the catalogue, and the version of its formula.
    metric: str = Field(max_length=32)
    formula_version: int = 1
    #: ``{}`` is the whole workspace; else ``channel_id``, ``route_id`` or ``feed_id``.
    scope: Any = Field(default_factory=dict, sa_type=Json)
    #: ``absolute``: reach ``target``; ``relative``: change the baseline by ``target`` percent.
    target_kind: str = Field(default="absolute", max_length=16)
    target: float
    baseline: float | None = None
    baseline_from: date | None = Field(default=None, sa_type=Date)
    baseline_to: date | None = Field(default=None, sa_type=Date)
    #: ``once`` from start to deadline, or again each day, week, month or quarter until then.
    period: str = Field(default="once", max_length=8)
    direction: str = Field(default="up", max_length=8)
    starts_on: date = Field(sa_type=Date)
    #: Last day that counts; NULL: a recurring target without end.
    deadline: date | None = Field(default=None, sa_type=Date)
    zone: str = Field(default="UTC", max_length=64)
    owner_id: int | None = Field(default=None, foreign_key="person.id", sa_type=Id)
    why: str = ""
    created_at: datetime = Field(sa_type=UtcDateTime)
    closed_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    #: Key of a business goal, and the goal in the person's own words.
    goal: str = Field(default="", max_length=16, sa_column_kwargs={"server_default": text("''")})
    goal_words: str = Field(default="", sa_column_kwargs={"server_default": text("''")})
    #: Whom it is about.
    audience: str = Field(default="", sa_column_kwargs={"server_default": text("''")})
    #: Where a baseline that was typed comes from.
    baseline_source: str = Field(default="", sa_column_kwargs={"server_default": text("''")})
    #: How often its owner looks at it: ``daily``, ``weekly``, ``monthly``, ``quarterly``; empty: not said.
    cadence: str = Field(default="", max_length=16, sa_column_kwargs={"server_default": text("''")})
    #: When somebody is told: ``off``, ``at_risk``, ``off_track``, ``reached`` or ``every_change``.
    alert_rule: str = Field(
        default="at_risk", max_length=16, sa_column_kwargs={"server_default": text("'at_risk'")}
    )
    #: Checks that warned when it was saved, as (check, what was said in English); NULL: none.
    warned: Any = Field(default=None, sa_type=Json, nullable=True)
    #: Raised by each change of what is asked for.
    version: int = Field(default=1, sa_column_kwargs={"server_default": text("1")})


class KpiReading(Row, table=True):
    """What a KPI stood at when it was evaluated; never changed."""

    __tablename__ = "kpi_reading"
    __table_args__ = (Index("ix_kpi_reading_series", "kpi_id", "at"),)

    kpi_id: int = Field(foreign_key="kpi.id", sa_type=Id)
    at: datetime = Field(sa_type=UtcDateTime)
    period_start: date = Field(sa_type=Date)
    #: NULL: the figure is not supplied or undefined.
    actual: float | None = None
    expected: float | None = None
    #: At the end of the period: the middle and the 80 % interval; NULL: not enough data.
    forecast: float | None = None
    forecast_low: float | None = None
    forecast_high: float | None = None
    #: Probability of reaching the target; NULL: not enough data.
    chance: float | None = None
    status: str = Field(max_length=16)
    #: Posts measured of posts in scope.
    measured: int = 0
    in_scope: int = 0
    #: Of the KPI, when it was evaluated; NULL: before versions were kept.
    version: int | None = None
