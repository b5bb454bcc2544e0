"""Days and shifts that ring, and those that must not."""

import numpy as np
import pytest

from analytics.alarms.days import WINDOW, Unusual, judge, together
from analytics.alarms.shifts import shift

WEEKLY = np.exp(np.array([0.0, 0.1, 0.2, 0.1, 0.0, -0.3, -0.4]))


def series(days: int, *, seed: int = 0, unrest: float = 0.3, level: float = 200.0) -> list[float]:
    """Counts of days with a weekly shape, on which nothing happens."""
    rng = np.random.default_rng(seed)
    shape = np.tile(WEEKLY, days // 7 + 1)[:days]
    return np.round(level * shape * np.exp(rng.normal(0, unrest, days))).tolist()  # type: ignore[no-any-return]


def test_a_day_far_out_rings_and_says_how_far() -> None:
    history = series(WINDOW)
    found = judge(history, 10 * history[-7])

    assert found is not None
    assert found.rings
    assert found.effect > 3
    assert found.p < 1 / (WINDOW + 1)


def test_a_day_that_fell_rings_as_well() -> None:
    found = judge(series(WINDOW), 2.0)

    assert found is not None
    assert found.rings
    assert found.effect < -0.9


def test_a_weekend_is_compared_with_weekends() -> None:
    history = series(WINDOW + 5, unrest=0.05)
    found = judge(history, 200 * float(WEEKLY[5]))

    assert found is not None
    assert not found.rings
    assert found.usual == pytest.approx(200 * float(WEEKLY[5]), rel=0.15)


def test_a_small_change_does_not_ring_however_certain() -> None:
    history = series(WINDOW, unrest=0.02)
    found = judge(history, history[-7] * 1.25)

    assert found is not None
    assert found.deviations > 3.5
    assert not found.rings


def test_few_days_say_nothing() -> None:
    assert judge([1.0] * (WINDOW - 1), 100) is None
    assert shift([1.0] * 55) is None


def test_many_figures_are_judged_together() -> None:
    ordinary = [Unusual(10, 10, 0.5, p, 4.0) for p in np.linspace(0.02, 1, 49).tolist()]
    lonely = Unusual(10, 1, 9.0, 0.02, 5.0)
    sure = Unusual(10, 1, 9.0, 0.0001, 20.0)

    assert together([lonely]) == [0]
    assert together([*ordinary, lonely]) == []
    assert together([*ordinary, sure]) == [49]


def test_a_level_that_fell_by_forty_percent_is_noticed_with_its_first_day() -> None:
    quiet = series(150, seed=2)
    fallen = quiet[:-5] + [0.6 * day for day in quiet[-5:]]
    found = shift(fallen)

    assert shift(quiet) is None
    assert found is not None
    assert -0.7 < found.effect < -0.2
    assert found.days_ago in range(2, 9)
    assert found.sum > found.limit


def test_it_rings_once_and_then_only_stands() -> None:
    quiet = series(150, seed=2)
    rings = [
        found.is_new
        for day in range(130, 145)
        if (found := shift(quiet[:130] + [0.5 * value for value in quiet[130:]][: day - 129])) is not None
    ]

    assert rings.count(True) == 1
    assert len(rings) > 5


def test_the_same_days_give_the_same_answer_and_one_viral_post_moves_no_level() -> None:
    quiet = series(150, seed=5)
    viral = [*quiet[:100], 50_000.0, *quiet[101:]]

    assert shift(quiet) == shift(quiet)
    assert shift(viral) is None
