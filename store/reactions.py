"""Questions and changes about when reactions came: as platforms date them, and our own clicks and views."""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy import func
from sqlmodel import Session, col, select

from domain.ids import new_id
from domain.metrics import Audience, Metric
from store.tables import Click, DatedReaction, PageCount, Post
from store.upsert import insert_or_leave

#: Reactions of one post that are kept; a post that ran wild says no more than these.
MOST_OF_A_POST = 1000


@dataclass(frozen=True, slots=True)
class Dated:
    """One reaction as it is kept."""

    kind: Metric
    at: datetime
    key: str


def add(session: Session, post_id: int, found: Iterable[Dated]) -> int:
    """Keep reactions that are not known yet, as far as there is room for them; how many were new."""
    room = MOST_OF_A_POST - _count(session, post_id)
    rows = [
        {"id": new_id(), "post_id": post_id, "kind": one.kind, "at": one.at, "key": one.key}
        for one in sorted(found, key=lambda one: one.at)
    ]
    return insert_or_leave(session, DatedReaction, rows[: max(room, 0)])


def _count(session: Session, post_id: int) -> int:
    return session.scalar(select(func.count()).where(col(DatedReaction.post_id) == post_id)) or 0


def last_of(session: Session, post_id: int) -> datetime | None:
    """When the latest reaction of a post that is kept came; None: none is."""
    latest: datetime | None = session.scalar(
        select(col(DatedReaction.at))
        .where(col(DatedReaction.post_id) == post_id)
        .order_by(col(DatedReaction.at).desc())
        .limit(1)
    )
    return latest


def instants(
    session: Session, channel_id: int, metric: str, *, since: datetime
) -> Mapping[int, list[tuple[datetime, int]]]:
    """When a channel's posts earned what is counted: post → (instant, how many).

    Args:
        metric: ``engagement``, as the platform dates it; ``clicks`` of people on our links, each with its
            time; or ``views`` by people of the pages that we serve, by the hour.
        since: posts published before are left out.
    """
    queries = {
        "engagement": sa.select(col(DatedReaction.post_id), col(DatedReaction.at), sa.literal(1)).join(
            Post, col(Post.id) == col(DatedReaction.post_id)
        ),
        Metric.CLICKS: sa.select(col(Click.post_id), col(Click.at), sa.literal(1))
        .join(Post, col(Post.id) == col(Click.post_id))
        .where(col(Click.audience) == Audience.HUMAN),
        Metric.VIEWS: sa.select(col(PageCount.post_id), col(PageCount.hour), col(PageCount.shown))
        .join(Post, col(Post.id) == col(PageCount.post_id))
        .where(col(PageCount.audience) == Audience.HUMAN, col(PageCount.kind) == Metric.VIEWS),
    }
    query = queries[metric].where(col(Post.channel_id) == channel_id, col(Post.published_at) >= since)
    found: dict[int, list[tuple[datetime, int]]] = defaultdict(list)
    for post_id, at, number in session.connection().execute(query):
        assert post_id is not None
        found[post_id].append((at, number))
    return found
