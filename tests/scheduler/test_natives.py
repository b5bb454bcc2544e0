"""Posts that were written on the platform itself."""

from datetime import datetime, timedelta
from typing import Any, ClassVar

import pytest
from sqlalchemy import Engine
from sqlmodel import Session, col, select

from domain.content import Call, Capabilities, DeliveryClass, NativePost, Price
from domain.errors import IllegalMove, OutcomeUnknown, UsageError
from domain.metrics import Metric
from scheduler import natives, remote
from scheduler.settling import settle
from scheduler.worker import PublishingWorker
from store import agreeing, board, delivery, posts, queue
from store import natives as rows
from store.changes import Actor
from store.columns import PUBLISHED
from store.engine import writing
from store.tables import Attempt, Change, Ledger, Measurement, Post, PostKey, Reading, Workspace
from store.values import PostScope
from tests.scheduler.test_measuring import Counting, look
from tests.world import NOON, World, new_world

HOUR, DAY = timedelta(hours=1), timedelta(days=1)
ME = Actor("person")


class Listing(Counting):
    """A platform that lists what the channel has."""

    there: ClassVar[list[Any]]

    def native_posts(self, since: datetime) -> list[NativePost]:
        if any(isinstance(one, Exception) for one in self.there):
            raise next(one for one in self.there if isinstance(one, Exception))
        return [one for one in self.there if one.published_at >= since]


class Paid(Listing):
    """The same, for money."""

    capabilities = Capabilities(
        delivery=DeliveryClass.LIST_AND_MATCH,
        post_metrics=frozenset({Metric.REACTIONS}),
        prices=(Price(Call.READ, 1_000, "USD", NOON.date()),),
    )


def listing_world(engine: Engine, *there: Any, kind: type[Counting] = Listing) -> tuple[World, type[Any]]:
    """A world whose platform has these posts already."""
    made = type("ListingOnce", (kind,), {"answers": [], "asked": [], "there": list(there)})
    return new_world(engine, platform="counting", adapters={"counting": made}), made


def native(number: int, at: datetime, text: str = "Written there") -> NativePost:
    return NativePost(f"n{number}", f"https://there.example/{number}", at, text)


def all_posts(world: World) -> list[Post]:
    with Session(world.engine, expire_on_commit=False) as session:
        return list(session.exec(select(Post).order_by(col(Post.published_at))))


def test_a_native_post_is_taken_in_once_and_measured_like_any_other(engine: Engine) -> None:
    world, kind = listing_world(engine, native(1, NOON - 2 * HOUR), native(2, NOON - 40 * DAY))
    kind.answers[:] = [{Metric.REACTIONS: 7}]

    assert natives.look(world.context) == 1  # the other one is measured no more
    world.clock.forward(hours=1)
    assert natives.look(world.context) == 0

    [post] = all_posts(world)
    assert (post.origin, post.state, post.remote_id) == ("native", "published", "n1")
    assert post.content["text"] == "Written there"
    assert look(world).last_read_at == NOON + HOUR
    with Session(world.engine) as session:
        assert [(one.metric, one.value) for one in session.exec(select(Reading))] == [("reactions", 7)]


def test_it_enters_no_queue_no_ledger_no_attempt_and_no_key_of_a_text(engine: Engine) -> None:
    world, _ = listing_world(engine, native(1, NOON - HOUR))
    natives.look(world.context)

    with Session(world.engine) as session:
        for table in (Attempt, Ledger, PostKey):
            assert session.exec(select(table)).all() == []
        assert queue.by_hour(session, world.workspace.id, limit=9) == []
        assert posts.listed(session, world.workspace.id) == []
        assert sum(posts.counts_by_state(session, world.workspace.id).values()) == 0
    assert PublishingWorker(world.context).run_until_idle() == 0


def test_nobody_deletes_or_changes_it_from_here(engine: Engine) -> None:
    world, _ = listing_world(engine, native(1, NOON - HOUR))
    natives.look(world.context)
    [post] = all_posts(world)

    with pytest.raises(IllegalMove, match="written on its platform, not here"):
        remote.delete(world.context, world.workspace.id, post.id, actor=ME)
    with pytest.raises(IllegalMove, match="written on its platform, not here"):
        remote.edit(world.context, world.workspace.id, post.id, text="No", actor=ME)


