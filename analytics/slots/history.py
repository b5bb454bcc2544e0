"""Past posts of one channel as the model wants them: slot, time, and a result freed from level, trend and
type.
"""

from dataclasses import dataclass
from datetime import timedelta

import numpy as np
from numpy.typing import NDArray

from analytics.slots.belief import HALF_LIFE, Evidence, covariance_after, mean_after
from analytics.slots.kernel import WEEK, Floats
from analytics.slots.prior import Prior

DAY = 86400.0
#: Width of the moving mean that is taken off as trend.
TREND = 28 * DAY
#: Results beyond so many robust standard deviations are cut.
CLIP = 4.0
#: A channel's own scatter counts from here on as much as the pooled one.
PSEUDO_POSTS = 20
#: So many posts of a type for which half of its own mean is believed.
TYPE_POSTS = 5
#: So many posts are kept for a half-life at least.
_KEPT = 100
#: Evidence fades in steps of this length.
_STEP = 28 * DAY


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
    """What posts say of the 168 slots, in log engagement."""

    mean: Floats
    #: Shape (168, 168).
    covariance: Floats
    posts: Floats
    #: Noise of one post, log sd.
    sd: float


def learn(history: History, prior: Prior, *, now: float | None = None) -> Learned:
    """The posterior of one channel's week from its posts alone.

    Args:
        now: seconds since 1970; older posts weigh less. Left out: when the last post went out.
    """
    return learn_from(history.at, history.slot, results(history), prior, now=now)


def learn_from(
    at: Floats, slot: NDArray[np.int64], values: Floats, prior: Prior, *, now: float | None = None
) -> Learned:
    """The posterior of one channel's week from results that are free of level, trend and type."""
    sd = shrunk_sd(values, prior.variance)
    evidence = Evidence.none()
    z = values / sd
    until = (float(at.max()) if len(at) else 0.0) if now is None else now
    # Blocks end now and reach back, so that the newest posts weigh in full.
    block = np.maximum(0, np.floor((until - at) / (_STEP * _tempo(at, until)))).astype(np.int64)
    before = 0
    for age in np.unique(block)[::-1]:
        if evidence.posts.any():
            evidence.fade(timedelta(seconds=_STEP * float(before - age)), prior.covariance)
        evidence.add_all(slot[block == age], z[block == age])
        before = int(age)
    if before:
        evidence.fade(timedelta(seconds=_STEP * before), prior.covariance)
    after = covariance_after(evidence, prior.covariance)
    mean = mean_after(evidence, after, prior.mean)
    return Learned(
        mean=sd * (mean[:WEEK] - mean[:WEEK].mean()),
        covariance=sd**2 * after[:WEEK, :WEEK],
        posts=evidence.posts,
        sd=sd,
    )


def _tempo(at: Floats, until: float) -> float:
    """How much slower than usual the evidence of a channel fades that posts seldom, at least 1.

    A hundred posts are kept for a half-life, however long they took: what a channel shows every week at the
    same hour would otherwise be forgotten before it is learned.
    """
    if len(at) < 2:
        return 1.0
    newest = np.sort(at)[-_KEPT:]
    whole = max(until - float(newest[0]), 1.0) / len(newest) * _KEPT
    return max(1.0, whole / HALF_LIFE.total_seconds())
