"""When a channel's own audience is there: from the times of its reactions, or from differences of readings.

If the audience were equally active at all hours, a post would earn a share v(k) of its reactions k hours
after it went out. Reactions above or below that share say how active the audience is at that hour of the
week: counts are Poisson with an exposure, and the logarithm of the activity is smooth around the week (the
kernel of slot values), with the platform's activity as its mean. A slot is worth the activity that a post
meets while it is seen.

The exposure of a post is its total divided by what its slot is worth, so that posts at good hours do not
hide how good these are; both are solved for in turn. A post's total is otherwise free: what made it good or
bad is not time.
"""

from dataclasses import dataclass

import numpy as np

from analytics.slots.kernel import WEEK, Floats, Kernel

#: Variance of the log activity around the platform's, before any reaction.
OWN_VARIANCE = 0.3
#: Reactions of one post that count in full; a post that ran wild says no more than these.
MOST_OF_A_POST = 300.0
#: By how much the error of a worth exceeds that of counting: a delay curve is a mean over posts.
_BESIDES_COUNTING = 2.0
#: Rounds between activity and worth, and Newton steps in each.
_ROUNDS, _STEPS = 6, 2


@dataclass(slots=True)
class Reactions:
    """Reactions by the hour of week in which they came, and totals by the slot of their post; (…, 168)."""

    count: Floats
    total: Floats

    @classmethod
    def none(cls, *leading: int) -> "Reactions":
        return cls(np.zeros((*leading, WEEK)), np.zeros((*leading, WEEK)))

    def add(self, slot: int, hours: Floats) -> None:
        """One post at ``slot`` with its reactions by whole hours after it went out (hours,)."""
        total = float(hours.sum())
        if total <= 0:
            return
        weight = min(1.0, MOST_OF_A_POST / total)
        np.add.at(self.count, (slot + np.arange(len(hours))) % WEEK, weight * hours)
        self.total[slot] += weight * total


def activity_covariance(kernel: Kernel, variance: float = OWN_VARIANCE) -> Floats:
    """Covariance of the log activity, shape (168, 168): the smooth kernel, scaled."""
    smooth = kernel.smooth()
    return np.asarray(variance * smooth / smooth[0, 0])


def activity(
    seen: Reactions, prior: Floats, delay: Floats, covariance: Floats, *, start: Floats | None = None
) -> Floats:
    """The audience's activity by hour of week, mean 1, shape (…, 168).

    Args:
        prior: log activity of the platform by hour of week, shape (…, 168) or (168,).
        delay: share of reactions by whole hours after the post, shape (…, hours); sums to 1.
        covariance: of the log activity around the prior, shape (168, 168).
        start: an activity found before, from which fewer rounds are needed.
    """
    mean = np.broadcast_to(prior - prior.mean(axis=-1, keepdims=True), seen.count.shape)
    own = np.zeros_like(mean) if start is None else np.log(start) - mean
    active = _scaled(mean + own)
    for _ in range(_ROUNDS if start is None else 2):
        exposure = exposed(seen.total / met(active, delay), delay)
        for _ in range(_STEPS):
            expected = exposure * np.exp(mean + own)
            push = expected * own + seen.count - expected
            inner = np.eye(WEEK) + expected[..., :, None] * covariance
            own = (covariance @ np.linalg.solve(inner, push[..., None]))[..., 0]
            own = np.clip(own, -6.0, 6.0)
        active = _scaled(mean + own)
    return active


def _scaled(logs: Floats) -> Floats:
    active = np.exp(logs)
    return np.asarray(active / active.mean(axis=-1, keepdims=True))


def met(active: Floats, delay: Floats) -> Floats:
    """The activity that a post at each slot meets, weighted by its delay curve, shape (…, 168)."""
    return sum_over_delay(active, delay, -1)


def exposed(total: Floats, delay: Floats) -> Floats:
    """Reactions expected in each hour of the week were all hours alike, shape (…, 168)."""
    return sum_over_delay(total, delay, 1)


def sum_over_delay(values: Floats, delay: Floats, direction: int) -> Floats:
    """Values moved by k hours and weighted by the delay's share of hour k, summed."""
    moved = np.zeros_like(values)
    for k in range(delay.shape[-1]):
        moved += delay[..., k, None] * np.roll(values, direction * k, axis=-1)
    return moved


def slot_worth(active: Floats, delay: Floats) -> Floats:
    """Log of what a post at each slot meets, mean 0 over the week, shape (…, 168)."""
    logs = np.log(np.maximum(met(active, delay), 1e-6))
    return np.asarray(logs - logs.mean(axis=-1, keepdims=True))


def worth_covariance(seen: Reactions, active: Floats, delay: Floats, covariance: Floats) -> Floats:
    """How sure `slot_worth` is: posterior covariance of the 168 logs, shape (…, 168, 168)."""
    exposure = exposed(seen.total / met(active, delay), delay)
    expected = exposure * active
    spread = np.eye(WEEK) + covariance * expected[..., None, :]
    after = np.linalg.solve(spread, np.broadcast_to(covariance, spread.shape))
    slope = np.zeros_like(after)
    slots = np.arange(WEEK)
    for k in range(delay.shape[-1]):
        slope[..., slots, (slots + k) % WEEK] += delay[..., k, None]
    slope = slope * active[..., None, :] / met(active, delay)[..., :, None]
    told = _BESIDES_COUNTING * slope @ after @ np.swapaxes(slope, -1, -2)
    return np.asarray((told + np.swapaxes(told, -1, -2)) / 2)