def test_what_we_sent_is_no_native_post(engine: Engine) -> None:
    world, kind = listing_world(engine)
    post = world.queue()
    PublishingWorker(world.context).run_until_idle()
    sent = world.reread(post)
    assert sent.remote_id is not None
    kind.there[:] = [NativePost(sent.remote_id, None, NOON, "hi"), native(1, NOON)]

    assert natives.look(world.context) == 1
    assert sorted(one.origin for one in all_posts(world)) == ["native", "tabuh"]


def test_while_a_call_of_ours_may_still_arrive_what_is_seen_since_is_left_for_later(engine: Engine) -> None:
    world, _ = listing_world(engine, native(1, NOON - HOUR), native(2, NOON + timedelta(minutes=1)))
    post = world.queue()
    with writing(world.engine) as session:
        row = session.get_one(Post, post.id)
        row.state, row.in_doubt, row.next_at, row.reason = "uncertain", True, NOON + DAY, "lost"
        session.add(Attempt(post_id=post.id, claim=1, started_at=NOON, payload_hash="x"))
        session.commit()
    world.clock.forward(minutes=10)

    assert natives.look(world.context) == 1  # only the one from before the call
    with writing(world.engine) as session:
        row = session.get_one(Post, post.id)
        row.state, row.in_doubt, row.next_at = "skipped", False, None
        session.commit()
    world.clock.forward(hours=1)
    assert natives.look(world.context) == 1


def test_a_post_of_ours_that_was_taken_for_a_native_one_takes_its_place(engine: Engine) -> None:
    world, _ = listing_world(engine)
    post = world.queue()
    with writing(world.engine) as session:
        rows.add(session, world.channel, [native(1, NOON)], now=NOON)
        session.commit()
    settle(world.context)  # its columns are written
    with writing(world.engine) as session:
        found = delivery.Found(post.id, post.workspace_id, post.channel_id, post.claim)
        delivery.write_found(session, found, remote_id="n1", url=None, published_at=NOON)
        session.commit()

    [only] = all_posts(world)
    assert (only.id, only.origin, only.remote_id) == (post.id, "tabuh", "n1")
    with Session(world.engine) as session:
        assert [one.post_id for one in session.exec(select(Measurement))] == [post.id]
    settle(world.context)
    with Session(world.engine) as session:
        assert agreeing.differences(session, world.channel.workspace_id) == []
        scope = PostScope(workspace_id=world.channel.workspace_id, channel_ids=frozenset({world.channel.id}))
        columns = board.load(session, scope, {PUBLISHED}, before=NOON + timedelta(days=1))
        assert columns.ids.tolist() == [post.id]


def test_a_post_that_a_person_found_there_is_known_by_its_address(engine: Engine) -> None:
    world, _ = listing_world(engine, native(1, NOON - HOUR))
    with writing(world.engine) as session:
        row = session.get_one(Post, world.queue().id)
        row.state, row.next_at, row.published_at = "published", None, NOON - HOUR
        row.remote_url = "https://there.example/1"
        session.commit()

    assert natives.look(world.context) == 0


def test_a_channel_is_asked_hourly_and_a_failure_says_nothing_of_its_posts(engine: Engine) -> None:
    world, kind = listing_world(engine, OutcomeUnknown("down"))

    assert natives.look(world.context) == 0
    kind.there[:] = [native(1, NOON - HOUR)]
    assert natives.look(world.context) == 0  # asked within the hour
    world.clock.forward(hours=1)
    assert natives.look(world.context) == 1


def test_a_simulated_workspace_asks_nobody(engine: Engine) -> None:
    world, _ = listing_world(engine, native(1, NOON - HOUR))
    with Session(engine) as session:
        session.get_one(Workspace, world.workspace.id).simulated = True
        session.commit()

    assert natives.look(world.context) == 0


def test_where_asking_costs_money_a_person_switches_it_on(engine: Engine) -> None:
    world, _ = listing_world(engine, native(1, NOON - HOUR), kind=Paid)

    assert natives.look(world.context) == 0
    row = natives.choose(world.context, world.workspace.id, world.channel.name, True, actor=ME)
    assert row.native_posts is True
    assert natives.look(world.context) == 1
    natives.choose(world.context, world.workspace.id, world.channel.name, False, actor=ME)
    with Session(world.engine) as session:
        assert len(session.exec(select(Change)).all()) == 2


def test_a_platform_that_lists_nothing_cannot_be_switched_on(engine: Engine) -> None:
    world, _ = listing_world(engine, kind=Counting)

    with pytest.raises(UsageError, match="cannot be asked for posts that were written there"):
        natives.choose(world.context, world.workspace.id, world.channel.name, True, actor=ME)
