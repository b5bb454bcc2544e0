"""One look at a remote post, whatever the platform answers."""

from datetime import datetime, timedelta
from typing import Any, ClassVar

import pytest
from sqlalchemy import Engine
from sqlmodel import Session, select

from domain.content import Capabilities, Content, DeliveryClass, Payload, RemotePost
from domain.errors import NeedsReconnect, NotSent, OutcomeUnknown, PostGone, RateLimited
from domain.metrics import CHECKPOINTS, Audience, Metric
from publishers.base import Measured, Progress, Publisher, Reaction
from scheduler.measuring import GIVE_UP, measure, supplies
from scheduler.worker import PublishingWorker
from store import links, traffic
from store.due import claim_due
from store.engine import writing
from store.tables import ChannelRow, DatedReaction, Measurement, Post, Reading
from store.traffic import Shown
from tests.world import NOON, World, new_world

MINUTE = timedelta(minutes=1)
HOUR = timedelta(hours=1)
DAY = timedelta(days=1)


class Counting(Publisher):
    """A platform that answers with the next of its numbers, or raises it."""

    platform = "counting"
    title = "Counting"
    capabilities = Capabilities(
        delivery=DeliveryClass.LIST_AND_MATCH,
        post_metrics=frozenset({Metric.REACTIONS, Metric.SHARES}),
        channel_metrics=frozenset({Metric.FOLLOWERS}),
    )
    answers: ClassVar[list[Any]]
    asked: ClassVar[list[str]]

    def render(self, content: Content, *, created_at: datetime) -> Payload:
        return {"text": content.text}

    def publish(self, payload: Payload, *, key: str, progress: Progress) -> RemotePost:
        return RemotePost(f"remote-{key}", None, self.clock())

    def metrics(self, remote_id: str) -> list[Measured]:
        self.asked.append(remote_id)
        answer = self.answers.pop(0)
        if isinstance(answer, Exception):
            raise answer
        return [Measured(metric, value, f"{metric}_count") for metric, value in answer.items()]


class Dating(Counting):
    """A platform that also tells when its reactions came."""

    told: ClassVar[list[Any]]
    since: ClassVar[list[datetime]]

    def reactions(self, remote_id: str, since: datetime) -> list[Reaction]:
        self.since.append(since)
        answer = self.told.pop(0)
        if isinstance(answer, Exception):
            raise answer
        return list(answer)


def dating_world(engine: Engine, numbers: list[Any], told: list[Any]) -> tuple[World, Post, type[Dating]]:
    """A world whose one post has just been published on a platform that dates its reactions."""
    kind = type("DatingOnce", (Dating,), {"answers": numbers, "asked": [], "told": told, "since": []})
    world = new_world(engine, platform="counting", adapters={"counting": kind})
    return world, published(world), kind


def dated(world: World) -> list[tuple[str, datetime]]:
    with Session(world.engine) as session:
        rows = session.exec(select(DatedReaction)).all()
    return sorted((row.kind, row.at) for row in rows)


def counting_world(engine: Engine, *answers: Any) -> tuple[World, Post]:
    """A world whose one post has just been published on such a platform."""
    kind = type("CountingOnce", (Counting,), {"answers": list(answers), "asked": []})
    world = new_world(engine, platform="counting", adapters={"counting": kind})
    return world, published(world)


def published(world: World) -> Post:
    """A post that the worker has just published."""
    post = world.queue()
    assert PublishingWorker(world.context).run_until_idle() == 2
    return world.reread(post)


def look(world: World) -> Measurement:
    """Measure what is due now, and tell how the row stands."""
    with writing(world.engine) as session:
        rows = claim_due(session, Measurement, now=world.clock.now, lease=5 * MINUTE, limit=9)
    for row in rows:
        measure(world.context, row)
    with Session(world.engine) as session:
        return session.exec(select(Measurement)).one()


def readings(world: World) -> dict[tuple[str, timedelta], int]:
    """Everything that was read: (metric, checkpoint) → value."""
    with Session(world.engine) as session:
        rows = session.exec(select(Reading)).all()
    return {(row.metric, timedelta(seconds=row.checkpoint)): row.value for row in rows}


def test_a_post_is_read_at_each_checkpoint_and_no_more_after_the_last(engine: Engine) -> None:
    answers = [{Metric.REACTIONS: number} for number in range(len(CHECKPOINTS))]
    world, _ = counting_world(engine, *answers)

    for number, checkpoint in enumerate(CHECKPOINTS):
        world.clock.now = NOON + checkpoint - MINUTE
        look(world)  # not due yet
        world.clock.now = NOON + checkpoint
        row = look(world)
        assert readings(world)["reactions", checkpoint] == number
        assert row.last_read_at == NOON + checkpoint
    assert row.next_at is None
    assert len(readings(world)) == len(CHECKPOINTS)


