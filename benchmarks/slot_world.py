"""A world of channels whose best hours are known: the simulator behind ``benchmarks.slots``.

Clock: hours of UTC from Monday 2026-01-05, long enough to cross changes of summer time. A channel has an
audience in one to three zones whose activity over the week is the platform's, raised to a power, times a
deviation of its own. A post competes with others in a chronological feed (RedQueen's visibility) or decays
on a ranked one. The value of posting at t is the audience it meets in 48 hours; a post's result is that
value's logarithm plus noise.
"""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import numpy as np

from analytics.slots.kernel import WEEK, Floats, Kernel

START = datetime(2026, 1, 5, tzinfo=UTC)
ZONES = (
    "Asia/Jakarta", "Africa/Accra", "America/New_York", "Europe/Berlin",
    "Asia/Kolkata", "America/Sao_Paulo", "Australia/Sydney",
)  # fmt: skip
#: Hours in which a post earns.
SEEN_FOR = 48
#: Bumps of activity (hour, concentration, weight), and the weekend's factor.
ACTIVITY = {
    "x": (((8.5, 4, 0.8), (12.5, 6, 0.9), (17.5, 4, 0.6), (21, 5, 0.7)), 0.8),
    "facebook": (((9, 4, 0.7), (13, 5, 0.8), (20, 3, 1.0)), 0.9),
    "instagram": (((8, 4, 0.6), (12, 5, 0.8), (19.5, 3, 1.1)), 1.05),
    "linkedin": (((8.5, 5, 1.0), (12.3, 6, 0.9), (17.3, 5, 0.5)), 0.35),
    "tiktok": (((7.5, 5, 0.4), (12.5, 5, 0.6), (20.5, 2.5, 1.3)), 1.15),
    "mastodon": (((9, 4, 0.8), (13, 4, 0.7), (20.5, 4, 0.9)), 0.9),
}
PLATFORMS = tuple(ACTIVITY)
#: Share of the audience that reads in order of time, and the half-life (hours) for the rest.
FEED = {
    "x": (0.7, 0.7), "facebook": (0.4, 1.7), "instagram": (0.2, 6.0),
    "linkedin": (0.2, 8.0), "tiktok": (0.05, 10.0), "mastodon": (1.0, 1.0),
}  # fmt: skip


@dataclass(frozen=True, slots=True, kw_only=True)
class Scenario:
    """How far channels are from their platform, and what else is special."""

    name: str
    amp: float = 1.0
    dev: float = 0.30
    sigma: float = 1.0
    zones: int | None = None
    drift: bool = False
    warm: int = 0


SCENARIOS = {
    one.name: one
    for one in (
        Scenario(name="base"),
        Scenario(name="idio", amp=0.55, dev=0.55),
        Scenario(name="hard", amp=0.3, dev=0.75),
        Scenario(name="warm", amp=0.55, dev=0.55, warm=30),
        Scenario(name="multizone", zones=3),
        Scenario(name="drift", drift=True),
        Scenario(name="quiet", sigma=0.7),
    )
}


def platform_activity(platform: str) -> Floats:
    """Activity of a platform's people by local hour of week; weekends begin an hour later."""
    bumps, weekend = ACTIVITY[platform]
    hours = np.arange(24) + 0.5

    def day(later: float) -> Floats:
        curve = np.full(24, 0.06)
        for centre, width, weight in bumps:
            curve += weight * np.exp(width * (np.cos(2 * np.pi * (hours - centre - later) / 24) - 1))
        return curve

    return np.concatenate([day(0.0)] * 5 + [weekend * day(1.0)] * 2)


def local_hours(zone: str, hours: int) -> np.ndarray:
    """Hour of the local week (0..167) at each hour of the clock."""
    where = ZoneInfo(zone)
    walls = ((START + timedelta(hours=t)).astimezone(where) for t in range(hours))
    return np.fromiter((wall.weekday() * 24 + wall.hour for wall in walls), np.int64, hours)


@dataclass(slots=True)
class World:
    """Channels (rows) and hours (columns), with the truth."""

    platforms: list[str]
    #: Zones (indices into `ZONES`) and weights of each channel's audience, shape (channels, 3); main zone
    #: first.
    zones: np.ndarray
    weights: Floats
    #: Hour of the main zone's week at each hour of the clock, shape (channels, hours).
    local: np.ndarray
    #: Start (hour of the clock) of each local hour of each local day, shape (channels, days, 24).
    starts: np.ndarray
    #: Audience awake, and what a post at that hour is worth (mean 1), shape (channels, hours).
    audience: Floats
    value: Floats
    #: Share of a post's audience that sees it k hours later: cumulated competition, depth, mix and half-life.
    crowd: Floats
    depth: Floats
    mix: Floats
    half_life: Floats
    #: What a post at any hour meets on average, once it was asked for.
    usual: Floats | None = None

    def visibility(self, rows: np.ndarray, start: np.ndarray, k: int) -> Floats:
        pushed = self.crowd[rows, start + k] - self.crowd[rows, start]
        mix, half = self.mix[rows], self.half_life[rows]
        return np.asarray(mix * np.exp(-pushed / self.depth[rows]) + (1 - mix) * 0.5 ** (k / half))


