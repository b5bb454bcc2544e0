"""What other channels teach about a new one: the shape of their week, and how far single channels stray
from it.

A channel's own posts never enter what is pooled for it; callers see to that.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from analytics.slots.belief import measured_by
from analytics.slots.kernel import WEEK, Floats, Kernel
from analytics.slots.prior import Prior, Size
from analytics.slots.zones import Clocks, through

#: Sizes that are tried for the week that channels have in common: factor of the smooth parts.
_CURVE_FACTORS = (0.25, 0.5, 1.0, 2.0, 4.0, 8.0)
#: Sizes that single channels may have: factor of the smooth parts, and variance of a slot of its own.
_FACTORS = (0.125, 0.25, 0.5, 1.0, 2.0, 4.0, 8.0)
_NUGGETS = (0.001, 0.05, 0.2, 0.8)
#: Before any channel was seen, all sizes are as likely; that counts as so many channels.
_PSEUDO_CHANNELS = 1.0
#: Sizes of less weight are left out.
_LEAST_WEIGHT = 0.02
#: A channel may be unlike all that were seen.
_UNLIKE = (Size(2.0, 0.01, 0.02), Size(8.0, 0.01, 0.02))
#: Rounds between the curve, which is seen through clocks, and how far channels stray from it.
_ROUNDS = 3
_EM_ROUNDS = 100
#: Variance of a channel's level.
_LEVEL = Kernel().level


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


@dataclass(frozen=True, slots=True)
class Others:
    """Channels that teach: their results, whose week each shows, and how much alike their hours are."""

    sums: Sums
    #: Covariance of a channel's own smooth deviation, (168, 168) or (channels, 168, 168).
    smooth: Floats
    #: The clocks of each channel's audience; None: all live by the clock of their channel.
    clocks: Sequence[Clocks] | None = None
    #: What a curve in noise sds is times, to be a logarithm.
    sd: float = 1.0

    def some(self, channels: Sequence[int]) -> "Others":
        """Those of these channels."""
        smooth = self.smooth if self.smooth.ndim == 2 else self.smooth[list(channels)]
        seen = None if self.clocks is None else [self.clocks[index] for index in channels]
        return replace(self, sums=self.sums.some(channels), smooth=smooth, clocks=seen)

    def seen(self, curve: Floats) -> tuple[Floats, Floats]:
        """The curve by each channel's clock (channels, 168), and its slopes (channels, 168, 168)."""
        count = len(self.sums.posts)
        if self.clocks is None:
            return np.broadcast_to(curve, (count, WEEK)), np.broadcast_to(np.eye(WEEK), (count, WEEK, WEEK))
        told = [through(self.sd * curve, clocks) for clocks in self.clocks]
        return np.stack([logs for logs, _slope in told]) / self.sd, np.stack([slope for _logs, slope in told])


@dataclass(frozen=True, slots=True)
class Pooled:
    """The week that channels have in common (168,), how sure it is, and how far channels stray from it."""

    curve: Floats
    #: Covariance of the curve's error, shape (168, 168).
    unsure: Floats
    sizes: tuple[Size, ...]

    def prior(self, smooth: Floats, variance: float) -> Prior:
        """Of a new channel with the same clock."""
        return Prior(self.curve, smooth, self.unsure, self.sizes, variance)


def pool(others: Others, kernel: Kernel) -> Pooled:
    """Curve and sizes from the same channels: sizes are judged on each half by the curve of the other.

    A curve that has seen a channel's own posts would make its deviations look smaller than they are.
    """
    count = len(others.sums.posts)
    sizes = tuple(
        Size(factor, nugget, 1 / (len(_FACTORS) * len(_NUGGETS)))
        for factor in _FACTORS
        for nugget in _NUGGETS
    )
    own = others.smooth
    if count >= 4:
        mean, error = np.zeros((count, WEEK)), np.zeros((count, WEEK, WEEK))
        for half in (0, 1):
            here, there = list(range(half, count, 2)), list(range(1 - half, count, 2))
            curve, unsure = pooled_curve(others.some(there), kernel, own if own.ndim == 2 else own[there])
            mean[here], slopes = others.some(here).seen(curve)
            error[here] = slopes @ unsure @ np.swapaxes(slopes, -1, -2)
        sizes = weighed(others, mean, error, sizes)
        factor, nugget = (
            sum(one.weight * getattr(one, name) for one in sizes) for name in ("factor", "nugget")
        )
        own = factor * others.smooth + nugget * np.eye(WEEK)
    curve, unsure = pooled_curve(others, kernel, own)
    kept = [one for one in sizes if one.weight >= _LEAST_WEIGHT] or list(sizes)
    left = (1 - sum(one.weight for one in _UNLIKE)) / sum(one.weight for one in kept)
    sizes = (*(replace(one, weight=left * one.weight) for one in kept), *_UNLIKE)
    return Pooled(curve, unsure, sizes)


