"""What is believed of the 168 slots after some posts: a Gaussian, kept as prior and evidence.

The evidence is kept apart from the prior (a precision matrix and a vector), so that the prior's mean may
change with every reaction that comes in, and so that old evidence can fade while the prior stays what it
is. All arrays may have leading axes: many channels are then learned at once.
"""

from dataclasses import dataclass
from datetime import timedelta

import numpy as np
from numpy.typing import NDArray

from analytics.slots.kernel import LEVEL, WEEK, Floats

#: A post counts half after so long.
HALF_LIFE = timedelta(days=90)
#: Share of the prior covariance by which the truth may wander in a week.
DRIFT_A_WEEK = 0.02
_SIZE = WEEK + 1


@dataclass(slots=True)
class Evidence:
    """What posts have said: precision (…, 169, 169), precision-weighted sums (…, 169), posts per slot (…,
    168).
    """

    precision: Floats
    total: Floats
    posts: Floats

    @classmethod
    def none(cls, *leading: int) -> "Evidence":
        return cls(
            np.zeros((*leading, _SIZE, _SIZE)), np.zeros((*leading, _SIZE)), np.zeros((*leading, WEEK))
        )

    def add(self, slot: NDArray[np.int64], z: Floats, weight: Floats | float = 1.0) -> None:
        """One post for each leading index: its slot (0..167), its standardised result, its weight."""
        at = tuple(np.indices(np.shape(slot), sparse=True)) if np.ndim(slot) else ()
        for one in (slot, LEVEL):
            self.total[(*at, one)] += weight * z
            for other in (slot, LEVEL):
                self.precision[(*at, one, other)] += weight
        self.posts[(*at, slot)] += 1

    def add_all(self, slots: NDArray[np.int64], z: Floats) -> None:
        """Posts of one channel, each with weight 1; no leading axes."""
        posts = np.bincount(slots, minlength=WEEK).astype(np.float64)
        total = np.bincount(slots, z, WEEK)
        every = np.arange(WEEK)
        self.precision[every, every] += posts
        self.precision[every, LEVEL] += posts
        self.precision[LEVEL, every] += posts
        self.precision[LEVEL, LEVEL] += posts.sum()
        self.total[:WEEK] += total
        self.total[LEVEL] += total.sum()
        self.posts += posts

    def fade(self, age: timedelta, covariance: Floats) -> None:
        """Let time pass: older posts weigh less, and the truth may have wandered since."""
        kept = 0.5 ** (age / HALF_LIFE)
        wander = DRIFT_A_WEEK * (age / timedelta(days=7)) * covariance
        self.precision *= kept
        self.total *= kept
        spread = np.eye(_SIZE) + self.precision @ wander
        joined = np.linalg.solve(spread, np.concatenate([self.precision, self.total[..., None]], axis=-1))
        lam = joined[..., :_SIZE]
        self.precision = (lam + np.swapaxes(lam, -1, -2)) / 2
        self.total = joined[..., _SIZE]


def covariance_after(evidence: Evidence, covariance: Floats) -> Floats:
    """Posterior covariance of the 168 slots and the level, shape (…, 169, 169)."""
    after = np.linalg.solve(
        np.eye(_SIZE) + covariance @ evidence.precision, np.broadcast_to(covariance, evidence.precision.shape)
    )
    return np.asarray((after + np.swapaxes(after, -1, -2)) / 2)


def mean_after(evidence: Evidence, after: Floats, prior: Floats) -> Floats:
    """Posterior mean, shape (…, 169); ``prior`` is the prior's mean of the 168 slots."""
    padded = np.concatenate([prior, np.zeros((*prior.shape[:-1], 1))], axis=-1)
    surprise = evidence.total - (evidence.precision @ padded[..., None])[..., 0]
    return np.asarray(padded + (after @ surprise[..., None])[..., 0])


def one_more(after: Floats, slot: NDArray[np.int64], weight: Floats | float = 1.0) -> None:
    """Change a posterior covariance in place by one more post: a rank-1 update."""
    at = tuple(np.indices(np.shape(slot), sparse=True)) if np.ndim(slot) else ()
    seen = after[(*at, slot)] + after[..., LEVEL, :]
    scatter = seen[(*at, slot)] + seen[..., LEVEL]
    after -= (seen / (1 / np.asarray(weight) + scatter)[..., None])[..., :, None] * seen[..., None, :]
