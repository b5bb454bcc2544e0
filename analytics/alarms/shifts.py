"""Has the level shifted for good? Small distances in one direction are added up (CUSUM, E. S. Page 1954).

The limit is not taken from a table: it is found for each figure by drawing its own residuals anew, such
that a figure on which nothing happens rings less than once in `PERIOD` days, the doubt about its level and
about what each weekday has included.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from analytics.alarms.days import WEEK

#: Days over which distances are added up, fewer while little is known; and the least and most days before
#: them that say what is usual.
RECENT, EARLY_RECENT = 14, 7
FEWEST_DAYS, MOST_DAYS = 42, 182
#: So much must be known for the longer stretch.
_WELL_KNOWN = 84
#: Distance a day that is put up with, in standard deviations.
SLACK = 0.6
#: The change that is to be noticed within so many days (log scale): 40 % down. A calm figure that shows it in
#: that time also with a higher limit gets the higher one, which `_SURE` says how surely.
AIMED, WITHIN, _SURE = -math.log(0.6), 5, 1.75
#: Days, and how many crossings in so many are aimed at with the shortest and with the longest history:
#: while a level is re-estimated each day from few days, more come than the drawing foresees.
PERIOD, ALLOWED_EARLY, ALLOWED = 90, 0.54, 0.58
#: Figures more restless than this (log scale) get less of it: their levels are known less well.
_CALM = 0.33
#: Of these, the share of falls: they are to be noticed sooner than rises.
DOWNWARDS = 0.85
#: Least lasting change that a person should hear of (log scale): 30 % up, 23 % down.
LEAST = math.log(1.3)
#: No limit is lower: one day by itself is no level.
_LOWEST = 1.0
#: Drawn histories for the limit, and the seed of the drawing: the same figures give the same limit.
_DRAWN, _SEED = 800, 20261122
#: One viral post is no level: log counts beyond so many robust deviations are drawn in.
_CLIPPED = 3.0
#: No single day counts for more deviations, and fewer days than these are no level.
_MOST_A_DAY, _FEWEST = 3.5, 2
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
        daily: counts of whole days, oldest first, none negative; at least `FEWEST_DAYS` + `EARLY_RECENT`,
            of which the last `MOST_DAYS` + `RECENT` are looked at.

    Returns:
        None: no shift, or too few days.
    """
    recent = RECENT if len(daily) - RECENT >= _WELL_KNOWN else EARLY_RECENT
    weeks = min(len(daily) - recent, MOST_DAYS) // WEEK
    if weeks * WEEK < FEWEST_DAYS:
        return None
    logs = np.log1p(np.asarray(daily[-(weeks * WEEK + recent) :], dtype=float))
    found = usual(logs[:-recent])
    last = (logs[-recent:] - np.tile(found.levels, recent // WEEK)) / found.unit
    capped = np.clip(last, -_MOST_A_DAY, _MOST_A_DAY)
    for sign in (1.0, -1.0):
        sums, lasts = _sums(sign * capped[np.newaxis])
        reached = float(_gated(sums, lasts, found)[0, -1])
        if reached > _LOWEST and reached > (most := limit(found, up=sign > 0)):
            begun = recent - int(lasts[0, -1])
            effect = float(np.expm1(found.unit * last[begun:].mean()))
            return Shift(effect, recent - 1 - begun, reached, most)
    return None


def usual(logs: NDArray[np.float64]) -> Usual:
    """Levels of the weekdays, each drawn towards the general one as far as chance alone would explain it.

    Args:
        logs: log counts of whole weeks.
    """
    middle, least = float(np.median(logs)), _least(logs)
    unit = max(least, _ROBUST * float(np.median(np.abs(logs - middle))))
    weeks = np.clip(logs, middle - _CLIPPED * unit, middle + _CLIPPED * unit).reshape(-1, WEEK)
    count, general, own = len(weeks), float(weeks.mean()), weeks.mean(axis=0)
    within = float(weeks.var(axis=0, ddof=1).mean())
    between = max(0.0, float(own.var(ddof=1)) - within / count)
    believed = between / (between + within / count) if between > 0 else 0.0
    levels = general + believed * (own - general)
    distances = logs.reshape(-1, WEEK) - levels
    unit = max(least, float(np.clip(distances, -_CLIPPED * unit, _CLIPPED * unit).std(ddof=WEEK)))
    return Usual(levels, (distances / unit).ravel(), unit, believed)


def _least(logs: NDArray[np.float64]) -> float:
    """What counts vary by chance alone (Poisson): of a few a day, most of the spread is that."""
    mean = float(np.expm1(np.median(logs.reshape(-1, WEEK).mean(axis=1))))
    return max(_LEAST_SPREAD, math.sqrt(mean) / (1 + mean))


def limit(found: Usual, *, up: bool) -> float:
    """The sum that a figure on which nothing happens crosses less than once in `PERIOD` days."""
    rng = np.random.default_rng(_SEED)
    own = np.clip(found.scores - found.scores.mean(), -_MOST_A_DAY, _MOST_A_DAY)
    days, weeks = len(own), len(own) // WEEK
    drawn = rng.choice(own, size=(_DRAWN, PERIOD))
    # The levels were estimated: their errors stay the same over a path.
    general = rng.choice(own, size=(_DRAWN, days)).mean(axis=1, keepdims=True)
    weekday = rng.choice(own, size=(_DRAWN, WEEK, weeks)).mean(axis=2)
    drawn = drawn - general - found.believed * np.tile(weekday, PERIOD // WEEK + 1)[:, :PERIOD]
    peaks = np.sort(_peaks(drawn if up else -drawn, found))
    known = min(1.0, (days - FEWEST_DAYS) / (MOST_DAYS - FEWEST_DAYS))
    allowed = ALLOWED_EARLY + known * (ALLOWED - ALLOWED_EARLY)
    allowed *= min(1.0, _CALM / found.unit) * (1 - DOWNWARDS if up else DOWNWARDS)
    rings = round(allowed * _DRAWN)
    drawn_limit = float(peaks[-rings - 1]) if rings < len(peaks) else 0.0
    enough = WITHIN * (AIMED / found.unit - SLACK) - _SURE * math.sqrt(WITHIN)
    return max(_LOWEST, drawn_limit, enough)


def _sums(scores: NDArray[np.float64]) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """The one-sided sum at each day of each path, and for how many days it has been above 0."""
    found, lasts = np.zeros_like(scores), np.zeros_like(scores)
    running, length = np.zeros(len(scores)), np.zeros(len(scores))
    for day in range(scores.shape[1]):
        running = np.maximum(0.0, running + scores[:, day] - SLACK)
        length = np.where(running > 0, length + 1, 0.0)
        found[:, day], lasts[:, day] = running, length
    return found, lasts


def _gated(sums: NDArray[np.float64], lasts: NDArray[np.float64], found: Usual) -> NDArray[np.float64]:
    """The sums where the days in them differ by `LEAST` on average; else 0: too small to hear of."""
    is_large = (lasts >= _FEWEST) & (sums >= lasts * (LEAST / found.unit - SLACK))
    return np.where(is_large, sums, 0.0)


def _peaks(scores: NDArray[np.float64], found: Usual) -> NDArray[np.float64]:
    """How high the one-sided sum came in each of its excursions from 0, over all paths: each rings once."""
    sums, lasts = _sums(scores)
    excursion = np.cumsum((lasts == 0).ravel() | (np.arange(sums.size) % sums.shape[1] == 0))
    peaks = np.zeros(excursion[-1] + 1)
    np.maximum.at(peaks, excursion, _gated(sums, lasts, found).ravel())
    return peaks[peaks > 0]
