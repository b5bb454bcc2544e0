"""Trends of daily figures: known answers, ties, and weekdays that are compared with themselves."""

import random

import pytest

from analytics.seasonal_trend import seasonal_trend

#: Ten weeks with a strong week and a slow rise.
DAYS = (
    12, 25, 15, 23, 27, 38, 50, 18, 25, 20, 30, 25, 39, 47,
    18, 26, 29, 27, 25, 48, 57, 22, 26, 30, 26, 28, 38, 57,
    31, 29, 15, 18, 23, 37, 53, 20, 28, 28, 28, 30, 45, 54,
    24, 29, 22, 26, 36, 43, 55, 26, 29, 32, 28, 26, 42, 56,
    25, 30, 23, 28, 28, 54, 50, 24, 27, 22, 32, 31, 42, 66,
)  # fmt: skip


@pytest.mark.parametrize(
    ("values", "score", "variance", "slope"),
    [
        (range(1, 11), 45, 125.0, 1.0),
        ((3, 1, 4, 1, 5, 9, 2, 6, 5, 3), 12, 122.0, 1 / 3),
    ],
)
def test_without_a_season_the_known_answers_of_mann_and_kendall_come_out(
    values: range, score: int, variance: float, slope: float
) -> None:
    found = seasonal_trend(list(values), season=1)

    assert found is not None
    assert found.score == score
    assert found.variance == pytest.approx(variance)
    assert found.slope == pytest.approx(slope)


def test_weeks_with_ties_and_likeness_give_the_answer_of_a_published_package() -> None:
    # pymannkendall 1.4.3: correlated_seasonal_test(period=7): S 118, var 2053.333, slope 2/3 a week.
    found = seasonal_trend(DAYS)

    assert found is not None
    assert found.score == 118
    assert found.variance == pytest.approx(2053.3333333)
    assert 7 * found.slope == pytest.approx(2 / 3)
    assert found.z == pytest.approx(117 / 2053.3333333**0.5)
    assert found.lower < found.slope < found.upper


def test_a_strong_weekend_alone_is_no_trend() -> None:
    found = seasonal_trend([10, 10, 10, 10, 10, 90, 80] * 8)

    assert found is not None
    assert (found.score, found.slope, found.p) == (0, 0, 1)


def test_an_incomplete_first_week_is_left_out() -> None:
    assert seasonal_trend([999, *DAYS]) == seasonal_trend(DAYS)


def test_too_few_weeks_say_nothing() -> None:
    assert seasonal_trend(DAYS[:27]) is None


def test_noise_is_called_a_trend_about_as_often_as_stated() -> None:
    rng = random.Random(5)
    shape = (5, 8, 8, 9, 10, 20, 16)
    found = [seasonal_trend([rng.gauss(mean, 3) for _ in range(12) for mean in shape]) for _ in range(400)]
    alarms = sum(one is not None and one.p <= 0.05 for one in found)

    assert 5 <= alarms <= 40  # 20 are meant
