"""Counts, rates and changes of stocks, each on a scale on which days can be compared with each other.

Counts are compared by their logarithm. A rate is compared by the logarithm of its numerator by what the usual
rate makes of the day's denominator, both widened by a few events: so a day with a small denominator, of which
chance alone explains much, lies near the usual, and one with none lies on it. Stocks are compared by how much
they change from one day to the next.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

import numpy as np
from numpy.typing import NDArray

Numbers = NDArray[np.float64]

#: Events that are added to a rate's numerator and to what is expected of it.
WIDENED: Final = 2.0
#: A history without any spread is taken to have this one (of a logarithm).
LEAST_SPREAD: Final = 0.02
#: A stock of which nothing moves is taken to move by so much a day.
LEAST_CHANGE: Final = 1.0
_ROBUST: Final = 1.4826
#: How restless a rate is beside chance: the candidates, as standard deviations of its logarithm.
_RESTLESS: Final = np.linspace(0.0, 1.5, 61)


class Kind(StrEnum):
    """How a figure behaves from day to day."""

    #: How often something happened on a day; none is negative.
    COUNT = "count"
    #: What happened by how often it could have; what happened is counted, and varies by chance.
    RATE = "rate"
    #: What there was of something, such as seconds or money, for each of the denominator, which is counted.
    MEAN = "mean"
    #: What a stock, such as followers, has on a day more than on the day before.
    CHANGE = "change"


@dataclass(frozen=True, slots=True)
class Looked:
    """One figure of one day, and the days before it."""

    key: str
    #: The days before, oldest first, without a gap; of each as much as there was at the same hour. Counts,
    #: numerators of a rate, or changes of a stock.
    history: Sequence[float]
    #: The day itself.
    value: float
    kind: Kind = Kind.COUNT
    #: A rate's denominators of all these days, the day itself last.
    below: Sequence[float] = ()


@dataclass(frozen=True, slots=True)
class Scaled:
    """Days on a scale on which equal distances mean equally much; the last one is the day itself."""

    kind: Kind
    days: Numbers
    #: Spread that chance alone explains; of counts it depends on their level (`by_chance`).
    least: float
    #: Of a rate: numerator by denominator over all days before; else 1.
    rate: float = 1.0
    #: Of a rate: by how much the day itself was drawn towards the usual or away from it.
    factor: float = 1.0


def scaled(one: Looked) -> Scaled:
    """A figure's days on their scale."""
    match one.kind:
        case Kind.RATE | Kind.MEAN:
            return _rate(one.kind, np.array([*one.history, one.value], float), np.asarray(one.below, float))
        case Kind.CHANGE:
            return _change(np.array([*one.history, one.value], float))
    return Scaled(Kind.COUNT, np.log1p(np.array([*one.history, one.value], float)), LEAST_SPREAD)


def by_chance(level: Numbers, kind: Kind, least: float) -> Numbers:
    """The spread that chance alone explains around a level: of a few a day, most of it (Poisson)."""
    if kind is not Kind.COUNT:
        return np.full_like(level, least)
    usual = np.maximum(np.expm1(level), 0.0)
    spread: Numbers = np.maximum(least, np.sqrt(usual) / (1 + usual))
    return spread


def _change(days: Numbers) -> Scaled:
    middle = abs(float(np.median(days[:-1]))) if len(days) > 1 else 0.0
    return Scaled(Kind.CHANGE, days, max(LEAST_CHANGE, math.sqrt(middle)))


def _rate(kind: Kind, above: Numbers, below: Numbers) -> Scaled:
    """Each day's distance in the unit of a usual day, whatever its own denominator is.

    Of a mean, each of the denominator counts as one event.
    """
    known = float(below[:-1].sum())
    rate = float(above[:-1].sum()) / known if known > 0 else 0.0
    if rate <= 0:
        return Scaled(kind, np.zeros(len(above)), LEAST_SPREAD, 0.0)
    expected = rate * below
    if kind is Kind.MEAN:
        above, expected = above / rate, below
    distance = np.log((above + WIDENED) / (expected + WIDENED))
    # The share of what is expected, and so of all restlessness, that is left after widening.
    share = expected / (expected + WIDENED)
    # Of next to nothing, one event is much: days below the widening count as the day that has just that.
    least = np.maximum(expected, WIDENED)
    chance = np.sqrt(least) / (least + WIDENED)
    own = np.hypot(chance, _restless(distance[:-1], chance[:-1], share[:-1]) * share)
    factor = float(np.median(own[:-1][expected[:-1] > 0])) / own
    least_spread = max(LEAST_SPREAD, float(np.median(chance[:-1][expected[:-1] > 0])))
    return Scaled(kind, distance * factor, least_spread, rate, float(factor[-1]))


def _restless(distance: Numbers, chance: Numbers, share: Numbers) -> float:
    """How much a rate moves beside chance: with it, the middle distance is what a normal curve has."""
    informed = share > 0
    distance, chance, share = distance[informed], chance[informed], share[informed]
    distance = np.abs(distance - np.median(distance))
    own = np.hypot(chance, _RESTLESS[:, None] * share)
    middle = _ROBUST * np.median(distance / own, axis=1)
    fits = np.flatnonzero(middle <= 1.0)
    return float(_RESTLESS[fits[0]] if len(fits) else _RESTLESS[-1])
