"""The total of the days to come, from the days that were: a centre, and how wrong such centres have been.

Centre: the geometric mean of the last eight weeks, recent ones heavier, lifted from the median to the mean.
Spread: the variance of the log weekly totals, shrunk towards a common one. How many spreads the truth lies
from the centre is not assumed but counted, on other channels' histories and on the channel's own past
(split conformal prediction, V. Vovk et al. 2005); a normal curve in its place covers far too little.
Rates (`ratios`) and what goes up and down (`changes`) use the same distances around centres of their own.
"""

import json
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from importlib import resources

import numpy as np
from numpy.typing import NDArray

#: Equally likely scores, ascending, by horizon in weeks.
Table = Mapping[float, Sequence[float]]

#: Days of a week, and how many weeks the centre looks back on.
WEEK, WEEKS = 7, 8
#: Fewer whole weeks say nothing about the next ones.
FEWEST_WEEKS = 4
#: What a week is worth after each further week.
FADING = 0.9
#: The common standard deviation of log weekly totals, and how many weeks it is worth.
_COMMON, _WORTH = 0.35, 4
#: Below so many a week on average, log totals are mostly chance: see `counts`.
FEW = 20.0
#: From so many own scores on, the shipped ones are left aside.
OWN_ENOUGH = 60
#: The shipped scores were counted up to eight weeks ahead, without a gap. What lies further off is less
#: certain: so much of the variance more for each further week to the middle of the period.
COUNTED_WEEKS, FURTHER = 8, 0.1


@dataclass(frozen=True, slots=True)
class Outlook:
    """What the rest of a period may bring: a value for each equally likely case, ascending, finite."""

    values: NDArray[np.float64]
    #: ``weeks`` (log weekly totals), ``counts`` (few of them) or ``changes`` (of a stock).
    method: str

    def quantile(self, share: float) -> float:
        """The value that is not exceeded in this share of cases; ``share`` between 0 and 1."""
        return float(np.quantile(self.values, share, method="inverted_cdf"))

    def chance(self, target: float) -> float:
        """The probability of at least ``target``; never 0 or 1, since no history is long enough for that."""
        count = len(self.values)
        below = float(np.searchsorted(self.values, target, side="left"))
        if 0 < below < count:
            low, high = self.values[int(below) - 1], self.values[int(below)]
            between = 0.5 if high <= low else (target - low) / (high - low)
            below += between - 0.5
        return 1 - (below + 0.5) / (count + 1)

    def interval(self, level: float = 0.8) -> tuple[float, float]:
        """The values between which the truth lies in this share of cases.

        Of n counted distances the truth is one more, which falls between two neighbours, below the first or
        above the last with a chance of 1 / (n + 1) each (V. Vovk et al. 2005); so shares are places of n + 1.
        """
        low, high = np.quantile(self.values, ((1 - level) / 2, (1 + level) / 2), method="weibull")
        return float(low), float(high)

    def after(self, done: float) -> "Outlook":
        """The same for the whole period, of which so much is done."""
        return Outlook(self.values + done, self.method)


@dataclass(frozen=True, slots=True)
class Centre:
    """The level and the unrest of a history."""

    #: Of one week.
    weekly: float
    #: Standard deviation of the log of a week's total.
    spread: float


def week_totals(daily: Sequence[float] | NDArray[np.float64]) -> NDArray[np.float64]:
    """Totals of the whole weeks that end with the last day, oldest first."""
    days = np.asarray(daily, dtype=float)
    whole = len(days) // WEEK
    totals: NDArray[np.float64] = days[len(days) - whole * WEEK :].reshape(whole, WEEK).sum(axis=1)
    return totals


def centre(totals: NDArray[np.float64]) -> Centre:
    """The centre of the last eight weeks; every total above 0."""
    logs = np.log(totals[-WEEKS:])
    weights = FADING ** np.arange(len(logs))[::-1]
    middle = float(np.average(logs, weights=weights))
    measured = float(logs.var(ddof=1)) if len(logs) > 1 else _COMMON**2
    spread = math.sqrt((_WORTH * _COMMON**2 + (len(logs) - 1) * measured) / (_WORTH + len(logs) - 1))
    return Centre(math.exp(middle + measured / 2), spread)


