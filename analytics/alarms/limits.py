"""The limit of a figure's sums of distances, found by drawing its own residuals anew.

A figure on which nothing happens crosses it less than once in `PERIOD` days, the doubt about its level and
about what each weekday has included.
"""

import math
from dataclasses import dataclass

import numpy as np

from analytics.alarms.lasting import drawn_anew
from analytics.alarms.levels import WEEK
from analytics.alarms.scales import Kind, Numbers

#: The least and most days that say what is usual.
FEWEST_DAYS, MOST_DAYS = 42, 182
#: Distance a day that is put up with, in standard deviations: half of the change aimed at, within these.
SLACK = (0.4, 1.0)
#: The change that is to be noticed within so many days (log scale): 40 % down. A calm figure that shows it in
#: that time also with a higher limit gets the higher one, which `_SURE` says how surely.
AIMED, WITHIN, _SURE = -math.log(0.6), 5, 1.75
#: Days in which crossings are counted.
PERIOD = 90
#: By days of history, how many crossings in so many days are aimed at, found by simulation. More with the
#: shortest, with which a figure is judged on few days only, and a fall would hide among the doubt.
ALLOWED = ((42, 0.85), (98, 0.50), (182, 0.68))
#: Figures more restless than this (log scale) get less of it: their levels are known less well.
_CALM = 0.33
#: And so do stocks, whose changes come in bursts.
_OF_CHANGE = 0.7
#: And so do figures whose days follow one another: how much they do is known least well of all.
_OF_LASTING = 0.9
#: Of these, the share of falls: they are to be noticed sooner than rises.
DOWNWARDS = 0.88
#: Least lasting change that a person should hear of (log scale): 30 % up, 23 % down. Of the changes of a
#: stock: so many of their spreads.
LEAST, LEAST_OF_CHANGE = math.log(1.3), 1.0
#: No limit is lower: one day by itself is no level.
LOWEST = 1.0
#: Drawn histories for the limit, and the seed of the drawing: the same figures give the same limit.
_DRAWN, _SEED = 800, 20261122
#: No single day counts for more deviations.
MOST_A_DAY = 3.5
#: Days that are added up at least: a sum over the days in which a change is to be noticed finds it more
#: surely, at as many false alarms, than one that may be shorter. A single day far out is told by itself.
FEWEST = WITHIN


@dataclass(frozen=True, slots=True)
class Usual:
    """What is usual on each place of the week, and how far days lie from it."""

    #: On the figure's scale.
    levels: Numbers
    #: The spread of days on each place of the week.
    units: Numbers
    #: Standardised distances.
    scores: Numbers
    #: The spread of all days.
    unit: float
    #: How much of a weekday's own level was believed, 0 to 1.
    believed: float
    kind: Kind = Kind.COUNT
    #: How much of a day's distance the next one has, 0 to below 1 (`analytics.alarms.lasting`).
    lasting: float = 0.0

    @property
    def least(self) -> float:
        """The least mean distance of a level that is worth hearing of, in standard deviations."""
        return LEAST_OF_CHANGE if self.kind is Kind.CHANGE else LEAST / self.unit

    @property
    def slack(self) -> float:
        """The distance a day that is put up with, in standard deviations."""
        aimed = SLACK[0] if self.kind is Kind.CHANGE else AIMED / self.unit / 2
        return min(max(aimed, SLACK[0]), SLACK[1])


def least_limit(found: Usual) -> float:
    """What the limit is not below: a calm figure shows the change aimed at also with a high one."""
    if found.kind is Kind.CHANGE:
        return 0.0
    return WITHIN * (AIMED / found.unit - found.slack) - _SURE * math.sqrt(WITHIN)


def limit(found: Usual, *, up: bool, longest: int) -> float:
    """The sum (`highest`) that a figure on which nothing happens crosses less than once in `PERIOD` days."""
    rng = np.random.default_rng(_SEED)
    own = np.clip(found.scores - found.scores.mean(), -MOST_A_DAY, MOST_A_DAY)
    days = len(own)
    drawn = drawn_anew(own, found.lasting, PERIOD + longest - 1, _DRAWN, rng)
    # The levels were estimated: their errors, means of many draws and so near normal, last over a path.
    doubt = own.std() * math.sqrt((1 + found.lasting) / (1 - found.lasting) / days)
    general = rng.normal(0, doubt, _DRAWN)
    weekday = rng.normal(0, own.std() / math.sqrt(days // WEEK), (WEEK, _DRAWN))
    drawn = drawn - general - found.believed * np.tile(weekday, (len(drawn) // WEEK + 1, 1))[: len(drawn)]
    sums = highest(drawn if up else -drawn, slack=found.slack, least=found.least, longest=longest)
    peaks = np.sort(_peaks(sums))
    known, aimed = zip(*ALLOWED, strict=True)
    restless = _OF_CHANGE if found.kind is Kind.CHANGE else min(1.0, _CALM / found.unit)
    allowed = float(np.interp(float(days), known, aimed))
    allowed *= _OF_LASTING if found.lasting else 1.0
    allowed *= restless * (1 - DOWNWARDS if up else DOWNWARDS)
    rings = round(allowed * _DRAWN)
    drawn_limit = float(peaks[-rings - 1]) if rings < len(peaks) else 0.0
    return max(LOWEST, drawn_limit, least_limit(found))


def highest(scores: Numbers, *, slack: Numbers | float, least: Numbers | float, longest: int) -> Numbers:
    """The largest sum of distances beyond the slack over the last `FEWEST` to ``longest`` days, by day.

    A stretch whose days differ by too little on average to be heard of counts as 0.

    Args:
        scores: (days, paths), in one direction.
        slack: of all paths, or of each.
        least: the same, see `Usual.least`.

    Returns:
        (days - longest + 1, paths): from the first day on that has so many days.
    """
    days = len(scores) - longest + 1
    before = np.concatenate([np.zeros((1, scores.shape[1])), np.cumsum(scores, axis=0)])
    most = np.zeros((days, scores.shape[1]))
    for length in range(FEWEST, longest + 1):
        ends = longest + np.arange(days)
        added = before[ends] - before[ends - length]
        np.maximum(most, (added - length * slack) * (added >= length * least), out=most)
    return most


def _peaks(found: Numbers) -> Numbers:
    """The largest value of each run of days above 0 (days, paths): each rings once."""
    running, peaks = np.zeros(found.shape[1]), []
    for day in found:
        ended = running[(day <= 0) & (running > 0)]
        peaks.append(ended)
        running = np.maximum(running, day) * (day > 0)
    return np.concatenate([*peaks, running[running > 0]])
