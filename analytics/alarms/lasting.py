"""How much days follow one another, beside their weekdays: what was high yesterday is often high today.

Sums of such days vary more than those of days that know nothing of each other, and so the limits of shifts
must be wider. It is asked by how much more the sums of five days vary (variance ratio: A. W. Lo, A. C.
MacKinlay 1988), and believed as far as so few days can tell it from chance.
"""

import math
from typing import Final

import numpy as np

from analytics.alarms.scales import Numbers

#: Days of a sum; about as many as a shift is noticed in.
_SUMMED: Final = 5
#: More is not believed: a history of half a year cannot tell it from a level that wanders.
MOST: Final = 0.9
#: What lies beyond its own standard error is believed, and then with so much of the error added: to believe
#: too little rings too often by more than to believe too much rings too late.
_EAGER, _CAUTION = 1.5, 0.5
_GRID: Final = np.linspace(0.0, MOST, 91)


def _ratio(lasting: Numbers) -> Numbers:
    """By how much the sums vary more, where each day has so much of the day before."""
    lags = np.arange(1, _SUMMED)
    more: Numbers = 1 + 2 * ((1 - lags / _SUMMED) * lasting[:, None] ** lags).sum(axis=1)
    return more


_RATIOS: Final = _ratio(_GRID)


def lasting(scores: Numbers) -> Numbers:
    """How much of a day's distance the next one has: 0 where that may be chance (figures,).

    Args:
        scores: (figures, days) distances from the usual, in spreads.
    """
    days = scores.shape[1]
    own = np.clip(scores - np.median(scores, axis=1)[:, None], -3.5, 3.5)
    own = own - own.mean(axis=1)[:, None]
    variance = np.maximum((own**2).sum(axis=1), 1e-12)
    more = np.zeros(len(scores))
    for lag in range(1, _SUMMED):
        together = (own[:, lag:] * own[:, :-lag]).sum(axis=1) / variance
        # Distances from an own middle are drawn apart a little.
        more += 2 * (1 - lag / _SUMMED) * (together + 1 / days)
    doubt = 2 * (2 * _SUMMED - 1) * (_SUMMED - 1) / (3 * _SUMMED * days)
    believed = np.clip(_EAGER * (1 - doubt / np.maximum(more, 1e-9) ** 2), 0.0, 1.0) * (more > 0)
    more = believed * (more + _CAUTION * math.sqrt(doubt))
    found: Numbers = np.interp(1 + more, _RATIOS, _GRID)
    return found


def drawn_anew(own: Numbers, lasting: float, days: int, paths: int, rng: np.random.Generator) -> Numbers:
    """Days drawn from a figure's own, each with so much of the day before (days, paths)."""
    if not lasting:
        alone: Numbers = own[rng.integers(0, len(own), (days, paths))]
        return alone
    new = own[1:] - lasting * own[:-1]
    new = (new - new.mean()) * (own.std() * np.sqrt(1 - lasting**2) / max(float(new.std()), 1e-12))
    drawn: Numbers = new[rng.integers(0, len(new), (days, paths))]
    drawn[0] = own[rng.integers(0, len(own), paths)]
    for day in range(1, days):
        drawn[day] += lasting * drawn[day - 1]
    return drawn
