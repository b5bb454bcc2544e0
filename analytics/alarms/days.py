"""Is this day out of the ordinary? Compared with the channel's own days, weekdays set apart.

A normal curve is wrong for counts of people: three sigma ring ten times too often on real histories. So a
day's rank among its own days is asked (conformal), its size, and its distance in robust deviations, all
three at once. Several figures of one day are judged together (Y. Benjamini, Y. Hochberg 1995).
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from analytics.alarms.levels import ROBUST, WEEK, levels_of
from analytics.alarms.scales import Kind, Looked, Numbers, Scaled, scaled

#: Days that a day is compared with: six of each weekday at least, twelve where they are known. To be the
#: furthest of them all happens by chance once in so many days.
WINDOW, LONGEST = 42, 84
#: Least change that a person should hear of, as a share of the usual.
LEAST = 0.30
#: Least distance, in robust standard deviations (1.4826 x the median absolute deviation).
DEVIATIONS = 3.5
#: Of the changes of a stock, which come in bursts: people follow and leave together.
DEVIATIONS_OF_CHANGE = 5.0
#: By how much a day must be less likely than the furthest of the days before: a third further away. One just
#: beyond the furthest comes about once in 90 days, and where days are far out by nature, it is large as well.
BEYOND = 1 / 3
#: Share of false ones among the alarms of one day that is put up with.
FALSE_SHARE = 0.10
#: With fewer on both the day and a usual one, nobody needs to hear of it.
LEAST_COUNT = 5.0
#: How fast the tail of log residuals thins out beyond the largest that was seen; small is cautious.
_TAIL = 4.0


@dataclass(frozen=True, slots=True)
class Unusual:
    """How a day stands among the days before it."""

    #: A count, a rate (numerator by denominator), or the change of a stock.
    value: float
    #: What was usual for such a day.
    usual: float
    #: Value by usual, less 1; of a change, how much it differs by the larger of the usual and its spread.
    effect: float
    #: Probability of so much or more by chance, two-sided.
    p: float
    #: Distance from the usual in robust standard deviations.
    deviations: float
    #: Events behind the value or the usual, whichever has more; None: those two are the events.
    events: float | None = None
    #: Days that it was compared with.
    window: int = WINDOW
    kind: Kind = Kind.COUNT

    @property
    def rings(self) -> bool:
        """Whether it is an alarm when it is looked at alone."""
        events = max(self.value, self.usual) if self.events is None else self.events
        is_large = abs(self.effect) >= LEAST and events >= LEAST_COUNT
        far = DEVIATIONS_OF_CHANGE if self.kind is Kind.CHANGE else DEVIATIONS
        return self.p <= BEYOND / (self.window + 1) and is_large and self.deviations >= far


def judge(history: Sequence[float], today: float) -> Unusual | None:
    """How today's count stands among the days before it.

    Args:
        history: the counts of the days before, oldest first, without a gap.
        today: the count of the whole day.

    Returns:
        None with fewer than `WINDOW` days.
    """
    return judge_all([Looked("", history, today)])[0]


def judge_all(figures: Sequence[Looked], scales: Sequence[Scaled] | None = None) -> list[Unusual | None]:
    """How each figure's day stands among the days before it, in the order given.

    Args:
        scales: the figures' days on their scales, where they are known already.
    """
    scales = [scaled(one) for one in figures] if scales is None else scales
    found: list[Unusual | None] = [None] * len(figures)
    alike: dict[tuple[Kind, int], list[int]] = {}
    for place, one in enumerate(scales):
        window = min(len(one.days) - 1, LONGEST) // WEEK * WEEK
        if window >= WINDOW:
            alike.setdefault((one.kind, window), []).append(place)
    for (kind, window), places in alike.items():
        days = np.stack([scales[place].days[-window - 1 :] for place in places])
        least = np.array([scales[place].least for place in places])
        for place, stands in zip(places, _stand(days, kind, least), strict=True):
            found[place] = _unusual(figures[place], scales[place], stands)
    return found


@dataclass(frozen=True, slots=True)
class _Stands:
    """How far a day lies from the usual, on its scale."""

    level: float
    away: float
    spread: float
    p: float
    window: int


def _stand(days: Numbers, kind: Kind, least: Numbers) -> list[_Stands]:
    """How the last of these days (figures, window + 1) stand among those before it.

    Each day's own level leaves the day itself out, so that a day to come is comparable.
    """
    before, window = days[:, :-1], days.shape[1] - 1
    usual = levels_of(before, kind, least)
    weeks = before.reshape(len(days), -1, WEEK)
    general = np.median(before, axis=1)[:, None]
    believed = usual.believed[:, None]
    # The window begins with today's weekday.
    level = (general + believed * (np.median(weeks, axis=1) - general))[:, 0]
    number = weeks.shape[1]
    others = np.array([[week for week in range(number) if week != left] for left in range(number)])
    without = general[:, None] + believed[:, None] * (np.median(weeks[:, others], axis=2) - general[:, None])
    scores = ((weeks - without) / usual.units[:, None]).reshape(before.shape)
    away = days[:, -1] - level
    sizes, size = np.abs(scores), np.abs(away) / usual.units[:, 0]
    ranks = 1 + (sizes >= size[:, None]).sum(axis=1)
    robust = ROBUST * np.median(np.abs(scores - np.median(scores, axis=1)[:, None]), axis=1)
    spread = np.maximum(robust * usual.units[:, 0], usual.chance[:, 0])
    return [
        _Stands(
            float(level[row]), float(away[row]), float(spread[row]),
            _chance(float(sizes[row].max()), float(size[row]), int(ranks[row]), window), window,
        )
        for row in range(len(days))
    ]  # fmt: skip


def _unusual(figure: Looked, one: Scaled, stands: _Stands) -> Unusual:
    level, away, p, window = stands.level, stands.away, stands.p, stands.window
    deviations = abs(away) / stands.spread
    if one.kind is Kind.COUNT:
        return Unusual(figure.value, math.expm1(level), math.expm1(away), p, deviations, window=window)
    if one.kind is Kind.CHANGE:
        effect = away / max(abs(level), stands.spread)
        return Unusual(
            figure.value, level, effect, p, deviations, events=abs(away), window=window, kind=one.kind
        )
    below = figure.below[-1]
    if below <= 0 or one.rate <= 0:
        return Unusual(0.0, one.rate, 0.0, 1.0, 0.0, events=0.0, window=window)
    # The level is on the scale of a usual day; on this day's own it is as much wider as the day is informed.
    usual = one.rate * math.exp(level / one.factor)
    value = figure.value / below
    events = below if one.kind is Kind.MEAN else max(figure.value, usual * below)
    return Unusual(
        value, usual, value / usual - 1, p, deviations, events=events, window=window, kind=one.kind
    )


def _chance(largest: float, size: float, rank: int, window: int) -> float:
    """The rank, carried on beyond the largest by a heavy tail, so that several alarms can be told apart."""
    share = rank / (window + 1)
    if size <= largest or largest <= 0:
        return share
    return float(share * (largest / size) ** _TAIL)


def together(found: Sequence[Unusual], *, share: float = FALSE_SHARE) -> list[int]:
    """The places of those that ring when all figures of a day are judged together (Benjamini-Hochberg)."""
    order = sorted(range(len(found)), key=lambda place: found[place].p)
    most = 0
    for rank, place in enumerate(order, start=1):
        if found[place].p <= share * rank / len(found):
            most = rank
    return sorted(place for place in order[:most] if found[place].rings)
