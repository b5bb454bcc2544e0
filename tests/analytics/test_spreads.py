"""Figures that no sum can make, and days on which a number changed its meaning."""

from dataclasses import replace
from datetime import timedelta

import pytest
from sqlmodel import Session

from analytics.sums import Stretch, figure_over
from domain.breaks import Break
from domain.catalogue import definition
from domain.definition import Supplies, Supply
from domain.figure import Absence, Figure
from domain.kpi import NewKpi, Scope, check
from domain.metrics import Metric
from domain.sentence import Words
from domain.sentences import say
from store.tables import Post, Reading
from tests.measured import ENGAGEMENT, Measured
from tests.world import NOON

DAY = timedelta(days=1)
CHANGED = Break(
    platform="reaching", metric=Metric.IMPRESSIONS, on=(NOON - 5 * DAY).date(), before="old", after="new",
    what=Words("It counts anew.", "Dihitung ulang."),
)  # fmt: skip
SUPPLIES = Supplies(
    {
        "reaching": Supply(
            "reaching", "Reaching",
            ENGAGEMENT | {Metric.REACH, Metric.IMPRESSIONS, Metric.FOLLOWERS}, breaks=(CHANGED,),
        ),
    },
    own_links=True,
)  # fmt: skip


def read(world: Measured, post: Post, age: timedelta, source: str = "field", **values: int) -> None:
    for metric, value in values.items():
        world.session.add(
            Reading(
                post_id=post.id, metric=metric, checkpoint=int(age.total_seconds()),
                read_at=(post.published_at or NOON) + age, value=value, source=source,
            )
        )  # fmt: skip
    world.session.flush()


def over(world: Measured, key: str, *, days: int = 20) -> Figure:
    stretch = Stretch(NOON - days * DAY, NOON, NOON)
    return figure_over(
        world.session, definition(key), stretch, workspace_id=world.id, scope=Scope(), supplies=SUPPLIES
    )


def reached(session: Session, *pairs: tuple[int, int]) -> Measured:
    """Posts with these (reactions, reach)."""
    world = Measured(session)
    channel = world.channel("reaching")
    for place, (reactions, reach) in enumerate(pairs):
        post = world.post(channel, NOON - (2 + place) * DAY)
        read(world, post, DAY, reactions=reactions, replies=0, shares=0, reach=reach)
    return world


def test_reach_is_never_added_and_has_bounds_instead(session: Session) -> None:
    world = reached(session, (1, 100), (2, 400), (3, 50))

    reach = over(world, "reach")
    assert (reach.value, reach.absence) == (None, Absence.UNDEFINED)
    assert reach.reason is not None
    assert "between 400 (the largest single post) and 550" in say(reach.reason, "en")
    assert over(world, "reach_largest").value == 400
    assert over(world, "reach_per_post").value == pytest.approx(550 / 3)
    assert over(reached(session, (1, 70)), "reach").value == 70


def test_a_ratio_of_sums_and_a_mean_of_posts_stand_side_by_side(session: Session) -> None:
    world = reached(session, (10, 100), (2, 400), (0, 0))

    assert over(world, "er_reach").value == pytest.approx(100 * 12 / 500)
    mean = over(world, "er_reach_mean")
    assert mean.value == pytest.approx((10 + 0.5) / 2)  # over 0 it is undefined, and no part of the mean
    assert (mean.passport.coverage.measured, mean.passport.coverage.in_scope) == (2, 3)
    assert mean.passport.interval is None  # too few posts


def test_the_interval_of_a_mean_is_students(session: Session) -> None:
    world = reached(session, *((rate, 100) for rate in (1, 2, 3, 4, 5)))

    found = over(world, "er_reach_mean")

    assert found.value == pytest.approx(3)
    assert found.passport.interval is not None
    # 3 ± 2.7764 × 1.5811 / √5
    assert (found.passport.interval.low, found.passport.interval.high) == pytest.approx(
        (1.0368, 4.9632), abs=1e-3
    )


def test_kpis_take_what_reach_can_be_told_by_and_refuse_its_sum() -> None:
    new = NewKpi(
        name="Reach", metric="reach", target=500, starts_on=NOON.date(), deadline=(NOON + 30 * DAY).date()
    )
    [refused] = check(new, platforms=["reaching"], supplies=SUPPLIES, today=NOON.date())

    assert "Choose the reach of the largest post, reach per post" in say(refused, "en")
    for key in ("reach_largest", "reach_per_post", "er_reach", "er_reach_mean"):
        allowed = replace(new, metric=key)
        assert check(allowed, platforms=["reaching"], supplies=SUPPLIES, today=NOON.date()) == []


def test_growth_in_percent_is_of_the_start(session: Session) -> None:
    world = Measured(session)
    channel = world.channel("reaching")
    world.followers(channel, NOON - 19 * DAY, 200)
    world.followers(channel, NOON - DAY, 230)

    assert over(world, "follower_growth").value == 30
    assert over(world, "follower_growth_rate").value == pytest.approx(15)


def test_across_a_change_of_field_nothing_is_joined_and_the_figure_says_so(session: Session) -> None:
    world = Measured(session)
    post = world.post(world.channel("reaching"), NOON - 9 * DAY)
    read(world, post, DAY, source="old", impressions=100)
    read(world, post, 2 * DAY, source="old", impressions=130)
    read(world, post, 7 * DAY, source="new", impressions=900)
    read(world, post, 8 * DAY, source="new", impressions=950)

    found = over(world, "impressions")

    assert found.value == 130 + 50
    assert found.passport.breaks == (CHANGED,)
    assert over(world, "reactions").passport.breaks == ()
    assert over(world, "impressions", days=3).passport.breaks == ()
