"""How many people posts reached as their platforms told it, and who of them came to convert."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, and_, func, select
from sqlmodel import Session, col

from domain.metrics import Audience, Metric
from store.answers import remembered
from store.site_figures import Of, within
from store.tables import Click, Conversion, Post, Reading

_HUMAN = str(Audience.HUMAN)


@dataclass(frozen=True, slots=True)
class Reached:
    """The posts of a stretch of time whose reach was told."""

    posts: int
    #: Their reach together: somebody whom two reached is counted twice.
    people: int
    #: Different people who clicked on them and converted within the window; told apart for one day.
    converting: int


@remembered
def reached(session: Session, of: Of, *, start: datetime, end: datetime, window: timedelta) -> Reached:
    """Of posts published in [start, end): reach as it was read last before the end, and who converted."""
    newest = (
        select(col(Reading.post_id), func.max(col(Reading.checkpoint)).label("checkpoint"))
        .join(Post, col(Post.id) == col(Reading.post_id))
        .where(
            *_published(of), col(Post.published_at) >= start, col(Post.published_at) < end,
            col(Reading.metric) == Metric.REACH, col(Reading.read_at) < end,
        )
        .group_by(col(Reading.post_id))
        .subquery()
    )  # fmt: skip
    of_newest = and_(
        col(Reading.post_id) == newest.c.post_id,
        col(Reading.checkpoint) == newest.c.checkpoint,
        col(Reading.metric) == Metric.REACH,
    )
    sums = select(func.count(), func.coalesce(func.sum(col(Reading.value)), 0)).select_from(Reading)
    posts, people = session.connection().execute(sums.join(newest, of_newest)).one()
    clicked = (
        select(col(Click.post_id), col(Click.day_hash), col(Click.id), col(Click.at), col(Conversion.at))
        .join(Conversion, col(Conversion.click_id) == col(Click.id))
        .join(newest, newest.c.post_id == col(Click.post_id))
        .where(
            col(Click.audience) == _HUMAN, col(Conversion.is_key).is_(True),
            col(Conversion.refund_of).is_(None), col(Conversion.audience) == _HUMAN,
            col(Conversion.at) < end,
        )
    )  # fmt: skip
    rows = session.connection().execute(clicked).all()
    converting = {(post, hashed or number) for post, hashed, number, at, done in rows if done - at <= window}
    return Reached(int(posts), int(people), len(converting))


def _published(of: Of) -> list[ColumnElement[bool]]:
    return [
        col(Post.workspace_id) == of.workspace_id,
        *within(of, col(Post.channel_id), col(Post.route_id), col(Post.id)),
    ]


@remembered
def has_reach(session: Session, of: Of) -> bool:
    """Whether a platform ever told the reach of a post."""
    query = (
        select(col(Reading.post_id))
        .join(Post, col(Post.id) == col(Reading.post_id))
        .where(*_published(of), col(Reading.metric) == Metric.REACH)
        .limit(1)
    )
    return session.connection().execute(query).first() is not None
