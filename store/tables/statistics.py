"""What people keep beside the statistics: views of the list of posts, what each is used to, and notes."""

from datetime import datetime
from typing import Any

from sqlalchemy import Index, UniqueConstraint
from sqlmodel import Field, SQLModel

from store.tables.base import Id, Json, Owned, Row, UtcDateTime


class StatisticsView(Row, Owned, table=True):
    """Filters, columns and order of the list of published posts, under a name."""

    __tablename__ = "statistics_view"
    __table_args__ = (UniqueConstraint("workspace_id", "whose", "name"),)

    name: str = Field(max_length=80)
    #: The person whose it is; 0: everybody's in the workspace.
    whose: int = Field(default=0, sa_type=Id)
    #: `domain.post_view.PostView` as JSON.
    shows: Any = Field(default_factory=dict, sa_type=Json)
    made_by: int | None = Field(default=None, foreign_key="person.id", sa_type=Id)
    created_at: datetime = Field(sa_type=UtcDateTime)


class StatisticsHabit(SQLModel, table=True):
    """How one person's list of published posts begins."""

    __tablename__ = "statistics_habit"

    workspace_id: int = Field(foreign_key="workspace.id", sa_type=Id, primary_key=True)
    person_id: int = Field(foreign_key="person.id", sa_type=Id, primary_key=True)
    #: The columns chosen last; NULL: none were.
    columns: Any = Field(default=None, sa_type=Json, nullable=True)
    #: The view that is shown first; NULL: all posts.
    view_id: int | None = Field(default=None, foreign_key="statistics_view.id", sa_type=Id)


class PostNote(Row, Owned, table=True):
    """What a person noted on a post."""

    __tablename__ = "post_note"
    __table_args__ = (Index("ix_post_note_post_id", "post_id"),)

    post_id: int = Field(foreign_key="post.id", sa_type=Id)
    person_id: int | None = Field(default=None, foreign_key="person.id", sa_type=Id)
    at: datetime = Field(sa_type=UtcDateTime)
    text: str
