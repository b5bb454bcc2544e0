"""Who picks the hours in the simulator, what they know, and what it earns them."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from zoneinfo import ZoneInfo

import numpy as np

from analytics.slots.belief import Evidence, covariance_after, mean_after, one_more
from analytics.slots.exploring import draws
from analytics.slots.kernel import WEEK, Floats, Kernel
from analytics.slots.pooled import Pooled, Sums, pool
from analytics.slots.reactions import (
    Reactions,
    activity,
    activity_covariance,
    exposed,
    met,
    slot_worth,
    worth_covariance,
)
from analytics.slots.zones import shifted
from benchmarks.slot_world import PLATFORMS, SEEN_FOR, START, ZONES, Scenario, World, build

OTHERS, POSTS_OF_OTHERS = 40, 150
_WEEKLY = 7
_NORMAL_80 = 1.2816
_AHEAD = [
    (START + timedelta(days=60)).astimezone(ZoneInfo(zone)).utcoffset().total_seconds() / 3600  # type: ignore[union-attr]
    for zone in ZONES
]


@dataclass(frozen=True, slots=True)
class Known:
    """What forty other channels of a platform have taught."""

    variance: float
    pooled: Pooled
    delay: Floats
    #: Log activity by hour of week.
    active: Floats
    #: What reaction curves leave unexplained in common, such as competition.
    beside: Pooled


def learn_from_others(scenario: Scenario, rng: np.random.Generator, per_post: float) -> Mapping[str, Known]:
    """Prior, kernel sizes, delay and activity of each platform, from channels that are not judged."""
    told = Scenario(
        name="others", amp=scenario.amp, dev=scenario.dev, sigma=scenario.sigma, zones=scenario.zones
    )
    names = [name for name in PLATFORMS for _ in range(OTHERS)]
    world = build(told, names, POSTS_OF_OTHERS, rng)
    rows, days = np.arange(len(names))[:, None], np.arange(POSTS_OF_OTHERS)[None, :]
    start = world.starts[rows, days, rng.integers(0, 24, (len(names), POSTS_OF_OTHERS))]
    noise = scenario.sigma * rng.standard_normal(start.shape)
    result = np.log(world.value[rows, start]) + noise
    result -= result.mean(axis=1, keepdims=True)
    slots = world.local[rows, start]
    hourly = reactions(world, start, noise, scenario.sigma, per_post=per_post, rng=rng)
    seen = Reactions.none(len(names))
    _count(seen, world, rows, start, hourly)
    return {
        name: _known(
            world,
            np.flatnonzero(np.array(names) == name),
            slots=slots,
            result=result,
            seen=seen,
            hourly=hourly,
        )
        for name in PLATFORMS
    }


def reactions(
    world: World, start: np.ndarray, noise: Floats, sigma: float, *, per_post: float, rng: np.random.Generator
) -> Floats:
    """Reactions by hour after each post, shape (*start.shape, 48); ``per_post`` on average."""
    rows = np.arange(len(start)).reshape(-1, *([1] * (start.ndim - 1)))
    every = np.arange(0, world.value.shape[1], 5)[None, :]
    line = np.arange(len(start))[:, None]
    usual = np.zeros((len(start), every.shape[1]))
    for k in range(SEEN_FOR):
        usual += world.audience[line, every + k] * world.visibility(line, every, k)
    rate = per_post / usual.mean(axis=1).reshape(rows.shape) * np.exp(noise - sigma**2 / 2)
    return np.stack(
        [
            rng.poisson(rate * world.audience[rows, start + k] * world.visibility(rows, start, k))
            for k in range(SEEN_FOR)
        ],
        axis=-1,
    ).astype(float)


def _count(seen: Reactions, world: World, rows: np.ndarray, start: np.ndarray, hourly: Floats) -> None:
    for k in range(SEEN_FOR):
        np.add.at(seen.count, (rows, world.local[rows, start + k]), hourly[..., k])
    np.add.at(seen.total, (rows, world.local[rows, start]), hourly.sum(axis=-1))


def _known(
    world: World, rows: np.ndarray, *, slots: np.ndarray, result: Floats, seen: Reactions, hourly: Floats
) -> Known:
    kernel = Kernel()
    variance = float(result[rows].var())
    z = result[rows] / np.sqrt(variance)
    sums = Sums.of([(slots[row], one) for row, one in zip(rows, z, strict=True)])
    pooled = pool(sums, kernel, [_through(world, row) for row in rows])
    shares = hourly[rows].sum(axis=(0, 1))
    delay = shares / shares.sum()
    together = Reactions(seen.count[rows].sum(axis=0), seen.total[rows].sum(axis=0))
    active = np.ones(WEEK)
    for _ in range(5):
        active = together.count / np.maximum(exposed(together.total / met(active, delay), delay), 1.0)
        active /= active.mean()
    own = activity(
        Reactions(seen.count[rows], seen.total[rows]), np.log(active), delay, activity_covariance(kernel)
    )
    worth = slot_worth(own, delay)
    rest = result[rows] - np.take_along_axis(worth, slots[rows], axis=1)
    rest = (rest - rest.mean(axis=1, keepdims=True)) / np.sqrt(variance)
    beside = Sums.of([(slots[row], one) for row, one in zip(rows, rest, strict=True)])
    left = pool(beside, kernel)
    return Known(variance, pooled, delay, np.log(active), left)


def _through(world: World, row: int) -> Floats:
    ahead = [_AHEAD[zone] - _AHEAD[world.zones[row, 0]] for zone in world.zones[row]]
    return np.asarray(
        sum(weight * shifted(apart) for weight, apart in zip(world.weights[row], ahead, strict=True))
    )


def _mixed(world: World, row: int, curve: Floats) -> Floats:
    """The curve of a platform's people as the channel's week sees it."""
    total = np.zeros(WEEK)
    for zone, weight in zip(world.zones[row], world.weights[row], strict=True):
        total += weight * np.exp(shifted(_AHEAD[zone] - _AHEAD[world.zones[row, 0]]) @ curve)
    logs = np.log(total)
    return np.asarray(logs - logs.mean())


class Uniform:
    """Any hour, each as likely."""

    def __init__(self, world: World, rng: np.random.Generator) -> None:
        self.rng, self.size = rng, len(world.platforms)

    def pick(self, arms: np.ndarray, day: int) -> np.ndarray:
        return self.rng.integers(0, 24, self.size)

    def see(self, slot: np.ndarray, result: Floats, hourly: Floats | None, day: int) -> None:
        """Learns nothing."""

    def scores(self) -> Floats:
        return np.zeros((self.size, WEEK))


class RawMean(Uniform):
    """What tools do: the mean of each hour of the week, the best so far nine times of ten."""

    def __init__(self, world: World, rng: np.random.Generator) -> None:
        super().__init__(world, rng)
        self.sum, self.posts = np.zeros((self.size, WEEK)), np.zeros((self.size, WEEK))

    def pick(self, arms: np.ndarray, day: int) -> np.ndarray:
        scores = np.take_along_axis(self.scores(), arms, axis=1) + 1e-9 * self.rng.standard_normal(arms.shape)
        any_hour = self.rng.random(self.size) < 0.1
        return np.where(any_hour, self.rng.integers(0, 24, self.size), scores.argmax(axis=1))

    def see(self, slot: np.ndarray, result: Floats, hourly: Floats | None, day: int) -> None:
        rows = np.arange(self.size)
        self.sum[rows, slot] += result
        self.posts[rows, slot] += 1

    def scores(self) -> Floats:
        level = self.sum.sum(axis=1, keepdims=True) / np.maximum(self.posts.sum(axis=1, keepdims=True), 1)
        return np.where(self.posts > 0, self.sum / np.maximum(self.posts, 1), level)


class Learned(Uniform):
    """The model of the product: kernel and prior from other channels, half-strength draws."""

    def __init__(
        self, world: World, rng: np.random.Generator, known: Mapping[str, Known], *, timed: bool
    ) -> None:
        super().__init__(world, rng)
        facts = [known[name] for name in world.platforms]
        self.timed = timed
        self.sd = np.sqrt([one.variance for one in facts])
        self.beside_covariance = np.stack(
            [(one.beside if timed else one.pooled).covariance() for one in facts]
        )
        self.evidence = Evidence.none(self.size)
        self.beside = np.stack([one.beside.curve for one in facts])
        self.delay = np.stack([one.delay for one in facts])
        self.expected = np.stack([_mixed(world, row, one.active) for row, one in enumerate(facts)])
        self.smooth = activity_covariance(Kernel())
        self.seen = Reactions.none(self.size)
        self.active: Floats | None = None
        prior = np.stack([_mixed(world, row, one.pooled.curve) for row, one in enumerate(facts)])
        self.prior = self._around_reactions() if timed else prior
        self.covariance = self._before_posts()
        self.after = self.covariance.copy()

    def _around_reactions(self) -> Floats:
        self.active = activity(self.seen, self.expected, self.delay, self.smooth, start=self.active)
        return np.asarray(slot_worth(self.active, self.delay) / self.sd[:, None] + self.beside)

    def _before_posts(self) -> Floats:
        """Covariance of the slots as far as only reactions were seen."""
        whole = self.beside_covariance.copy()
        if self.active is not None:
            unsure = worth_covariance(self.seen, self.active, self.delay, self.smooth)
            whole[:, :WEEK, :WEEK] += unsure / self.sd[:, None, None] ** 2
        return whole

    def scores(self) -> Floats:
        return mean_after(self.evidence, self.after, self.prior)[:, :WEEK]

    def pick(self, arms: np.ndarray, day: int) -> np.ndarray:
        rows = np.arange(self.size)[:, None]
        covariance = self.after[rows[:, :, None], arms[:, :, None], arms[:, None, :]]
        normals = self.rng.standard_normal((self.size, 1, 24))
        drawn = draws(np.take_along_axis(self.scores(), arms, axis=1), covariance, normals)
        return np.asarray(drawn[:, 0].argmax(axis=1))

    def see(self, slot: np.ndarray, result: Floats, hourly: Floats | None, day: int) -> None:
        if day % _WEEKLY == 0 and day:
            self.evidence.fade(timedelta(days=_WEEKLY), self.beside_covariance)
            self.covariance = self._before_posts()
            self.after = covariance_after(self.evidence, self.covariance)
        self.evidence.add(slot, result / self.sd)
        one_more(self.after, slot)
        if hourly is not None and self.timed:
            rows = np.arange(self.size)
            for k in range(SEEN_FOR):
                np.add.at(self.seen.count, (rows, (slot + k) % WEEK), hourly[:, k])
            np.add.at(self.seen.total, (rows, slot), hourly.sum(axis=1))
            if day % 3 == 2:
                self.prior = self._around_reactions()

    def covered(self, truth: Floats) -> float:
        """Share of slots whose true value lies in the 80 % interval; both measured from the mean slot."""
        centre = np.eye(WEEK) - 1 / WEEK
        inside = centre @ self.after[:, :WEEK, :WEEK] @ centre
        sd = np.sqrt(np.diagonal(inside, axis1=1, axis2=2))
        mean = self.scores()
        apart = (truth - truth.mean(axis=1, keepdims=True)) / self.sd[:, None] - (
            mean - mean.mean(axis=1, keepdims=True)
        )
        return float((np.abs(apart) < _NORMAL_80 * sd).mean())
