"""What lies around posts, and what posts had at one age: as arrays what the rows say."""

from datetime import timedelta
from random import Random

import numpy as np
import pytest
from sqlmodel import Session

from domain.metrics import Metric
from store import bulk, measuring
from store.around import Around, around, at_age, with_readings
from store.measuring import Taken
from store.rollups import micros
from store.tables import Post
from tests.measured import Measured
from tests.store.test_bundles import packed, told
from tests.world import NOON

DAY, MINUTE = timedelta(days=1), timedelta(minutes=1)
ENGAGEMENT = (Metric.REACTIONS, Metric.REPLIES, Metric.SHARES)


def beside(posts: list[Post], own: Post, each_side: int) -> dict[int, int]:
    """The same from the rows themselves: post → microseconds."""
    assert own.published_at is not None
    others = [
        (one.published_at, one.id)
        for one in posts
        if one.id != own.id
        and one.channel_id == own.channel_id
        and one.published_at is not None
        and one.deleted_at is None
    ]
    before = sorted(other for other in others if other[0] <= own.published_at)[-each_side:]
    after = sorted(other for other in others if other[0] >= own.published_at)[:each_side]
    return {post_id: micros(at) for at, post_id in (*before, *after)}


@pytest.mark.parametrize("seed", range(6))
def test_around_each_post_lie_the_nearest_of_its_channel_that_are_still_there(
    session: Session, seed: int
) -> None:
    rng, world = Random(seed), Measured(session)
    channels = [world.channel(), world.channel("exposed")]
    moments = [NOON - one * MINUTE + timedelta(microseconds=one) for one in rng.sample(range(10_000), 40)]
    posts = [world.post(rng.choice(channels), at) for at in moments]
    posts.append(world.post(channels[0], moments[0]))  # in the same moment as another
    for post in rng.sample(posts, 6):
        post.deleted_at = NOON
    session.flush()
    asked, each_side = rng.sample(posts, 9), rng.randrange(1, 9)

    found = around(session, asked, each_side=each_side)

    assert found.keys() == {post.id for post in asked}
    for post in asked:
        own = found[post.id]
        assert own.ids.tolist() == sorted(own.ids.tolist())
        assert dict(zip(own.ids.tolist(), own.published.tolist(), strict=True)) == beside(
            posts, post, each_side
        )


def test_of_nothing_there_is_nothing_around(session: Session) -> None:
    world = Measured(session)
    alone = world.post(world.channel(), NOON)

    assert around(session, [], each_side=3) == {}
    assert around(session, [alone], each_side=3)[alone.id].ids.tolist() == []


@pytest.mark.parametrize("seed", range(4))
def test_the_readings_of_those_around_come_with_them_wherever_they_lie(session: Session, seed: int) -> None:
    rng, world = Random(seed), Measured(session)
    channel = world.channel()
    posts = [world.post(channel, NOON - number * MINUTE) for number in range(20)]
    posts.append(world.post(channel, posts[5].published_at or NOON))  # in the same moment as another

    def read(some: list[Post], age: timedelta) -> None:
        for post in some:
            taken = [Taken(Metric.REACTIONS, rng.randrange(9), "likes"), Taken(Metric.SHARES, 1, "reblogs")]
            measuring.append(session, post.id, checkpoint=age, read_at=NOON, taken=taken)

    read(rng.sample(posts, 12), DAY)
    packed(session, world)
    read(rng.sample(posts, 5), 2 * DAY)  # their bundles lack this
    own, each_side = rng.choice(posts), rng.randrange(1, 12)

    found, readings = with_readings(session, own, each_side=each_side)

    plain = around(session, [own], each_side=each_side)[own.id]
    assert found.ids.tolist() == plain.ids.tolist()
    assert found.published.tolist() == plain.published.tolist()
    rows = bulk.readings(session, plain.ids.tolist())
    assert (told(readings) if readings else set()) == (told(rows) if rows else set())


def test_at_one_age_only_posts_with_all_metrics_have_a_sum(session: Session) -> None:
    world, rng = Measured(session), Random(3)
    channel = world.channel()
    posts = [world.post(channel, NOON - number * DAY) for number in range(12)]
    expected = {}
    for number, post in enumerate(posts):
        there = {metric: rng.randrange(2**40) for metric in ENGAGEMENT[: 3 if number % 3 else 2]}
        assert post.published_at is not None
        at = post.published_at + 3 * DAY + number * MINUTE
        world.read(post, 3 * DAY, there, at=at)
        world.read(post, DAY, dict.fromkeys(ENGAGEMENT, 7))
        if len(there) == 3:
            expected[post.id] = (sum(there.values()), micros(at))
    ids = np.array([post.id for post in posts], np.int64)

    found = at_age(session, ids, ENGAGEMENT, 3 * DAY)

    columns = (found.ids.tolist(), found.values.tolist(), found.read_at.tolist())
    assert {post_id: own for post_id, *own in zip(*columns, strict=True)} == {
        post_id: list(own) for post_id, own in expected.items()
    }
    assert at_age(session, ids, ENGAGEMENT, 5 * DAY).ids.tolist() == []


def test_posts_that_were_read_too_late_or_not_at_all_are_not_compared(session: Session) -> None:
    world = Measured(session)
    channel = world.channel()
    posts = [world.post(channel, NOON - number * DAY) for number in range(4)]
    for number, post in enumerate(posts[:3]):
        assert post.published_at is not None
        world.read(post, DAY, {Metric.REACTIONS: number}, at=post.published_at + (number + 1) * DAY)
    ids = np.array([post.id for post in posts], np.int64)
    published = np.array([micros(post.published_at) for post in posts if post.published_at], np.int64)

    found = at_age(session, ids, [Metric.REACTIONS], DAY)

    assert found.of(Around(ids, published), latest=2 * DAY).tolist() == [0, 1]
    assert at_age(session, ids, [Metric.SHARES], DAY).of(Around(ids, published), latest=DAY).tolist() == []
