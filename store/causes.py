"""Which single post is behind a figure."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import func, select
from sqlmodel import Session, col

from domain.metrics import Metric
from store.audiences import CLICK_METRICS, PAGE_METRICS
from store.steps import in_scope, stepped
from store.tables import Click, PageCount, Post
from store.values import PostScope


@dataclass(frozen=True, slots=True)
class TopPost:
    """The post that had most of a figure, and its share of it."""

    post_id: int
    share: float


def top_post(
    session: Session, scope: PostScope, metrics: Collection[Metric], *, start: datetime, end: datetime
) -> TopPost | None:
    """The post that had most of these metrics in [start, end); None where no post had any."""
    connection, had = session.connection(), dict[int, float]()
    steps = stepped(scope, metrics, start, end)
    query = select(steps.c.post_id, func.sum(steps.c.step)).where(steps.c.read_at >= start)
    for post_id, value in connection.execute(query.group_by(steps.c.post_id)):
        had[post_id] = had.get(post_id, 0.0) + float(value)
    audiences = sorted(audience for audience, metric in CLICK_METRICS.items() if metric in metrics)
    clicks = (
        select(col(Click.post_id), func.count())
        .join(Post, col(Post.id) == col(Click.post_id))
        .where(col(Click.audience).in_(audiences), col(Click.at) >= start, col(Click.at) < end)
        .where(*in_scope(scope))
        .group_by(col(Click.post_id))
    )
    shown = (
        select(
            col(PageCount.post_id), col(PageCount.kind), col(PageCount.audience), func.sum(PageCount.shown)
        )
        .where(col(PageCount.channel_id).in_(sorted(scope.local_ids)))
        .where(col(PageCount.hour) >= start, col(PageCount.hour) < end)
        .group_by(col(PageCount.post_id), col(PageCount.kind), col(PageCount.audience))
    )
    for post_id, value in connection.execute(clicks) if audiences else ():
        assert post_id is not None, "asked for by post"
        had[post_id] = had.get(post_id, 0.0) + float(value)
    for post_id, kind, audience, value in connection.execute(shown) if scope.local_ids else ():
        if PAGE_METRICS.get((kind, audience)) in metrics:
            had[post_id] = had.get(post_id, 0.0) + float(value)
    total = sum(had.values())
    had.pop(0, None)  # the page itself
    if not had or total <= 0:
        return None
    post_id = max(had, key=lambda one: had[one])
    return TopPost(post_id, had[post_id] / total)


def published(session: Session, scope: PostScope, *, start: datetime, end: datetime) -> int:
    """How many posts of a scope went out in [start, end)."""
    query = select(func.count()).where(
        *in_scope(scope), col(Post.published_at) >= start, col(Post.published_at) < end
    )
    return int(session.connection().execute(query).scalar_one())
