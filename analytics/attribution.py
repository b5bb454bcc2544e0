"""Which channels a conversion is owed to, by several rules side by side; none of them proves a cause.

Sources: E. Anderl et al. (2016) for the Markov chain with removal effects; L. S. Shapley (1953), whose value
is here the even split over a journey's distinct channels, since a coalition is worth the conversions in it.
"""

from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np

#: Touches of one journey before its end; channels by name, oldest first.
Touches = tuple[str, ...]
Credit = dict[str, float]
#: What each channel of one journey gets of its conversion; sums to 1.
Weights = Callable[[Touches], Credit]


@dataclass(frozen=True, slots=True)
class Journey:
    """One way that people took, and how often it ended in a conversion or in none."""

    touches: Touches
    converted: float
    lost: float = 0


def first_touch(journeys: Sequence[Journey]) -> Credit:
    """Each conversion to the first channel."""
    return _split(journeys, lambda touches: {touches[0]: 1.0})


def last_touch(journeys: Sequence[Journey]) -> Credit:
    """Each conversion to the last channel."""
    return _split(journeys, lambda touches: {touches[-1]: 1.0})


def linear(journeys: Sequence[Journey]) -> Credit:
    """Each conversion evenly over the touches."""
    return _split(journeys, lambda touches: _shares(touches, [1.0] * len(touches)))


def u_shaped(journeys: Sequence[Journey]) -> Credit:
    """40 % to the first touch, 40 % to the last, 20 % to those between; two touches share evenly."""

    def weights(touches: Touches) -> Credit:
        between = len(touches) - 2
        if between <= 0:
            return _shares(touches, [1.0] * len(touches))
        return _shares(touches, [0.4, *[0.2 / between] * between, 0.4])

    return _split(journeys, weights)


def time_decay(touches: Touches, ages: Sequence[float], *, half_life: float = 7.0) -> Credit:
    """One conversion over its touches, each worth half as much after every half-life.

    Args:
        ages: days from each touch to the conversion, none negative.
        half_life: days, above 0.
    """
    return _shares(touches, [0.5 ** (age / half_life) for age in ages])


def shapley(journeys: Sequence[Journey]) -> Credit:
    """Each conversion evenly over the distinct channels of its journey."""

    def weights(touches: Touches) -> Credit:
        distinct = tuple(dict.fromkeys(touches))
        return _shares(distinct, [1.0] * len(distinct))

    return _split(journeys, weights)


@dataclass(frozen=True, slots=True)
class Markov:
    """What a first-order chain of touches says."""

    #: Probability that a journey ends in a conversion.
    probability: float
    #: By how much that falls when a channel is taken out, as a share of it.
    removal: Mapping[str, float]
    #: Conversions by channel, in proportion to the removal effects.
    credit: Mapping[str, float]


def markov(journeys: Sequence[Journey]) -> Markov:
    """Fit the chain start → channels → conversion or nothing; exact, by its fundamental matrix."""
    steps: dict[str, dict[str, float]] = defaultdict(lambda: defaultdict(float))
    for journey in journeys:
        weight = journey.converted + journey.lost
        path = (_START, *journey.touches)
        for here, there in pairwise(path):
            steps[here][there] += weight
        steps[path[-1]][_DONE] += journey.converted
        steps[path[-1]][_NOTHING] += journey.lost
    channels = sorted({touch for journey in journeys for touch in journey.touches})
    whole = _probability(steps, channels, without=None)
    if whole <= 0:
        return Markov(0.0, dict.fromkeys(channels, 0.0), dict.fromkeys(channels, 0.0))
    removal = {one: 1 - _probability(steps, channels, without=one) / whole for one in channels}
    conversions, total = sum(journey.converted for journey in journeys), sum(removal.values())
    return Markov(whole, removal, {one: conversions * effect / total for one, effect in removal.items()})


#: No channel has such a name: names are not empty and have no control characters.
_START, _DONE, _NOTHING = "\x00start", "\x00done", "\x00nothing"


def _probability(
    steps: Mapping[str, Mapping[str, float]], channels: Sequence[str], *, without: str | None
) -> float:
    states = [_START, *(one for one in channels if one != without)]
    place = {state: number for number, state in enumerate(states)}
    inner, done = np.zeros((len(states), len(states))), np.zeros(len(states))
    for state in states:
        total = sum(steps[state].values()) if state in steps else 0
        for there, weight in steps.get(state, {}).items():
            if there == _DONE:
                done[place[state]] += weight / total
            elif there in place:
                inner[place[state], place[there]] += weight / total
    return float(np.linalg.solve(np.eye(len(states)) - inner, done)[0])


def _shares(touches: Touches, weights: Sequence[float]) -> Credit:
    found: Credit = {}
    total = sum(weights)
    for touch, weight in zip(touches, weights, strict=True):
        found[touch] = found.get(touch, 0.0) + weight / total
    return found


def _split(journeys: Sequence[Journey], weights: Weights) -> Credit:
    found: Credit = {touch: 0.0 for journey in journeys for touch in journey.touches}
    for journey in journeys:
        if journey.touches:
            for touch, share in weights(journey.touches).items():
                found[touch] += journey.converted * share
    return found
