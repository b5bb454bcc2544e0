"""Comparing two variants: known answers, and an error rate that holds however often one looks."""

import random
from collections.abc import Sequence

import numpy as np
import pytest
from numpy.typing import NDArray

from analytics.experiments import (
    Sequential,
    chance_better,
    exactly_by_arcsine,
    needed_by_arcsine,
    needed_for_lift,
    needed_for_shares,
    two_shares,
)


def test_the_chance_that_one_rate_is_better() -> None:
    assert round(chance_better(120, 1000, 150, 1000), 7) == 0.9750678
    assert round(chance_better(5, 50, 9, 50), 7) == 0.8684153
    assert chance_better(0, 10, 0, 10) == pytest.approx(0.5)


def test_two_shares_at_once() -> None:
    found = two_shares(120, 1000, 150, 1000)

    assert (round(found.z, 5), round(found.p, 7)) == (1.96305, 0.0496404)
    assert two_shares(0, 5, 0, 5).p == 1


def test_how_many_it_takes() -> None:
    assert needed_for_shares(0.02, 0.025) == 13_809
    assert needed_by_arcsine(0.02, 0.025) == 13_768
    # Printed as 13,767.9: cut off, not rounded.
    assert 13_767.9 <= exactly_by_arcsine(0.02, 0.025) < 13_768


@pytest.mark.parametrize(("log_sd", "needed"), [(1.0, (1728, 472, 95, 33)), (0.8, (1106, 302, 61, 21))])
def test_posts_needed_for_a_lift(log_sd: float, needed: tuple[int, ...]) -> None:
    assert tuple(needed_for_lift(lift, log_sd=log_sd) for lift in (0.1, 0.2, 0.5, 1.0)) == needed


def test_one_look_has_the_known_ratio() -> None:
    found = Sequential().looked(0.5, 10, variance=1, prior_variance=0.25)

    assert round(found.ratio, 7) == 0.9434208
    assert found.p == 1


def test_looking_five_hundred_times_rings_no_more_often_than_it_may() -> None:
    rng = random.Random(7)
    rings = 0
    for _ in range(300):
        state, total = Sequential(), 0.0
        for pairs in range(1, 501):
            total += rng.gauss(0, 1) - rng.gauss(0, 1)
            state = state.looked(total / pairs, pairs, variance=1, prior_variance=0.25)
        rings += state.p < 0.05

    assert rings / 300 < 0.05


def _looks(seed: int, *, shifted: float, looks: int, runs: int) -> NDArray[np.float64]:
    """Differences of two arms after each pair, (runs, looks); one observation has the deviation 1."""
    rng = np.random.default_rng(seed)
    steps = rng.normal(shifted, 1, (runs, looks)) - rng.normal(0, 1, (runs, looks))
    found: NDArray[np.float64] = np.cumsum(steps, axis=1) / np.arange(1, looks + 1)
    return found


def _decided(difference: Sequence[float]) -> int:
    """The look at which the sequential test first says that the arms differ; a late one if it never does."""
    state = Sequential()
    for pairs, one in enumerate(difference, start=1):
        state = state.looked(one, pairs, variance=1, prior_variance=0.25)
        if state.p < 0.05:
            return pairs
    return 10**9


def test_looking_naively_rejects_two_true_nulls_in_five_and_the_sequential_test_hardly_any() -> None:
    found = _looks(5, shifted=0.0, looks=500, runs=3000)
    z = found / np.sqrt(2 / np.arange(1, 501))

    # From the tenth pair on; from the first on it is 48 %.
    assert float((np.abs(z[:, 9:]) > 1.96).any(axis=1).mean()) == pytest.approx(0.41, abs=0.03)
    rejected = [_decided(one) < 10**9 for one in found[:600].tolist()]
    assert np.mean(rejected) == pytest.approx(0.028, abs=0.02)


def test_the_sequential_test_has_the_known_power() -> None:
    decided = np.array([_decided(one) for one in _looks(6, shifted=0.5, looks=200, runs=600).tolist()])

    assert 0.66 <= float((decided <= 100).mean()) <= 0.80
    assert float((decided <= 200).mean()) >= 0.96
    once = _looks(7, shifted=0.5, looks=63, runs=4000)[:, -1] / np.sqrt(2 / 63)
    assert float((np.abs(once) > 1.96).mean()) == pytest.approx(0.80, abs=0.02)


def test_a_p_value_never_rises() -> None:
    state = Sequential().looked(2.0, 10, variance=1, prior_variance=0.25)

    assert state.looked(0.0, 20, variance=1, prior_variance=0.25).p == state.p < 0.01
