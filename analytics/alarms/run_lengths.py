"""How many points a control chart lasts on average where nothing happens: the average run length.

For independent values of a normal curve with mean 0 and deviation 1. Computed, not looked up: Shewhart's is
1 by the chance of a point; EWMA's (S. W. Roberts 1959) that of a Markov chain of many states (D. Brook, D. A.
Evans 1972); CUSUM's (E. S. Page 1954) solves its integral equation by Gauss and Legendre's rule (A. L. Goel,
S. M. Wu 1971).
"""

import math
from typing import Final

import numpy as np
from scipy.stats import norm

#: Points of Gauss and Legendre's rule; with more, no digit changes that a double holds for certain.
_POINTS: Final = 160
#: States of the chain.
STATES: Final = 401


def shewhart(limit: float, *, moved: float = 0.0) -> float:
    """Points until one lies beyond ``limit`` deviations on either side, ``moved`` being the mean."""
    return float(1 / (norm.sf(limit - moved) + norm.cdf(-limit - moved)))


def ewma(weight: float, limit: float, *, moved: float = 0.0, states: int = STATES) -> float:
    """Points until the moving average passes ``limit`` of its own deviations on either side.

    Args:
        weight: of the newest point, above 0, at most 1.
        states: an odd number of steps that the way between the limits is cut into. With `STATES` it is the
            figure that tables print; with ever more it rises by up to 0.03 %.
    """
    edge = limit * math.sqrt(weight / (2 - weight))
    width = 2 * edge / states
    middles = -edge + width * (np.arange(states) + 0.5)
    ahead = middles[None, :] - (1 - weight) * middles[:, None]
    moves = norm.cdf((ahead + width / 2) / weight - moved) - norm.cdf((ahead - width / 2) / weight - moved)
    lasts = np.linalg.solve(np.eye(states) - moves, np.ones(states))
    return float(lasts[states // 2])


def cusum(slack: float, limit: float, *, moved: float = 0.0) -> float:
    """Points until the one-sided sum passes ``limit``, begun at 0; two sides together last half as long.

    Args:
        slack: what each point may lie beside the mean before it counts.
    """
    nodes, weights = np.polynomial.legendre.leggauss(_POINTS)
    at, share = (nodes + 1) * limit / 2, weights * limit / 2
    starts = np.concatenate([[0.0], at])
    to_zero = norm.cdf(slack - moved - starts)
    kernel = norm.pdf(at[None, :] - starts[:, None] + slack - moved) * share[None, :]
    moves = np.concatenate([to_zero[:, None], kernel], axis=1)
    lasts = np.linalg.solve(np.eye(_POINTS + 1) - moves, np.ones(_POINTS + 1))
    return float(lasts[0])
