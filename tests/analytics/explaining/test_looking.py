"""A KPI explained from rows of a database: its change, its trend, its own past, on both databases."""

import math
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from sqlmodel import Session

from analytics.explaining.looking import Look, look
from analytics.explaining.periods import Against
from analytics.explaining.tree import Factor
from analytics.kpis import evaluate
from domain.breakdown import By
from domain.breaks import Break
from domain.metrics import Metric
from domain.sentence import Words
from domain.sentences import say
from store.tables import ChannelReading, Kpi
from tests.measured import SUPPLIES, Measured
from tests.world import NOON
from web.i18n import Voice
from web.kpi_why import trend_chart

DAY = timedelta(days=1)
MARCH, APRIL = datetime(2026, 3, 1, tzinfo=UTC), datetime(2026, 4, 1, tzinfo=UTC)


def kpi(world: Measured, **values: Any) -> Kpi:
    usual: dict[str, Any] = {
        "name": "k", "metric": "engagement", "target": 100, "period": "month", "starts_on": date(2026, 1, 1),
    }  # fmt: skip
    row = Kpi(workspace_id=world.id, created_at=NOON, **(usual | values))
    world.session.add(row)
    world.session.flush()
    return row


def seen(world: Measured, row: Kpi, at: datetime, **options: Any) -> Look:
    standing = evaluate(world.session, row, at, supplies=SUPPLIES)
    return look(world.session, standing, supplies=SUPPLIES, **options)


def effects(found: Look) -> dict[Factor, float]:
    assert found.change.tree is not None
    tree = found.change.tree
    assert math.fsum(tree.effects.values()) == pytest.approx(tree.change)
    return dict(tree.effects)


def two_months(world: Measured) -> None:
    """(20 posts, 1000 impressions each, 5 %) in March, (25, 900, 4 %) in April: the known answer."""
    channel = world.channel("exposed")
    for start, posts, impressions, engagement in ((MARCH, 20, 1000, 50), (APRIL, 25, 900, 36)):
        for number in range(posts):
            post = world.post(channel, start + number * DAY)
            world.engaged(post, DAY / 4, engagement, impressions=impressions)


@pytest.mark.parametrize("by", [By.CHANNEL, By.PLATFORM, By.KIND, By.CAMPAIGN])
def test_a_month_beside_the_one_before_gives_the_known_answer(session: Session, by: By) -> None:
    world = Measured(session)
    two_months(world)

    found = seen(world, kpi(world), APRIL + 30 * DAY - DAY / 24, by=by)

    rounded = {name: round(value, 3) for name, value in effects(found).items()}
    assert rounded == {Factor.VOLUME: 211.790, Factor.EXPOSURE: -100.0, Factor.RATE: -211.790}
    assert found.change.tree is not None
    assert (found.change.tree.before, found.change.tree.after) == (1000, 900)
    assert say(found.change_told[0]).startswith("Engagement: 1,000 then, 900 now (−100), mostly through ")


def test_a_period_under_way_is_compared_with_as_much_of_the_other(session: Session) -> None:
    world = Measured(session)
    two_months(world)

    found = seen(world, kpi(world), APRIL + 10 * DAY)

    assert found.change.tree is not None
    assert (found.change.tree.before, found.change.tree.after) == (500, 360)
    assert found.change.pair is not None
    assert found.change.pair.other.end == MARCH + 10 * DAY
    assert "as much of the other" in say(found.change_told[1])


def test_what_older_posts_bring_stands_apart_by_type(session: Session) -> None:
    world = Measured(session)
    channel = world.channel("square")
    old = world.post(channel, MARCH + 28 * DAY)
    world.engaged(old, DAY / 2, 10)
    world.engaged(old, 6 * DAY, 17)  # read in April: 7 more
    world.engaged(world.post(channel, APRIL + DAY), DAY, 4)

    found = seen(world, kpi(world), APRIL + 29 * DAY, by=By.KIND)

    assert found.change.tree is not None
    assert (found.change.tree.before, found.change.tree.after) == (10, 11)
    assert effects(found)[Factor.OLDER] == pytest.approx(7)


def test_a_rate_is_split_into_weights_and_own_rates(session: Session) -> None:
    world = Measured(session)
    good, poor = world.channel("exposed"), world.channel("exposed")
    for start, many in ((MARCH, 1), (APRIL, 3)):
        for number in range(many):
            world.engaged(world.post(good, start + number * DAY), DAY / 4, 10, impressions=100)
        world.engaged(world.post(poor, start), DAY / 4, 2, impressions=100)

    found = seen(world, kpi(world, metric="er_impr"), APRIL + 29 * DAY)

    assert found.change.tree is not None
    assert found.change.tree.before == pytest.approx(6)
    assert found.change.tree.after == pytest.approx(8)
    assert effects(found) == {Factor.MIX: pytest.approx(2), Factor.RATE: pytest.approx(0)}


def test_followers_are_told_by_channel_and_may_shrink(session: Session) -> None:
    world = Measured(session)
    channel = world.channel("exposed")
    for at, count in ((MARCH, 1000), (MARCH + 20 * DAY, 900), (APRIL + 20 * DAY, 850)):
        session.add(ChannelReading(channel_id=channel.id, metric="followers", at=at, value=count, source="f"))
    session.flush()

    stock = seen(world, kpi(world, metric="followers"), APRIL + 29 * DAY)
    growth = seen(world, kpi(world, name="g", metric="follower_growth"), APRIL + 29 * DAY)

    assert effects(stock) == {Factor.GROWN: -50}
    assert effects(growth) == {Factor.GROWN: 50}  # 50 were lost after 100


