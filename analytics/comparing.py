"""Published posts beside each other, as they stood at equal age."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from sqlmodel import Session

from analytics.figures import Facts, figures_of, gather
from analytics.usual import Point, curves
from domain.definition import Supplies
from domain.errors import UsageError
from domain.figure import Figure
from store import posts
from store.tables import ChannelRow, Post

#: How many posts are compared at once.
FEWEST, MOST = 2, 6


@dataclass(frozen=True, slots=True)
class Compared:
    """One of the posts."""

    post: Post
    channel: ChannelRow
    #: As it stood at the common age; without one, as it stands now.
    figures: Mapping[str, Figure]
    #: Readings by age for each count that has any, by key.
    curves: Mapping[str, Sequence[Point]]


@dataclass(frozen=True, slots=True)
class Comparison:
    """Posts beside each other."""

    posts: Sequence[Compared]
    #: The oldest age at which all were read in time; None: there is none.
    age: timedelta | None


def compare(
    session: Session, workspace_id: int, post_ids: Sequence[int], *, supplies: Supplies, now: datetime
) -> Comparison:
    """These posts in this order, each named once.

    Raises:
        NotFound: one is not in this workspace.
        UsageError: there are too few or too many, or one is not published.
    """
    wanted = list(dict.fromkeys(post_ids))
    if not FEWEST <= len(wanted) <= MOST:
        raise UsageError(f"Choose {FEWEST} to {MOST} posts to compare.")
    for post_id in wanted:
        if posts.get(session, workspace_id, post_id).published_at is None:
            raise UsageError(f"Post {post_id} is not published, so it has no statistics yet.")
    facts = gather(session, wanted, before=now + timedelta(microseconds=1))
    grown = {one: curves(facts[one].readings, published_at=_out(facts[one])) for one in wanted}
    age = _common_age(list(grown.values()))
    return Comparison(
        [_compared(session, facts[one], grown[one], age, supplies, now=now) for one in wanted], age
    )


def _out(facts: Facts) -> datetime:
    assert facts.post.published_at is not None
    return facts.post.published_at


def _common_age(grown: Sequence[Mapping[str, Sequence[Point]]]) -> timedelta | None:
    ages = [{point.checkpoint for points in one.values() for point in points if not point.late}
            for one in grown]  # fmt: skip
    return max(set.intersection(*ages), default=None)


def _compared(
    session: Session,
    facts: Facts,
    grown: Mapping[str, Sequence[Point]],
    age: timedelta | None,
    supplies: Supplies,
    *,
    now: datetime,
) -> Compared:
    if age is not None:  # readings of that age, and what was counted here up to it
        now = _out(facts) + age
        own = gather(session, [facts.post.id], before=now)[facts.post.id]
        seconds = int(age.total_seconds())
        facts = replace(own, readings=[one for one in own.readings if one.checkpoint == seconds])
    return Compared(facts.post, facts.channel, figures_of(facts, supplies, now=now), grown)
