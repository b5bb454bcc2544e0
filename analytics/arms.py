"""Arms of an experiment compared: posts at equal age, within their channels, once or after every post.

The post is what is drawn, so it is the unit, however often it was shown. Counts are compared by the logarithm
of one more than the count, rates by the logarithm of the ratio of sums, whose variance is that between posts.
Posts are compared within their channel (least squares with an effect for each channel).
Sources: `analytics.experiments`; W. Cochran (1977), section 6.5, for the variance of a ratio of sums.
"""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from statistics import NormalDist

import numpy as np
from numpy.typing import NDArray

from analytics.experiments import PRIOR, Sequential, half_width
from domain.experiment import ALPHA, FEWEST_POSTS, Method

_Matrix = NDArray[np.float64]
#: Draws by which the chance of being best is counted, always the same ones.
_DRAWS = 20_000


@dataclass(frozen=True, slots=True)
class Observed:
    """What one post had at the age at which all are judged."""

    post_id: int
    #: From 1.
    arm: int
    channel_id: int
    above: float
    #: None: the figure is not divided.
    below: float | None = None


@dataclass(frozen=True, slots=True)
class ArmSum:
    """The posts of one arm."""

    posts: int
    above: float
    below: float | None
    #: What a typical post has: one less than the geometric mean of one more than the count, or the ratio of
    #: the sums; None: there is none.
    typical: float | None


@dataclass(frozen=True, slots=True)
class Contrast:
    """One arm against the first; ratios, so that 1.2 is 20 % more."""

    arm: int
    ratio: float
    #: The interval of the method: always valid, or for one look.
    low: float
    high: float
    #: The chance that so great a difference is told where there is none, the number of arms included.
    p: float
    #: That this arm is better than the first.
    chance: float
    #: Whether the difference is told: where one may always look, once and for all.
    decided: bool
    #: After how many posts it was; None: it is not.
    decided_after: int | None = None


@dataclass(frozen=True, slots=True)
class Judged:
    """What comparing came to."""

    arms: Sequence[ArmSum]
    #: Against the first arm; empty: not enough data.
    contrasts: Sequence[Contrast] = ()
    #: By arm, from the first: the chance that it is the best, and what choosing it loses on average, in
    #: percent; empty: not enough data.
    best: Sequence[float] = ()
    loss: Sequence[float] = ()
    #: Variance of one post on the scale of logarithms, and its degrees of freedom.
    variance: float | None = None
    freedom: int = 0
    posts: int = 0


@dataclass(slots=True)
class _Cell:
    """The posts of one arm on one channel."""

    is_rate: bool
    above: list[float] = field(default_factory=list)
    below: list[float] = field(default_factory=list)
    _found: tuple[float, float] | None = None
    _is_fresh: bool = False

    @property
    def n(self) -> int:
        return len(self.above)

    def add(self, one: Observed) -> None:
        """Count one more post."""
        self.above.append(one.above)
        self.below.append(one.below or 0.0)
        self._found = None
        self._is_fresh = False

    @property
    def found(self) -> tuple[float, float] | None:
        """Estimate on the scale of logarithms and variance of one post; None: there is none yet."""
        if not self._is_fresh:
            above = np.array(self.above)
            self._found = _ratio(above, np.array(self.below)) if self.is_rate else _mean(np.log1p(above))
            self._is_fresh = True
        return self._found


@dataclass(slots=True)
class _Fit:
    """Effects of arms on the scale of logarithms, the first arm's being 0."""

    effects: _Matrix
    #: Of the effects, for a variance of 1 of one post.
    spread: _Matrix
    variance: float
    freedom: int


@dataclass(slots=True)
class _Looks:
    """One arm against the first, look after look."""

    state: Sequential = field(default_factory=Sequential)
    low: float = -math.inf
    high: float = math.inf
    decided_after: int | None = None


