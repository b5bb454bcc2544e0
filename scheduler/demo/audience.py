"""The truth behind the simulated figures: when an audience is there, and how its reactions grow with age.

The activity of an audience is a curve over the 168 hours of its week. A post is seen less and less as it
grows older, and what it gets at an age is activity times visibility. So the value of a posting hour follows,
and whoever learns it from the readings can be held against it.
"""

import math
from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from random import Random
from typing import Any

HOURS_OF_WEEK = 168
#: Ages in hours between which the growth of a post is even.
EDGES: tuple[float, ...] = (
    0.0,
    1 / 12,
    0.25,
    0.5,
    *(float(hour) for hour in range(1, 49)),
    *(float(24 * day) for day in range(3, 36)),
)
#: Mean age, in hours, of the few who find a post late, by search or by a link elsewhere.
_LATE = 160.0
#: An audience has its own habits: waves of these many per week, with random phase.
_WAVES = (1, 2, 3, 7, 14, 21)
#: From this mean on a count is drawn from the normal distribution, whose error no longer shows.
_MANY = 40.0


@dataclass(frozen=True, slots=True)
class Habits:
    """What one audience's week looks like before its own waves are added."""

    #: (hour of day, narrowness, height) of the busy times of a day.
    peaks: tuple[tuple[float, float, float], ...]
    #: Activity at weekends against weekdays.
    weekend: float
    #: Size of the audience's own waves, in log units.
    own: float
    #: Hours after which half of those who see a post soon have seen it.
    half_life: float
    #: Share of reactions that come late, whatever the hour.
    lasting: float


class Audience:
    """One audience with its week, hours of which begin on Monday 00:00 in its own zone."""

    def __init__(self, habits: Habits, rng: Random) -> None:
        self._habits = habits
        self.activity = _week(habits, rng)
        self._seen = _seen(habits)
        self._cells: dict[int, list[float]] = {}
        sums = [sum(self._weights(float(hour))) for hour in range(HOURS_OF_WEEK)]
        self._mean = sum(sums) / HOURS_OF_WEEK

    def value(self, hour: float) -> float:
        """What a post is worth that goes out at this hour of the week; 1 is the average of all hours."""
        return sum(self._weights(hour)) / self._mean

    def ages(self, rng: Random, hour: float, count: int) -> list[float]:
        """Ages in seconds, youngest first, at which ``count`` people act on a post of this hour."""
        shares = self._growth(hour)
        found = []
        for _ in range(count):
            cell = bisect_right(shares, rng.random())
            low = EDGES[cell]
            found.append(3600 * (low + (EDGES[cell + 1] - low) * rng.random()))
        found.sort()
        return found

    def share(self, hour: float, age: float) -> float:
        """The share of all reactions to a post of this hour that it has at an age, in seconds."""
        shares, age = self._growth(hour), age / 3600
        cell = bisect_right(EDGES, age) - 1
        if cell >= len(shares):
            return 1.0
        before = shares[cell - 1] if cell else 0.0
        return before + (shares[cell] - before) * (age - EDGES[cell]) / (EDGES[cell + 1] - EDGES[cell])

    def document(self) -> dict[str, Any]:
        """The truth, as it is kept beside the figures."""
        return {
            "activity": [round(one, 4) for one in self.activity],
            "value": [round(self.value(float(hour)), 4) for hour in range(HOURS_OF_WEEK)],
            "half_life_hours": self._habits.half_life,
            "lasting": self._habits.lasting,
        }

    def _growth(self, hour: float) -> list[float]:
        """The share of all reactions that a post has at the end of each cell of `EDGES`."""
        quarter = int(hour * 4) % (4 * HOURS_OF_WEEK)
        if quarter not in self._cells:
            weights = self._weights(quarter / 4)
            total, grown = sum(weights), 0.0
            shares = []
            for weight in weights:
                grown += weight / total
                shares.append(grown)
            shares[-1] = 1.0
            self._cells[quarter] = shares
        return self._cells[quarter]

    def _weights(self, hour: float) -> list[float]:
        activity = self.activity
        return [
            seen if width > 1 else seen * activity[int(hour + middle) % HOURS_OF_WEEK]
            for middle, width, seen in self._seen
        ]


def _seen(habits: Habits) -> list[tuple[float, float, float]]:
    """For each cell of `EDGES` its middle, its width, and how much a post of that age is still seen in it."""
    found = []
    for low, high in pairwise(EDGES):
        age = (low + high) / 2
        soon = math.log(2) / habits.half_life * 2 ** (-age / habits.half_life)
        seen = (1 - habits.lasting) * soon + habits.lasting / _LATE * math.exp(-age / _LATE)
        found.append((age, high - low, (high - low) * seen))
    return found


def _week(habits: Habits, rng: Random) -> tuple[float, ...]:
    size = habits.own / math.sqrt(len(_WAVES) / 2)
    waves = [(number, rng.gauss(0, size), rng.uniform(0, 2 * math.pi)) for number in _WAVES]
    hours = []
    for hour in range(HOURS_OF_WEEK):
        angle = 2 * math.pi * hour / HOURS_OF_WEEK
        own = sum(height * math.cos(number * angle + phase) for number, height, phase in waves)
        hours.append(_usual(habits, hour) * math.exp(own))
    mean = sum(hours) / HOURS_OF_WEEK
    return tuple(hour / mean for hour in hours)


def _usual(habits: Habits, hour: int) -> float:
    """The activity that such an audience usually has; at weekends people get up an hour later."""
    weekend = hour >= 5 * 24
    of_day = hour % 24 + 0.5 - (1 if weekend else 0)
    busy = 0.06 + sum(
        height * math.exp(narrow * (math.cos(2 * math.pi * (of_day - peak) / 24) - 1))
        for peak, narrow, height in habits.peaks
    )
    return busy * (habits.weekend if weekend else 1)


def poisson(rng: Random, mean: float) -> int:
    """A count with this mean, as independent acts of many people give it."""
    if mean > _MANY:
        return max(0, round(rng.gauss(mean, math.sqrt(mean))))
    limit, count, product = math.exp(-mean), 0, rng.random()
    while product > limit:
        count += 1
        product *= rng.random()
    return count


def uneven(rng: Random, spread: float) -> float:
    """A factor around 1 (its mean) whose logarithm has this standard deviation: luck, and what is said."""
    return math.exp(rng.gauss(0, spread) - spread * spread / 2)


def count_until(ages: Sequence[float], age: float) -> int:
    """How many of these ages, youngest first, lie before an age."""
    return bisect_right(ages, age)
