"""Experiments and the posts of their arms."""

from datetime import datetime
from typing import Any

from sqlalchemy import CheckConstraint, Index, UniqueConstraint, false
from sqlmodel import Field, SQLModel

from store.tables.base import Due, Id, Json, Owned, UtcDateTime, due_index


class Experiment(Due, Owned, table=True):
    """A planned comparison: what is asked, which figure decides, and what came of it."""

    __table_args__ = (
        due_index("experiment"),
        UniqueConstraint("workspace_id", "name"),
        CheckConstraint("state IN ('running', 'ended', 'stopped')", name="state"),
        CheckConstraint("method IN ('always', 'fixed')", name="method"),
    )

    name: str = Field(max_length=80)
    #: What is to be found out, in the words of whoever asks; may be empty.
    question: str = Field(default="", max_length=500)
    #: Key of the figure that decides (`domain.catalogue`).
    metric: str = Field(max_length=40)
    #: Age in seconds at which all posts are judged, a checkpoint.
    checkpoint: int
    #: Names of the arms in order; the others are compared with the first.
    arms: Any = Field(sa_type=Json)
    #: Channels it concerns; empty: all.
    channel_ids: Any = Field(default_factory=list, sa_type=Json)
    #: ``always`` or ``fixed`` (`domain.experiment.Method`).
    method: str = Field(max_length=16)
    #: The smallest effect that is looked for, in percent.
    effect: float
    #: Measured posts of each arm at which it ends; NULL: it ends on a day.
    size: int | None = None
    #: When it ends at the latest; NULL: at its size.
    ends_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    #: ``running``, ``ended`` or ``stopped``.
    state: str = Field(default="running", max_length=16)
    started_at: datetime = Field(sa_type=UtcDateTime)
    ended_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    #: ``size``, ``date`` or ``person``; NULL: it runs.
    ended_by: str | None = Field(default=None, max_length=16)
    #: What a person said when it was ended or stopped.
    reason: str = Field(default="", max_length=500)
    #: `analytics.trials.Result` as JSON, frozen when it ended; NULL: it runs.
    result: Any = Field(default=None, sa_type=Json, nullable=True)
    #: NULL: made by automation.
    created_by: int | None = Field(default=None, foreign_key="person.id", sa_type=Id)


class ExperimentPost(SQLModel, table=True):
    """That a post belongs to an arm: to one of one experiment at most."""

    __tablename__ = "experiment_post"
    __table_args__ = (
        Index("ix_experiment_post_experiment_id", "experiment_id", "post_id"),
        CheckConstraint("arm BETWEEN 1 AND 4", name="arm"),
    )

    post_id: int = Field(foreign_key="post.id", sa_type=Id, primary_key=True)
    experiment_id: int = Field(foreign_key="experiment.id", sa_type=Id)
    #: From 1.
    arm: int
    added_at: datetime = Field(sa_type=UtcDateTime)
    #: Its figures were known already, so that it may have been chosen by them.
    known: bool = Field(default=False, sa_column_kwargs={"server_default": false()})
    #: When its hour was drawn by lot; NULL: somebody chose it.
    drawn_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