def test_reach_has_no_parts_and_says_why(session: Session) -> None:
    world = Measured(session)
    two_months(world)

    found = seen(world, kpi(world, metric="reach_largest"), APRIL + 10 * DAY)

    assert found.change.tree is None
    assert "not made of parts that add up" in say(found.change_told[0])


def test_a_baseline_of_another_length_is_scaled_and_one_by_hand_is_refused(session: Session) -> None:
    world = Measured(session)
    two_months(world)
    by_days = kpi(
        world,
        target_kind="relative",
        baseline=500,
        baseline_from=date(2026, 3, 1),
        baseline_to=date(2026, 3, 10),
    )
    by_hand = kpi(world, name="hand", target_kind="relative", baseline=500)

    scaled = seen(world, by_days, APRIL + 20 * DAY, against=Against.BASELINE)
    refused = seen(world, by_hand, APRIL + 20 * DAY, against=Against.BASELINE)

    assert scaled.change.pair is not None
    assert scaled.change.tree is not None
    assert scaled.change.pair.scale == 2
    assert (scaled.change.tree.before, scaled.change.tree.after) == (1000, 720)
    assert sum(effects(scaled).values()) == pytest.approx(-280)
    assert "by hand" in say(refused.change_told[0])


def test_a_first_month_without_a_past_is_volume_alone(session: Session) -> None:
    world = Measured(session)
    world.engaged(world.post(world.channel("square"), APRIL), DAY, 10)

    assert effects(seen(world, kpi(world), APRIL + 20 * DAY)) == {Factor.VOLUME: 10, Factor.YIELD: 0}


def test_the_own_past_is_told_by_the_same_days_of_earlier_months(session: Session) -> None:
    world = Measured(session)
    channel = world.channel("square")
    for month, value in ((1, 10), (2, 20), (3, 30), (4, 40), (5, 35)):
        world.engaged(world.post(channel, datetime(2026, month, 1, tzinfo=UTC)), DAY, value)
        world.engaged(world.post(channel, datetime(2026, month, 20, tzinfo=UTC)), DAY, 500)

    found = seen(world, kpi(world), datetime(2026, 5, 11, 12, tzinfo=UTC)).among

    assert found is not None
    assert (found.value, found.days) == (35, 10)
    assert [value for _, value in found.earlier] == [20, 30, 40]
    assert not found.is_enough


def test_percentile_and_quartiles_are_those_of_the_earlier_periods(session: Session) -> None:
    world = Measured(session)
    channel = world.channel("square")
    for week, value in enumerate((5, 10, 20, 30, 40, 25)):
        world.engaged(world.post(channel, MARCH + DAY + 7 * week * DAY), DAY, value)

    row = kpi(world, period="week", starts_on=date(2026, 1, 5))
    found = seen(world, row, MARCH + DAY + 41 * DAY)

    assert found.among is not None
    assert [value for _, value in found.among.earlier] == [10, 20, 30, 40]
    assert found.among.value == 25
    assert found.among.share_below == 0.5
    assert found.among.quartiles == (17.5, 25, 32.5)
    assert "above 50% of the 4 earlier periods" in say(found.among_told[0])


def test_with_too_short_a_past_nothing_is_called_a_trend(session: Session) -> None:
    world = Measured(session)
    world.engaged(world.post(world.channel("square"), APRIL), DAY, 10)

    found = seen(world, kpi(world), APRIL + 20 * DAY)

    assert found.run is None
    assert "Not enough data to speak of a trend" in say(found.trend_told[0])


def test_a_steady_rise_is_told_with_slope_interval_and_chance(session: Session) -> None:
    world = Measured(session)
    channel = world.channel("square")
    for day in range(70):
        world.engaged(world.post(channel, MARCH - 40 * DAY + day * DAY), DAY / 4, 100 + day)

    found = seen(world, kpi(world), MARCH + 30 * DAY)

    assert found.run is not None
    slope, low, high = found.run.a_week
    assert slope == pytest.approx(49)  # a day more each day: seven days, each seven higher
    assert low <= slope <= high
    assert say(found.trend_told[0]).startswith("Rising over the last 10 weeks, by about +49 a week")
    assert "less than once in a thousand times (p < 0.001)" in say(found.trend_told[0])
    assert "Naik selama 10 minggu" in say(found.trend_told[0], "id")


def test_a_change_of_meaning_within_the_run_is_known_and_cuts_the_line_of_its_chart(session: Session) -> None:
    world = Measured(session)
    channel = world.channel("square")
    for day in range(70):
        world.engaged(world.post(channel, MARCH - 40 * DAY + day * DAY), DAY / 4, 100 + day)
    anew = Break(
        platform="square", metric=Metric.REACTIONS, on=MARCH.date(), before="a", after="b",
        what=Words("Counted anew.", "Dihitung ulang."),
    )  # fmt: skip
    square = replace(SUPPLIES.by_platform["square"], breaks=(anew,))
    able = replace(SUPPLIES, by_platform={**SUPPLIES.by_platform, "square": square})

    row = kpi(world)
    standing = evaluate(session, row, MARCH + 30 * DAY, supplies=able)
    found = look(session, standing, supplies=able)

    assert found.breaks == (anew,)
    chart = trend_chart(found, Voice("en", "UTC"))
    assert chart is not None
    assert "From 1 Mar 2026 on: Counted anew." in chart.gist
    parts = [one["part"] for one in chart.spec["data"]["values"] if one["series"] != "Trend"]
    assert parts == sorted(parts)
    assert set(parts) == {0, 1}
    assert seen(world, row, MARCH + 30 * DAY).breaks == ()
