"""A post against the channel's others at equal age: its percentile, how sure that is, and what is told."""

from collections.abc import Mapping
from datetime import timedelta

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlmodel import Session, col, select

from analytics.posts import post_statistics
from analytics.usual import (
    LEVEL,
    Usual,
    curves,
    headline_of,
    percentile,
    rank_interval,
    usual_of,
)
from domain.metrics import Metric
from store import measuring
from store.around import with_readings
from store.tables import Reading
from tests.measured import SUPPLIES, Measured
from tests.world import NOON

HOUR, DAY = timedelta(hours=1), timedelta(days=1)
counts = st.lists(st.integers(0, 20), min_size=5, max_size=60)


def test_the_bounds_are_those_of_clopper_and_pearson() -> None:
    assert rank_interval(3, [1, 2, 4, 5, 6, 7, 8, 9, 10, 11]) == pytest.approx((3.6771, 50.6901), abs=1e-3)
    assert rank_interval(0, [1] * 10)[0] == 0
    assert rank_interval(0, [1] * 10)[1] == pytest.approx(100 * (1 - 0.05 ** (1 / 10)))
    assert rank_interval(9, [1] * 10)[1] == 100


@given(st.integers(0, 20), counts)
def test_the_interval_holds_the_percentile(value: int, others: list[int]) -> None:
    low, high = rank_interval(value, others)

    assert 0 <= low <= percentile(value, others) <= high <= 100


@pytest.mark.parametrize("draw", ["even", "few"])
@pytest.mark.parametrize("number", [5, 12, 60])
def test_the_interval_holds_the_true_percentile_as_often_as_it_says(draw: str, number: int) -> None:
    """Also for small counts with many ties; between its bounds, the truth lies in at least 90 % of 3,000."""
    rng, held, cases = np.random.default_rng(7), 0, 3_000
    for _ in range(cases):
        if draw == "even":
            value, others = rng.random(), rng.random(number)
            true = (value, value)
        else:
            value, others = float(rng.poisson(1.0)), rng.poisson(1.0, number).astype(float)
            mass = [np.exp(-1.0) / np.prod(np.arange(1, k + 1)) for k in range(int(value) + 1)]
            true = (float(sum(mass[:-1])), float(sum(mass)))
        low, high = rank_interval(float(value), [float(one) for one in others])
        held += low <= 100 * true[0] and 100 * true[1] <= high
    assert held / cases >= LEVEL - 0.012  # two standard errors of 3,000 draws


@given(st.permutations([(6 * HOUR, 4), (DAY, 9), (3 * DAY, 9), (7 * DAY, 12)]))
def test_the_order_in_which_readings_are_given_does_not_matter(looks: list[tuple[timedelta, int]]) -> None:
    rows = [
        Reading(post_id=1, metric="reactions", checkpoint=int(age.total_seconds()), read_at=NOON + age,
                value=value, source="likes")
        for age, value in looks
    ]  # fmt: skip
    [found] = [curve for key, curve in curves(rows, published_at=NOON).items() if key == "reactions"]

    assert [point.value for point in found] == [4, 9, 9, 12]
    assert not any(point.fell or point.cut or point.late for point in found)


def test_a_reading_that_falls_is_kept_and_flagged_and_another_field_cuts_the_curve() -> None:
    told = [(HOUR, 9, "likes"), (DAY, 7, "likes"), (2 * DAY, 3, "votes"), (3 * DAY, 5, "votes")]
    rows = [
        Reading(post_id=1, metric="reactions", checkpoint=int(age.total_seconds()), read_at=NOON + age,
                value=value, source=source)
        for age, value, source in told
    ]  # fmt: skip
    found = curves(rows, published_at=NOON)["reactions"]

    assert [point.value for point in found] == [9, 7, 3, 5]
    assert [point.fell for point in found] == [False, True, False, False]
    assert [point.cut for point in found] == [False, False, True, False]


def test_late_looks_and_posts_that_are_gone_are_not_compared(session: Session) -> None:
    world = Measured(session)
    channel = world.channel()
    others = [world.post(channel, NOON - (20 + number) * DAY) for number in range(8)]
    for number, post in enumerate(others):
        world.engaged(post, DAY, number + 1)
    others[0].deleted_at = NOON
    late = others[1]
    for row in session.exec(select(Reading).where(col(Reading.post_id) == late.id)):
        row.read_at += 3 * DAY
        session.add(row)
    own = world.post(channel, NOON - 2 * DAY)
    world.engaged(own, DAY, 5)
    session.flush()

    found = post_statistics(session, world.id, own.id, supplies=SUPPLIES, now=NOON)
    usual = found.usual["engagement"]

    assert usual.posts == 6
    assert usual.checkpoint == DAY
    assert usual.interval is not None
    assert usual.percentile is not None
    assert usual.interval[0] < usual.percentile < usual.interval[1]


def test_with_fewer_posts_than_five_nothing_is_said(session: Session) -> None:
    world = Measured(session)
    channel = world.channel()
    posts = [world.post(channel, NOON - (20 + number) * DAY) for number in range(5)]
    for post in posts:
        world.engaged(post, DAY, 3)
    own = posts[-1]
    assert own.published_at is not None
    beside, readings = with_readings(session, own, each_side=9)
    assert beside.ids.tolist() == [post.id for post in posts[:-1]]

    grown = curves(measuring.readings_of(session, [own.id])[own.id], published_at=own.published_at)
    found = usual_of(grown, beside, readings)

    assert found["engagement"].percentile is None
    assert found["engagement"].interval is None
    assert headline_of(found) is None


def test_the_headline_tells_the_first_count_and_which_others_stand_out() -> None:
    def rank(value: float | None) -> Usual:
        return Usual(
            (), 3 * DAY if value is not None else None, value, (value - 9, value + 4) if value else None, 40
        )

    found: Mapping[str, Usual] = {
        "engagement": rank(85.0), "replies": rank(95.0), "clicks": rank(50.0), "shares": rank(4.0),
        "reactions": rank(None), str(Metric.IMPRESSIONS): rank(99.0),
    }  # fmt: skip
    told = headline_of(found)

    assert told is not None
    assert (told.key, told.checkpoint, told.top, told.posts) == ("engagement", 3 * DAY, 15.0, 40)
    assert told.interval == (76.0, 89.0)
    assert (told.many, told.few, told.usual) == (("replies",), ("shares",), ("clicks",))
