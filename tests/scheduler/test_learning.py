"""A channel's week learned from the store: past posts, readings at equal age, and choices with their odds."""

from datetime import datetime, timedelta

import pytest
from sqlalchemy import Engine, delete
from sqlmodel import Session, select

from domain.content import Content, DeliveryClass
from domain.ids import new_id
from domain.learned import LearnedWeek
from domain.metrics import Audience
from domain.post import PostState
from scheduler import learning
from scheduler.channel_rules import set_rules
from scheduler.learning import EVERY, current_week, kept_week, learn_week, relearn
from scheduler.slots import place_in_next_slot
from store import posts as rows
from store import traffic
from store.changes import Actor
from store.engine import reading, writing
from store.tables import ChannelRow, Click, DatedReaction, Link, PastPost, Post, Reading, SlotChoice, SlotWeek
from store.traffic import Shown
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


def test_pages_tell_of_the_week_that_placing_goes_by_until_it_is_old(world: World) -> None:
    remember(world, 60)
    relearn(world.context, world.channel)
    remember_more = 30
    with writing(world.engine) as session:
        for index in range(remember_more):
            at = NOON - timedelta(days=index + 1, hours=5)
            session.add(
                PastPost(
                    workspace_id=world.workspace.id, channel_id=world.channel.id, key=f"later {index}", at=at,
                    engagement=7, imported_at=NOON,
                )
            )  # fmt: skip
        session.commit()

        assert current_week(session, world.channel, now=NOON).imported == 60
        assert current_week(session, world.channel, now=NOON + EVERY).imported == 60 + remember_more


def test_no_more_than_the_newest_posts_are_learned_from(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(learning, "MOST_POSTS", 5)
    with writing(world.engine) as session:
        for days in range(1, 9):
            post = published(world, session, NOON - timedelta(days=days))
            session.add(read(post, "reactions", 86_400, 10))
        session.commit()

        week = learn_week(session, world.channel, now=NOON)

    newest = {(NOON - timedelta(days=days)).weekday() for days in range(1, 6)}
    assert week.measured == 5
    assert {hour // 24 for hour, count in enumerate(week.counts) if count} == newest


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


def react(world: World, *, share: float) -> None:
    """60 posts at four hours of the day, whose reactions all come at 20:00 Jakarta; a share is dated."""
    with writing(world.engine) as session:
        for days in range(3, 63):
            hour, earned = ((2, 10), (6, 20), (10, 30), (12, 40))[days % 4]
            at = (NOON - timedelta(days=days)).replace(hour=hour)
            post = published(world, session, at)
            for checkpoint, value in ((900, 0), (86_400, earned)):
                session.add(read(post, "reactions", checkpoint, value))
            for number in range(round(earned * share)):
                when = at.replace(hour=13, minute=number)
                session.add(DatedReaction(post_id=post.id, kind="reactions", key=str(number), at=when))
        session.commit()


def published(world: World, session: Session, at: datetime) -> Post:
    post = Post(
        workspace_id=world.workspace.id, channel_id=world.channel.id, story_id=new_id(), state="published",
        content={"text": "x"}, delivery_key=at.isoformat(), published_at=at, created_at=at,
    )  # fmt: skip
    session.add(post)
    session.flush()
    return post


def read(post: Post, metric: str, checkpoint: int, value: int) -> Reading:
    return Reading(
        post_id=post.id, metric=metric, checkpoint=checkpoint, read_at=post.created_at, value=value,
        source="x",
    )  # fmt: skip


def peak(world: World) -> tuple[int, float]:
    """The best hour of the day, and by how much it beats the mean of the afternoon."""
    with reading(world.engine) as session:
        week = learn_week(session, world.channel, now=NOON)
    day = [sum(week.means[hour::24]) / 7 for hour in range(24)]
    return max(range(24), key=lambda hour: day[hour]), day[20] - sum(day[13:17]) / 4


def test_the_times_of_reactions_tell_the_hour_that_differences_between_readings_blur(world: World) -> None:
    react(world, share=1.0)
    hour, gain = peak(world)
    with writing(world.engine) as session:
        session.execute(delete(DatedReaction))
        session.commit()
    blurred = peak(world)[1]

    assert hour in (19, 20)
    assert gain > 1.5 * blurred > 0


def test_times_of_a_few_reactions_only_are_not_taken_for_all(world: World) -> None:
    react(world, share=0.3)
    few = peak(world)[1]
    with writing(world.engine) as session:
        session.execute(delete(DatedReaction))
        session.commit()

    assert few == peak(world)[1]


def test_clicks_on_our_links_are_dated_reactions_where_nothing_else_is_counted(world: World) -> None:
    with writing(world.engine) as session:
        link = Link(workspace_id=world.workspace.id, code="abc", target="https://a.example", created_at=NOON)
        session.add(link)
        session.flush()
        for days in range(3, 63):
            at = (NOON - timedelta(days=days)).replace(hour=(2, 6, 10, 12)[days % 4])
            post = published(world, session, at)
            session.add(read(post, "clicks", 86_400, 5))
            for audience in ("human", "human", "human", "human", "human", "bot"):
                when = at.replace(hour=13)
                session.add(Click(link_id=link.id, post_id=post.id, at=when, audience=audience))
        session.commit()
        week = learn_week(session, world.channel, now=NOON)

    assert (week.metric, week.reactions) == ("clicks", 300)


def test_views_of_our_own_pages_are_dated_by_the_hour(world: World) -> None:
    with writing(world.engine) as session:
        for days in range(3, 33):
            at = (NOON - timedelta(days=days)).replace(hour=(2, 6, 10)[days % 3], minute=40)
            post = published(world, session, at)
            session.add(read(post, "views", 86_400, 7))
            shown = Shown(world.channel.id, post.id, "views", Audience.HUMAN, at + timedelta(minutes=5))
            traffic.count_shown(session, [shown] * 7)
        session.commit()
        week = learn_week(session, world.channel, now=NOON)

    assert (week.metric, week.reactions) == ("views", 210)


def test_an_audience_in_another_zone_moves_the_hours_at_once(world: World) -> None:
    world.channel.platform = "facebook"  # whose prior has a day and a night
    with reading(world.engine) as session:
        before = learn_week(session, world.channel, now=NOON).means
        world.channel.rules = {"audience": "America/New_York 100%"}
        after = learn_week(session, world.channel, now=NOON).means

    assert [round(one, 3) for one in after] == [round(before[(hour - 12) % 168], 3) for hour in range(168)]


def test_a_change_of_the_audience_is_learned_with_the_rules_and_not_by_a_what_if(world: World) -> None:
    with writing(world.engine) as session:  # whose prior has a day and a night
        session.get_one(ChannelRow, world.channel.id).platform = world.channel.platform = "facebook"
        session.commit()
    remember(world)
    relearn(world.context, world.channel)

    def kept() -> LearnedWeek | None:
        with reading(world.engine) as session:
            return kept_week(session, world.channel)

    first = kept()
    given = {"audience": "Asia/Jakarta 60%, Europe/Amsterdam 40%"}
    name, actor = world.channel.name, Actor("cli")
    set_rules(world.context, world.workspace.id, name, given, actor=actor, what_if=True)
    assert kept() == first
    set_rules(world.context, world.workspace.id, name, given, actor=actor)

    assert kept() != first


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
