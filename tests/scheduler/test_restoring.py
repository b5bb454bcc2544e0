"""A restored copy opens held, as each platform settles what may have gone out, on both databases."""

import shutil
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import Engine

from domain.content import DeliveryClass, content_from
from domain.errors import UsageError
from domain.post import PostState
from publishers.base import Publisher
from scheduler import posts, restoring
from scheduler.worker import PublishingWorker
from store import installation
from store.changes import Actor
from store.engine import open_engine, reading, writing
from store.migrate import upgrade
from store.tables import Post
from tests.fakes import FakePlatform
from tests.world import NOON, World, new_world

PERSON = Actor("person")


def world_of(engine: Engine, platform: FakePlatform) -> World:
    return new_world(engine, platform="fake", adapters={"fake": platform.adapter})


def publish_in_a_lost_time(world: World, platform: FakePlatform, post: Post, *, at: datetime) -> None:
    """On the platform the post exists; the copy of the database does not know it."""
    publisher = world.context.publisher(world.channel)
    payload = publisher.render(content_from(post.content), created_at=post.created_at)
    platform.take(payload, key=post.delivery_key, at=at)


def hold(world: World) -> restoring.Held:
    return restoring.hold(world.engine, world.context.adapter, since=NOON, now=world.clock.now)


def work(world: World, *, hours: float = 4) -> None:
    """All that is due within some hours, each at its time."""
    worker = PublishingWorker(world.context, width=2)
    for _ in range(int(hours * 30)):
        worker.run_until_idle()
        world.clock.forward(minutes=2)
    worker.stop()
    worker.run()


@pytest.mark.parametrize("delivery", list(DeliveryClass))
@pytest.mark.parametrize("was_published", [True, False])
def test_whatever_the_lost_time_did_nothing_is_there_twice(
    engine: Engine, delivery: DeliveryClass, was_published: bool
) -> None:
    platform = FakePlatform(delivery)
    world = world_of(engine, platform)
    post = world.queue(at=NOON)
    if was_published:
        publish_in_a_lost_time(world, platform, post, at=NOON)
    world.clock.forward(hours=2)

    held = hold(world)
    work(world)

    assert (held.posts, held.feeds) == (1, 0)
    after = world.reread(post)
    if delivery == DeliveryClass.LOCAL:  # what a lost time put on our own page is lost with it
        assert after.state == PostState.PUBLISHED
        return
    assert platform.doubles() == []
    asks_a_person = after.state == PostState.UNCERTAIN and after.next_at is None
    assert asks_a_person or after.state == PostState.PUBLISHED
    assert asks_a_person or platform.copies(post.delivery_key) == 1
    if asks_a_person:
        assert platform.copies(post.delivery_key) == int(was_published)
        assert after.reason


def test_a_platform_that_can_be_asked_settles_it_by_itself(engine: Engine) -> None:
    platform = FakePlatform(DeliveryClass.LIST_AND_MATCH)
    world = world_of(engine, platform)
    there, missing = world.queue("there", at=NOON), world.queue("missing", at=NOON)
    publish_in_a_lost_time(world, platform, there, at=NOON)
    world.clock.forward(hours=2)
    hold(world)
    work(world)

    assert world.reread(there).state == PostState.PUBLISHED
    asked = world.reread(missing)
    assert (asked.state, asked.next_at) == (PostState.UNCERTAIN, None)
    assert "Not found on the platform after a backup was restored" in (asked.reason or "")

    posts.absent(world.context, world.workspace.id, missing.id, actor=PERSON)
    work(world, hours=0.1)
    assert world.reread(missing).state == PostState.PUBLISHED
    assert platform.doubles() == []


@pytest.mark.parametrize(("age", "ends"), [(0.5, PostState.PUBLISHED), (3, PostState.UNCERTAIN)])
@pytest.mark.parametrize("idle", [0, 3])
def test_a_key_is_trusted_only_while_it_lives(
    engine: Engine, age: float, ends: PostState, idle: float
) -> None:
    """Also when nobody works for hours after the copy was held."""
    platform = FakePlatform(DeliveryClass.NATIVE_KEY, key_ttl=timedelta(hours=1))
    world = world_of(engine, platform)
    post = world.queue(at=NOON)
    world.clock.forward(hours=age)
    hold(world)
    world.clock.forward(hours=idle)
    work(world)

    after = world.reread(post)
    assert after.state == (ends if not idle else PostState.UNCERTAIN)
    assert platform.copies() == int(after.state == PostState.PUBLISHED)


def test_only_what_may_have_gone_out_is_held(engine: Engine) -> None:
    world = world_of(engine, FakePlatform(DeliveryClass.AT_MOST_ONCE))
    due = world.queue("due", at=NOON)
    waits = world.queue("waits for a channel that may have been resumed", at=NOON)
    later = world.queue("later", at=NOON + timedelta(days=1))
    running = world.queue("running", at=NOON)
    draft = world.queue("draft", at=NOON)
    doubtful = world.queue("doubtful", at=NOON)
    with writing(engine) as session:
        session.merge(waits).next_at = NOON + timedelta(hours=5)
        running = session.merge(running)
        running.state, running.next_at = PostState.PUBLISHING, NOON + timedelta(hours=5)
        draft = session.merge(draft)
        draft.state, draft.next_at = PostState.DRAFT, None
        doubtful = session.merge(doubtful)
        doubtful.state, doubtful.next_at = PostState.UNCERTAIN, None
        session.commit()
    world.clock.forward(minutes=1)

    assert hold(world).posts == 3

    states = {post.content["text"].split()[0]: world.reread(post) for post in (due, waits, later, running)}
    assert {name: post.state for name, post in states.items()} == {
        "due": "uncertain", "waits": "uncertain", "later": "queued", "running": "uncertain",
    }  # fmt: skip
    assert all(post.restored_at for name, post in states.items() if name != "later")
    assert states["due"].claim == due.claim + 1  # a worker that has it cannot write
    assert world.reread(draft).state == PostState.DRAFT
    assert world.reread(doubtful).restored_at is not None


