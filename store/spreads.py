"""How the posts of a scope differ in a figure: what means, their intervals and the largest are made of."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import func, select
from sqlmodel import Session, col

from domain.definition import Definition
from store.tables import Post
from store.values import PostScope, post_values, value_of


@dataclass(frozen=True, slots=True)
class Spread:
    """The values of one channel's posts, summed up; posts without a value are only in ``in_scope``."""

    posts: int
    in_scope: int
    total: float
    #: Of the squares.
    squares: float
    largest: float | None
    oldest: datetime | None
    newest: datetime | None


def spreads(
    session: Session,
    scope: PostScope,
    definition: Definition,
    *,
    start: datetime,
    end: datetime,
    before: datetime,
) -> dict[int, Spread]:
    """By channel: the figure of each post published in [start, end), as it stood ``before`` an instant."""
    within = (col(Post.published_at) >= start, col(Post.published_at) < end)
    values = post_values(definition, scope, before=before, within=within)
    each = select(
        values.c.channel_id, values.c.read_at, value_of(values, definition).label("figure")
    ).subquery()
    there = each.c.figure.is_not(None)
    query = select(
        each.c.channel_id,
        func.count(each.c.figure),
        func.count(),
        func.coalesce(func.sum(each.c.figure), 0.0),
        func.coalesce(func.sum(each.c.figure * each.c.figure), 0.0),
        func.max(each.c.figure),
        func.min(each.c.read_at).filter(there),
        func.max(each.c.read_at).filter(there),
    ).group_by(each.c.channel_id)
    found = session.connection().execute(query)
    return {
        channel_id: Spread(posts, number, float(total), float(squares), largest, oldest, newest)
        for channel_id, posts, number, total, squares, largest, oldest, newest in found
    }