def build(scenario: Scenario, platforms: list[str], days: int, rng: np.random.Generator) -> World:
    """Channels of these platforms for ``days`` local days."""
    count, hours = len(platforms), (days + 5) * 24
    tables = np.stack([local_hours(zone, hours) for zone in ZONES])
    zones, weights = _audiences(scenario, count, rng)
    local = tables[zones[:, 0]]
    curves = _curves(scenario, platforms, rng)
    audience = _heard(curves, tables, zones, weights)
    if scenario.drift:
        moved = (zones[:, 0] + rng.integers(1, len(ZONES), count)) % len(ZONES)
        again = _curves(scenario, platforms, rng)
        after = 0.5 * np.take_along_axis(again, tables[moved], axis=1)
        after += 0.5 * _heard(again, tables, zones, weights)
        half = (days - 40) // 2 * 24
        audience = np.concatenate([audience[:, :half], after[:, half:]], axis=1)
    crowd = np.concatenate([np.zeros((count, 1)), np.cumsum(_competition(local), axis=1)], axis=1)[:, :-1]
    world = World(
        platforms, zones, weights, local, _starts(zones[:, 0], days), audience, np.zeros(0), crowd,
        rng.uniform(30, 40, count), np.array([FEED[name][0] for name in platforms]),
        np.array([FEED[name][1] for name in platforms]),
    )  # fmt: skip
    world.value = _values(world)
    return world


def _heard(curves: Floats, tables: np.ndarray, zones: np.ndarray, weights: Floats) -> Floats:
    """Audience awake at each hour of the clock, shape (channels, hours)."""
    total = np.zeros((len(zones), tables.shape[1]))
    for j in range(zones.shape[1]):
        total += weights[:, [j]] * np.take_along_axis(curves, tables[zones[:, j]], axis=1)
    return total


def _audiences(scenario: Scenario, count: int, rng: np.random.Generator) -> tuple[np.ndarray, Floats]:
    zones = np.stack([rng.permutation(len(ZONES))[:3] for _ in range(count)])
    number = (
        rng.choice([1, 2, 3], count, p=[0.6, 0.3, 0.1])
        if scenario.zones is None
        else np.full(count, scenario.zones)
    )
    weights = rng.gamma(2.0, size=(count, 3)) * (np.arange(3) < number[:, None])
    weights = -np.sort(-weights, axis=1)
    return zones, weights / weights.sum(axis=1, keepdims=True)


def _curves(scenario: Scenario, platforms: list[str], rng: np.random.Generator) -> Floats:
    own = Kernel(hour_length=0.8).smooth()
    root = np.linalg.cholesky(own / own[0, 0] + 1e-8 * np.eye(WEEK))
    deviation = scenario.dev * rng.standard_normal((len(platforms), WEEK)) @ root.T
    shared = np.stack([platform_activity(name) for name in platforms])
    return np.asarray(shared**scenario.amp * np.exp(deviation))


def _competition(local: np.ndarray) -> Floats:
    """Posts that come into the feed in each hour: 8 on average on working days, most at 14 h."""
    daily = 8 * (1 + 0.6 * np.cos(2 * np.pi * (local % 24 - 14) / 24))
    return np.asarray(daily * np.where(local >= 120, 0.6, 1.0))


def _starts(main: np.ndarray, days: int) -> np.ndarray:
    """The hour of the clock at which each local hour begins; an hour that a change skips is the next one."""
    by_zone = []
    for zone in ZONES:
        where = ZoneInfo(zone)
        first = datetime(2026, 1, 6)
        walls = (first + timedelta(hours=h) for h in range(days * 24))
        seconds = [(wall.replace(tzinfo=where).astimezone(UTC) - START).total_seconds() for wall in walls]
        by_zone.append(np.ceil(np.array(seconds) / 3600).astype(np.int64).reshape(days, 24))
    return np.asarray(np.stack(by_zone)[main])


def _values(world: World) -> Floats:
    count, hours = world.audience.shape
    usable = hours - SEEN_FOR
    rows, start = np.arange(count)[:, None], np.arange(usable)[None, :]
    value = np.zeros((count, usable))
    for k in range(SEEN_FOR):
        value += world.audience[:, k : k + usable] * world.visibility(rows, start, k)
    return np.asarray(value / value.mean(axis=1, keepdims=True))