def test_what_the_platform_has_not_counted_yet_is_kept_apart_from_what_it_does_not_give(
    engine: Engine,
) -> None:
    world, _ = counting_world(
        engine, {Metric.REACTIONS: 0, Metric.SHARES: None}, {Metric.REACTIONS: 1, Metric.SHARES: 2}
    )
    world.clock.forward(minutes=15)

    assert look(world).not_yet == ["shares"]
    assert readings(world) == {("reactions", 15 * MINUTE): 0}
    world.clock.forward(minutes=45)
    assert look(world).not_yet is None
    assert readings(world)["shares", 60 * MINUTE] == 2


def test_after_a_down_time_it_is_read_once_and_missed_checkpoints_stay_empty(engine: Engine) -> None:
    world, _ = counting_world(engine, {Metric.REACTIONS: 1}, {Metric.REACTIONS: 30})
    world.clock.forward(minutes=20)
    look(world)

    world.clock.now = NOON + 2.5 * DAY
    row = look(world)

    assert readings(world) == {("reactions", 15 * MINUTE): 1, ("reactions", 2 * DAY): 30}
    assert row.next_at == NOON + 3 * DAY


def test_a_metric_that_is_not_in_the_answer_has_no_reading(engine: Engine) -> None:
    world, _ = counting_world(engine, {Metric.SHARES: 0})
    world.clock.forward(minutes=15)

    look(world)

    assert readings(world) == {("shares", 15 * MINUTE): 0}


@pytest.mark.parametrize("error", [NotSent("unplugged"), OutcomeUnknown("503")])
def test_a_look_that_fails_is_tried_again_with_growing_waits(engine: Engine, error: Exception) -> None:
    world, _ = counting_world(engine, *[error] * 9, {Metric.REACTIONS: 2})
    world.clock.forward(hours=24)
    waits = []
    for _ in range(9):
        row = look(world)
        assert row.next_at is not None
        waits.append(row.next_at - world.clock.now)
        world.clock.now = row.next_at

    assert waits[:3] == [5 * MINUTE, 10 * MINUTE, 20 * MINUTE]
    assert waits[-1] == 6 * HOUR
    assert (row.failures, row.last_error) == (9, str(error))
    row = look(world)
    assert (row.failures, row.last_error) == (0, None)
    assert readings(world) == {("reactions", DAY): 2}


def test_a_rate_limit_is_kept_for_the_whole_channel(engine: Engine) -> None:
    world, _ = counting_world(engine, RateLimited("slow", retry_after=40 * MINUTE), {Metric.REACTIONS: 1})
    world.clock.forward(minutes=15)

    row = look(world)

    assert row.next_at == NOON + 55 * MINUTE
    with Session(engine) as session:
        assert session.exec(select(ChannelRow)).one().quiet_until == NOON + 55 * MINUTE


def test_refused_credentials_stop_the_channel_and_nobody_asks_until_it_is_connected(engine: Engine) -> None:
    world, _ = counting_world(engine, NeedsReconnect("who are you?"), {Metric.REACTIONS: 1})
    world.clock.forward(minutes=15)
    look(world)
    world.clock.forward(hours=1)
    row = look(world)  # would take the second answer if it asked

    assert readings(world) == {}
    assert row.next_at == world.clock.now + HOUR
    with writing(engine) as session:
        channel = session.exec(select(ChannelRow)).one()
        assert (channel.state, channel.state_reason) == ("needs_reconnect", "who are you?")
        channel.state = "active"
        session.commit()
    world.clock.forward(hours=1)
    look(world)
    assert readings(world) == {("reactions", HOUR): 1}


def test_a_post_that_is_gone_is_marked_and_not_looked_at_again(engine: Engine) -> None:
    world, post = counting_world(engine, PostGone("404"))
    world.clock.forward(minutes=15)

    row = look(world)

    assert (row.next_at, row.last_error) == (None, "404")
    assert world.reread(post).deleted_at == world.clock.now


def test_a_look_that_fails_long_after_the_last_checkpoint_is_given_up(engine: Engine) -> None:
    world, _ = counting_world(engine, NotSent("unplugged"))
    world.clock.now = NOON + GIVE_UP

    row = look(world)

    assert (row.next_at, row.failures, row.last_error) == (None, 1, "unplugged")


