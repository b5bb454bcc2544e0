"""Rates of posts by the day on which they went out, one day after: what posts of each day had at equal age.

Rates for each post, for each follower, and means of the posts' own rates: what happens on a day has no
denominator for them, the posts of a day have.
"""

from collections.abc import Sequence
from datetime import date, datetime, timedelta
from typing import Final
from zoneinfo import ZoneInfo

import numpy as np
from sqlmodel import Session

from analytics.alarms.scales import Numbers
from domain.definition import FOLLOWERS, POSTS, Definition, Shape, Subject
from domain.equal_age import latest
from store.aged import Aged, at_age
from store.values import PostScope

#: The age at which posts are compared; one of the checkpoints.
AGE: Final = timedelta(days=1)


def is_of_posts(entry: Definition) -> bool:
    """Whether a figure can be judged by the days on which posts went out."""
    if entry.subject is not Subject.POSTS:
        return False
    if entry.shape is Shape.RATE:
        return entry.denominator in (POSTS, FOLLOWERS)
    return entry.shape is Shape.MEAN


def by_day(
    session: Session, scope: PostScope, entry: Definition, days: Sequence[date], where: ZoneInfo
) -> tuple[Numbers, Numbers, float]:
    """Numerators and denominators of posts by their day (days, 1), and what one post has of the denominator.

    Posts that were not read in time at that age are in neither.

    Args:
        days: in a row; the posts of the last one must be older than `AGE`.
    """
    after = days[-1] + timedelta(days=1)
    start, end = (datetime(one.year, one.month, one.day, tzinfo=where) for one in (days[0], after))
    needs_followers = entry.denominator == FOLLOWERS
    posts = at_age(
        session, scope, entry.read, age=AGE, start=start, end=end, followers=needs_followers
    )  # fmt: skip
    above, below, number = (np.zeros((len(days), 1)) for _ in range(3))
    for post in posts:
        parts = _parts(post, entry)
        if parts is not None:
            place = (post.published_at.astimezone(where).date() - days[0]).days
            above[place, 0] += parts[0]
            below[place, 0] += parts[1]
            number[place, 0] += 1
    return above, below, float(below.sum() / number.sum()) if number.any() else 1.0


def _parts(post: Aged, entry: Definition) -> tuple[float, float] | None:
    """Numerator and denominator of one post; None: one of them is not known, or the latter is 0."""
    if any(metric not in post.counts for metric in entry.read):
        return None
    if any(at - post.published_at > latest(AGE) for at in post.read_at):
        return None
    total = float(sum(post.counts[metric] for metric in entry.numerator))
    below = post.followers if entry.denominator == FOLLOWERS else 1
    if entry.read_denominator is not None:
        below = post.counts[entry.read_denominator]
    if not below:
        return None
    return (total / below, 1.0) if entry.shape is Shape.MEAN else (total, float(below))
