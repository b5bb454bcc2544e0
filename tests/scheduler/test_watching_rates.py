"""Alerts of scores of surveys, and of rates of posts where a KPI asks for them."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

import numpy as np
import pytest
from sqlalchemy import Engine

from domain.alerts import Rule
from domain.metrics import Metric
from domain.post import PostState
from scheduler.alerting import words_of
from store import measuring
from store.engine import writing
from store.measuring import Taken
from store.tables import Answer, ChannelReading, ChannelRow, Kpi, Post
from tests.scheduler.test_watching import listed, look, put
from tests.world import NOON, FixedClock, World, new_world

DAY, HOUR = timedelta(days=1), timedelta(hours=1)
MIDNIGHT = datetime(2026, 3, 2, tzinfo=UTC)


def here(engine: Engine) -> World:
    return new_world(engine, clock=FixedClock(MIDNIGHT + timedelta(minutes=15)))


def answered(world: World, kind: str, daily: Sequence[Sequence[int]]) -> None:
    """Scores of whole days in a row; the last is yesterday."""
    put(world, *(
        Answer(
            workspace_id=world.workspace.id, key=f"{kind}{back}:{number}", kind=kind, score=score,
            at=MIDNIGHT - back * DAY + 10 * HOUR, read_at=MIDNIGHT,
        )
        for back, scores in enumerate(reversed(daily), start=1)
        for number, score in enumerate(scores)
    ))  # fmt: skip


@pytest.mark.parametrize(
    ("kind", "content", "others", "said"),
    [
        ("csat", 5, 2, "CSAT"),
        ("nps", 10, 3, "NPS"),
    ],
)
def test_a_score_of_surveys_that_fell_for_good_is_told_as_people_know_it(
    engine: Engine, kind: str, content: int, others: int, said: str
) -> None:
    world = here(engine)
    rng = np.random.default_rng(3)
    shares = [0.2] * 75 + [0.6] * 6
    answered(world, kind, [np.where(rng.random(40) < share, others, content).tolist() for share in shares])

    look(world)

    [row] = [one for one in listed(world) if one.subject == f"workspace:{kind}"]
    text = words_of(row, language="en", zone="UTC").text
    assert not row.is_good
    assert said in text
    assert row.facts["rate"] < row.facts["usual_rate"] <= 100
    assert row.facts["effect"] < 0
    assert "answers" in text
    assert row.facts["page"] == "/business/surveys"
    assert "jawaban" in words_of(row, language="id", zone="UTC").text


def posted(world: World, engagement: Sequence[int], *, followers: int) -> None:
    """Six posts a day with so many reactions a day after; the last went out the day before yesterday."""
    pattern = world.queue(at=NOON)
    with writing(world.engine) as session:
        session.get_one(ChannelRow, world.channel.id).platform = "mastodon"
        session.add(ChannelReading(
            channel_id=world.channel.id, metric=Metric.FOLLOWERS, at=MIDNIGHT - 200 * DAY, value=followers,
            source="followers_count",
        ))  # fmt: skip
        for back, number in enumerate(reversed(engagement), start=2):
            for hour in range(6):
                at = MIDNIGHT - back * DAY + (9 + hour) * HOUR
                post = Post(
                    workspace_id=world.workspace.id, channel_id=world.channel.id, story_id=pattern.story_id,
                    content=pattern.content, state=PostState.PUBLISHED, published_at=at, planned_at=at,
                    created_at=at, delivery_key=f"{back}:{hour}",
                )  # fmt: skip
                session.add(post)
                session.flush()
                taken = [Taken(Metric.REACTIONS, number, "a"), Taken(Metric.REPLIES, 0, "b"),
                         Taken(Metric.SHARES, 0, "c")]  # fmt: skip
                measuring.append(session, post.id, checkpoint=DAY, read_at=at + DAY, taken=taken)
        session.commit()


@pytest.mark.parametrize("metric", ["engagement_per_post", "er_followers"])
def test_a_rate_of_posts_is_judged_by_their_day_where_a_kpi_asks_for_it(engine: Engine, metric: str) -> None:
    world = here(engine)
    rng = np.random.default_rng(4)
    usual = (100 * np.exp(rng.normal(0, 0.2, 70))).astype(int).tolist()
    posted(world, [*usual, *(20 for _ in range(6))], followers=5000)
    subject = f"channel:{world.channel.id}:{metric}"
    look(world)
    assert subject not in {row.subject for row in listed(world)}

    put(world, Kpi(
        workspace_id=world.workspace.id, name="Rate", metric=metric, target=2000, starts_on=MIDNIGHT.date(),
        created_at=MIDNIGHT, alert_rule="off", scope={"channel_id": world.channel.id},
    ))  # fmt: skip
    look(world, days=1)

    [row] = [one for one in listed(world, Rule.FIGURE_SHIFT, Rule.FIGURE_DAY) if one.subject == subject]
    text = words_of(row, language="en", zone="UTC").text
    assert not row.is_good
    assert "in their first day" in text
    assert row.facts["rate"] == pytest.approx(20 if metric == "engagement_per_post" else 0.4, rel=0.6)
    assert row.facts["usual_rate"] > 2 * row.facts["rate"]
