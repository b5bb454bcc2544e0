"""What is believed of the 168 slots after some posts, were the sizes of the prior known: a Gaussian, exactly.

A channel's own deviation from its prior is a Gaussian process over slot and time: two posts have in common
what their slots have in common, less the more time lies between them, if the channel forgets. All arrays
may have leading axes: many channels are then learned at once.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from analytics.slots.kernel import LEVEL, WEEK, Floats

#: Cells that one channel's posts may fill; above, posts of neighbouring times are put together.
MOST_CELLS = 200
#: Posts are put together within this part of a memory.
_STEPS_OF_A_MEMORY = 12


@dataclass(frozen=True, slots=True)
class Cells:
    """Posts put together by slot and time; arrays of shape (…, cells). A cell without posts says nothing."""

    slot: NDArray[np.int64]
    #: Days before now, mean of the posts.
    age: Floats
    posts: Floats
    #: Sum of the standardised results.
    total: Floats

    @classmethod
    def of(cls, slot: NDArray[np.int64], age: Floats, z: Floats, memory: float = np.inf) -> "Cells":
        """Posts of one channel, in cells that are short against ``memory`` (days)."""
        part, block = memory / _STEPS_OF_A_MEMORY, np.zeros(len(slot), dtype=np.int64)
        while np.isfinite(part):
            block = np.floor(np.maximum(age, 0) / part).astype(np.int64)
            if len(np.unique(slot + WEEK * block)) <= MOST_CELLS or not block.any():
                break
            part *= 2
        kept, at = np.unique(slot + WEEK * block, return_inverse=True)
        size = len(kept)
        posts = np.asarray(np.bincount(at, minlength=size), dtype=np.float64)
        ages = np.asarray(np.bincount(at, age, size) / posts, dtype=np.float64)
        return cls(kept % WEEK, ages, posts, np.asarray(np.bincount(at, z, size), dtype=np.float64))

    @classmethod
    def stacked(cls, channels: "list[Cells]") -> "Cells":
        """Cells of several channels along a leading axis; the shorter ones end in cells without posts."""
        longest = max(len(one.slot) for one in channels)

        def filled(name: str) -> NDArray[np.float64]:
            table = np.zeros((len(channels), longest))
            for row, one in enumerate(channels):
                values = getattr(one, name)
                table[row, : len(values)] = values
            return table

        return cls(filled("slot").astype(np.int64), filled("age"), filled("posts"), filled("total"))


@dataclass(frozen=True, slots=True)
class Fit:
    """How posts fit a prior, and what they would make of it."""

    prior: Floats
    covariance: Floats
    level: float
    #: Covariance of slots and level with the cells, times the root of their posts, shape (…, cells, 169).
    seen: Floats
    #: What the cells have beyond the prior, times the same, and its covariance for a noise of 1.
    surprise: Floats
    spread: Floats
    #: Half the log determinant of that covariance, and the surprise measured by it, shape (…).
    log_size: Floats
    unexplained: Floats

    def posterior(self) -> tuple[Floats, Floats]:
        """Mean (…, 169) and covariance (…, 169, 169) of the slots and the level, for a noise of 1."""
        told = np.concatenate([self.seen, self.surprise[..., None]], axis=-1)
        solved = np.swapaxes(self.seen, -1, -2) @ np.linalg.solve(self.spread, told)
        before = np.zeros((*self.prior.shape[:-1], WEEK + 1, WEEK + 1))
        before[..., :WEEK, :WEEK] = self.covariance
        before[..., LEVEL, LEVEL] = self.level
        padded = np.concatenate([self.prior, np.zeros((*self.prior.shape[:-1], 1))], axis=-1)
        return padded + solved[..., -1], before - solved[..., :-1]


def fit(cells: Cells, prior: Floats, covariance: Floats, *, memory: float, level: float = 1.0) -> Fit:
    """Posts against a prior of the slots as they are now, all in noise sds.

    Args:
        prior: mean of the slots, shape (…, 168).
        covariance: of the slots around it, shape (…, 168, 168).
        memory: days in which the correlation with what was falls to 1/e; infinite: nothing is forgotten.
        level: variance of the channel's level.
    """
    slot, root = cells.slot, np.sqrt(cells.posts)
    rows = np.take_along_axis(covariance, slot[..., :, None], axis=-2)
    shared = np.take_along_axis(rows, slot[..., None, :], axis=-1)
    if np.isfinite(memory):
        shared = shared * np.exp(-np.abs(cells.age[..., :, None] - cells.age[..., None, :]) / memory)
        rows = rows * np.exp(-cells.age / memory)[..., None]
    spread = np.eye(slot.shape[-1]) + root[..., :, None] * (shared + level) * root[..., None, :]
    expected = cells.posts * np.take_along_axis(prior, slot, axis=-1)
    surprise = np.divide(cells.total - expected, root, out=np.zeros_like(root), where=root > 0)
    log_size, unexplained = measured_by(spread, surprise)
    return Fit(
        prior=prior,
        covariance=covariance,
        level=level,
        seen=root[..., None] * np.concatenate([rows, np.full((*slot.shape, 1), level)], axis=-1),
        surprise=surprise,
        spread=spread,
        log_size=log_size,
        unexplained=unexplained,
    )


def measured_by(spread: Floats, surprise: Floats) -> tuple[Floats, Floats]:
    """Half the log determinant of a covariance (…, n, n) not below 1, and a vector (…, n) squared by it.

    Both from one factorisation: the vector stands beside the matrix, and what is left of the corner tells.
    """
    size = surprise.shape[-1]
    whole = np.empty((*surprise.shape[:-1], size + 1, size + 1))
    whole[..., :size, :size] = spread
    whole[..., size, :size] = whole[..., :size, size] = surprise
    corner = np.sum(surprise**2, axis=-1) + 1.0
    whole[..., size, size] = corner
    diagonal = np.diagonal(np.linalg.cholesky(whole), axis1=-2, axis2=-1)
    return np.log(diagonal[..., :size]).sum(axis=-1), corner - diagonal[..., size] ** 2


def one_more(mean: Floats, covariance: Floats, slot: NDArray[np.int64], z: Floats) -> None:
    """Change a belief (…, 169) in place by one more post in each channel: a rank-1 update."""
    at = tuple(np.indices(np.shape(slot), sparse=True)) if np.ndim(slot) else ()
    seen = covariance[(*at, slot)] + covariance[..., LEVEL, :]
    scatter = seen[(*at, slot)] + seen[..., LEVEL]
    surprise = z - mean[(*at, slot)] - mean[..., LEVEL]
    mean += (surprise / (1 + scatter))[..., None] * seen
    covariance -= (seen / (1 + scatter)[..., None])[..., :, None] * seen[..., None, :]
