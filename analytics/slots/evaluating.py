"""The hold-out protocol: would the slots that a method recommends have earned more than a channel's other
slots?

Of each account the last 40 % of posts are held out. A method sees n posts before them (and up to seven
earlier windows of n posts). Uplift: mean result of the fifth of held-out posts in the best-scored slots,
less the mean of all held-out posts. What is pooled for an account comes from the other half of the
accounts, or from the prior that Tabuh ships; never from the account itself.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from analytics.slots.history import History, learn, results
from analytics.slots.kernel import WEEK, Floats, Kernel
from analytics.slots.pooled import Others, Sums, pool
from analytics.slots.prior import Prior

HELD_OUT = 0.4
WINDOWS = 8
TOP = 0.2
#: Training sizes; 0: all that is there.
SIZES = (30, 100, 300, 0)
#: An account with fewer posts is left out.
LEAST_POSTS = 100
#: From so many accounts on the other side, their own week is pooled; below, the shipped prior serves.
ENOUGH_ACCOUNTS = 8
#: From so many accounts on, intervals come from resampling accounts; below, from resampling weeks.
ENOUGH_TO_RESAMPLE = 8
METHODS = ("learned", "raw", "placebo")
_WEEK_SECONDS = 7 * 86400.0
_RESAMPLED = 2000


@dataclass(frozen=True, slots=True)
class Interval:
    """A mean gain in log units with its 95 % interval."""

    mean: float
    low: float
    high: float

    def percent(self) -> tuple[float, float, float]:
        told = [100 * float(np.expm1(value)) for value in (self.mean, self.low, self.high)]
        return told[0], told[1], told[2]


@dataclass(frozen=True, slots=True)
class Outcome:
    """What came out for one training size; 0: all history."""

    posts: int
    accounts: int
    held_out: int
    uplift: Mapping[str, Interval]
    #: Learned less raw, of the same accounts.
    paired: Interval


def evaluate(
    accounts: Mapping[str, History], shipped: Prior, *, sizes: Sequence[int] = SIZES, seed: int = 1
) -> list[Outcome]:
    """The protocol on these accounts; sizes that no account reaches are left out."""
    judged = {name: history for name, history in sorted(accounts.items()) if len(history) >= LEAST_POSTS}
    rng = np.random.default_rng(seed)
    order = rng.permutation(len(judged))
    names = [list(judged)[index] for index in order]
    folds = [names[0::2], names[1::2]]
    priors = [pooled_prior([judged[name] for name in folds[1 - side]], shipped) for side in (0, 1)]
    truth = {name: results(judged[name]) for name in names}
    outcomes = []
    for size in sizes:
        trials: dict[str, list[Floats]] = {method: [] for method in METHODS}
        held = 0
        for side in (0, 1):
            for name in folds[side]:
                tried = _try(judged[name], truth[name], size, priors[side], rng)
                if tried is None:
                    continue
                held += len(judged[name]) - _split(judged[name])
                for method in METHODS:
                    trials[method].append(tried[method])
        if trials["learned"]:
            outcomes.append(_outcome(size, trials, held, rng))
    return outcomes


def pooled_prior(others: Sequence[History], shipped: Prior) -> Prior:
    """The prior from other accounts; the shipped one while they are few."""
    if len(others) < ENOUGH_ACCOUNTS:
        return shipped
    values = [results(history) for history in others]
    variance = float(np.median([value.var() for value in values]))
    sums = Sums.of([
        (history.slot.astype(np.float64), value / (value.std() or 1.0))
        for history, value in zip(others, values, strict=True)
    ])  # fmt: skip
    found = pool(Others(sums, shipped.smooth), Kernel())
    return found.prior(shipped.smooth, variance)


def _split(history: History) -> int:
    return round(len(history) * (1 - HELD_OUT))


def _try(
    history: History, truth: Floats, size: int, prior: Prior, rng: np.random.Generator
) -> dict[str, Floats] | None:
    """Sums by method, of each window and week: shape (windows, weeks, 4). None: too short for this size."""
    split = _split(history)
    if split < size or split == 0:
        return None
    ends = [split] if size == 0 else [end for end in range(split, size - 1, -size)][:WINDOWS]
    tested, slots = truth[split:], history.slot[split:]
    week = np.floor((history.at[split:] - history.at[split]) / _WEEK_SECONDS).astype(np.int64)
    shuffled = tested[rng.permutation(len(tested))]
    sums: dict[str, list[Floats]] = {method: [] for method in METHODS}
    for end in ends:
        part = history.part(0 if size == 0 else end - size, end)
        scores = {"learned": learn(part, prior).mean, "raw": raw_means(part)}
        scores["placebo"] = scores["learned"]
        for method, score in scores.items():
            target = shuffled if method == "placebo" else tested
            sums[method].append(_weekly(score[slots], target, week))
    return {method: np.stack(found) for method, found in sums.items()}


def raw_means(history: History) -> Floats:
    """What tools show: the mean result of each hour of the week; an hour without posts counts as average."""
    values = results(history)
    posts = np.bincount(history.slot, minlength=WEEK)
    total = np.bincount(history.slot, values - values.mean(), WEEK)
    return np.asarray(total / np.maximum(posts, 1))


def _weekly(scores: Floats, target: Floats, week: NDArray[np.int64]) -> Floats:
    top = top_share(scores)
    columns = (top * target, top, target, np.ones(len(target)))
    return np.stack([np.bincount(week, column, int(week[-1]) + 1) for column in columns], axis=1)


def top_share(scores: Floats, share: float = TOP) -> Floats:
    """Which posts are in the best-scored part: 1 or 0, and a fraction of those that tie at its edge."""
    wanted = share * len(scores)
    edge = np.sort(scores)[::-1][min(len(scores) - 1, int(wanted))]
    above, tied = scores > edge, scores == edge
    return np.where(above, 1.0, np.where(tied, max(0.0, wanted - above.sum()) / max(1, tied.sum()), 0.0))


def _gain(sums: Floats) -> Floats:
    """Mean of the top less mean of all, from summed columns (…, 4)."""
    return np.asarray(
        sums[..., 0] / np.maximum(sums[..., 1], 1e-9) - sums[..., 2] / np.maximum(sums[..., 3], 1e-9)
    )


def _outcome(
    size: int, trials: Mapping[str, Sequence[Floats]], held: int, rng: np.random.Generator
) -> Outcome:
    count = len(trials["learned"])
    gains = {
        method: np.array([_gain(one.sum(axis=(0, 1))) for one in found]) for method, found in trials.items()
    }
    if count >= ENOUGH_TO_RESAMPLE:
        drawn = rng.integers(0, count, (_RESAMPLED, count))
        resampled = {method: gain[drawn].mean(axis=1) for method, gain in gains.items()}
    else:
        resampled = _by_weeks(trials, rng)
    uplift = {method: _interval(float(gain.mean()), resampled[method]) for method, gain in gains.items()}
    paired = _interval(
        float((gains["learned"] - gains["raw"]).mean()), resampled["learned"] - resampled["raw"]
    )
    return Outcome(size, count, held, uplift, paired)


def _by_weeks(trials: Mapping[str, Sequence[Floats]], rng: np.random.Generator) -> dict[str, Floats]:
    """Mean gains over accounts when each account's held-out weeks and training windows are drawn again.

    The same are drawn for all methods.
    """
    total = {method: np.zeros(_RESAMPLED) for method in trials}
    count = len(trials["learned"])
    for index in range(count):
        windows, weeks, _columns = trials["learned"][index].shape
        drawn = [
            rng.multinomial(size, np.full(size, 1 / size), _RESAMPLED).astype(np.float64)
            for size in (windows, weeks)
        ]
        for method, found in trials.items():
            total[method] += _gain(np.einsum("rw,wkc,rk->rc", drawn[0], found[index], drawn[1])) / count
    return total


def _interval(mean: float, resampled: Floats) -> Interval:
    low, high = np.quantile(resampled, [0.025, 0.975])
    return Interval(mean, float(low), float(high))
