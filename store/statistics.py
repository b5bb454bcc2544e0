"""Published posts for the statistics pages: lists by any figure, and the posts to compare one with."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, and_, func, or_, select
from sqlmodel import Session, col

from domain.definition import Definition
from domain.post import PostState
from domain.post_columns import BY_TIME
from store.post_filters import order_of
from store.tables import ChannelRow, Post
from store.values import PostScope, in_scope, post_values, value_of

#: By what a row was sorted.
Value = datetime | float | str | None
#: Place in a sorted list: the sort value of the last row that was shown, and its id.
Place = tuple[Value, int]


@dataclass(frozen=True, slots=True)
class Listed:
    """A row of a list, and by what it was sorted."""

    post_id: int
    value: Value

    @property
    def place(self) -> Place:
        """Where the next page goes on."""
        return self.value, self.post_id


@dataclass(frozen=True, slots=True)
class Page:
    """Which part of a sorted list is wanted."""

    limit: int
    descending: bool = True
    #: Go on behind this row.
    after: Place | None = None


@dataclass(frozen=True, slots=True)
class Which:
    """Which published posts a list is about."""

    scope: PostScope
    #: Published in [start, end).
    start: datetime | None
    end: datetime
    #: More conditions on `Post`.
    where: Sequence[ColumnElement[bool]] = ()

    @property
    def within(self) -> Sequence[ColumnElement[bool]]:
        """The conditions beside the scope."""
        started = [] if self.start is None else [col(Post.published_at) >= self.start]
        return [*started, col(Post.published_at) < self.end, *self.where]


def by_column(session: Session, which: Which, page: Page, *, key: str = BY_TIME) -> list[Listed]:
    """Published posts sorted by when they went out, or by another column but a figure; see `order_of`."""
    value, looked_up = order_of(session, key)
    query = select(col(Post.id), value)
    for table, condition in looked_up:
        query = query.outerjoin(table, condition)
    query = query.where(*in_scope(which.scope), *which.within)
    return _listed(session, query, page, value=value, post_id=col(Post.id))


def by_figure(
    session: Session, which: Which, definition: Definition, page: Page, *, before: datetime
) -> list[Listed]:
    """Published posts sorted by a metric or rate as it stood ``before``; those without it come last."""
    values = post_values(definition, which.scope, before=before, within=which.within)
    figures = select(values.c.id, value_of(values, definition).label("figure")).subquery()
    query = select(figures.c.id, figures.c.figure)
    return _listed(session, query, page, value=figures.c.figure, post_id=figures.c.id)


def how_many(session: Session, which: Which) -> int:
    """How many posts these are."""
    query = select(func.count()).select_from(Post).where(*in_scope(which.scope), *which.within)
    return session.connection().execute(query).scalar_one()


def _listed(session: Session, query: Any, page: Page, *, value: Any, post_id: Any) -> list[Listed]:
    if page.after is not None:
        query = query.where(_beyond(value, post_id, page.after, descending=page.descending))
    order = (value.desc(), post_id.desc()) if page.descending else (value.asc(), post_id.asc())
    query = query.order_by(value.is_(None), *order).limit(page.limit)
    return [Listed(found, figure) for found, figure in session.connection().execute(query)]


def _beyond(value: Any, post_id: Any, after: Place, *, descending: bool) -> ColumnElement[bool]:
    last, last_id = after
    same_but_later = post_id < last_id if descending else post_id > last_id
    if last is None:
        return and_(value.is_(None), same_but_later)
    later = value < last if descending else value > last
    return or_(later, and_(value == last, same_but_later), value.is_(None))


def with_channels(session: Session, post_ids: Collection[int]) -> dict[int, tuple[Post, ChannelRow]]:
    """These posts with their channels."""
    query = (
        select(Post, ChannelRow)
        .join(ChannelRow, col(ChannelRow.id) == col(Post.channel_id))
        .where(col(Post.id).in_(list(post_ids)))
    )
    return {post.id: (post, channel) for post, channel in session.execute(query)}


def neighbours(session: Session, post: Post, *, each_side: int) -> dict[int, datetime]:
    """Published posts of the same channel around a post, with when they went out; itself left out."""
    assert post.published_at is not None
    published = col(Post.published_at)
    others = (
        col(Post.channel_id) == post.channel_id,
        col(Post.state) == PostState.PUBLISHED,
        col(Post.id) != post.id,
    )
    query = select(col(Post.id), published).where(*others)
    before = query.where(published <= post.published_at).order_by(published.desc()).limit(each_side)
    after = query.where(published > post.published_at).order_by(published).limit(each_side)
    found: dict[int, datetime] = {}
    for side in (before, after):
        found.update({post_id: at for post_id, at in session.connection().execute(side) if at is not None})
    return found


def siblings(session: Session, post: Post) -> Sequence[int]:
    """The other posts of the same story in this workspace, oldest first."""
    query = (
        select(col(Post.id))
        .where(
            col(Post.story_id) == post.story_id,
            col(Post.workspace_id) == post.workspace_id,
            col(Post.id) != post.id,
        )
        .order_by(col(Post.id))
    )
    return session.connection().execute(query).scalars().all()
