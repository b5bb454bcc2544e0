"""From a channel's measured and imported posts to what its hours are worth."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

import numpy as np
from numpy.typing import NDArray

from analytics.slots.history import History, learn_from, results, shrunk_sd
from analytics.slots.kernel import WEEK, Floats
from analytics.slots.prior import Prior, PriorFile
from analytics.slots.reactions import (
    Reactions,
    activity,
    activity_covariance,
    slot_worth,
    worth_covariance,
)
from domain.learned import WIDTH_80, LearnedWeek

#: Age at which posts are compared, and the youngest that is scaled up to it.
EQUAL_AGE = timedelta(hours=24)
YOUNGEST = timedelta(hours=1)
#: From so many dated reactions on, they give the mean of the week.
ENOUGH_REACTIONS = 100
#: Weight of the platform's delay curve, in reactions; and of one post whose reactions are known by
#: differences.
OWN_DELAY = 50.0
MOST_BY_DIFFERENCES = 60.0
#: Columns of the covariance's factor that are kept for drawing.
_FACTORS = 12
_HOUR = timedelta(hours=1)


@dataclass(frozen=True, slots=True)
class Facts:
    """What is known of a channel's posts, each source on its own."""

    measured: History
    imported: History
    reactions: Reactions
    metric: str
    #: Share of reactions by hours after a post, on this channel.
    delay: Floats


def at_equal_age(readings: Mapping[timedelta, int], delay: Floats) -> float | None:
    """The count at 24 hours; scaled by the delay curve where it was read at another age, None if too
    young.
    """
    usable = [age for age in readings if age >= YOUNGEST]
    if not usable:
        return None
    nearest = min(usable, key=lambda age: (abs(age - EQUAL_AGE), age))
    return readings[nearest] * reached(EQUAL_AGE, delay) / reached(nearest, delay)


def reached(age: timedelta, delay: Floats) -> float:
    """Share of its reactions that a post has at an age."""
    hours = age / _HOUR
    return max(
        1e-3, float(np.interp(hours, np.arange(len(delay) + 1), np.concatenate([[0.0], np.cumsum(delay)])))
    )


def hourly(readings: Mapping[timedelta, int], delay: Floats) -> Floats:
    """Reactions by hours after the post, from differences between readings; spread by the delay within
    each.
    """
    spread = np.zeros(len(delay))
    edges = np.arange(len(delay) + 1, dtype=np.float64)
    before, had = 0.0, 0
    for age in sorted(readings):
        until = min(age / _HOUR, float(len(delay)))
        gained = max(0, readings[age] - had)
        if until > before and gained:
            inside = np.clip(np.minimum(edges[1:], until) - np.maximum(edges[:-1], before), 0.0, 1.0) * delay
            if inside.sum() > 0:
                spread += gained * inside / inside.sum()
        before, had = max(before, until), max(had, readings[age])
    return spread


def learned_week(
    facts: Facts, file: PriorFile, *, zone: str, audience: Mapping[str, float], now: datetime
) -> LearnedWeek:
    """The posterior of a channel's week.

    The mean of the belief is the worth of the slots by the channel's own reactions, where enough are dated;
    else the prior of the platform, as the channel's audience zones see it.
    """
    prior = file.seen_from(zone, audience, at=now)
    values = np.concatenate([results(one) for one in (facts.measured, facts.imported)])
    number = float(facts.reactions.count.sum())
    if number >= ENOUGH_REACTIONS:
        prior = _around(facts.reactions, facts.delay, file, prior, shrunk_sd(values, prior.variance))
    found = learn_from(
        np.concatenate([facts.measured.at, facts.imported.at]),
        np.concatenate([facts.measured.slot, facts.imported.slot]),
        values,
        prior,
        now=now.timestamp(),
    )
    counts = np.bincount(np.concatenate([facts.measured.slot, facts.imported.slot]), minlength=WEEK)
    return LearnedWeek(
        zone=zone,
        means=tuple(round(float(value), 4) for value in found.mean),
        sds=tuple(round(float(value), 4) for value in np.sqrt(np.diagonal(found.covariance))),
        counts=tuple(int(value) for value in counts),
        measured=len(facts.measured),
        imported=len(facts.imported),
        reactions=round(number),
        metric=facts.metric,
        gain=best_less_median(found.mean, found.covariance, counts.astype(np.float64)),
        prior=file.source,
        prior_date=file.measured.isoformat(),
        factors=_factors(found.covariance),
    )


def _around(seen: Reactions, delay: Floats, file: PriorFile, prior: Prior, sd: float) -> Prior:
    """The prior with the worth by reactions as its mean; ``sd`` is the noise of the channel's posts."""
    covariance = activity_covariance(file.kernel)
    active = activity(seen, sd * prior.mean, delay, covariance)
    unsure = prior.unsure + worth_covariance(seen, active, delay, covariance) / sd**2
    return replace(prior, mean=slot_worth(active, delay) / sd, unsure=unsure)


def best_less_median(mean: Floats, covariance: Floats, posts: Floats) -> tuple[float, float, float]:
    """How much better the best slot is than the usual one, with its 80 % interval.

    The usual slot is the median one by value among the slots of the channel's own posts, each as often as it
    was used; where there are no posts, the median of all. An hour that was never tried says nothing.
    """
    order = np.argsort(mean, kind="stable")
    weight = np.cumsum((posts if posts.sum() else np.ones(WEEK))[order])
    median = int(order[np.searchsorted(weight, weight[-1] / 2)])
    best = int(np.argmax(np.where(_tried(posts), mean, -np.inf)))
    apart = float(mean[best] - mean[median])
    variance = covariance[best, best] + covariance[median, median] - 2 * covariance[best, median]
    half = WIDTH_80 * float(np.sqrt(max(variance, 0.0)))
    return round(apart, 4), round(apart - half, 4), round(apart + half, 4)


def _tried(posts: Floats) -> NDArray[np.bool_]:
    """Slots at an hour of the day at which the channel has posted on any day, or an hour beside; all
    without posts.
    """
    hours = posts.reshape(7, 24).sum(axis=0) > 0
    near = hours | np.roll(hours, 1) | np.roll(hours, -1)
    return np.tile(near if hours.any() else np.ones(24, dtype=bool), 7)


def own_delay(spread: Sequence[Floats], delay: Floats) -> Floats:
    """The delay curve of the channel's own reactions, with the platform's as ``OWN_DELAY`` reactions before
    them.

    Where all posts go out at the same hours, delay and activity cannot be told apart; the delay takes it
    all then, and nothing is claimed of the hours.
    """
    total = OWN_DELAY * delay
    for one in spread:
        total = total + one * min(1.0, MOST_BY_DIFFERENCES / max(float(one.sum()), 1.0))
    return np.asarray(total / total.sum())


def _factors(covariance: Floats) -> tuple[tuple[float, ...], ...]:
    sizes, vectors = np.linalg.eigh(covariance)
    kept = np.argsort(sizes)[::-1][:_FACTORS]
    return tuple(
        tuple(round(float(value), 4) for value in np.sqrt(max(sizes[index], 0.0)) * vectors[:, index])
        for index in kept
    )


def history_of(rows: Sequence[tuple[float, int, int, float]]) -> History:
    """Rows of (seconds since 1970, slot, kind, engagement), in any order."""
    table = np.array(sorted(rows), dtype=np.float64).reshape(-1, 4)
    return History(table[:, 0], table[:, 1].astype(np.int64), table[:, 2].astype(np.int64), table[:, 3])
