"""Trend tests, against published values and scipy."""

import random

import pytest
from scipy import stats

from analytics.trend import trend

DIGITS = [3, 1, 4, 1, 5, 9, 2, 6, 5, 3]


def test_a_straight_rise() -> None:
    found = trend(range(1, 11))

    assert found is not None
    assert (found.score, found.variance, round(found.z, 5), found.slope) == (45, 125, 3.93548, 1)
    assert found.p == pytest.approx(8.303e-5, rel=1e-4)


def test_ties_take_from_the_variance() -> None:
    found = trend(DIGITS)

    assert found is not None
    assert (found.score, found.variance, round(found.z, 6), round(found.p, 6)) == (
        12,
        122,
        0.995893,
        0.319302,
    )
    assert found.slope == pytest.approx(1 / 3)


@pytest.mark.parametrize("seed", range(5))
def test_slope_and_interval_are_those_of_scipy(seed: int) -> None:
    rng = random.Random(seed)
    values = [rng.choice([1, 2, 3, 5, 8.5]) + 0.1 * place for place in range(6, 30)]
    found, theirs = trend(values), stats.theilslopes(values)

    assert found is not None
    assert (found.slope, found.lower, found.upper) == pytest.approx(tuple(theirs)[:1] + tuple(theirs)[2:])


def test_memory_makes_a_wandering_series_less_certain() -> None:
    rng = random.Random(3)
    values, level = [], 0.0
    for _ in range(60):
        level = 0.9 * level + rng.gauss(0, 1)
        values.append(level)
    plain, wide = trend(values), trend(values, remembers=True)

    assert plain is not None
    assert wide is not None
    assert wide.variance > plain.variance
    assert wide.p > plain.p


def test_few_or_equal_values_are_no_trend() -> None:
    assert trend([1, 2, 3]) is None
    flat = trend([5.0] * 8)
    assert flat is not None
    assert (flat.score, flat.p, flat.slope) == (0, 1.0, 0)
