"""Intervals of shares and scores, against answers computed by other means."""

import pytest

from analytics.intervals import jeffreys, net_promoter_score, share_of_voice, wilson
from domain.errors import UsageError


@pytest.mark.parametrize(
    ("successes", "trials", "lower", "upper"),
    [(10, 100, 0.055229, 0.174366), (172, 200, 0.805101, 0.901330), (0, 20, 0.0, 0.161125)],
)
def test_a_share_has_the_score_interval(successes: int, trials: int, lower: float, upper: float) -> None:
    found = wilson(successes, trials)

    assert (round(found.lower, 6), round(found.upper, 6)) == (lower, upper)


def test_a_share_has_the_interval_of_the_jeffreys_prior() -> None:
    found = jeffreys(10, 100)

    assert (round(found.lower, 6), round(found.upper, 6)) == (0.052585, 0.170124)
    assert (jeffreys(0, 5).lower, jeffreys(5, 5).upper) == (0.0, 1.0)


@pytest.mark.parametrize(
    ("answers", "expected"),
    [((60, 20, 20), (40.0, 24.32, 55.68)), ((90, 60, 50), (20.0, 8.74, 31.26))],
)
def test_a_net_promoter_score_swings_as_much_as_its_answers_allow(
    answers: tuple[int, int, int], expected: tuple[float, float, float]
) -> None:
    found = net_promoter_score(*answers)

    assert (round(found.value, 9), round(found.lower, 2), round(found.upper, 2)) == expected


def test_a_share_of_voice_lies_within_its_interval() -> None:
    found = share_of_voice(30, 70)

    assert found.value == 0.3
    assert found.lower < 0.3 < found.upper


@pytest.mark.parametrize(("part", "whole"), [(0, 0), (3, 2), (-1, 4)])
def test_what_was_not_counted_has_no_share(part: int, whole: int) -> None:
    with pytest.raises(UsageError):
        wilson(part, whole)
    with pytest.raises(UsageError):
        jeffreys(part, whole)


def test_nobody_answered_is_no_score() -> None:
    with pytest.raises(UsageError, match="nothing counted"):
        net_promoter_score(0, 0, 0)
