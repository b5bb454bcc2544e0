"""Is this day out of the ordinary? Compared with the channel's own days, weekdays set apart.

A normal curve is wrong for counts of people: three sigma ring ten times too often on real histories. So a
day's rank among its own days is asked (conformal), its size, and its distance in robust deviations, all
three at once. Several figures of one day are judged together (Y. Benjamini, Y. Hochberg 1995).
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

#: Days that a day is compared with: six of each weekday.
WINDOW = 42
WEEK = 7
#: Least change that a person should hear of, as a share of the usual.
LEAST = 0.30
#: Least distance, in robust standard deviations (1.4826 x the median absolute deviation).
DEVIATIONS = 3.5
_ROBUST = 1.4826
#: Share of false ones among the alarms of one day that is put up with.
FALSE_SHARE = 0.10
#: With fewer on both the day and a usual one, nobody needs to hear of it.
LEAST_COUNT = 5.0
#: How fast the tail of log residuals thins out beyond the largest that was seen; small is cautious.
_TAIL = 4.0
#: A weekday's own level is worth so many values of the general one.
_WORTH = 3.0
#: A history without any spread is taken to have this one (log scale).
_LEAST_SPREAD = 0.02


@dataclass(frozen=True, slots=True)
class Unusual:
    """How a day stands among the days before it."""

    value: float
    #: What was usual for such a day.
    usual: float
    #: Value by usual, less 1.
    effect: float
    #: Probability of so much or more by chance, two-sided.
    p: float
    #: Distance from the usual in robust standard deviations.
    deviations: float

    @property
    def rings(self) -> bool:
        """Whether it is an alarm when it is looked at alone."""
        is_large = abs(self.effect) >= LEAST and max(self.value, self.usual) >= LEAST_COUNT
        return self.p <= 1 / (WINDOW + 1) and is_large and self.deviations >= DEVIATIONS


def residuals(daily: Sequence[float]) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Log distances of each day from what its weekday usually has, and these levels by place in the week.

    Each day's own level leaves the day itself out, so that a day to come is comparable.

    Args:
        daily: a whole number of weeks of counts, oldest first, none negative.

    Returns:
        The distances, and for each of the seven places of the week its log level.
    """
    logs = np.log1p(np.asarray(daily, dtype=float)).reshape(-1, WEEK)
    weeks = len(logs)
    general = float(np.median(logs))
    levels = (np.median(logs, axis=0) * weeks + general * _WORTH) / (weeks + _WORTH)
    distances = np.empty_like(logs)
    for week in range(weeks):
        others = np.delete(logs, week, axis=0)
        level = (np.median(others, axis=0) * (weeks - 1) + general * _WORTH) / (weeks - 1 + _WORTH)
        distances[week] = logs[week] - level
    return distances.ravel(), levels


def spread(distances: NDArray[np.float64], usual: float = math.inf) -> float:
    """The robust standard deviation of log distances, above 0.

    Args:
        usual: the count that is usual; of a few a day, what they vary by chance (Poisson) is the least.
    """
    by_chance = math.sqrt(max(usual, 0.0)) / (1 + usual) if math.isfinite(usual) else 0.0
    robust = _ROBUST * float(np.median(np.abs(distances - np.median(distances))))
    return max(_LEAST_SPREAD, by_chance, robust)


def judge(history: Sequence[float], today: float) -> Unusual | None:
    """How today stands among the days before it.

    Args:
        history: the counts of the days before, oldest first, without a gap.
        today: the count of the whole day.

    Returns:
        None with fewer than `WINDOW` days.
    """
    if len(history) < WINDOW:
        return None
    distances, levels = residuals(history[-WINDOW:])
    usual = math.expm1(float(levels[0]))  # the window begins with today's weekday
    distance = math.log1p(today) - float(levels[0])
    return Unusual(
        value=today,
        usual=usual,
        effect=math.expm1(distance),
        p=_chance(np.abs(distances), abs(distance)),
        deviations=abs(distance) / spread(distances, usual),
    )


def _chance(sizes: NDArray[np.float64], size: float) -> float:
    """The rank, carried on beyond the largest by a heavy tail, so that several alarms can be told apart."""
    count, largest = len(sizes), float(sizes.max())
    rank = (1 + int((sizes >= size).sum())) / (count + 1)
    if size <= largest or largest <= 0:
        return rank
    return float(rank * (largest / size) ** _TAIL)


def together(found: Sequence[Unusual], *, share: float = FALSE_SHARE) -> list[int]:
    """The places of those that ring when all figures of a day are judged together (Benjamini-Hochberg)."""
    order = sorted(range(len(found)), key=lambda place: found[place].p)
    most = 0
    for rank, place in enumerate(order, start=1):
        if found[place].p <= share * rank / len(found):
            most = rank
    return sorted(place for place in order[:most] if found[place].rings)
