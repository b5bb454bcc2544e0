"""How posts stand at equal age: what arrays tell is what a comparison post by post tells."""

from collections.abc import Sequence
from datetime import timedelta
from random import Random

import numpy as np
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import Engine
from sqlmodel import Session, select

from domain.catalogue import CATALOGUE
from domain.equal_age import ANCHORS, COMPARED, ENOUGH, latest
from domain.metrics import CHECKPOINTS
from store import equal_age
from store.series import Noted
from store.tables import ChannelRow, Post, Reading
from tests.measured import M, Measured
from tests.world import NOON, emptied

HOUR = timedelta(hours=1)
AGES = (HOUR, 6 * HOUR, 24 * HOUR)
_FEW = settings(max_examples=3, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])


def grown(session: Session, rng: Random) -> tuple[ChannelRow, list[Post]]:
    """A channel with some posts that went out together, some that are gone, and readings late and early."""
    world = Measured(session)
    channel, stranger = world.channel(), world.channel()
    posts = []
    for _ in range(rng.choice([5, 30, 270])):
        post = world.post(channel, NOON - rng.randrange(200, 500) * HOUR)
        post.deleted_at = NOON if rng.random() < 0.1 else None
        posts.append(post)
        world.engaged(world.post(stranger, NOON - 300 * HOUR), HOUR, 10**6)
    session.flush()
    look(session, rng, [(post, age) for post in posts for age in AGES if rng.random() < 0.6])
    return channel, posts


def look(session: Session, rng: Random, asked: Sequence[tuple[Post, timedelta]]) -> None:
    """Readings of posts at ages that have none."""
    for post, age in asked:
        assert post.published_at is not None
        metrics = (M.REACTIONS, M.REPLIES, M.SHARES) if rng.random() < 0.7 else (M.VIEWS, M.REACTIONS)
        at = post.published_at + age * rng.choice([1, 1, 1, 3])
        session.add_all(
            Reading(
                post_id=post.id, metric=metric, checkpoint=int(age.total_seconds()), read_at=at,
                value=rng.randrange(8), source="field",
            )
            for metric in metrics
        )  # fmt: skip
    session.flush()


def naive(posts: Sequence[Post], readings: Sequence[Noted]) -> dict[int, float | None]:
    """How each post stands, one after the other."""
    had = {(one.post_id, one.metric, one.checkpoint): one for one in readings}
    order = sorted(posts, key=lambda post: (post.published_at or NOON, post.id))
    return {post.id: _of(post, order, had) for post in posts}


def _of(post: Post, order: Sequence[Post], had: dict[tuple[int, str, int], Noted]) -> float | None:
    def count(other: Post, key: str, age: timedelta) -> int | None:
        own = [had.get((other.id, metric, int(age.total_seconds()))) for metric in CATALOGUE[key].numerator]
        assert other.published_at is not None
        total = 0
        for one in own:
            if one is None or one.read_at - other.published_at > latest(age):
                return None
            total += one.value
        return total

    assert post.published_at is not None
    others = [one for one in order if one is not post and one.deleted_at is None]
    before = [one for one in others if (one.published_at or NOON) <= post.published_at]
    after = [one for one in others if (one.published_at or NOON) >= post.published_at]
    beside = {one.id: one for one in [*before[-COMPARED:], *after[:COMPARED]]}.values()
    if len(beside) < ENOUGH:
        return None
    for key in ANCHORS:
        for age in reversed(CHECKPOINTS):
            value = count(post, key, age)
            known = [one for one in (count(other, key, age) for other in beside) if one is not None]
            if value is not None and len(known) >= ENOUGH:
                below = sum(one < value for one in known) + sum(one == value for one in known) / 2
                return 100 * below / len(known)
    return None


def _readings(session: Session) -> list[Noted]:
    session.expire_all()
    return [
        Noted(one.post_id, one.metric, one.checkpoint, one.read_at, one.value, one.source)
        for one in session.scalars(select(Reading))
    ]


@given(seed=st.integers(0, 2**32))
@_FEW
def test_all_posts_stand_as_one_by_one_compared(shared_engine: Engine, seed: int) -> None:
    with Session(emptied(shared_engine), expire_on_commit=False) as session:
        rng = Random(seed)
        channel, posts = grown(session, rng)
        expected = naive(posts, _readings(session))
        asked = sorted(rng.sample([post.id for post in posts], rng.choice([1, 2, len(posts)])))

        found = equal_age.percentiles(session, channel.id, asked)

        assert [None if np.isnan(one) else one for one in found.tolist()] == [expected[one] for one in asked]


@given(seed=st.integers(0, 2**32))
@_FEW
def test_whoever_is_compared_with_a_post_that_changed_is_told_anew(shared_engine: Engine, seed: int) -> None:
    with Session(emptied(shared_engine), expire_on_commit=False) as session:
        rng = Random(seed)
        channel, posts = grown(session, rng)
        before = naive(posts, _readings(session))
        changed = rng.sample(posts, rng.choice([1, 1, 3, 5]))
        gone = [post for post in changed if rng.random() < 0.4]
        for post in gone:
            post.deleted_at = NOON
        session.flush()
        look(session, rng, [(post, 48 * HOUR) for post in changed if post not in gone])
        after = naive(posts, _readings(session))

        found = equal_age.around(session, channel.id, np.array([post.id for post in changed], np.int64))

        moved = {post_id for post_id, stands in after.items() if stands != before[post_id]}
        assert moved <= found.keys()
        assert {one: None if np.isnan(stands) else stands for one, stands in found.items()} == {
            one: after[one] for one in found
        }
        if len(posts) > 2 * COMPARED and len(changed) == 1:
            assert len(found) < len(posts)
