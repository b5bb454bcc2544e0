"""Trying hours that might be better: half-strength draws, and the odds that each choice had."""

import numpy as np

from analytics.slots.kernel import Floats

#: Share of a full Thompson draw: full ones cost 5-7 points of what the first month earns.
STRENGTH = 0.5
#: Draws from which the odds are counted.
DRAWS = 512
#: Every candidate keeps this share of an equal chance, so that no odds are zero.
FLOOR = 0.02


def draws(mean: Floats, covariance: Floats, normals: Floats, *, strength: float = STRENGTH) -> Floats:
    """Values drawn around the mean, shape (…, draws, slots).

    Args:
        mean: shape (…, slots).
        covariance: shape (…, slots, slots).
        normals: standard normal numbers, shape (…, draws, slots).
    """
    size = mean.shape[-1]
    jitter = 1e-9 + 1e-9 * np.trace(covariance, axis1=-2, axis2=-1)[..., None, None]
    root = np.linalg.cholesky(covariance + jitter * np.eye(size))
    return np.asarray(mean[..., None, :] + strength * normals @ np.swapaxes(root, -1, -2))


def odds(mean: Floats, covariance: Floats, rng: np.random.Generator, *, strength: float = STRENGTH) -> Floats:
    """Chance of each slot to be chosen, shape (slots,), none zero, sum 1.

    The choice is then drawn from these odds, so they are its propensities exactly and not an estimate of
    them.
    """
    size = len(mean)
    drawn = draws(mean, covariance, rng.standard_normal((DRAWS, size)), strength=strength)
    counted = np.bincount(drawn.argmax(axis=1), minlength=size) / DRAWS
    return np.asarray((1 - FLOOR) * counted + FLOOR / size)
