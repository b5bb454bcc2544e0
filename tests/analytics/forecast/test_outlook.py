"""What is to come: known answers, and rules that hold for any history."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from analytics.forecast.counts import chance_of, counted
from analytics.forecast.outlook import FEWEST_WEEKS, WEEK, centre, outlook, scores_at, shipped, week_totals

STEADY = [100.0, 120, 110, 90, 100, 60, 50] * 10


def test_the_centre_is_the_fading_geometric_mean() -> None:
    totals = np.array([100.0, 200.0])
    found = centre(totals)

    weight = 0.9 / 1.9
    middle = weight * math.log(100) + (1 - weight) * math.log(200)
    variance = float(np.log(totals).var(ddof=1))
    assert found.weekly == pytest.approx(math.exp(middle + variance / 2))
    assert found.spread == pytest.approx(math.sqrt((4 * 0.35**2 + variance) / 5))


def test_a_rate_of_rare_events_has_the_known_answers() -> None:
    assert chance_of(700, 300, 10, 20) == pytest.approx(0.01250, abs=5e-6)
    plain = counted(300, 10, 20).after(300)
    assert [plain.quantile(level) for level in (0.1, 0.5, 0.9)] == [847, 900, 956]


def test_bundled_events_have_the_known_answers() -> None:
    assert chance_of(700, 300, 10, 20, bundle=25) == pytest.approx(0.35314, abs=5e-6)
    bundled = counted(300, 10, 20, bundle=25).after(300)
    assert [bundled.quantile(level) for level in (0.1, 0.5, 0.9)] == [675, 900, 1200]


def test_few_weeks_are_not_enough_data() -> None:
    assert outlook([5.0] * (FEWEST_WEEKS * WEEK - 1), 7) is None


def test_a_steady_history_goes_on() -> None:
    seen = outlook(STEADY, 28)

    assert seen is not None
    low, high = seen.interval(0.8)
    assert low < 4 * 630 < high
    assert 0.9 * 4 * 630 < seen.quantile(0.5) < 1.1 * 4 * 630
    assert seen.chance(low) > 0.8
    assert seen.chance(high) < 0.2


def test_a_weekend_ahead_is_worth_less_than_two_weekdays() -> None:
    weekend = outlook(STEADY[:-2], 2)
    weekdays = outlook(STEADY, 2)

    assert weekend is not None
    assert weekdays is not None
    assert weekend.quantile(0.5) < weekdays.quantile(0.5)


def test_a_quiet_channel_is_counted_and_never_negative() -> None:
    seen = outlook([0.0, 1, 0, 0, 0, 0, 0] * 8, 28)

    assert seen is not None
    assert seen.method == "counts"
    assert seen.values.min() >= 0
    assert 1 <= seen.quantile(0.5) <= 6


def test_shipped_scores_are_in_order_and_between_their_horizons() -> None:
    for weeks in (0.5, 1, 3, 4, 30):
        scores = scores_at(weeks, shipped())
        assert (np.diff(scores) >= 0).all()
    low, middle, high = (scores_at(weeks, shipped()) for weeks in (2, 3, 4))
    assert middle == pytest.approx((low + high) / 2)


histories = st.lists(st.integers(0, 10_000).map(float), min_size=28, max_size=120)


@given(histories, st.integers(1, 60), st.floats(0, 1e6), st.floats(0, 1e6))
def test_chances_fall_with_the_target_and_stay_between_0_and_1(
    daily: list[float], days: int, one: float, other: float
) -> None:
    seen = outlook(daily, days)

    assert seen is not None
    assert np.isfinite(seen.values).all()
    assert 0 < seen.chance(max(one, other)) <= seen.chance(min(one, other)) < 1
    assert seen.after(50).chance(one + 50) == pytest.approx(seen.chance(one))


def test_weeks_are_whole_and_end_with_the_last_day() -> None:
    assert week_totals([9.0, *[1.0] * 7, *[2.0] * 7]).tolist() == [7, 14]
