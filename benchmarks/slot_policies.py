"""Who picks the hours in the simulator, what they know, and what it earns them."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import timedelta
from zoneinfo import ZoneInfo

import numpy as np

from analytics.slots.average import Posts, average
from analytics.slots.belief import one_more
from analytics.slots.exploring import draws
from analytics.slots.hearing import heard
from analytics.slots.kernel import WEEK, Floats, Kernel
from analytics.slots.pooled import Others, Pooled, Sums, pool
from analytics.slots.prior import Prior
from analytics.slots.reactions import (
    Reactions,
    activity,
    activity_covariance,
    exposed,
    met,
    slot_worth,
    worth_covariance,
)
from analytics.slots.zones import Clocks, shifted, through
from benchmarks.slot_world import PLATFORMS, SEEN_FOR, START, ZONES, Scenario, World, build

OTHERS, POSTS_OF_OTHERS = 40, 150
#: Until so many posts, all is learned from the beginning after every so many.
_EVERY = ((30, 5), (100, 10), (1000, 40))
LOOKS = (30, 100, 300)
_NORMAL_80 = 1.2816
_AHEAD = [
    (START + timedelta(days=60)).astimezone(ZoneInfo(zone)).utcoffset().total_seconds() / 3600  # type: ignore[union-attr]
    for zone in ZONES
]


@dataclass(frozen=True, slots=True)
class Known:
    """What forty other channels of a platform have taught."""

    variance: float
    #: The week by results, and what reaction curves leave unexplained in common, such as competition.
    pooled: Pooled
    beside: Pooled
    delay: Floats
    #: Log activity by hour of week.
    active: Floats


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
    rate = per_post / usual_reactions(world).reshape(rows.shape) * np.exp(noise - sigma**2 / 2)
    return np.stack(
        [
            rng.poisson(rate * world.audience[rows, start + k] * world.visibility(rows, start, k))
            for k in range(SEEN_FOR)
        ],
        axis=-1,
    ).astype(float)


def usual_reactions(world: World) -> Floats:
    """What a post at any hour meets on average, shape (channels,)."""
    if world.usual is None:
        every, line = np.arange(0, world.value.shape[1], 5)[None, :], np.arange(len(world.platforms))[:, None]
        met_there = [
            world.audience[line, every + k] * world.visibility(line, every, k) for k in range(SEEN_FOR)
        ]
        world.usual = np.mean(np.sum(met_there, axis=0), axis=1)
    return world.usual


def _count(seen: Reactions, world: World, rows: np.ndarray, start: np.ndarray, hourly: Floats) -> None:
    for k in range(SEEN_FOR):
        np.add.at(seen.count, (rows, world.local[rows, start + k]), hourly[..., k])
    np.add.at(seen.total, (rows, world.local[rows, start]), hourly.sum(axis=-1))


def _known(
    world: World, rows: np.ndarray, *, slots: np.ndarray, result: Floats, seen: Reactions, hourly: Floats
) -> Known:
    kernel, variance = Kernel(), float(result[rows].var())
    sd = float(np.sqrt(variance))
    shares = hourly[rows].sum(axis=(0, 1))
    delay = shares / shares.sum()
    smooth = heard(kernel.smooth(), delay)
    clocks = [clocks_of(world, row) for row in rows]

    def others(values: Floats) -> Others:
        sums = Sums.of([(slots[row], one / sd) for row, one in zip(rows, values, strict=True)])
        return Others(sums, smooth, clocks, sd)

    together = Reactions(seen.count[rows].sum(axis=0), seen.total[rows].sum(axis=0))
    active = np.ones(WEEK)
    for _ in range(5):
        active = together.count / np.maximum(exposed(together.total / met(active, delay), delay), 1.0)
        active /= active.mean()
    own = activity(
        Reactions(seen.count[rows], seen.total[rows]), np.log(active), delay, activity_covariance(kernel)
    )
    rest = result[rows] - np.take_along_axis(slot_worth(own, delay), slots[rows], axis=1)
    rest -= rest.mean(axis=1, keepdims=True)
    return Known(
        variance, pool(others(result[rows]), kernel), pool(replace(others(rest), clocks=None), kernel), delay,
        np.log(active),
    )  # fmt: skip


def clocks_of(world: World, row: int) -> Clocks:
    """The clocks of a channel's audience."""
    main = _AHEAD[world.zones[row, 0]]
    return [
        (float(weight), shifted(_AHEAD[zone] - main))
        for zone, weight in zip(world.zones[row], world.weights[row], strict=True)
        if weight
    ]


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
    """The model of the product: sizes and prior from other channels, half-strength draws.

    All is learned from the beginning every few posts; in between, each post changes the belief as it stands.
    """

    def __init__(
        self, world: World, rng: np.random.Generator, known: Mapping[str, Known], *, timed: bool
    ) -> None:
        super().__init__(world, rng)
        self.timed = timed
        names = np.array(world.platforms)
        self.groups = [
            (known[name], np.flatnonzero(names == name)) for name in dict.fromkeys(world.platforms)
        ]
        self.sd = np.sqrt([known[name].variance for name in world.platforms])
        told = [_before_posts(world, row, known[name]) for row, name in enumerate(world.platforms)]
        self.prior, self.unsure, self.smooth = (np.stack(one) for one in zip(*told, strict=True))
        self.delay = np.stack([known[name].delay for name in world.platforms])
        self.expected = np.stack([
            through(known[name].active, clocks_of(world, row))[0] for row, name in enumerate(world.platforms)
        ])  # fmt: skip
        self.seen = Reactions.none(self.size)
        self.active: Floats | None = None
        self.slots, self.z = np.zeros((self.size, 0), dtype=np.int64), np.zeros((self.size, 0))
        self.mean, self.covariance = (
            np.zeros((self.size, WEEK + 1)),
            np.zeros((self.size, WEEK + 1, WEEK + 1)),
        )
        self.learn()

    def learn(self) -> None:
        """All posts and reactions so far, from the beginning."""
        age = np.arange(self.z.shape[1], 0.0, -1.0)
        kernel = Kernel()
        own = activity_covariance(kernel)
        if self.timed:
            self.active = activity(self.seen, self.expected, self.delay, own, start=self.active)
        for known, rows in self.groups:
            mean, unsure, smooth, pooled = (
                self.prior[rows],
                self.unsure[rows],
                self.smooth[rows],
                known.pooled,
            )
            if self.active is not None:
                pooled, smooth = known.beside, heard(kernel.smooth(), known.delay)
                seen = Reactions(self.seen.count[rows], self.seen.total[rows])
                doubt = worth_covariance(seen, self.active[rows], known.delay, own) / known.variance
                mean = slot_worth(self.active[rows], known.delay) / self.sd[rows, None] + pooled.curve
                unsure = pooled.unsure + doubt
            prior = Prior(mean, smooth, unsure, pooled.sizes, known.variance)
            found = average([Posts(self.slots[row], age, self.z[row]) for row in rows], prior)
            self.mean[rows], self.covariance[rows] = found.mean, found.covariance

    def scores(self) -> Floats:
        return self.mean[:, :WEEK]

    def pick(self, arms: np.ndarray, day: int) -> np.ndarray:
        rows = np.arange(self.size)[:, None]
        covariance = self.covariance[rows[:, :, None], arms[:, :, None], arms[:, None, :]]
        normals = self.rng.standard_normal((self.size, 1, 24))
        drawn = draws(np.take_along_axis(self.scores(), arms, axis=1), covariance, normals)
        return np.asarray(drawn[:, 0].argmax(axis=1))

    def see(self, slot: np.ndarray, result: Floats, hourly: Floats | None, day: int) -> None:
        self.slots = np.concatenate([self.slots, slot[:, None]], axis=1)
        self.z = np.concatenate([self.z, (result / self.sd)[:, None]], axis=1)
        if hourly is not None and self.timed:
            rows = np.arange(self.size)
            for k in range(SEEN_FOR):
                np.add.at(self.seen.count, (rows, (slot + k) % WEEK), hourly[:, k])
            np.add.at(self.seen.total, (rows, slot), hourly.sum(axis=1))
        posts = day + 1
        every = next(days for until, days in _EVERY if posts <= until)
        if posts % every == 0 or posts in LOOKS:
            self.learn()
        else:
            one_more(self.mean, self.covariance, slot, self.z[:, -1])

    def covered(self, truth: Floats) -> float:
        """Share of slots whose true value lies in the 80 % interval; both measured from the mean slot."""
        centre = np.eye(WEEK) - 1 / WEEK
        inside = centre @ self.covariance[:, :WEEK, :WEEK] @ centre
        sd = np.sqrt(np.diagonal(inside, axis1=1, axis2=2))
        mean = self.scores()
        apart = (truth - truth.mean(axis=1, keepdims=True)) / self.sd[:, None] - (
            mean - mean.mean(axis=1, keepdims=True)
        )
        return float((np.abs(apart) < _NORMAL_80 * sd).mean())


def _before_posts(world: World, row: int, known: Known) -> tuple[Floats, Floats, Floats]:
    """Mean, its error and the size of own deviations, as the clocks of a channel's audience have them."""
    sd = np.sqrt(known.variance)
    mean, slope = through(sd * known.pooled.curve, clocks_of(world, row))
    smooth = heard(Kernel().smooth(), known.delay)
    return mean / sd, slope @ known.pooled.unsure @ slope.T, slope @ smooth @ slope.T