def test_clicks_on_our_links_are_read_with_the_platforms_numbers_and_without(engine: Engine) -> None:
    world, post = counting_world(engine, NotSent("unplugged"), {Metric.REACTIONS: 4, Metric.CLICKS: 99})
    with writing(engine) as session:
        link = links.new_link(
            session, workspace_id=post.workspace_id, target="https://a.test/", now=NOON, post_id=post.id
        )
        for audience in (Audience.HUMAN, Audience.HUMAN, Audience.BOT):
            links.record_click(session, link, at=NOON + MINUTE, audience=audience, referrer=None)
        session.commit()
    world.clock.forward(minutes=15)
    look(world)
    counted = {"clicks": 2, "clickers": 2, "clicks_bot": 1, "clicks_unknown": 0}
    ours = {(name, 15 * MINUTE): number for name, number in counted.items()}
    assert readings(world) == ours

    world.clock.forward(minutes=5)
    look(world)

    assert readings(world) == ours | {("reactions", 15 * MINUTE): 4}


def test_a_page_post_is_measured_from_what_tabuh_counted(engine: Engine) -> None:
    world = new_world(engine)
    post = published(world)
    with writing(engine) as session:
        seen = [
            Shown(post.channel_id, post.id, kind, Audience.HUMAN, NOON)
            for kind in ("impressions", "impressions", "views")
        ]
        traffic.count_shown(session, seen)
        session.commit()
    world.clock.forward(minutes=15)

    look(world)

    found = {metric: value for (metric, _), value in readings(world).items()}
    assert (found["impressions"], found["views"], found["visits"], found["clicks"]) == (2, 1, 0, 0)
    assert "reactions" not in found


def test_a_row_that_another_worker_took_over_is_not_written_to(engine: Engine) -> None:
    world, _ = counting_world(engine, {Metric.REACTIONS: 1})
    world.clock.forward(minutes=15)
    with writing(engine) as session:
        [mine] = claim_due(session, Measurement, now=world.clock.now, lease=MINUTE, limit=1)
    with writing(engine) as session:
        assert claim_due(session, Measurement, now=world.clock.now + HOUR, lease=MINUTE, limit=1)

    measure(world.context, mine)

    assert readings(world) == {}


def test_supplies_are_what_the_adapters_declare(engine: Engine) -> None:
    world, _ = counting_world(engine)
    with writing(engine) as session:
        session.add(
            ChannelRow(workspace_id=world.workspace.id, platform="gone", name="g", slug="g", created_at=NOON)
        )
        session.commit()
        able = supplies(world.context, session, world.workspace.id)

    assert able.gives("counting", Metric.REACTIONS)
    assert able.gives("counting", Metric.FOLLOWERS)
    assert not able.gives("counting", Metric.CLICKS)  # the address is not public
    assert (able.title("gone"), able.gives("gone", Metric.REACTIONS)) == ("gone", False)


def test_reactions_are_kept_with_their_times_and_without_whom_they_were_from(engine: Engine) -> None:
    five, ten = (Reaction(Metric.REACTIONS, NOON + n * MINUTE, f"did:plc:person{n}") for n in (5, 10))
    early = Reaction(Metric.REACTIONS, NOON - HOUR, "before the post")
    world, post, kind = dating_world(
        engine, [{Metric.REACTIONS: 1}, {Metric.REACTIONS: 2}], [[five, early], [five, ten]]
    )

    world.clock.now = NOON + 16 * MINUTE
    look(world)
    world.clock.now = NOON + HOUR
    look(world)

    assert dated(world) == [("reactions", five.at), ("reactions", ten.at)]
    assert post.published_at is not None
    assert kind.since == [post.published_at - 5 * MINUTE, five.at - 5 * MINUTE]
    with Session(world.engine) as session:
        assert not any("person" in row.key for row in session.exec(select(DatedReaction)))


def test_a_platform_that_does_not_tell_the_times_still_gives_its_numbers(engine: Engine) -> None:
    world, _post, _kind = dating_world(
        engine, [{Metric.REACTIONS: 1}, {Metric.REACTIONS: 2}],
        [NotSent("down"), RateLimited("slow", retry_after=2 * HOUR)],
    )  # fmt: skip

    world.clock.now = NOON + 16 * MINUTE
    look(world)
    world.clock.now = NOON + HOUR
    row = look(world)

    assert (dated(world), row.failures) == ([], 0)
    assert readings(world)["reactions", HOUR] == 2
    with Session(world.engine) as session:
        assert session.exec(select(ChannelRow)).one().quiet_until == NOON + 3 * HOUR


def test_times_are_not_asked_for_where_nothing_came_or_the_post_is_old(engine: Engine) -> None:
    world, _post, kind = dating_world(engine, [{Metric.REACTIONS: 0}, {Metric.REACTIONS: 9}], [])

    world.clock.now = NOON + 16 * MINUTE
    look(world)
    world.clock.now = NOON + 3 * DAY
    look(world)

    assert kind.since == []
