"""The outlook of what goes up and down, such as followers won less followers lost: by its net change.

Centre: the mean of the weekly net changes, recent weeks heavier. Spread: their standard deviation, shrunk
towards half of what a week usually moves. The distances between truth and centre are counted as for totals
(`outlook`), but in plain numbers: a change may be negative, so it has no logarithm.
"""

import math
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from analytics.forecast.outlook import (
    FADING,
    FEWEST_WEEKS,
    WEEK,
    WEEKS,
    Centre,
    Outlook,
    Table,
    further_off,
    mixed,
    scores_at,
    shipped,
    week_totals,
)

#: How many weeks the common spread is worth.
_WORTH = 4
#: The common spread, as a share of the mean absolute weekly change.
_COMMON = 0.5


def centre_of_changes(totals: NDArray[np.float64]) -> Centre:
    """Centre and spread of weekly net changes, both in their own unit; the spread is above 0."""
    recent = totals[-WEEKS:]
    weights = FADING ** np.arange(len(recent))[::-1]
    middle = float(np.average(recent, weights=weights))
    usual = _COMMON * max(float(np.abs(recent).mean()), 1.0)
    measured = float(recent.var(ddof=1)) if len(recent) > 1 else usual**2
    worth = _WORTH + len(recent) - 1
    return Centre(middle, math.sqrt((_WORTH * usual**2 + (len(recent) - 1) * measured) / worth))


def outlook_of_changes(
    daily: Sequence[float], days: int, *, gap: int = 0, table: Table | None = None
) -> Outlook | None:
    """By how much something will change over days to come.

    Args:
        daily: the net change of each day, oldest first, up to the last that is over.
        days: how many days are asked for, at least 1.
        gap: how many days lie between the last that is over and the first that is asked for.
        table: scores of other histories; None: the shipped ones.

    Returns:
        None with fewer than `FEWEST_WEEKS` whole weeks.
    """
    totals = week_totals(daily)
    if len(totals) < FEWEST_WEEKS:
        return None
    found, weeks = centre_of_changes(totals), days / WEEK
    others = scores_at(weeks, table or shipped("changes")) * further_off(days, gap)
    own = own_changes(totals, math.ceil(weeks), gap=round(gap / WEEK))
    return Outlook(np.sort(weeks * (found.weekly + found.spread * mixed(others, own))), "changes")


def own_changes(totals: NDArray[np.float64], weeks: int, *, gap: int = 0) -> NDArray[np.float64]:
    """How far the truth lay from the centre at each past week, in spreads; ``gap`` weeks lay between."""
    found = []
    for origin in range(FEWEST_WEEKS * 2, len(totals) - weeks - gap + 1):
        then = centre_of_changes(totals[:origin])
        truth = float(totals[origin + gap :][:weeks].mean())
        found.append((truth - then.weekly) / then.spread)
    return np.asarray(found, dtype=float)
