"""Whatever goes wrong, a post is on its platform at most once, and never silently lost."""

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import Engine

from domain.content import DeliveryClass
from domain.post import PostState
from scheduler import channels
from scheduler.worker import PublishingWorker
from store import channels as channel_rows
from store.engine import reading
from tests.fakes import Crash, FakePlatform, Fate
from tests.world import World, emptied, new_world


def play(world: World, *, turns: int = 30) -> None:
    """Run workers one after another, each dying where the script says, an hour apart."""
    for _ in range(turns):
        world.clock.forward(hours=1)
        worker = PublishingWorker(world.context, width=1)
        try:
            worker.run_until_idle()
        except Crash:
            continue
        with reading(world.engine) as session:
            row = channel_rows.get(session, world.workspace.id, world.channel.id)
        if row.state == "needs_reconnect":
            channels.test(world.context, world.workspace.id, world.channel.name)


KINDS = [DeliveryClass.LIST_AND_MATCH, DeliveryClass.NATIVE_KEY, DeliveryClass.TWO_PHASE]


@settings(max_examples=25, deadline=None, suppress_health_check=list(HealthCheck))
@given(fates=st.lists(st.sampled_from(Fate), max_size=8), delivery=st.sampled_from(KINDS))
def test_whatever_goes_wrong_a_post_is_never_published_twice(
    shared_engine: Engine, fates: list[Fate], delivery: DeliveryClass
) -> None:
    platform = FakePlatform(delivery, fates=fates)
    world = new_world(emptied(shared_engine), platform="fake", adapters={"fake": platform.adapter})
    queued = world.queue()

    play(world)

    post = world.reread(queued)
    assert platform.copies() <= 1
    assert post.next_at is None
    assert post.state in {PostState.PUBLISHED, PostState.FAILED, PostState.UNCERTAIN}
    assert post.state == PostState.PUBLISHED or post.reason
    if post.state == PostState.PUBLISHED:
        assert platform.copies() == 1
    if post.state == PostState.FAILED:
        assert platform.copies() == 0
    if delivery != DeliveryClass.NATIVE_KEY:  # those could be asked, so that nothing stays open
        assert (post.state == PostState.PUBLISHED) == (platform.copies() == 1)


@settings(max_examples=15, deadline=None, suppress_health_check=list(HealthCheck))
@given(fates=st.lists(st.sampled_from(Fate), max_size=6))
def test_a_platform_that_cannot_be_asked_gets_a_person_and_never_a_second_call(
    shared_engine: Engine, fates: list[Fate]
) -> None:
    platform = FakePlatform(DeliveryClass.AT_MOST_ONCE, fates=fates)
    world = new_world(emptied(shared_engine), platform="fake", adapters={"fake": platform.adapter})
    queued = world.queue()

    play(world)

    post = world.reread(queued)
    assert platform.copies() <= 1
    assert post.state in {PostState.PUBLISHED, PostState.FAILED, PostState.UNCERTAIN}
    if post.state == PostState.PUBLISHED:
        assert platform.copies(post.delivery_key) == 1
    else:
        assert post.reason
        assert post.next_at is None
