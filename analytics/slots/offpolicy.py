"""Whether the recommended slots have earned more: from automatic choices and the chances they had."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from analytics.slots.kernel import Floats

#: Fewer posts on either side say nothing.
LEAST = 20
#: No post counts for more than so many.
MOST_WEIGHT = 20.0
_RESAMPLED = 2000


@dataclass(frozen=True, slots=True)
class Earned:
    """Log gain of recommended over other slots with its 95 % interval; None where posts are too few."""

    recommended: int
    others: int
    gain: tuple[float, float, float] | None


def earned(recommended: NDArray[np.bool_], propensity: Floats, results: Floats, *, seed: int = 1) -> Earned:
    """Self-normalised inverse propensity estimate of recommended less other slots, bootstrapped over posts.

    Args:
        recommended: whether each post went into the slot of the highest value.
        propensity: chance of the slot that was chosen, in (0, 1].
        results: log engagement free of trend and type.
    """
    top, rest = int(recommended.sum()), int((~recommended).sum())
    if min(top, rest) < LEAST:
        return Earned(top, rest, None)
    weights = np.minimum(1 / propensity, MOST_WEIGHT)
    drawn = np.random.default_rng(seed).multinomial(
        len(results), np.full(len(results), 1 / len(results)), _RESAMPLED
    )
    gains = _difference(drawn.astype(np.float64) * weights, recommended, results)
    gains = gains[np.isfinite(gains)]
    low, high = np.quantile(gains, [0.025, 0.975])
    mean = float(_difference(weights[None, :], recommended, results)[0])
    return Earned(top, rest, (mean, float(low), float(high)))


def _difference(weights: Floats, recommended: NDArray[np.bool_], results: Floats) -> Floats:
    with np.errstate(invalid="ignore", divide="ignore"):
        sides = [
            (weights * side) @ results / (weights * side).sum(axis=1) for side in (recommended, ~recommended)
        ]
    return np.asarray(sides[0] - sides[1])
