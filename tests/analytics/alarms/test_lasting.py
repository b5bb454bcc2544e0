"""Days that follow one another are known by themselves, and widen the limits of shifts."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from analytics.alarms.lasting import MOST, drawn_anew, lasting
from analytics.alarms.scales import Numbers
from analytics.alarms.verdicts import verdicts


def following(
    rng: np.random.Generator, figures: int, days: int, much: float
) -> "np.typing.NDArray[np.float64]":
    """Normal distances, each with so much of the day before."""
    found: Numbers = rng.normal(size=(figures, days)) * np.sqrt(1 - much**2)
    found[:, 0] /= np.sqrt(1 - much**2)
    for day in range(1, days):
        found[:, day] += much * found[:, day - 1]
    return found


def test_days_that_know_nothing_of_each_other_are_mostly_taken_so() -> None:
    found = lasting(following(np.random.default_rng(1), 600, 84, 0.0))

    assert (found == 0).mean() > 0.75
    assert found.mean() < 0.06


@pytest.mark.parametrize("much", [0.3, 0.5, 0.7])
def test_how_much_days_follow_one_another_is_found(much: float) -> None:
    found = lasting(following(np.random.default_rng(2), 600, 182, much))

    assert found.mean() == pytest.approx(much, abs=0.1)


@given(st.lists(st.floats(-50, 50), min_size=42, max_size=60))
@settings(deadline=None, max_examples=60)
def test_it_is_never_below_nothing_nor_beyond_belief(days: list[float]) -> None:
    [found] = lasting(np.array([days]))

    assert 0 <= found <= MOST


def test_days_drawn_anew_follow_one_another_and_vary_as_before() -> None:
    rng = np.random.default_rng(3)
    own = following(rng, 1, 182, 0.5)[0]

    drawn = drawn_anew(own, 0.5, 400, 300, rng)

    assert drawn.std() == pytest.approx(own.std(), rel=0.1)
    assert np.corrcoef(drawn[1:].ravel(), drawn[:-1].ravel())[0, 1] == pytest.approx(0.5, abs=0.05)


def test_a_level_that_wanders_rings_no_more_than_one_that_does_not() -> None:
    rng = np.random.default_rng(12)
    alerts = 0
    for days in following(rng, 14, 200, 0.5):
        daily = rng.poisson(1000 * np.exp(0.3 * days)).astype(float).tolist()
        alerts += sum(one.is_alert for one in verdicts(daily, first=110))

    assert alerts / 14 <= 1.3
