"""The outlook of a count that is small, such as testimonials: a rate with its doubt, then chance.

Conjugate model: the rate a day is Gamma(1/2 + seen, days), so what comes is negative binomial. Where the
days vary more than chance alone lets them, counts are taken in bundles as large as their variance by their
mean.
"""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from analytics.forecast.outlook import Outlook, week_totals

#: How many equally likely cases stand for the distribution.
CASES = 400


def outlook_of_counts(daily: Sequence[float], days: int) -> Outlook:
    """What the next days will bring together.

    Args:
        daily: the count of each day; at least one day.
        days: how many days are to come, at least 1.
    """
    seen = float(sum(daily))
    return counted(seen, len(daily), days, bundle=overdispersion(daily))


def counted(seen: float, past: float, days: float, *, bundle: float = 1.0) -> Outlook:
    """What ``days`` more will bring after ``seen`` in ``past`` days, counted in bundles of a size."""
    from scipy.special import nbdtrik

    shape, chance = 0.5 + seen / bundle, past / (past + days)
    levels = (np.arange(CASES) + 0.5) / CASES
    values: NDArray[np.float64] = np.ceil(nbdtrik(levels, shape, chance) - 1e-9) * bundle
    return Outlook(np.maximum(np.nan_to_num(values), 0.0), "counts")


def chance_of(target: float, seen: float, past: float, days: float, *, bundle: float = 1.0) -> float:
    """The exact probability of at least ``target`` more."""
    from scipy.special import betainc

    needed = np.ceil(target / bundle)
    if needed <= 0:
        return 1.0
    return float(betainc(needed, 0.5 + seen / bundle, days / (past + days)))


def overdispersion(daily: Sequence[float]) -> float:
    """Variance by mean of the weekly totals, at least 1, shrunk: few weeks say little of a variance."""
    totals = week_totals(daily)
    if len(totals) < 2 or totals.mean() == 0:
        return 1.0
    measured = float(totals.var(ddof=1) / totals.mean())
    return max(1.0, (measured * (len(totals) - 1) + 2 * 2.0) / (len(totals) + 1))