def pooled_curve(others: Others, kernel: Kernel, own: Floats) -> tuple[Floats, Floats]:
    """The week that channels have in common, mean 0, shape (168,), in noise sds; and its error's covariance.

    Generalised least squares around what channels have of their own, with a Gaussian process as the curve's
    prior, of the size that makes the results most likely.

    Args:
        own: covariance of a channel's own deviation, (168, 168) or (channels, 168, 168).
    """
    sums, root = others.sums, np.sqrt(others.sums.posts)
    spread = np.eye(WEEK) + root[:, :, None] * (own + kernel.level) * root[:, None, :]
    factor = np.linalg.cholesky(spread)
    sized = [replace(kernel, smooth_factor=one).smooth() for one in _CURVE_FACTORS]
    curve, unsure = np.zeros(WEEK), sized[0]
    for _ in range(1 if others.clocks is None else _ROUNDS):
        mean, slopes = others.seen(curve)
        beside = mean - slopes @ curve
        surprise = np.divide(sums.total - sums.posts * beside, root, out=np.zeros_like(root), where=root > 0)
        told = np.concatenate([root[:, :, None] * slopes, surprise[..., None]], axis=-1)
        told = np.linalg.solve(factor, told).reshape(-1, WEEK + 1)
        normal = told.T @ told
        curve, unsure = max((_curve(normal, one) for one in sized), key=lambda found: found[2])[:2]
        curve = curve - curve.mean()
    return curve, unsure


def _curve(normal: Floats, prior: Floats) -> tuple[Floats, Floats, float]:
    """Posterior of a curve from normal equations (169, 169), and its log evidence."""
    precision, total = normal[:WEEK, :WEEK], normal[:WEEK, WEEK]
    inner = np.eye(WEEK) + precision @ prior
    unsure = prior @ np.linalg.inv(inner)
    curve = unsure @ total
    evidence = 0.5 * float(total @ curve) - 0.5 * float(np.linalg.slogdet(inner)[1])
    return curve, (unsure + unsure.T) / 2, evidence


def weighed(others: Others, mean: Floats, error: Floats, sizes: Sequence[Size]) -> tuple[Size, ...]:
    """How common each size is among channels: expectation and maximisation over their likelihoods.

    Args:
        mean: prior of the slots of each channel, learned from other channels, (channels, 168).
        error: covariance of that mean's error, (channels, 168, 168).
    """
    slots = _occupied(others.sums.posts)
    root = np.sqrt(np.take_along_axis(others.sums.posts, slots, axis=1))
    root[np.diff(slots, axis=1, prepend=-1) == 0] = 0
    expected = np.take_along_axis(others.sums.total - others.sums.posts * mean, slots, axis=1)
    surprise = np.divide(expected, root, out=np.zeros_like(root), where=root > 0)
    smooth, known = (
        np.take_along_axis(np.take_along_axis(one, slots[:, :, None], 1), slots[:, None, :], 2)
        for one in (np.broadcast_to(others.smooth, error.shape), error + _LEVEL)
    )
    every = np.eye(slots.shape[1])
    logs = np.zeros((len(sizes), len(slots)))
    for index, size in enumerate(sizes):
        spread = root[:, :, None] * (size.factor * smooth + known + size.nugget * every) * root[:, None, :]
        log_size, unexplained = measured_by(spread + every, surprise)
        logs[index] = -log_size - unexplained / 2
    likely = np.exp(logs - logs.max(axis=0))
    before = np.full(len(sizes), 1 / len(sizes))
    weights = before
    for _ in range(_EM_ROUNDS):
        shares = weights[:, None] * likely
        shares /= shares.sum(axis=0)
        weights = (_PSEUDO_CHANNELS * before + shares.sum(axis=1)) / (_PSEUDO_CHANNELS + logs.shape[1])
    return tuple(replace(size, weight=float(weight)) for size, weight in zip(sizes, weights, strict=True))


def _occupied(posts: Floats) -> NDArray[np.int64]:
    """The slots with posts of each channel, the last one again and again where a channel has fewer."""
    found = [np.flatnonzero(one) for one in posts]
    longest = max(1, *(len(one) for one in found))
    return np.stack([
        np.concatenate([one, np.full(longest - len(one), one[-1] if len(one) else 0)]) for one in found
    ])  # fmt: skip
