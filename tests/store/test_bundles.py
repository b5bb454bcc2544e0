"""All readings of a post in one run of bytes."""

from datetime import timedelta

from sqlalchemy import select, update
from sqlmodel import Session, col

from store import agreeing, bulk, bundles, measuring, packing
from store.measuring import Taken
from store.tables import Standing, StandingReadings
from tests.measured import M, Measured
from tests.world import NOON

HOUR = timedelta(hours=1)
DAY = timedelta(days=1)


def test_what_is_bundled_comes_back_as_it_was_read(session: Session) -> None:
    world = Measured(session)
    posts = [world.post(channel, NOON - 3 * DAY) for channel in (world.channel(), world.channel("exposed"))]
    unread = world.post(world.channel(), NOON - DAY)
    for number, post in enumerate(posts):
        for hours in (1, 3):
            taken = [Taken(M.REACTIONS, 2**40 + hours + number, "likes"), Taken(M.SHARES, hours, f"f{hours}")]
            read_at = NOON - 3 * DAY + hours * HOUR + timedelta(microseconds=7)
            measuring.append(session, post.id, checkpoint=hours * HOUR, read_at=read_at, taken=taken)
    packed(session, world)

    ids = [*(post.id for post in posts), unread.id]
    found, others = bundles.known(session, ids)

    assert others == []
    assert found is not None
    assert told(found) == told(bulk.readings(session, ids))
    assert len(told(found)) == 8


def test_a_bundle_holds_until_something_new_is_read(session: Session) -> None:
    world = Measured(session)
    post, other = world.post(world.channel(), NOON - DAY), world.post(world.channel(), NOON)
    world.engaged(other, DAY, 3)
    packed(session, world)
    assert bundles.known(session, [post.id]) == (None, [])

    measuring.append(session, post.id, checkpoint=HOUR, read_at=NOON, taken=[Taken(M.SHARES, 1, "reblogs")])

    assert bundles.known(session, [post.id]) == (None, [post.id])
    ids = [post.id, other.id]
    assert told(bundles.of_posts(session, ids)) == told(bulk.readings(session, ids))
    packed(session, world)
    found, others = bundles.known(session, [post.id])
    assert others == []
    assert told(found) == told(bulk.readings(session, [post.id]))


def test_a_bundle_that_says_something_else_is_told(session: Session) -> None:
    world = Measured(session)
    post = world.post(world.channel(), NOON - DAY)
    measuring.append(session, post.id, checkpoint=HOUR, read_at=NOON, taken=[Taken(M.SHARES, 1, "reblogs")])
    packed(session, world)
    assert agreeing.differences(session, world.id) == []

    session.connection().execute(update(StandingReadings).values(body=b""))

    assert bundles.differing(session, [post.id]) == {post.id}
    assert any("stand otherwise" in one for one in agreeing.differences(session, world.id))


def test_forgotten_channels_leave_no_bundles(session: Session) -> None:
    world = Measured(session)
    channel = world.channel()
    post = world.post(channel, NOON - DAY)
    packed(session, world)

    packing.forget(session, channel.id)

    for table in (StandingReadings, Standing):
        assert session.connection().execute(select(col(table.post_id))).scalars().all() == []
    assert bundles.known(session, [post.id]) == (None, [post.id])


def packed(session: Session, world: Measured) -> None:
    """Write everything of the workspace into columns."""
    for channel_id in packing.unbuilt(session):
        packing.rebuild(session, channel_id)
    while packing.pack(session):
        pass
    assert agreeing.differences(session, world.id) == []


def told(found: bulk.Readings | None) -> set[tuple[object, ...]]:
    """Each reading with its names."""
    assert found is not None
    assert found.at is not None
    assert found.sources is not None
    return {
        (post_id, found.metric_names[metric], checkpoint, value, at, found.source_names[source])
        for post_id, metric, checkpoint, value, at, source in zip(
            found.posts.tolist(), found.metrics.tolist(), found.checkpoints.tolist(), found.values.tolist(),
            found.at.tolist(), found.sources.tolist(), strict=True,
        )
    }  # fmt: skip
