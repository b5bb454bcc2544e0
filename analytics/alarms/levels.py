"""What is usual on each day of the week, and how far days lie from it beside what chance alone explains."""

from dataclasses import dataclass
from typing import Final

import numpy as np

from analytics.alarms.scales import Kind, Numbers, by_chance

WEEK: Final = 7
#: One viral post is no level: days beyond so many robust deviations are drawn in.
_CLIPPED: Final = 3.0
ROBUST: Final = 1.4826


@dataclass(frozen=True, slots=True)
class Levels:
    """Of several figures (figures, 7), by place in the week."""

    #: On the figure's scale.
    levels: Numbers
    #: Spread that chance alone explains.
    chance: Numbers
    #: Spread of days, chance included.
    units: Numbers
    #: (figures,) how much of a weekday's own level was believed, 0 to 1.
    believed: Numbers

    def scores(self, days: Numbers) -> Numbers:
        """Distances from the levels in spreads, of whole weeks of days (figures, days)."""
        weeks = days.reshape(len(days), -1, WEEK)
        found: Numbers = ((weeks - self.levels[:, None]) / self.units[:, None]).reshape(days.shape)
        return found


def levels_of(days: Numbers, kind: Kind, least: Numbers) -> Levels:
    """Levels of the weekdays, each drawn towards the general one as far as chance alone would explain it.

    Args:
        days: (figures, whole weeks of days) on their scale, at least two weeks.
        least: (figures,) spreads by chance alone, see `Scaled.least`.
    """
    weeks = days.reshape(len(days), -1, WEEK)
    count = weeks.shape[1]
    own = np.median(weeks, axis=1)
    # An own middle of few days is nearer to them than the true one: each weekday costs one.
    stretch = ROBUST * count / (count - 1)
    spread = stretch * np.median(np.abs(weeks - own[:, None]).reshape(days.shape), axis=1)[:, None]
    spread = np.maximum(_by_chance(own, kind, least), spread)
    kept = np.clip(weeks, (own - _CLIPPED * spread)[:, None], (own + _CLIPPED * spread)[:, None])
    own, within = kept.mean(axis=1), kept.var(axis=1, ddof=1)
    general = own.mean(axis=1)[:, None]
    doubt = within.mean(axis=1) / count
    between = np.maximum(0.0, own.var(axis=1, ddof=1) - doubt)
    believed = np.where(between > 0, between / np.maximum(between + doubt, 1e-12), 0.0)
    levels = general + believed[:, None] * (own - general)
    chance = _by_chance(levels, kind, least)
    # Beside chance, which is more where less happens, all days are equally restless.
    squares = ((kept - levels[:, None]) ** 2).sum(axis=(1, 2)) / (days.shape[1] - WEEK * believed)
    restless = np.maximum(0.0, squares - (chance**2).mean(axis=1))
    return Levels(levels, chance, np.sqrt(chance**2 + restless[:, None]), believed)


def _by_chance(levels: Numbers, kind: Kind, least: Numbers) -> Numbers:
    return np.maximum(by_chance(levels, kind, 0.0), least[:, None])
