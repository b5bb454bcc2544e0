"""The outlook of a rate over a period: numerator and denominator together, then the ratio of their sums.

The numerator is forecast given the denominator: a rate for each unit of it, from the weeks that had one. Few
cases (such as five testimonials) are counted by the gamma-Poisson model with the denominator as exposure.
How much denominator is to come has an outlook of its own; it says how heavily what is done already weighs.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from analytics.forecast.changes import centre_of_changes
from analytics.forecast.counts import counted
from analytics.forecast.outlook import (
    FADING,
    FEW,
    FEWEST_WEEKS,
    WEEK,
    WEEKS,
    Centre,
    Outlook,
    Table,
    centre,
    further_off,
    mixed,
    outlook,
    scores_at,
    shipped,
    week_totals,
)

#: Cases of the denominator that are paired with every case of the rate.
_VOLUMES = 20


@dataclass(frozen=True, slots=True)
class Pairs:
    """Numerator and denominator of each day, oldest first; equally long."""

    above: Sequence[float]
    below: Sequence[float]

    def weekly(self) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        """Both by whole weeks that end with the last day, without those that have no denominator."""
        above, below = week_totals(self.above), week_totals(self.below)
        there = below > 0
        return above[there], below[there]


def outlook_of_ratio(
    pairs: Pairs,
    days: int,
    *,
    done: tuple[float, float] = (0.0, 0.0),
    gap: int = 0,
    table: Table | None = None,
) -> Outlook | None:
    """What numerator by denominator will be at the end of a period.

    Args:
        pairs: the past, up to the last day that is over.
        days: how many days of the period are to come, at least 1.
        done: what the period's days that are over brought of both.
        gap: how many days lie between the last that is over and the first to come.
        table: scores of other histories; None: the shipped ones.

    Returns:
        None with fewer than `FEWEST_WEEKS` whole weeks with a denominator, or when none is to be expected.
    """
    above, below = pairs.weekly()
    volume = outlook(pairs.below, days, gap=gap)
    if len(above) < FEWEST_WEEKS or volume is None:
        return None
    volumes = volume.values[np.linspace(0, len(volume.values) - 1, _VOLUMES).round().astype(int)]
    rates = _rates(above, below, days, gap=gap, table=table)
    cases = []
    for to_come in np.maximum(volumes, 0.0):
        if to_come > 0:
            numerators = _few(above, below, float(to_come)) if rates is None else to_come * rates
            cases.append((done[0] + numerators) / (done[1] + to_come))
        elif done[1] > 0:
            cases.append(np.array([done[0] / done[1]]))
    if not cases:
        return None
    weights = np.concatenate([np.full(len(case), 1 / len(case)) for case in cases])
    return _levelled(np.concatenate(cases), weights)


def _levelled(values: NDArray[np.float64], weights: NDArray[np.float64]) -> Outlook:
    """As 200 equally likely cases."""
    order = np.argsort(values)
    reached = (np.cumsum(weights[order]) - weights[order] / 2) / weights.sum()
    return Outlook(np.interp((np.arange(200) + 0.5) / 200, reached, values[order]), "ratios")


def _few(above: NDArray[np.float64], below: NDArray[np.float64], to_come: float) -> NDArray[np.float64]:
    """Cases of a numerator that is small, given its denominator."""
    recent, of = above[-WEEKS:], below[-WEEKS:]
    seen = counted(float(recent.sum()), float(of.sum()), to_come, bundle=bundle(recent, of))
    return seen.values


def _rates(
    above: NDArray[np.float64], below: NDArray[np.float64], days: int, *, gap: int, table: Table | None
) -> NDArray[np.float64] | None:
    """Equally likely rates of the days to come; None: numerators are too small to have any by the week."""
    recent = above[-WEEKS:]
    if recent.min() >= 0 and recent.mean() < FEW:
        return None
    plain = bool(above.min() <= 0)
    found = centre_of_rates(above, below, plain=plain)
    others = scores_at(days / WEEK, table or shipped("ratios")) * further_off(days, gap)
    scores = mixed(others, own_rates(above, below, math.ceil(days / WEEK), gap=round(gap / WEEK)))
    return rates_by(found, scores, plain=plain)


def bundle(above: NDArray[np.float64], below: NDArray[np.float64]) -> float:
    """Variance by mean of weekly numerators around their share of the denominator; at least 1, shrunk."""
    expected = below * above.sum() / below.sum()
    usable = expected > 0
    if usable.sum() < 2:
        return 1.0
    freedom = int(usable.sum()) - 1
    measured = float(((above - expected)[usable] ** 2 / expected[usable]).sum() / freedom)
    return max(1.0, (measured * freedom + 2 * 2.0) / (freedom + 2))


def centre_of_rates(above: NDArray[np.float64], below: NDArray[np.float64], *, plain: bool = False) -> Centre:
    """Level and unrest of weekly rates: the level is a ratio of fading sums, the unrest one of logarithms.

    ``plain``: both of plain numbers (times a million), since some week had none or less.
    """
    if plain:
        return centre_of_changes(above / below * _SCALE)
    unrest = centre(above / below).spread
    weights = FADING ** np.arange(len(above[-WEEKS:]))[::-1]
    return Centre(float((weights @ above[-WEEKS:]) / (weights @ below[-WEEKS:])), unrest)


#: Plain rates are small numbers: the floor of a spread of changes is meant for whole ones.
_SCALE = 1e6


def rates_by(found: Centre, scores: NDArray[np.float64], *, plain: bool) -> NDArray[np.float64]:
    """Rates that lie so many spreads from the centre, ascending."""
    if plain:
        return np.sort((found.weekly + found.spread * scores) / _SCALE)
    return np.sort(found.weekly * np.exp(found.spread * scores))


def own_rates(
    above: NDArray[np.float64], below: NDArray[np.float64], weeks: int, *, gap: int = 0
) -> NDArray[np.float64]:
    """How far the truth, a ratio of sums, lay from the centre at each past week, in spreads."""
    found, plain = [], bool(above.min() <= 0)
    for origin in range(FEWEST_WEEKS * 2, len(above) - weeks - gap + 1):
        ahead = slice(origin + gap, origin + gap + weeks)
        truth = float(above[ahead].sum() / below[ahead].sum())
        then = centre_of_rates(above[:origin], below[:origin], plain=plain)
        distance = truth * _SCALE - then.weekly if plain else math.log(truth / then.weekly)
        found.append(distance / then.spread)
    return np.asarray(found, dtype=float)
