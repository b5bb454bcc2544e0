"""The belief of a channel's week, averaged over how much its slots may differ and how long they stay.

No single size serves all channels: one has a smooth day, another two weekly shows and nothing else, a third
changes every season. Each combination of sizes gives a Gaussian, exactly; its weight is what it was before
times the marginal likelihood of the posts, where the scale of the noise is integrated out too. Mean and
covariance are those of the mixture, so intervals also say how unsure the sizes are.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from analytics.slots.belief import Cells, Fit, fit
from analytics.slots.kernel import WEEK, Floats
from analytics.slots.prior import Prior, Size

#: Days in which what was falls to 1/e of what is, with the weight of each before any post.
MEMORIES = ((np.inf, 0.6), (120.0, 0.4))
#: A memory that is longer than this many histories cannot be told from one that lasts.
_SHORT_HISTORY = 20.0
#: A channel's own scatter counts from here on as much as the pooled one.
PSEUDO_POSTS = 20
#: Combinations of less weight are left out.
_LEAST_WEIGHT = 0.005


@dataclass(frozen=True, slots=True)
class Posts:
    """Standardised results of one channel: slots, days before now, and values; arrays of one length."""

    slot: NDArray[np.int64]
    age: Floats
    z: Floats


@dataclass(frozen=True, slots=True)
class Average:
    """Slots and level, in the units of the results."""

    #: Shape (…, 169).
    mean: Floats
    #: Shape (…, 169, 169).
    covariance: Floats
    #: Weight of each combination of size and memory.
    weights: dict[tuple[Size, float], Floats]
    #: Variance of one post's noise, shape (…).
    noise: Floats


def average(channels: Sequence[Posts], prior: Prior, *, before: Floats | float = 1.0) -> Average:
    """The belief of channels of one prior, along a leading axis.

    Args:
        prior: its arrays may have the leading axis too.
        before: variance of one post's noise that is expected, counted as ``PSEUDO_POSTS`` posts.
    """
    numbers = np.array([len(one.z) for one in channels], dtype=np.float64)
    mean = np.broadcast_to(prior.mean, (len(channels), WEEK))
    cells, fits, logs = _by_memory(channels), dict[tuple[Size, float], Fit](), []
    shape, rate = (PSEUDO_POSTS + numbers) / 2, PSEUDO_POSTS * np.asarray(before) / 2
    rates = []
    longest = max((float(one.age.max()) for one in channels if len(one.age)), default=0.0)
    memories = [one for one in MEMORIES if one[0] < _SHORT_HISTORY * longest or np.isinf(one[0])]
    for size in prior.sizes:
        covariance = size.factor * prior.smooth + prior.unsure + size.nugget * np.eye(WEEK)
        covariance = np.broadcast_to(covariance, (len(mean), WEEK, WEEK))
        for memory, weight in memories:
            found = fit(cells(memory), mean, covariance, memory=memory)
            rates.append(rate + (found.unexplained + _within(channels, cells(memory))) / 2)
            logs.append(np.log(size.weight * weight) - found.log_size - shape * np.log(rates[-1]))
            fits[size, memory] = found
    return _mixed(fits, np.stack(logs), np.stack(rates) / (shape - 1))


def _by_memory(channels: Sequence[Posts]) -> Callable[[float], Cells]:
    kept: dict[float, Cells] = {}

    def cells(memory: float) -> Cells:
        if memory not in kept:
            kept[memory] = Cells.stacked([Cells.of(one.slot, one.age, one.z, memory) for one in channels])
        return kept[memory]

    return cells


def _within(channels: Sequence[Posts], cells: Cells) -> Floats:
    """Squares of the results around the mean of their cell, which no combination of sizes explains."""
    squares = np.array([float(one.z @ one.z) for one in channels])
    means = np.divide(cells.total**2, cells.posts, out=np.zeros_like(cells.posts), where=cells.posts > 0)
    return np.asarray(np.maximum(squares - means.sum(axis=-1), 0.0))


def _mixed(fits: dict[tuple[Size, float], Fit], logs: Floats, noise: Floats) -> Average:
    weights = np.exp(logs - logs.max(axis=0))
    weights = np.where(weights < _LEAST_WEIGHT * weights.sum(axis=0), 0.0, weights)
    weights /= weights.sum(axis=0)
    mean: Floats | float = 0.0
    square: Floats | float = 0.0
    for weight, scale, found in zip(weights, noise, fits.values(), strict=True):
        if not weight.any():
            continue
        one, covariance = found.posterior()
        mean = mean + weight[:, None] * one
        covariance *= scale[:, None, None]
        square = square + weight[:, None, None] * (covariance + one[:, :, None] * one[:, None, :])
    mean = np.asarray(mean)
    return Average(
        mean=mean,
        covariance=np.asarray(square - mean[:, :, None] * mean[:, None, :]),
        weights=dict(zip(fits, weights, strict=True)),
        noise=np.asarray((weights * noise).sum(axis=0)),
    )