def judge(observed: Sequence[Observed], arms: int, *, method: Method, is_rate: bool) -> Judged:
    """Compare the arms by these posts, which stand in the order in which their figures were known.

    Args:
        observed: each post once.
        arms: how many there are.
        method: where one may always look, every post is a look.
        is_rate: ratios of sums; else counts.
    """
    cells: dict[tuple[int, int], _Cell] = {}
    counts = [0] * arms
    looks = [_Looks() for _ in range(arms - 1)]
    fit: _Fit | None = None
    for number, one in enumerate(observed, start=1):
        cells.setdefault((one.channel_id, one.arm), _Cell(is_rate)).add(one)
        counts[one.arm - 1] += 1
        if min(counts) < FEWEST_POSTS or (method is Method.FIXED and number < len(observed)):
            continue
        fit = _fitted(cells, arms)
        if fit is not None and method is Method.ALWAYS:
            _look(looks, fit, arms, number)
    sums = _sums(observed, arms, is_rate=is_rate)
    if fit is None:
        return Judged(sums, posts=len(observed))
    contrasts = [
        _always(fit, arm, looks[arm - 2], arms) if method is Method.ALWAYS else _once(fit, arm, arms)
        for arm in range(2, arms + 1)
    ]
    best, loss = _choices(fit, method)
    return Judged(sums, contrasts, best, loss, fit.variance, fit.freedom, len(observed))


def _sums(observed: Sequence[Observed], arms: int, *, is_rate: bool) -> list[ArmSum]:
    found = []
    for arm in range(1, arms + 1):
        own = [one for one in observed if one.arm == arm]
        above = math.fsum(one.above for one in own)
        below = math.fsum(one.below or 0.0 for one in own) if is_rate else None
        typical: float | None = None
        if is_rate:
            typical = above / below if below else None
        elif own:
            typical = math.expm1(math.fsum(math.log1p(one.above) for one in own) / len(own))
        found.append(ArmSum(len(own), above, below, typical))
    return found


def _fitted(cells: Mapping[tuple[int, int], _Cell], arms: int) -> _Fit | None:
    """Least squares with an effect for each channel and arm; None: they cannot be told apart yet."""
    used, estimates, within, freedom = [], [], 0.0, 0
    for key, cell in cells.items():
        found = cell.found
        if found is None:
            continue
        used.append((key, cell.n))
        estimates.append(found[0])
        within += (cell.n - 1) * found[1]
        freedom += cell.n - 1
    channels = sorted({channel for (channel, _), _ in used})
    design = np.zeros((len(used), len(channels) + arms - 1))
    for row, ((channel, arm), _) in enumerate(used):
        design[row, channels.index(channel)] = 1
        if arm > 1:
            design[row, len(channels) + arm - 2] = 1
    if not freedom or not used or np.linalg.matrix_rank(design) < design.shape[1]:
        return None
    weights = np.array([n for _, n in used], float)
    inverse = np.asarray(np.linalg.inv(design.T @ (weights[:, None] * design)), np.float64)
    solved: _Matrix = inverse @ (design.T @ (weights * np.array(estimates)))
    variance = within / freedom
    if variance <= 0:
        return None
    return _Fit(solved[len(channels) :], inverse[len(channels) :, len(channels) :], variance, freedom)


def _mean(values: _Matrix) -> tuple[float, float]:
    """Mean of the logarithms and the variance of one; at least that of a count that is pure chance."""
    mean = float(values.mean())
    chance = math.exp(-mean)
    return mean, max(float(values.var(ddof=1)), chance) if len(values) > 1 else chance


def _ratio(above: _Matrix, below: _Matrix) -> tuple[float, float] | None:
    """Logarithm of the ratio of the sums and the variance of it for one post; None: one of them is 0.

    Each post's distance from the ratio is taken as if the post itself had not made it (the jackknife of
    D. Hinkley, 1977): few large posts would otherwise look surer than they are.
    """
    total, shown = float(above.sum()), float(below.sum())
    if total <= 0 or shown <= 0:
        return None
    number, ratio = len(above), total / shown
    chance = number / total
    share = below / shown
    if number < 2 or share.max() >= 1:
        return math.log(ratio), chance
    apart = (above - ratio * below) / (1 - share)
    return math.log(ratio), max(number * float((apart * apart).sum()) / (total * total), chance)


def _look(looks: Sequence[_Looks], fit: _Fit, arms: int, number: int) -> None:
    """Take one more look at each arm; deviations are in units of one post's own."""
    alpha = ALPHA / (arms - 1)
    for place, look in enumerate(looks):
        pairs = 2 / float(fit.spread[place, place])
        effect = float(fit.effects[place]) / math.sqrt(fit.variance)
        look.state = look.state.looked(effect, pairs, variance=1, prior_variance=PRIOR)
        reach = half_width(pairs, variance=1, prior_variance=PRIOR, alpha=alpha) * math.sqrt(fit.variance)
        middle = float(fit.effects[place])
        low, high = max(look.low, middle - reach), min(look.high, middle + reach)
        if low <= high:
            look.low, look.high = low, high
        if look.decided_after is None and look.state.p < alpha:
            look.decided_after = number