def outlook(daily: Sequence[float], days: int, *, gap: int = 0, table: Table | None = None) -> Outlook | None:
    """What days to come will bring together, for a count of which each day has some share.

    Args:
        daily: the count of each day, oldest first, up to the last that is over; none negative.
        days: how many days are asked for, at least 1.
        gap: how many days lie between the last that is over and the first that is asked for.
        table: scores of other channels; None: the shipped ones.

    Returns:
        None with fewer than `FEWEST_WEEKS` whole weeks.
    """
    totals = week_totals(daily)
    if len(totals) < FEWEST_WEEKS:
        return None
    recent = totals[-WEEKS:]
    if recent.mean() < FEW or recent.min() <= 0:
        from analytics.forecast.counts import outlook_of_counts

        return outlook_of_counts(daily[-WEEKS * WEEK :], days)
    found = centre(totals)
    share = _share_of_week(daily, days, gap=gap)
    others = scores_at(days / WEEK, table or shipped()) * further_off(days, gap)
    own = own_scores(totals, math.ceil(days / WEEK), gap=round(gap / WEEK))
    return Outlook(np.sort(found.weekly * share * np.exp(found.spread * mixed(others, own))), "weeks")


def further_off(days: int, gap: int) -> float:
    """By how much the shipped distances are widened for days that lie further off than they were counted."""
    further = gap / WEEK + max(0.0, days / WEEK - COUNTED_WEEKS) / 2
    return math.sqrt(1 + FURTHER * further)


def own_scores(totals: NDArray[np.float64], weeks: int, *, gap: int = 0) -> NDArray[np.float64]:
    """How far the truth lay from the centre at each past week, in spreads; ``gap`` weeks lay between."""
    found = []
    for origin in range(FEWEST_WEEKS * 2, len(totals) - weeks - gap + 1):
        past, truth = totals[:origin], float(totals[origin + gap :][:weeks].sum())
        if past[-WEEKS:].min() > 0 and truth > 0:
            then = centre(past)
            found.append(math.log(truth / (weeks * then.weekly)) / then.spread)
    return np.asarray(found)


def scores_at(weeks: float, table: Table) -> NDArray[np.float64]:
    """Equally likely scores for a horizon of so many weeks; linear between those of the table."""
    horizons = np.array(list(table))
    place = min(max(weeks, horizons[0]), horizons[-1])
    return np.array([np.interp(place, horizons, column) for column in np.array(list(table.values())).T])


def mixed(shipped: NDArray[np.float64], own: NDArray[np.float64]) -> NDArray[np.float64]:
    """Both together, so that a channel's own past counts more the longer it is."""
    if len(own) >= OWN_ENOUGH:
        return own
    return np.concatenate([shipped, own])


def _share_of_week(daily: Sequence[float], days: int, *, gap: int) -> float:
    """How many weeks' worth the days are: a weekend has not what a weekday has."""
    whole, rest = divmod(days, WEEK)
    if not rest:
        return float(whole)
    days_of_week = np.asarray(daily[-WEEKS * WEEK :], dtype=float)
    days_of_week = days_of_week[len(days_of_week) % WEEK :].reshape(-1, WEEK)
    by_day = np.median(days_of_week, axis=0) + days_of_week.mean(axis=0)
    # Shrunk towards equal days: eight values say little about one day of the week.
    shares = 0.7 * by_day / by_day.sum() + 0.3 / WEEK if by_day.sum() > 0 else np.full(WEEK, 1 / WEEK)
    return whole + float(np.roll(shares, -(gap % WEEK))[:rest].sum())


@cache
def shipped(kind: str = "scores") -> Table:
    """The scores of `scores.json`: ``scores`` for totals, ``changes`` or ``ratios``."""
    text = resources.files("analytics.forecast").joinpath("scores.json").read_text()
    return {float(weeks): scores for weeks, scores in json.loads(text)[kind].items()}
