"""The order of posts by their place at equal age: that of the ranks which pages tell."""

from collections.abc import Sequence
from datetime import timedelta
from random import Random

import pytest
from sqlalchemy import Engine, update
from sqlmodel import Session

from analytics.against import ranks
from analytics.figures import gather
from analytics.posts import post_list
from scheduler.settling import settle
from store import measuring, packing, statistics
from store.measuring import Taken
from store.tables import ChannelRow, Post, Standing
from store.values import NO_FILTERS
from tests.measured import SUPPLIES, M, Measured
from tests.world import NOON, new_world

HOUR, DAY = timedelta(hours=1), timedelta(days=1)


def grown(session: Session, seed: int, posts: int) -> tuple[Measured, ChannelRow, list[Post]]:
    """A channel whose posts were read at many ages, some late, some not at all, some at one time."""
    rng, world = Random(seed), Measured(session)
    channel = world.channel("exposed")
    made = []
    for _ in range(posts):
        post = world.post(channel, NOON - rng.randrange(1, 400) * HOUR)
        made.append(post)
        for age in (HOUR, 6 * HOUR, DAY, 7 * DAY):
            assert post.published_at is not None
            if post.published_at + age > NOON or rng.random() < 0.2:
                continue
            late = 4 * age if rng.random() < 0.15 else timedelta(0)
            values = {M.IMPRESSIONS: rng.randrange(9)}
            if rng.random() < 0.7:
                values |= {M.REACTIONS: rng.randrange(6), M.REPLIES: 0, M.SHARES: rng.randrange(2)}
            world.read(post, age, values, at=min(post.published_at + age + late, NOON))
        if rng.random() < 0.1:
            measuring.mark_gone(session, post.id, now=NOON)
    return world, channel, made


def told(session: Session, posts: Sequence[Post]) -> dict[int, float | None]:
    """What the pages of these posts tell."""
    found = ranks(session, gather(session, [post.id for post in posts], before=NOON + HOUR))
    return {post.id: found[post.id].percentile if post.id in found else None for post in posts}


def sorted_by_it(world: Measured, *, descending: bool = True) -> list[tuple[int, float | None]]:
    page = post_list(
        world.session, world.id, NO_FILTERS, sort="usual", descending=descending, limit=200, ranked=True,
        supplies=SUPPLIES, now=NOON,
    )  # fmt: skip
    return [(line.post.id, line.rank.percentile if line.rank else None) for line in page.lines]


@pytest.mark.parametrize(("seed", "posts"), [(1, 4), (2, 7), (3, 40), (4, 180)])
def test_posts_are_sorted_by_the_rank_that_is_shown(session: Session, seed: int, posts: int) -> None:
    world, channel, made = grown(session, seed, posts)
    expected = told(session, made)
    session.commit()

    for _ in ("from readings", "from columns"):
        for descending, sign in ((True, -1), (False, 1)):
            found = sorted_by_it(world, descending=descending)
            assert dict(found) == expected
            known = [(sign * rank, sign * post_id) for post_id, rank in found if rank is not None]
            assert known == sorted(known)
            assert [rank for _, rank in found[len(known) :]] == [None] * (len(found) - len(known))
        packing.rebuild(session, channel.id)
    assert {rank is None for rank in expected.values()} == ({True} if posts < 6 else {True, False})


def test_a_look_at_one_post_moves_the_others_once_columns_are_written(session: Session) -> None:
    world = Measured(session)
    channel = world.channel()
    posts = [world.post(channel, NOON - (9 + number) * DAY) for number in range(7)]
    for number, post in enumerate(posts[:6]):
        world.engaged(post, DAY, number)
    packing.rebuild(session, channel.id)
    before = told(session, posts)
    assert sorted_by_it(world)[-1] == (posts[6].id, None)

    counts = {M.REACTIONS: 9, M.REPLIES: 0, M.SHARES: 0}
    taken = [Taken(metric, value, "field") for metric, value in counts.items()]
    measuring.append(session, posts[6].id, checkpoint=DAY, read_at=NOON - 14 * DAY, taken=taken)
    while packing.pack(session):
        pass

    after = told(session, posts)
    assert after[posts[6].id] == 100
    assert after[posts[3].id] == pytest.approx(50) != before[posts[3].id]
    assert kept(session, channel, posts) == after


def test_settling_many_posts_writes_how_those_around_them_stand(engine: Engine) -> None:
    context = new_world(engine).context
    with Session(engine, expire_on_commit=False) as session:
        _, channel, made = grown(session, 5, 60)
        packing.rebuild(session, channel.id)
        session.commit()
        counts = {M.REACTIONS: 50, M.REPLIES: 0, M.SHARES: 0}
        taken = [Taken(metric, value, "field") for metric, value in counts.items()]
        for post in made[:20]:
            assert post.published_at is not None
            at = post.published_at + 2 * DAY
            measuring.append(session, post.id, checkpoint=2 * DAY, read_at=at, taken=taken)
        session.commit()

        settle(context)

        session.rollback()
        assert kept(session, channel, made) == told(session, made)


def test_a_post_that_is_gone_is_no_longer_compared_with(session: Session) -> None:
    world = Measured(session)
    channel = world.channel()
    posts = [world.post(channel, NOON - (9 + number) * DAY) for number in range(8)]
    for number, post in enumerate(posts):
        world.engaged(post, DAY, number)
    packing.rebuild(session, channel.id)
    measuring.mark_gone(session, posts[0].id, now=NOON)
    while packing.pack(session):
        pass

    found = kept(session, channel, posts)
    assert found == told(session, posts)
    assert found[posts[1].id] == 0  # the one that was behind it is gone
    assert found[posts[0].id] == 0  # and tells how it stood


def test_all_posts_of_a_channel_may_be_written_anew_at_once(session: Session) -> None:
    world = Measured(session)
    channel = world.channel()
    posts = [world.post(channel, NOON - (9 + number) * DAY) for number in range(8)]
    for number, post in enumerate(posts):
        world.engaged(post, DAY, number)
    packing.rebuild(session, channel.id)
    while packing.pack(session):
        pass
    assert None not in kept(session, channel, posts).values()
    session.execute(update(Standing).values(stale=True, anew=True))

    while packing.pack(session):
        pass

    assert kept(session, channel, posts) == told(session, posts)


def kept(session: Session, channel: ChannelRow, posts: Sequence[Post]) -> dict[int, float | None]:
    """What is written into columns, as the order of a list is made from it."""
    from store.values import PostScope

    scope = PostScope(workspace_id=channel.workspace_id, channel_ids=frozenset({channel.id}))
    page = statistics.Page(limit=len(posts))
    rows = statistics.by_column(session, scope, "usual", page, NO_FILTERS, before=NOON + HOUR)
    return {row.post_id: row.value if isinstance(row.value, float) else None for row in rows}
