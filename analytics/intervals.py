"""Intervals of shares and scores from counted answers.

Sources: E. B. Wilson (1927) for the score interval; the Jeffreys prior Beta(1/2, 1/2); the standard error
of a net promoter score as that of a difference of two multinomial shares.
"""

import math
from dataclasses import dataclass
from statistics import NormalDist

from domain.errors import UsageError


@dataclass(frozen=True, slots=True)
class Estimate:
    """A figure with the interval that covers the truth with the stated probability."""

    value: float
    lower: float
    upper: float


def wilson(successes: int, trials: int, *, level: float = 0.95) -> Estimate:
    """A share of counted trials, such as clicks of impressions; 0 to 1.

    Raises:
        UsageError: there are no trials, or more successes than trials.
    """
    _check(successes, trials)
    z = _z(level)
    share, spread = successes / trials, z * z / trials
    middle = (share + spread / 2) / (1 + spread)
    half = z / (1 + spread) * math.sqrt(share * (1 - share) / trials + spread / (4 * trials))
    return Estimate(share, max(0.0, middle - half), min(1.0, middle + half))


def jeffreys(successes: int, trials: int, *, level: float = 0.95) -> Estimate:
    """The equal-tailed interval of a share after the Jeffreys prior; 0 to 1.

    Raises:
        UsageError: as `wilson`.
    """
    from scipy.special import betaincinv

    _check(successes, trials)
    tail = (1 - level) / 2
    missed = trials - successes
    lower = 0.0 if successes == 0 else float(betaincinv(successes + 0.5, missed + 0.5, tail))
    upper = 1.0 if missed == 0 else float(betaincinv(successes + 0.5, missed + 0.5, 1 - tail))
    return Estimate(successes / trials, lower, upper)


def net_promoter_score(promoters: int, passives: int, detractors: int, *, level: float = 0.95) -> Estimate:
    """Percent of answers 9 and 10 less percent of 0 to 6; -100 to 100.

    Raises:
        UsageError: nobody answered.
    """
    answers = promoters + passives + detractors
    _check(promoters, answers)
    _check(detractors, answers)
    up, down = promoters / answers, detractors / answers
    score = up - down
    half = _z(level) * math.sqrt(max(0.0, up + down - score * score) / answers)
    return Estimate(100 * score, max(-100.0, 100 * (score - half)), min(100.0, 100 * (score + half)))


def share_of_voice(own: int, others: int, *, level: float = 0.95) -> Estimate:
    """Own mentions of all that were tracked; 0 to 1.

    The interval is the marginal of a Dirichlet posterior with half a mention for the brand and for the rest.

    Raises:
        UsageError: nobody was mentioned.
    """
    return jeffreys(own, own + others, level=level)


def _check(part: int, whole: int) -> None:
    if whole <= 0:
        raise UsageError("There is nothing counted yet, so there is no share to show.")
    if not 0 <= part <= whole:
        raise UsageError(f"{part} of {whole} is no share: the part is larger than the whole, or negative.")


def _z(level: float) -> float:
    if not 0 < level < 1:
        raise UsageError("The level of an interval lies between 0 and 1, such as 0.8.")
    return NormalDist().inv_cdf((1 + level) / 2)
