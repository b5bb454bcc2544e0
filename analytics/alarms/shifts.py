"""Has the level shifted for good? Small distances in one direction are added up (CUSUM, E. S. Page 1954).

The limit is not taken from a table: it is found for each figure by drawing its own residuals anew, such
that a figure on which nothing happens rings less than once in `PERIOD` days, the doubt about its level and
about what each weekday has included.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from analytics.alarms.days import WEEK

#: Days over which distances are added up, and the least and most days before them that say what is usual.
RECENT, FEWEST_DAYS, MOST_DAYS = 14, 42, 182
#: Distance a day that is put up with, in standard deviations.
SLACK = 0.6
#: Days, and how many crossings in so many are aimed at with the shortest and with the longest history:
#: while a level is re-estimated each day from few days, more come than the drawing foresees.
PERIOD, ALLOWED_EARLY, ALLOWED = 90, 0.51, 0.70
#: Drawn histories for the limit, and the seed of the drawing: the same figures give the same limit.
_DRAWN, _SEED = 800, 20261122
#: One viral post is no level: log counts beyond so many robust deviations are drawn in.
_CLIPPED = 3.0
_ROBUST = 1.4826
#: A history without any spread is taken to have this one (log scale).
_LEAST_SPREAD = 0.02


@dataclass(frozen=True, slots=True)
class Shift:
    """A level that is not what it was."""

    #: New level by old, less 1.
    effect: float
    #: How many days ago it began; 0: the last day.
    days_ago: int
    #: The sum, and the limit it is above, in standard deviations.
    sum: float
    limit: float
    #: Whether the sum crossed the limit on the last day, and not before.
    is_new: bool


@dataclass(frozen=True, slots=True)
class Usual:
    """What is usual on each place of the week (logs), and how far days lie from it."""

    levels: NDArray[np.float64]
    #: Standardised distances.
    scores: NDArray[np.float64]
    unit: float
    #: How much of a weekday's own level was believed, 0 to 1.
    believed: float


def shift(daily: Sequence[float]) -> Shift | None:
    """Whether the level of the last days has shifted against the weeks before them.

    Args:
        daily: counts of whole days, oldest first, none negative; at least `FEWEST_DAYS` + `RECENT`, of which
            the last `MOST_DAYS` + `RECENT` are looked at.

    Returns:
        None: no shift, or too few days.
    """
    weeks = min(len(daily) - RECENT, MOST_DAYS) // WEEK
    if weeks * WEEK < FEWEST_DAYS:
        return None
    logs = np.log1p(np.asarray(daily[-(weeks * WEEK + RECENT) :], dtype=float))
    found = usual(logs[:-RECENT])
    recent = (logs[-RECENT:] - np.tile(found.levels, RECENT // WEEK)) / found.unit
    most = limit(found)
    for sign in (1.0, -1.0):
        sums = _sums(sign * recent[np.newaxis])[0]
        if sums[-1] > most:
            begun = RECENT - 1 - int(np.argmax((sums == 0)[::-1])) + 1 if (sums == 0).any() else 0
            effect = float(np.expm1(found.unit * recent[begun:].mean()))
            return Shift(effect, RECENT - 1 - begun, float(sums[-1]), most, not (sums[begun:-1] > most).any())
    return None


def usual(logs: NDArray[np.float64]) -> Usual:
    """Levels of the weekdays, each drawn towards the general one as far as chance alone would explain it.

    Args:
        logs: log counts of whole weeks.
    """
    middle = float(np.median(logs))
    unit = max(_LEAST_SPREAD, _ROBUST * float(np.median(np.abs(logs - middle))))
    weeks = np.clip(logs, middle - _CLIPPED * unit, middle + _CLIPPED * unit).reshape(-1, WEEK)
    count, general, own = len(weeks), float(weeks.mean()), weeks.mean(axis=0)
    within = float(weeks.var(axis=0, ddof=1).mean())
    between = max(0.0, float(own.var(ddof=1)) - within / count)
    believed = between / (between + within / count) if between > 0 else 0.0
    levels = general + believed * (own - general)
    distances = logs.reshape(-1, WEEK) - levels
    unit = max(_LEAST_SPREAD, float(np.clip(distances, -_CLIPPED * unit, _CLIPPED * unit).std(ddof=WEEK)))
    return Usual(levels, (distances / unit).ravel(), unit, believed)


def limit(found: Usual) -> float:
    """The sum that a figure on which nothing happens crosses less than once in `PERIOD` days."""
    rng = np.random.default_rng(_SEED)
    own = np.clip(found.scores - found.scores.mean(), -2 * _CLIPPED, 2 * _CLIPPED)
    days, weeks = len(own), len(own) // WEEK
    drawn = rng.choice(own, size=(_DRAWN, PERIOD))
    # The levels were estimated: their errors stay the same over a path.
    general = rng.choice(own, size=(_DRAWN, days)).mean(axis=1, keepdims=True)
    weekday = rng.choice(own, size=(_DRAWN, WEEK, weeks)).mean(axis=2)
    drawn = drawn - general - found.believed * np.tile(weekday, PERIOD // WEEK + 1)[:, :PERIOD]
    peaks = np.sort(np.concatenate([_peaks(drawn), _peaks(-drawn)]))
    known = min(1.0, (days - FEWEST_DAYS) / (MOST_DAYS - FEWEST_DAYS))
    rings = round((ALLOWED_EARLY + known * (ALLOWED - ALLOWED_EARLY)) * _DRAWN)
    return float(peaks[-rings - 1]) if rings < len(peaks) else 0.0


def _sums(scores: NDArray[np.float64]) -> NDArray[np.float64]:
    """The one-sided sum at each day of each path."""
    found = np.zeros_like(scores)
    running = np.zeros(len(scores))
    for day in range(scores.shape[1]):
        running = np.maximum(0.0, running + scores[:, day] - SLACK)
        found[:, day] = running
    return found


def _peaks(scores: NDArray[np.float64]) -> NDArray[np.float64]:
    """How high the one-sided sum came in each of its excursions from 0, over all paths: each rings once."""
    sums = _sums(scores)
    ends = np.zeros_like(sums, dtype=bool)
    ends[:, 1:] = sums[:, 1:] == 0
    excursion = np.cumsum(ends.ravel() | (np.arange(sums.size) % sums.shape[1] == 0))
    peaks = np.zeros(excursion[-1] + 1)
    np.maximum.at(peaks, excursion, sums.ravel())
    return peaks[peaks > 0]
