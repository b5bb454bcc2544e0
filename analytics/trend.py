"""Whether a series rises or falls, and by how much a step.

Sources: H. B. Mann (1945) and M. G. Kendall (1975) with the correction for ties; H. Theil (1950) and P. K.
Sen (1968) for the slope and its interval; K. H. Hamed and A. R. Rao (1998) for series that remember.
"""

import math
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from statistics import NormalDist

import numpy as np
from numpy.typing import NDArray

#: Fewer values say nothing about a trend.
FEWEST = 4


@dataclass(frozen=True, slots=True)
class Trend:
    """A trend test with its slope; ``p`` is two-sided."""

    score: int
    variance: float
    z: float
    p: float
    #: Units of the value per step: the median of all pairwise slopes, and its interval.
    slope: float
    lower: float
    upper: float


def trend(values: Sequence[float], *, level: float = 0.95, remembers: bool = False) -> Trend | None:
    """Test a series at equal steps for a monotonic trend; None: fewer than `FEWEST` values.

    Args:
        values: in order of time, finite.
        level: of the slope's interval.
        remembers: whether neighbours are alike, as daily figures are; widens the variance (Hamed-Rao).
    """
    if len(values) < FEWEST:
        return None
    series = np.asarray(values, dtype=float)
    count = len(series)
    later, earlier = np.triu_indices(count, 1)[::-1]
    steps = series[later] - series[earlier]
    score = int(np.sign(steps).sum())
    ties = [many for many in Counter(series.tolist()).values() if many > 1]
    plain = (_term(count) - sum(_term(many) for many in ties)) / 18
    slopes = np.sort(steps / (later - earlier))
    slope = float(np.median(slopes))
    variance = plain * (_memory(series - slope * np.arange(count)) if remembers else 1.0)
    z = 0.0 if variance <= 0 or score == 0 else (score - math.copysign(1, score)) / math.sqrt(variance)
    lower, upper = _interval(slopes, plain, level)
    return Trend(score, variance, z, 2 * NormalDist().cdf(-abs(z)), slope, lower, upper)


def _term(count: int) -> float:
    return count * (count - 1) * (2 * count + 5)


def _interval(slopes: NDArray[np.float64], variance: float, level: float) -> tuple[float, float]:
    half = NormalDist().inv_cdf((1 + level) / 2) * math.sqrt(max(variance, 0.0))
    first = max(round((len(slopes) - half) / 2) - 1, 0)
    last = min(round((len(slopes) + half) / 2), len(slopes) - 1)
    return float(slopes[first]), float(slopes[last])


def _memory(detrended: NDArray[np.float64]) -> float:
    """By how much likeness of neighbours widens the variance of the score; never to nothing."""
    count = len(detrended)
    ranks = _ranks(detrended)
    centred = ranks - ranks.mean()
    power = float(centred @ centred)
    if power == 0 or count < 3:
        return 1.0
    total, bound = 0.0, NormalDist().inv_cdf(0.975) / math.sqrt(count)
    for lag in range(1, count):
        likeness = float(centred[lag:] @ centred[:-lag]) / power
        if abs(likeness) > bound:
            total += (count - lag) * (count - lag - 1) * (count - lag - 2) * likeness
    return max(0.05, 1 + 2 / (count * (count - 1) * (count - 2)) * total)


def _ranks(values: NDArray[np.float64]) -> NDArray[np.float64]:
    """Ranks from 1, the mean one where values are equal."""
    _, place, counts = np.unique(values, return_inverse=True, return_counts=True)
    ends = np.cumsum(counts)
    ranks: NDArray[np.float64] = (ends - (counts - 1) / 2)[place]
    return ranks
