"""Two variants compared: how likely one is better, how many it takes, and a test that may be looked at daily.

Sources: the exact sum over a Beta posterior; J. Cohen (1988) for sample sizes; R. Johari et al. (2017) for
the mixture sequential probability ratio test, whose error does not grow with the number of looks.
"""

import math
from dataclasses import dataclass
from statistics import NormalDist

_NORMAL = NormalDist()
#: Of the differences that are thought possible, for each of one observation's own variance.
PRIOR = 0.25


def chance_better(successes_a: int, trials_a: int, successes_b: int, trials_b: int) -> float:
    """Probability that B's rate is above A's, after uniform priors; the exact sum.

    Cost grows with ``successes_b``.
    """
    a, b = successes_a + 1, trials_a - successes_a + 1
    c, d = successes_b + 1, trials_b - successes_b + 1
    logs = [
        _log_beta(a + i, b + d) - math.log(d + i) - _log_beta(1 + i, d) - _log_beta(a, b) for i in range(c)
    ]
    return math.fsum(map(math.exp, logs))


def _log_beta(a: float, b: float) -> float:
    return math.lgamma(a) + math.lgamma(b) - math.lgamma(a + b)


@dataclass(frozen=True, slots=True)
class Difference:
    """A test of two shares at one time, not to be looked at before."""

    z: float
    p: float


def two_shares(successes_a: int, trials_a: int, successes_b: int, trials_b: int) -> Difference:
    """The pooled z test of two shares; two-sided."""
    pooled = (successes_a + successes_b) / (trials_a + trials_b)
    spread = math.sqrt(pooled * (1 - pooled) * (1 / trials_a + 1 / trials_b))
    if spread == 0:
        return Difference(0.0, 1.0)
    z = (successes_b / trials_b - successes_a / trials_a) / spread
    return Difference(z, 2 * _NORMAL.cdf(-abs(z)))


def needed_for_shares(share: float, other: float, *, alpha: float = 0.05, power: float = 0.8) -> int:
    """Trials in each arm that tell two shares apart (normal approximation, two-sided)."""
    pooled = (share + other) / 2
    under_none = math.sqrt(2 * pooled * (1 - pooled))
    under_some = math.sqrt(share * (1 - share) + other * (1 - other))
    wanted = _NORMAL.inv_cdf(1 - alpha / 2) * under_none + _NORMAL.inv_cdf(power) * under_some
    return math.ceil((wanted / (share - other)) ** 2)


def needed_by_arcsine(share: float, other: float, *, alpha: float = 0.05, power: float = 0.8) -> int:
    """The same by the variance-stabilised effect size."""
    return math.ceil(exactly_by_arcsine(share, other, alpha=alpha, power=power))


def exactly_by_arcsine(share: float, other: float, *, alpha: float = 0.05, power: float = 0.8) -> float:
    """`needed_by_arcsine` before it is rounded up."""
    effect = 2 * math.asin(math.sqrt(share)) - 2 * math.asin(math.sqrt(other))
    z = _NORMAL.inv_cdf(1 - alpha / 2) + _NORMAL.inv_cdf(power)
    return 2 * (z / effect) ** 2


def needed_for_lift(lift: float, *, log_sd: float, alpha: float = 0.05, power: float = 0.8) -> int:
    """About how many posts in each arm show a lift of log engagement.

    Args:
        lift: such as 0.2 for +20 %.
        log_sd: standard deviation of log engagement within an account, covariates taken out.
    """
    z = _NORMAL.inv_cdf(1 - alpha / 2) + _NORMAL.inv_cdf(power)
    return round(2 * (z * log_sd / math.log1p(lift)) ** 2)


@dataclass(frozen=True, slots=True)
class Sequential:
    """A test that is looked at after each pair, without its error growing."""

    #: Always-valid p-value so far; never rises.
    p: float = 1.0
    ratio: float = 1.0

    def looked(
        self, difference: float, pairs: float, *, variance: float, prior_variance: float
    ) -> "Sequential":
        """The state after a look.

        Args:
            difference: of the arms' means.
            pairs: observations in each arm so far, at least 1; of unequal arms the harmonic mean.
            variance: of one observation.
            prior_variance: of the differences that are thought possible.
        """
        noise = 2 * variance / pairs
        both = noise + prior_variance
        grown = prior_variance * difference**2 / (2 * noise * both)
        ratio = math.sqrt(noise / both) * math.exp(min(grown, 700.0))
        return Sequential(min(self.p, 1 / ratio, 1.0), ratio)


def half_width(pairs: float, *, variance: float, prior_variance: float, alpha: float = 0.05) -> float:
    """How far from the difference the always-valid interval reaches: what `Sequential` would not reject.

    Args:
        pairs: observations in each arm; of unequal arms the harmonic mean.
        variance: of one observation.
        prior_variance: of the differences that are thought possible.
        alpha: chance that any of the intervals, however many are looked at, leaves out the true difference.
    """
    noise = 2 * variance / pairs
    both = noise + prior_variance
    return math.sqrt(2 * noise * both / prior_variance * math.log(math.sqrt(both / noise) / alpha))


def needed_always(lift: float, *, log_sd: float, alpha: float = 0.05, power: float = 0.8) -> int:
    """About how many posts in each arm show a lift where one may always look: the always-valid interval of
    that size leaves out 0 with the chance ``power``; with some luck it does so before.

    Args:
        lift: such as 0.2 for +20 %.
        log_sd: as of `needed_for_lift`.
    """
    effect, wanted = abs(math.log1p(lift)) / log_sd, _NORMAL.inv_cdf(power)

    def enough(number: int) -> bool:
        reach = half_width(number, variance=1, prior_variance=PRIOR, alpha=alpha)
        return (effect - reach) / math.sqrt(2 / number) >= wanted

    low, high = 1, 2
    while not enough(high):
        low, high = high, high * 2
    while high - low > 1:
        middle = (low + high) // 2
        low, high = (low, middle) if enough(middle) else (middle, high)
    return high
