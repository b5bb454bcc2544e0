"""What other channels teach about a new one: the shape of their week, and how far single channels stray from it.

A channel's own posts never enter what is pooled for it; callers see to that.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import product

import numpy as np

from analytics.slots.kernel import LEVEL, WEEK, Floats, Kernel

#: Sizes that are tried: factor of the smooth parts, and the variance of a slot of its own.
_FACTORS = (0.1, 0.25, 0.5, 1.0, 2.0, 4.0)
_NUGGETS = (0.001, 0.02, 0.05)


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
        return cls(np.array(posts, dtype=np.float64).reshape(-1, WEEK), np.array(total).reshape(-1, WEEK))


def pooled_curve(sums: Sums, kernel: Kernel, zones: Sequence[Floats] | None = None) -> Floats:
    """The week that channels have in common, mean 0, shape (168,), in noise sds.

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
    curve = smooth @ np.linalg.solve(np.eye(WEEK) + precision @ smooth, total)
    return np.asarray(curve - curve.mean())


def fitted(sums: Sums, prior: Floats, kernel: Kernel) -> Kernel:
    """The kernel whose sizes make these channels' results most likely, of a small grid.

    Args:
        prior: mean of the slots, shape (168,) or (channels, 168).
    """
    tried = [replace(kernel, smooth_factor=factor, nugget=nugget) for factor, nugget in product(_FACTORS, _NUGGETS)]
    return max(tried, key=lambda one: log_likelihood(sums, prior, one))


def log_likelihood(sums: Sums, prior: Floats, kernel: Kernel) -> float:
    """Log marginal likelihood of the results but for what no kernel changes."""
    count = len(sums.posts)
    precision = np.zeros((count, WEEK + 1, WEEK + 1))
    slots = np.arange(WEEK)
    precision[:, slots, slots] = sums.posts
    precision[:, slots, LEVEL] = precision[:, LEVEL, slots] = sums.posts
    precision[:, LEVEL, LEVEL] = sums.posts.sum(axis=1)
    surprise = sums.total - sums.posts * prior
    total = np.concatenate([surprise, surprise.sum(axis=1, keepdims=True)], axis=1)
    covariance = kernel.covariance()
    spread = np.eye(WEEK + 1) + precision @ covariance
    explained = np.einsum("ci,ci->", total @ covariance, np.linalg.solve(spread, total[..., None])[..., 0])
    return float(0.5 * explained - 0.5 * np.linalg.slogdet(spread)[1].sum())