def test_a_platform_whose_package_is_gone_asks_a_person(engine: Engine) -> None:
    world = world_of(engine, FakePlatform())
    post = world.queue(at=NOON)

    def no_adapter(platform: str) -> type[Publisher]:
        raise UsageError(f"Unknown platform {platform!r}.")

    restoring.hold(engine, no_adapter, since=None, now=NOON)

    assert (world.reread(post).state, world.reread(post).next_at) == ("uncertain", None)


def test_a_database_that_is_the_newest_is_not_held(engine: Engine, tmp_path: Path) -> None:
    world = world_of(engine, FakePlatform())
    file = tmp_path / "beat"

    def check() -> restoring.Held | None:
        return restoring.hold_if_older_copy(
            engine, world.context.adapter, beat_file=file, now=world.clock.now
        )

    assert check() is None  # a new installation
    for _ in range(3):
        restoring.beat(engine, file, now=world.clock.forward(minutes=1))
        assert check() is None
    file.write_text("no number")
    assert check() is None


def test_a_beat_beside_the_database_that_is_newer_holds_it_once(engine: Engine, tmp_path: Path) -> None:
    world = world_of(engine, FakePlatform())
    file = tmp_path / "beat"
    restoring.beat(engine, file, now=NOON)
    # The clock of this machine runs an hour behind the one that wrote the beat.
    file.write_text(f"{int((NOON + timedelta(hours=1)).timestamp() * 1000)}\n")

    held = [
        restoring.hold_if_older_copy(engine, world.context.adapter, beat_file=file, now=NOON)
        for _ in range(3)
    ]

    assert [found is not None for found in held] == [True, False, False]
    assert held[0] is not None
    assert held[0].since == NOON
    assert "a copy of 2026-03-02 12:00 UTC" in str(held[0])


def test_a_mark_of_a_backup_holds_it_once(engine: Engine) -> None:
    world = world_of(engine, FakePlatform())
    with writing(engine) as session:
        installation.set_fact(session, installation.BACKUP_MADE, int(NOON.timestamp()))
        session.commit()

    held = [
        restoring.hold_if_older_copy(engine, world.context.adapter, beat_file=None, now=NOON)
        for _ in range(2)
    ]

    assert [found is not None for found in held] == [True, False]


def test_a_beat_never_goes_back_nor_stands_still(engine: Engine) -> None:
    restoring.beat(engine, None, now=NOON)
    restoring.beat(engine, None, now=NOON)
    restoring.beat(engine, None, now=NOON - timedelta(days=1))

    with reading(engine) as session:
        assert installation.last_beat(session) == NOON.astimezone(UTC) + timedelta(milliseconds=2)


def test_a_copy_of_the_file_made_just_before_a_call_is_seen_to_be_older(tmp_path: Path) -> None:
    platform = FakePlatform(DeliveryClass.AT_MOST_ONCE)
    database, copy = tmp_path / "tabuh.db", tmp_path / "copy.db"
    engine = open_engine(f"sqlite:///{database}")
    upgrade(engine)
    world = world_of(engine, platform)
    file = restoring.beat_file_of(engine)
    restoring.beat(engine, file, now=NOON)
    post = world.queue(at=NOON)
    engine.dispose()
    shutil.copyfile(database, copy)
    # All within the same moment: no clock could tell the two apart.
    work(world, hours=0.1)
    assert platform.copies(post.delivery_key) == 1
    engine.dispose()
    shutil.copyfile(copy, database)

    held = restoring.hold_if_older_copy(engine, world.context.adapter, beat_file=file, now=NOON)
    work(world)

    assert held is not None
    assert held.posts == 1
    assert world.reread(post).state == PostState.UNCERTAIN
    assert platform.copies(post.delivery_key) == 1
    engine.dispose()


@pytest.mark.parametrize("delivery", [DeliveryClass.LIST_AND_MATCH, DeliveryClass.NATIVE_KEY])
def test_what_a_lost_time_moved_forward_does_not_go_out_at_its_old_hour(
    engine: Engine, delivery: DeliveryClass
) -> None:
    platform = FakePlatform(delivery)
    world = world_of(engine, platform)
    early = world.queue("early", at=NOON + timedelta(hours=9))
    later = world.queue("later", at=NOON + timedelta(hours=9))
    publish_in_a_lost_time(world, platform, early, at=NOON + timedelta(hours=1))
    world.clock.forward(hours=2)

    held = hold(world)
    work(world, hours=6)
    assert held.posts == 0
    assert [world.reread(post).state for post in (early, later)] == [PostState.QUEUED] * 2
    assert platform.copies(later.delivery_key) == 0, "not before its hour"
    work(world, hours=2)

    assert platform.doubles() == []
    assert [world.reread(post).state for post in (early, later)] == [PostState.PUBLISHED] * 2
    assert platform.copies(later.delivery_key) == 1
    assert world.reread(later).published_at == NOON + timedelta(hours=9)


def test_a_beat_beside_the_database_never_goes_back(tmp_path: Path) -> None:
    file = tmp_path / "beat"
    for written in (5, 4, 6):
        restoring.note_beside(file, written)
    assert restoring.read_beat(file) == 6
