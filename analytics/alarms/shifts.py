"""Has the level shifted for good? Small distances in one direction are added up (CUSUM, E. S. Page 1954).

The limit is not taken from a table: it is found for each figure by drawing its own residuals anew
(`analytics.alarms.limits`), such that a figure on which nothing happens rings less than once in 90 days.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from analytics.alarms.lasting import lasting
from analytics.alarms.levels import WEEK, levels_of
from analytics.alarms.limits import (
    FEWEST_DAYS,
    LOWEST,
    MOST_A_DAY,
    MOST_DAYS,
    Usual,
    highest,
    least_limit,
    limit,
)
from analytics.alarms.scales import Kind, Looked, Numbers, Scaled, scaled

#: Days over which distances are added up, fewer while little is known.
RECENT, EARLY_RECENT = 14, 7
#: So much must be known for the longer stretch.
_WELL_KNOWN = 84


@dataclass(frozen=True, slots=True)
class Shift:
    """A level that is not what it was."""

    #: New level by old, less 1; of the changes of a stock, by how many of their spreads they moved.
    effect: float
    #: How many days ago it began; 0: the last day.
    days_ago: int
    #: The sum, and the limit it is above, in standard deviations.
    sum: float
    limit: float


def shift(daily: Sequence[float]) -> Shift | None:
    """Whether the level of the last days of a count has shifted against the weeks before them.

    Args:
        daily: counts of whole days, oldest first, none negative; at least `FEWEST_DAYS` + `EARLY_RECENT`,
            of which the last `MOST_DAYS` + `RECENT` are looked at.

    Returns:
        None: no shift, or too few days.
    """
    return shift_all([Looked("", daily[:-1], daily[-1])])[0] if daily else None


def shift_all(figures: Sequence[Looked], scales: Sequence[Scaled] | None = None) -> list[Shift | None]:
    """Whether the level of each figure has shifted, in the order given.

    Args:
        scales: the figures' days on their scales, where they are known already.
    """
    scales = [scaled(one) for one in figures] if scales is None else scales
    found: list[Shift | None] = [None] * len(scales)
    alike: dict[tuple[Kind, int, int], list[int]] = {}
    for place, one in enumerate(scales):
        recent = RECENT if len(one.days) - RECENT >= _WELL_KNOWN else EARLY_RECENT
        weeks = min(len(one.days) - recent, MOST_DAYS) // WEEK
        if weeks * WEEK >= FEWEST_DAYS:
            alike.setdefault((one.kind, weeks, recent), []).append(place)
    for (kind, weeks, recent), places in alike.items():
        days = np.stack([scales[place].days[-(weeks * WEEK + recent) :] for place in places])
        least = np.array([scales[place].least for place in places])
        for place, moved in zip(places, _shifts(days, kind, least, recent), strict=True):
            found[place] = moved
    return found


def _shifts(days: Numbers, kind: Kind, least: Numbers, recent: int) -> list[Shift | None]:
    """Of figures of one kind with histories of one length (figures, days)."""
    known = usual(days[:, :-recent], kind, least)
    weeks = recent // WEEK
    last = np.stack(
        [
            (row[-recent:] - np.tile(one.levels, weeks)) / np.tile(one.units, weeks)
            for row, one in zip(days, known, strict=True)
        ]
    )
    capped = np.clip(last, -MOST_A_DAY, MOST_A_DAY).T
    slack, least = np.array([one.slack for one in known]), np.array([one.least for one in known])
    found: list[Shift | None] = [None] * len(known)
    for sign in (1.0, -1.0):
        sums = highest(sign * capped, slack=slack, least=least, longest=recent)[0]
        for place in np.flatnonzero(sums > LOWEST).tolist():
            one, reached = known[place], float(sums[place])
            if reached > least_limit(one):
                most = limit(one, up=sign > 0, longest=recent)
                if reached > most:
                    found[place] = _shift(last[place], one, sign, reached, most)
    return found


def _shift(last: Numbers, one: Usual, sign: float, reached: float, most: float) -> Shift:
    """The shift that the last days show: since when the sum beyond the slack has been largest."""
    added = np.cumsum((sign * last - one.slack)[::-1])
    length = 1 + int(added.argmax())
    away = float((last * np.tile(one.units, len(last) // WEEK))[-length:].mean())
    effect = away / one.unit if one.kind is Kind.CHANGE else math.expm1(away)
    return Shift(effect, length - 1, reached, most)


def usual(days: Numbers, kind: Kind, least: Numbers) -> list[Usual]:
    """What is usual of figures of one kind, by (figures, whole weeks of days) on their scale."""
    found = levels_of(days, kind, least)
    scores, unit = found.scores(days), np.sqrt((found.units**2).mean(axis=1))
    lasts = lasting(scores)
    return [
        Usual(found.levels[place], found.units[place], scores[place], float(unit[place]),
              float(found.believed[place]), kind, float(lasts[place]))
        for place in range(len(days))
    ]  # fmt: skip
