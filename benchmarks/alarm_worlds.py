"""Simulated figures for `benchmarks.alarms`: what is known of each is how it was drawn."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import Final

import numpy as np
from numpy.typing import NDArray

from analytics.alarms.scales import Kind

Days = NDArray[np.float64]
Hours = NDArray[np.float64]
#: How much of a usual day each day of the week has: calm, and a shop that is closed at weekends.
CALM: Final = (1.1, 1.0, 1.05, 1.0, 1.15, 0.8, 0.7)
CLOSED: Final = (1.3, 1.3, 1.2, 1.3, 1.2, 0.3, 0.25)


@dataclass(frozen=True, slots=True)
class World:
    """How the days of a figure are drawn."""

    #: One of `DRAWN`.
    noise: str
    #: Standard deviation of a day's logarithm, or of a rate's, or of a stock's change.
    spread: float
    #: Mean of a day: of the count, the denominator, or the change.
    level: float
    week: tuple[float, ...] = CALM
    #: Of a rate or mean: its level.
    rate: float = 1.0
    kind: Kind = Kind.COUNT
    #: How much of a day's distance (logarithm) the next one has; 0: days know nothing of each other.
    lasting: float = 0.0
    #: Share of days on which nothing happens.
    zeros: float = 0.0

    @property
    def name(self) -> str:
        """As it is printed."""
        rate = f" x {self.rate:g}" if self.kind in (Kind.RATE, Kind.MEAN) else ""
        closed = ", closed at weekends" if self.week is CLOSED else ""
        lasting = f", lasting {self.lasting:g}" if self.lasting else ""
        zeros = f", {self.zeros:.0%} zeros" if self.zeros else ""
        return f"{self.noise}, sd {self.spread:g}, {self.level:g} a day{rate}{closed}{lasting}{zeros}"

    def drawn(
        self, rng: np.random.Generator, days: int, *, factor: float = 1.0, at: int = 0
    ) -> tuple[Days, Days]:
        """Days of the figure, and of its denominator (nothing, if it has none).

        Args:
            factor: by which the level is multiplied from the day ``at`` on; of a stock, so many spreads are
                added.
        """
        week = np.resize(np.roll(np.asarray(self.week) / np.mean(self.week), int(rng.integers(7))), days)
        step = np.where(np.arange(days) >= at, factor, 1.0 if self.kind is not Kind.CHANGE else 0.0)
        return DRAWN[self.noise](rng, self, week, step)


def _lognormal(rng: np.random.Generator, world: World, week: Days, step: Days) -> tuple[Days, Days]:
    moved = np.exp(world.spread * _following(rng, world.lasting, len(week)) - world.spread**2 / 2)
    is_there = rng.random(len(week)) >= world.zeros
    return rng.poisson(world.level * week * moved * step) * is_there.astype(float), _NOTHING


def _following(rng: np.random.Generator, lasting: float, days: int) -> Days:
    """Normal distances of days, each with so much of the day before (AR(1)), with standard deviation 1."""
    new = rng.normal(size=days)
    new[1:] *= np.sqrt(1 - lasting**2)
    for day in range(1, days):
        new[day] += lasting * new[day - 1]
    return new


def _negative_binomial(rng: np.random.Generator, world: World, week: Days, step: Days) -> tuple[Days, Days]:
    size = 1 / (np.exp(world.spread**2) - 1)
    moved = rng.gamma(size, 1 / size, len(week))
    return rng.poisson(world.level * week * moved * step).astype(float), _NOTHING


def _poisson(rng: np.random.Generator, world: World, week: Days, step: Days) -> tuple[Days, Days]:
    is_there = rng.random(len(week)) >= world.zeros
    return rng.poisson(world.level * week * step) * is_there.astype(float), _NOTHING


def _rate(rng: np.random.Generator, world: World, week: Days, step: Days) -> tuple[Days, Days]:
    below = rng.poisson(world.level * week * np.exp(rng.normal(0, 0.4, len(week))))
    moved = np.exp(world.spread * _following(rng, world.lasting, len(week)) - world.spread**2 / 2)
    rate = world.rate * step * moved
    return rng.binomial(below, np.minimum(rate, 0.95)).astype(float), below.astype(float)


def _mean(rng: np.random.Generator, world: World, week: Days, step: Days) -> tuple[Days, Days]:
    below = rng.poisson(world.level * week)
    own = np.array([rng.lognormal(np.log(world.rate) - 0.5, 1.0, number).sum() for number in below])
    return own * step * np.exp(rng.normal(0, world.spread, len(week))), below.astype(float)


def _posts(rng: np.random.Generator, world: World, week: Days, step: Days) -> tuple[Days, Days]:
    number = rng.poisson(world.level * week)
    own = np.array([rng.lognormal(np.log(world.rate), world.spread, one).sum() for one in number])
    return np.floor(own * step), _NOTHING


def _change(rng: np.random.Generator, world: World, week: Days, step: Days) -> tuple[Days, Days]:
    moved = rng.normal(0, world.spread, len(week)) + step * world.spread
    return np.round(world.level * week + moved), _NOTHING


def _bursts(rng: np.random.Generator, world: World, week: Days, step: Days) -> tuple[Days, Days]:
    moved = world.spread * rng.standard_t(4, len(week)) + step * world.spread
    return np.round(world.level * week + moved), _NOTHING


_NOTHING: Final = np.zeros(0)
DRAWN: Final[Mapping[str, Callable[[np.random.Generator, World, Days, Days], tuple[Days, Days]]]] = {
    "log-normal": _lognormal,
    "negative binomial": _negative_binomial,
    "Poisson": _poisson,
    "rate": _rate,
    "mean": _mean,
    "posts": _posts,
    "change": _change,
    "change in bursts": _bursts,
}
_LN, _NB, _RATE = World("log-normal", 0.3, 2000), World("negative binomial", 0.3, 200), World(
    "rate", 0.2, 2000, rate=0.02, kind=Kind.RATE
)  # fmt: skip
_CHANGE: Final = World("change", 12, 30, kind=Kind.CHANGE)
#: On which nothing happens.
STILL: Final = (
    replace(_LN, spread=0.2),
    _LN,
    replace(_LN, level=40),
    replace(_LN, spread=0.5, week=CLOSED),
    replace(_LN, spread=0.5, level=40),
    replace(_NB, spread=0.2),
    replace(_NB, week=CLOSED),
    replace(_NB, spread=0.5),
    replace(_NB, level=10),
    replace(_NB, spread=0.5, level=3),
    World("Poisson", 0, 1),
    World("Poisson", 0, 3, CLOSED),
    World("Poisson", 0, 10),
    World("Poisson", 0, 30, CLOSED),
    World("Poisson", 0, 500),
    _RATE,
    replace(_RATE, level=50_000, spread=0.3),
    replace(_RATE, level=100, spread=0.3),
    replace(_RATE, level=20, rate=0.01),
    replace(_RATE, level=20_000, spread=0.3, lasting=0.5),
    replace(_LN, lasting=0.3),
    replace(_LN, lasting=0.5),
    replace(_LN, lasting=0.7),
    replace(_LN, spread=0.5, level=200, lasting=0.4),
    replace(_LN, level=50, zeros=0.05),
    replace(_LN, level=20, zeros=0.5),
    replace(_LN, spread=0.5, level=100, zeros=0.7),
    World("Poisson", 0, 30, zeros=0.9),
    World("posts", 1.0, 2, rate=30, kind=Kind.COUNT),
    World("mean", 0.1, 20, rate=30, kind=Kind.MEAN),
    World("mean", 0.3, 300, rate=30, kind=Kind.MEAN),
    _CHANGE,
    replace(_CHANGE, level=1, spread=1),
    World("change in bursts", 5, 0, kind=Kind.CHANGE),
)
#: Steps: which world, by which factor, and whether nine in ten must be noticed.
STEPS: Final = (
    (_LN, 0.6, True),
    (replace(_LN, level=200), 0.6, True),
    (replace(_LN, spread=0.2), 0.6, True),
    (replace(_LN, spread=0.5), 0.6, False),
    (_NB, 0.6, False),
    (replace(_LN, lasting=0.5), 0.6, False),
    (_LN, 1.6, False),
    (replace(_NB, level=20), 0.6, False),
    (replace(_RATE, level=50_000, spread=0.3), 0.6, False),
    (replace(_RATE, level=300), 0.6, False),
    (_CHANGE, -1.7, False),
)


def hourly(rng: np.random.Generator, days: int, *, level: float, spread: float) -> Hours:
    """What is expected of each hour of each day (days, 24); ``level`` is the mean of a day."""
    weekday = np.exp(rng.normal(0, 0.3, 7))
    hours = np.exp(rng.normal(0, 0.7, 24))
    day = np.exp(rng.normal(-(spread**2) / 2, spread, days)) * np.resize(weekday / weekday.mean(), days)
    shares = rng.dirichlet(30 * hours / hours.sum() + 0.05, days)
    found: Hours = level * day[:, None] * shares
    return found
