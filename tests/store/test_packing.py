"""Writing columns in steps: what is taken together, what waits to be compared, and who comes in between."""

from collections.abc import Sequence
from datetime import timedelta

import numpy as np
import pytest
from sqlalchemy import select, update
from sqlmodel import Session, col

from store import measuring, packing, standing_around, uncompared, unwritten
from store.last_looks import unpacked
from store.measuring import Look, Taken
from store.tables import ChannelRow, Post, Standing, StandingChannel
from store.unwritten import Waiting
from tests.measured import M, Measured
from tests.store.test_equal_age import kept, told
from tests.world import NOON

DAY, HOUR = timedelta(days=1), timedelta(hours=1)
LIKES = (M.REACTIONS, M.REPLIES, M.SHARES)


def measured(session: Session, number: int = 8) -> tuple[Measured, ChannelRow, list[Post]]:
    """A channel whose posts were read once, and whose columns are written."""
    world = Measured(session)
    channel = world.channel()
    posts = [world.post(channel, NOON - (9 + place) * DAY) for place in range(number)]
    look(session, posts, HOUR)
    packing.rebuild(session, channel.id)
    return world, channel, posts


def look(
    session: Session, posts: Sequence[Post], age: timedelta, metrics: Sequence[M] = LIKES, *, times: int = 1
) -> None:
    for place, post in enumerate(posts):
        assert post.published_at is not None
        taken = [Taken(metric, times * (place + 1), "field") for metric in metrics]
        measuring.append_looks(session, [Look(post.id, age, post.published_at + age, taken)])


def waiting(session: Session) -> list[int]:
    """Posts that wait to be compared."""
    session.flush()
    found = [
        uncompared.of_channel(session, one, limit=1_000).post_ids.tolist()
        for one in uncompared.channels(session)
    ]
    return [post_id for own in found for post_id in own]


def packed_one_by_one(session: Session) -> None:
    """Their columns are written, and they are not compared."""
    session.flush()
    for post_id in unwritten.waiting(session).ids.tolist():
        assert packing.pack_some(session, [post_id]) == 1


@pytest.mark.parametrize(
    ("age", "metrics", "is_compared"),
    [
        (6 * HOUR, LIKES, True),
        (5 * HOUR, LIKES, False),
        (6 * HOUR, (M.SAVES,), False),
        (6 * HOUR, (M.VIEWS, M.SAVES), True),
    ],
)
def test_only_what_posts_are_compared_by_has_them_compared(
    session: Session, age: timedelta, metrics: Sequence[M], is_compared: bool
) -> None:
    _, _, posts = measured(session)
    look(session, posts[:3], age, metrics)

    packed_one_by_one(session)

    assert waiting(session) == (sorted(post.id for post in posts[:3]) if is_compared else [])


def test_whatever_else_changes_a_post_has_it_compared(session: Session) -> None:
    _, _, posts = measured(session)
    measuring.mark_gone(session, posts[1].id, now=NOON)
    look(session, posts[4:5], HOUR / 4)  # late

    packed_one_by_one(session)

    assert waiting(session) == sorted([posts[1].id, posts[4].id])


def test_until_it_is_compared_a_post_stands_where_it_stood(session: Session) -> None:
    _, channel, posts = measured(session)
    before = kept(session, channel, posts)
    measuring.mark_gone(session, posts[0].id, now=NOON)  # the least of all

    packed_one_by_one(session)
    assert kept(session, channel, posts) == before

    packing.pack(session)
    after = kept(session, channel, posts)
    assert after == told(session, posts)
    assert after[posts[1].id] == 0 != before[posts[1].id]
    assert waiting(session) == []


def test_what_was_compared_before_columns_were_written_is_not_kept(session: Session) -> None:
    _, channel, posts = measured(session)
    look(session, posts[:4], DAY, times=9)
    packed_one_by_one(session)
    noted = uncompared.of_channel(session, channel.id, limit=100)
    early = standing_around.compared(session, channel.id, noted)
    look(session, posts[4:], DAY)
    packed_one_by_one(session)

    assert not standing_around.put(session, channel.id, early)
    assert len(waiting(session)) == len(posts)

    packing.pack(session)
    assert kept(session, channel, posts) == told(session, posts)


def test_posts_that_wait_longest_are_compared_first(session: Session) -> None:
    for number in ([5, 3], [3, 9], [7]):
        uncompared.note(session, 1, number)
    uncompared.note(session, 2, [4])
    uncompared.note(session, 2, [])

    first = uncompared.of_channel(session, 1, limit=3)
    assert first.post_ids.tolist() == [3, 5, 9]
    uncompared.forget(session, first)
    assert uncompared.of_channel(session, 1, limit=3).post_ids.tolist() == [7]
    assert uncompared.channels(session) == [1, 2]


def test_posts_that_were_made_anew_keep_their_last_look(session: Session) -> None:
    _, _, posts = measured(session)
    look(session, posts[:1], 3 * HOUR)
    session.connection().execute(update(Standing).values(stale=True, anew=True, looks=None))
    packing.pack(session)

    query = select(col(Standing.post_id), col(Standing.looks))
    ends = {post_id: looks for post_id, looks in session.connection().execute(query)}

    for place, post in enumerate(posts):
        [end] = unpacked(ends[post.id] or b"")
        assert end.checkpoint == (3 if place == 0 else 1) * 3_600
        assert end.values == (place + 1,) * 3
        assert sorted(end.shape.names) == sorted(LIKES)


def test_a_post_whose_readings_end_in_no_single_look_keeps_none(session: Session) -> None:
    world = Measured(session)
    channel = world.channel()
    two, large, late = (world.post(channel, NOON - DAY) for _ in range(3))
    world.read(two, HOUR, {M.REACTIONS: 1})
    world.read(two, HOUR, {M.SHARES: 1}, at=NOON)
    world.read(large, HOUR, {M.REACTIONS: 2**60 + 1})
    world.read(late, 6 * HOUR, {M.REACTIONS: 1})
    world.read(late, HOUR, {M.REACTIONS: 1}, at=NOON)

    packing.rebuild(session, channel.id)

    assert session.connection().execute(select(col(Standing.looks))).scalars().all() == [None] * 3


def test_a_part_is_taken_whole_where_it_fits() -> None:
    ids, edges = np.arange(100, 110), np.array([0, 4, 5])

    def steps(size: int) -> list[list[int]]:
        return [[one - 100 for one in own] for own in Waiting(ids, edges).steps(lambda: size)]

    assert steps(20) == [list(range(10))]
    assert steps(6) == [[0, 1, 2, 3, 4], [5, 6, 7, 8, 9]]
    assert steps(3) == [[0, 1, 2], [3, 4], [5, 6, 7], [8, 9]]
    assert steps(1) == [[number] for number in range(10)]


def test_a_channel_that_is_not_complete_is_left_alone(session: Session) -> None:
    _, _, posts = measured(session)
    look(session, posts, DAY)
    session.flush()
    assert len(unwritten.waiting(session).ids) == len(posts)
    assert len(unwritten.waiting(session, most=3).ids) == 3
    session.connection().execute(update(StandingChannel).values(layout="another"))

    assert unwritten.waiting(session).ids.tolist() == []
    assert packing.pack_some(session, [post.id for post in posts]) == 0
