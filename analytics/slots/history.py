"""Past posts of one channel as the model wants them: slot, time, and a result freed from level, trend and
type.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from analytics.slots.average import PSEUDO_POSTS, Posts, average
from analytics.slots.kernel import WEEK, Floats
from analytics.slots.prior import Prior

DAY = 86400.0
#: Width of the moving mean that is taken off as trend.
TREND = 28 * DAY
#: Results beyond so many robust standard deviations are cut.
CLIP = 4.0
#: So many posts of a type for which half of its own mean is believed.
TYPE_POSTS = 5


@dataclass(frozen=True, slots=True)
class History:
    """Posts, oldest first; arrays of one length."""

    #: Seconds since 1970, UTC.
    at: Floats
    #: Local hour of the week, 0..167.
    slot: NDArray[np.int64]
    #: A number for each content type.
    kind: NDArray[np.int64]
    #: At equal age, or scaled to it; not below 0.
    engagement: Floats

    def __len__(self) -> int:
        return len(self.at)

    def part(self, start: int, end: int) -> "History":
        """Posts start..end - 1."""
        cut = slice(start, end)
        return History(self.at[cut], self.slot[cut], self.kind[cut], self.engagement[cut])


def results(history: History) -> Floats:
    """log(1 + engagement) less the moving mean of 28 days and less the type's mean, cut at 4 robust sd."""
    logs = np.log1p(history.engagement)
    if not len(logs):
        return logs
    detrended = logs - moving_mean(history.at, logs)
    for kind in np.unique(history.kind):
        of_kind = history.kind == kind
        number = of_kind.sum()
        detrended[of_kind] -= detrended[of_kind].mean() * number / (number + TYPE_POSTS)
    return clipped(detrended - np.median(detrended))


def moving_mean(at: Floats, values: Floats) -> Floats:
    """Mean of the values within 14 days before and after each."""
    sums = np.concatenate([[0.0], np.cumsum(values)])
    low = np.searchsorted(at, at - TREND / 2, side="left")
    high = np.searchsorted(at, at + TREND / 2, side="right")
    return np.asarray((sums[high] - sums[low]) / (high - low))


def clipped(values: Floats) -> Floats:
    """Values beyond 4 robust standard deviations from 0 are cut to it."""
    scatter = 1.4826 * float(np.median(np.abs(values)))
    return np.clip(values, -CLIP * scatter, CLIP * scatter) if scatter > 0 else values


def shrunk_sd(values: Floats, pooled_variance: float) -> float:
    """Scatter of a channel's results, with 20 posts' worth of the pooled one."""
    return float(np.sqrt((PSEUDO_POSTS * pooled_variance + np.sum(values**2)) / (PSEUDO_POSTS + len(values))))


@dataclass(frozen=True, slots=True)
class Learned:
    """What posts say of the 168 slots against their mean, in log engagement."""

    mean: Floats
    #: Shape (168, 168).
    covariance: Floats
    posts: Floats
    #: Noise of one post, log sd.
    sd: float


def learn(history: History, prior: Prior, *, now: float | None = None) -> Learned:
    """The posterior of one channel's week from its posts alone.

    Args:
        now: seconds since 1970, of which the week is told; later posts are not seen. Left out: when the last
            post went out.
    """
    if now is not None:
        history = history.part(0, int(np.searchsorted(history.at, now, side="right")))
    return learn_from(history.at, history.slot, results(history), prior, now=now)


def learn_from(
    at: Floats, slot: NDArray[np.int64], values: Floats, prior: Prior, *, now: float | None = None
) -> Learned:
    """The posterior of one channel's week from results that are free of level, trend and type."""
    sd = shrunk_sd(values, prior.variance)
    until = (float(at.max()) if len(at) else 0.0) if now is None else now
    posts = Posts(slot, np.maximum(0.0, until - at) / DAY, values / sd)
    found = average([posts], prior, before=prior.variance / sd**2)
    mean, covariance = found.mean[0, :WEEK], _centred(found.covariance[0, :WEEK, :WEEK])
    return Learned(
        mean=sd * (mean - mean.mean()),
        covariance=sd**2 * covariance,
        posts=np.bincount(slot, minlength=WEEK).astype(np.float64),
        sd=sd * float(np.sqrt(found.noise[0])),
    )


def _centred(covariance: Floats) -> Floats:
    """Covariance of the slots against their mean."""
    across = covariance.mean(axis=0)
    return np.asarray(covariance - across[:, None] - across[None, :] + across.mean())
