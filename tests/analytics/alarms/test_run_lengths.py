"""Average run lengths of control charts, to the digits that are printed of them, and by drawing."""

import numpy as np
import pytest

from analytics.alarms.run_lengths import cusum, ewma, shewhart


def test_shewhart_with_three_deviations() -> None:
    assert f"{shewhart(3.0):.2f}" == "370.40"
    assert shewhart(3.0, moved=1.0) == pytest.approx(43.89, abs=0.01)


@pytest.mark.parametrize(
    ("weight", "limit", "printed"), [(0.2, 2.962, "499.7"), (0.1, 2.814, "499.5"), (0.25, 3.0, "502.8")]
)
def test_ewma_to_the_printed_digit(weight: float, limit: float, printed: str) -> None:
    assert f"{ewma(weight, limit):.1f}" == printed


def test_more_states_change_an_ewma_by_little() -> None:
    assert ewma(0.1, 2.814, states=1601) == pytest.approx(499.58, abs=0.03)


@pytest.mark.parametrize(
    ("limit", "sides", "printed"), [(4.0, 1, "335.4"), (4.0, 2, "167.7"), (5.0, 2, "465.4")]
)
def test_cusum_to_the_printed_digit(limit: float, sides: int, printed: str) -> None:
    assert f"{cusum(0.5, limit) / sides:.1f}" == printed


def test_cusum_by_drawing() -> None:
    rng = np.random.default_rng(3)
    lasted = []
    for _ in range(1500):
        total, count = 0.0, 0
        while total <= 2.0:
            total, count = max(0.0, total + rng.normal(0.5) - 0.5), count + 1
        lasted.append(count)
    assert np.mean(lasted) == pytest.approx(cusum(0.5, 2.0, moved=0.5), rel=0.08)
