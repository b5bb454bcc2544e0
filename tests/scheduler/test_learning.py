"""A channel's week learned from the store: past posts, readings at equal age, and choices with their odds."""

from datetime import timedelta

import pytest
from sqlalchemy import Engine
from sqlmodel import select

from domain.content import Content, DeliveryClass
from domain.ids import new_id
from domain.post import PostState
from scheduler.learning import EVERY, kept_week, learn_week, relearn
from scheduler.slots import place_in_next_slot
from store import posts as rows
from store.engine import reading, writing
from store.tables import PastPost, Post, Reading, SlotChoice, SlotWeek
from tests.fakes import FakePlatform
from tests.world import NOON, World, new_world

DAILY = tuple((day, wall) for day in range(7) for wall in ("09:00", "13:00", "17:00", "20:00"))


@pytest.fixture
def world(engine: Engine) -> World:
    platform = FakePlatform(DeliveryClass.AT_MOST_ONCE)
    return new_world(
        engine, platform="fake", adapters={"fake": platform.adapter}, zone="Asia/Jakarta", times=DAILY
    )


def remember(world: World, number: int = 120) -> None:
    """Past posts at 09:00, 13:00 and 20:00 in Jakarta; those of 20:00 earned five times as much."""
    with writing(world.engine) as session:
        for index in range(number):
            at = (NOON - timedelta(days=index + 1)).replace(hour=(2, 6, 13)[index % 3])
            engagement = (100 if at.hour == 13 else 20) + index % 5
            session.add(
                PastPost(
                    workspace_id=world.workspace.id, channel_id=world.channel.id, key=str(index), at=at,
                    engagement=engagement, imported_at=NOON,
                )
            )  # fmt: skip
        session.commit()


def test_a_week_is_learned_once_a_day_and_kept(world: World) -> None:
    remember(world)

    relearn(world.context, world.channel)
    with reading(world.engine) as session:
        first = session.scalars(select(SlotWeek)).one()
        week = kept_week(session, world.channel)
    relearn(world.context, world.channel)
    with reading(world.engine) as session:
        again = session.scalars(select(SlotWeek)).one()

    assert week is not None
    assert week.imported == 120
    assert week.has_evidence
    assert max(range(168), key=lambda hour: week.means[hour]) % 24 in (19, 20, 21)
    assert again.learned_at == first.learned_at
    assert timedelta(hours=12) < EVERY < timedelta(days=1)


def test_a_channel_without_posts_keeps_no_week(world: World) -> None:
    relearn(world.context, world.channel)

    with reading(world.engine) as session:
        assert kept_week(session, world.channel) is None
        assert learn_week(session, world.channel, now=NOON).posts == 0


def test_measured_posts_count_at_equal_age(world: World) -> None:
    with writing(world.engine) as session:
        for days in range(1, 31):
            at = NOON - timedelta(days=days)
            post = Post(
                workspace_id=world.workspace.id, channel_id=world.channel.id, story_id=new_id(),
                state="published", content={"text": "x"}, delivery_key=str(days), published_at=at,
                created_at=at,
            )  # fmt: skip
            session.add(post)
            session.flush()
            for checkpoint, value in ((3600, 4), (86_400, 10), (29 * 86_400, 500)):
                session.add(
                    Reading(
                        post_id=post.id, metric="reactions", checkpoint=checkpoint, read_at=at, value=value,
                        source="x",
                    )
                )  # fmt: skip
        session.commit()
        week = learn_week(session, world.channel, now=NOON)

    assert (week.measured, week.metric) == (30, "engagement")
    assert week.reactions > 0
    assert not week.has_evidence


def test_automatic_choices_explore_and_log_the_odds_they_had(world: World) -> None:
    remember(world)
    relearn(world.context, world.channel)
    with writing(world.engine) as session:
        for number in range(6):
            post = rows.new_post(
                session, workspace_id=world.workspace.id, channel=world.channel, content=Content(f"{number}"),
                state=PostState.QUEUED, now=NOON,
            )  # fmt: skip
            place_in_next_slot(session, post, world.channel, now=NOON)
        session.commit()
        choices = session.scalars(select(SlotChoice)).all()

    assert len({choice.chosen_at for choice in choices}) == 6
    assert all(0 < choice.propensity <= 1 for choice in choices)
    assert any(choice.propensity < 1 for choice in choices)
    for choice in choices:
        assert (choice.rule == "half_draw/1") == (choice.propensity < 1)
        assert choice.why["explored"] in (True, False)