def _always(fit: _Fit, arm: int, look: _Looks, arms: int) -> Contrast:
    middle = float(fit.effects[arm - 2])
    return Contrast(
        arm=arm, ratio=math.exp(middle), low=_exp(look.low), high=_exp(look.high),
        p=min(1.0, look.state.p * (arms - 1)), chance=_chance(fit, arm, Method.ALWAYS),
        decided=look.decided_after is not None, decided_after=look.decided_after,
    )  # fmt: skip


def _once(fit: _Fit, arm: int, arms: int) -> Contrast:
    from scipy.stats import t

    middle = float(fit.effects[arm - 2])
    error = math.sqrt(fit.variance * float(fit.spread[arm - 2, arm - 2]))
    alpha = ALPHA / (arms - 1)
    reach = float(t.ppf(1 - alpha / 2, fit.freedom)) * error
    p = min(1.0, (arms - 1) * 2 * float(t.sf(abs(middle) / error, fit.freedom)))
    return Contrast(
        arm=arm, ratio=math.exp(middle), low=_exp(middle - reach), high=_exp(middle + reach), p=p,
        chance=_chance(fit, arm, Method.FIXED), decided=p < ALPHA,
    )  # fmt: skip


def _exp(value: float) -> float:
    return math.exp(min(value, 700.0))


def _believed(fit: _Fit, method: Method) -> tuple[_Matrix, _Matrix]:
    """Effects of the arms and their covariance, given the posts.

    Where one may always look, differences were thought possible as the test thinks: without that, whoever
    stops when the chance looks good would see too good a chance. Else every difference was as likely before.
    """
    known: _Matrix = fit.variance * fit.spread
    if method is Method.FIXED:
        return fit.effects, known
    arms = len(fit.effects)
    before = fit.variance * PRIOR / 2 * (np.eye(arms) + np.ones((arms, arms)))
    gain: _Matrix = before @ np.linalg.inv(before + known)
    after: _Matrix = before - gain @ before
    return gain @ fit.effects, (after + after.T) / 2


def _chance(fit: _Fit, arm: int, method: Method) -> float:
    """That the arm is better than the first."""
    from scipy.stats import t

    effects, spread_ = _believed(fit, method)
    z = float(effects[arm - 2]) / math.sqrt(float(spread_[arm - 2, arm - 2]))
    return NormalDist().cdf(z) if method is Method.ALWAYS else float(t.cdf(z, fit.freedom))


def _choices(fit: _Fit, method: Method) -> tuple[list[float], list[float]]:
    """The chance of each arm to be the best, and what choosing it loses on average, in percent."""
    if len(fit.effects) == 1:
        return _of_two(fit, method)
    effects, covariance = _believed(fit, method)
    drawn = np.random.default_rng(0).multivariate_normal(effects, covariance, _DRAWS, method="cholesky")
    every = np.concatenate([np.zeros((_DRAWS, 1)), drawn], axis=1)
    most = every.max(axis=1, keepdims=True)
    best = np.bincount(every.argmax(axis=1), minlength=every.shape[1]) / _DRAWS
    lost: _Matrix = 100 * np.expm1(np.minimum(most - every, 50.0)).mean(axis=0)
    return best.tolist(), lost.tolist()


def _of_two(fit: _Fit, method: Method) -> tuple[list[float], list[float]]:
    """The same for two arms: the loss exactly, of a normal difference."""
    normal = NormalDist()
    effects, covariance = _believed(fit, method)
    effect, error = float(effects[0]), math.sqrt(float(covariance[0, 0]))

    def lost(by: float) -> float:
        """100 × E[exp(max(0, X)) − 1] of X around ``by``."""
        grown = math.exp(min(by + error * error / 2, 50.0)) * normal.cdf(by / error + error)
        return 100 * max(0.0, grown - normal.cdf(by / error))

    chance = _chance(fit, 2, method)
    return [1 - chance, chance], [lost(effect), lost(-effect)]


def spread(observed: Sequence[Observed], *, is_rate: bool) -> tuple[float, int] | None:
    """Variance of one post within its channel on the scale of logarithms, and its degrees of freedom; None:
    there are not two posts of one channel."""
    cells: dict[int, _Cell] = {}
    for one in observed:
        cells.setdefault(one.channel_id, _Cell(is_rate)).add(one)
    used = [(cell.n - 1, cell.found[1]) for cell in cells.values() if cell.n > 1 and cell.found is not None]
    freedom = sum(own for own, _ in used)
    return (math.fsum(own * variance for own, variance in used) / freedom, freedom) if freedom else None
