"""The followers behind the posts of a stretch of time."""

from datetime import timedelta

from sqlmodel import Session

from store import measuring
from store.followed import Followed, followers_of_published
from tests.measured import Measured
from tests.world import NOON

DAY = timedelta(days=1)


def test_each_post_counts_the_followers_that_its_channel_had(session: Session) -> None:
    world = Measured(session)
    one, two, uncounted = world.channel(), world.channel(), world.channel()
    for days, value in ((9, 90), (5, 50), (2, 20)):
        world.followers(one, NOON - days * DAY, value)
    world.followers(two, NOON + DAY, 7)
    posts = [world.post(one, NOON - days * DAY) for days in (11, 10, 9, 6, 5, 1)]
    posts += [world.post(two, NOON - DAY), world.post(uncounted, NOON - DAY), world.post(one, NOON)]
    start, end = NOON - 10 * DAY, NOON

    found = followers_of_published(session, world.workspace.id, start=start, end=end)

    inside = [post.id for post in posts if post.published_at and start <= post.published_at < end]
    each = measuring.followers_at_publishing(session, inside)
    assert (found.posts, found.known) == (len(inside), len(each)) == (7, 6)
    assert found.total == sum(row.value for row in each.values()) == 90 * 3 + 50 + 20 + 7
    assert found.sources == sorted({row.source for row in each.values()})
    assert found.oldest == min(row.at for row in each.values())
    assert found.newest == max(row.at for row in each.values())


def test_nothing_that_went_out_has_no_followers(session: Session) -> None:
    world = Measured(session)
    world.followers(world.channel(), NOON, 5)

    found = followers_of_published(session, world.workspace.id, start=NOON, end=NOON + DAY)

    assert found == Followed(0, 0, 0, [], None, None)
