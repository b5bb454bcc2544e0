"""What other channels teach about a new one: the shape of their week, and how far single channels stray
from it.

A channel's own posts never enter what is pooled for it; callers see to that.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from analytics.slots.kernel import WEEK, Floats, Kernel

#: Sizes that are tried: factor of the smooth parts, and the variance of a slot of its own.
_FACTORS = (0.1, 0.25, 0.5, 1.0, 2.0, 4.0)
_NUGGETS = (0.001, 0.02, 0.05)


@dataclass(frozen=True, slots=True)
class Pooled:
    """The week that channels have in common (168,), the kernel of what is their own, and how sure the curve
    is.
    """

    curve: Floats
    kernel: Kernel
    #: Covariance of the curve's error, shape (168, 168).
    unsure: Floats

    def covariance(self) -> Floats:
        """Of a new channel's slots and level around the curve, shape (169, 169)."""
        whole = self.kernel.covariance()
        whole[:WEEK, :WEEK] += self.unsure
        return whole


@dataclass(frozen=True, slots=True)
class Sums:
    """Standardised results of channels by slot: posts and sums, shapes (channels, 168)."""

    posts: Floats
    total: Floats

    @classmethod
    def of(cls, channels: Sequence[tuple[Floats, Floats]]) -> "Sums":
        """From (slots, results) of each channel."""
        posts = [np.bincount(np.asarray(slots, dtype=np.int64), minlength=WEEK) for slots, _z in channels]
        total = [np.bincount(np.asarray(slots, dtype=np.int64), z, WEEK) for slots, z in channels]
        return cls(
            np.array(posts, dtype=np.float64).reshape(-1, WEEK),
            np.array(total, dtype=np.float64).reshape(-1, WEEK),
        )

    def some(self, channels: Sequence[int]) -> "Sums":
        """Those of these channels."""
        return Sums(self.posts[list(channels)], self.total[list(channels)])


def pool(sums: Sums, kernel: Kernel, zones: Sequence[Floats] | None = None) -> Pooled:
    """Curve and kernel from the same channels: sizes are judged on each half by the curve of the other.

    A curve that has seen a channel's own posts would make its deviations look smaller than they are.
    """
    count = len(sums.posts)
    curve, unsure = pooled_curve(sums, kernel, zones)
    if count < 4:
        return Pooled(curve, kernel, unsure)
    mean = np.zeros((count, WEEK))
    for half in (0, 1):
        here, there = range(half, count, 2), range(1 - half, count, 2)
        through = None if zones is None else [zones[index] for index in there]
        other, _unsure = pooled_curve(sums.some(there), kernel, through)
        for index in here:
            mean[index] = other if zones is None else zones[index] @ other
    own = fitted(sums, mean, kernel)
    return Pooled(curve, own, unsure + own.smooth() / count)


def pooled_curve(sums: Sums, kernel: Kernel, zones: Sequence[Floats] | None = None) -> tuple[Floats, Floats]:
    """The week that channels have in common, mean 0, shape (168,), in noise sds; and its error's covariance.

    Args:
        zones: for each channel a matrix (168, 168) that takes the curve of a clock to the channel's own week,
            when its audience lives by other clocks too.
    """
    smooth = kernel.smooth()
    precision, total = np.zeros((WEEK, WEEK)), np.zeros(WEEK)
    for index in range(len(sums.posts)):
        through = np.eye(WEEK) if zones is None else zones[index]
        precision += through.T @ (sums.posts[index][:, None] * through)
        total += through.T @ sums.total[index]
    after = smooth @ np.linalg.solve(np.eye(WEEK) + precision @ smooth, np.eye(WEEK))
    curve = after @ total
    return curve - curve.mean(), (after + after.T) / 2


def fitted(sums: Sums, prior: Floats, kernel: Kernel) -> Kernel:
    """The kernel whose sizes make these channels' results most likely: the best factor, then the best nugget.

    Args:
        prior: mean of the slots, shape (168,) or (channels, 168), learned from other channels than these.
    """

    def best(tried: list[Kernel]) -> Kernel:
        return max(tried, key=lambda one: log_likelihood(sums, prior, one))

    sized = best([replace(kernel, smooth_factor=factor, nugget=_NUGGETS[1]) for factor in _FACTORS])
    return best([replace(sized, nugget=nugget) for nugget in _NUGGETS])


def log_likelihood(sums: Sums, prior: Floats, kernel: Kernel) -> float:
    """Log marginal likelihood of the results but for what no kernel changes."""
    covariance = kernel.covariance()[:WEEK, :WEEK] + kernel.level
    root = np.sqrt(sums.posts)
    spread = np.eye(WEEK) + root[:, :, None] * covariance * root[:, None, :]
    surprise = np.divide(sums.total - sums.posts * prior, root, out=np.zeros_like(root), where=root > 0)
    factor = np.linalg.cholesky(spread)
    logs = 2 * np.log(np.diagonal(factor, axis1=1, axis2=2)).sum()
    left = np.linalg.solve(spread, surprise[..., None])[..., 0]
    return float(-0.5 * np.sum(surprise * left) - 0.5 * logs)
