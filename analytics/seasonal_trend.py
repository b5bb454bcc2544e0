"""Whether daily figures rise or fall when each weekday is compared with itself only.

Sources: R. M. Hirsch, J. R. Slack and R. A. Smith (1982), the seasonal Kendall test; R. M. Hirsch and J. R.
Slack (1984) with the covariance of E. J. Dietz and T. J. Killeen (1981), for seasons that are alike; midranks
correct for ties. The slope is the median of all slopes within a weekday.
"""

import math
from collections.abc import Sequence
from statistics import NormalDist

import numpy as np
from numpy.typing import NDArray

from analytics.trend import Trend

#: Cycles with fewer say nothing.
FEWEST_CYCLES = 4


def seasonal_trend(values: Sequence[float], *, season: int = 7, level: float = 0.95) -> Trend | None:
    """Test a series at equal steps, each place of the season by itself.

    Args:
        values: in order of time, finite; what does not fill a whole season at the start is left out.
        season: steps after which it repeats.
        level: of the slope's interval.

    Returns:
        The test of all places together, the slope per step; None: fewer than `FEWEST_CYCLES` whole seasons.
    """
    cycles = len(values) // season
    if cycles < FEWEST_CYCLES:
        return None
    table = np.asarray(values[len(values) - cycles * season :], dtype=float).reshape(cycles, season)
    later, earlier = np.triu_indices(cycles, 1)[::-1]
    steps = table[later] - table[earlier]
    signs = np.sign(steps)
    score = int(signs.sum())
    variance = _variance(table, signs)
    slopes = np.sort((steps / (season * (later - earlier))[:, None]).ravel())
    z = 0.0 if variance <= 0 or score == 0 else (score - math.copysign(1, score)) / math.sqrt(variance)
    lower, upper = _interval(slopes, variance, level)
    p = 2 * NormalDist().cdf(-abs(z))
    return Trend(score, variance, z, p, float(np.median(slopes)), lower, upper)


def _variance(table: NDArray[np.float64], signs: NDArray[np.float64]) -> float:
    """Of the sum of the places' scores: every variance and covariance, with ties; never below 0."""
    cycles = len(table)
    ranks = np.stack([_midranks(column) for column in table.T], axis=1)
    together = signs.T @ signs
    covariances = (together + 4 * ranks.T @ ranks - cycles * (cycles + 1) ** 2) / 3
    return max(float(covariances.sum()), 0.0)


def _midranks(column: NDArray[np.float64]) -> NDArray[np.float64]:
    _, place, counts = np.unique(column, return_inverse=True, return_counts=True)
    ends = np.cumsum(counts)
    ranks: NDArray[np.float64] = (ends - (counts - 1) / 2)[place]
    return ranks


def _interval(slopes: NDArray[np.float64], variance: float, level: float) -> tuple[float, float]:
    half = NormalDist().inv_cdf((1 + level) / 2) * math.sqrt(variance)
    first = max(round((len(slopes) - half) / 2) - 1, 0)
    last = min(round((len(slopes) + half) / 2), len(slopes) - 1)
    return float(slopes[first]), float(slopes[last])
