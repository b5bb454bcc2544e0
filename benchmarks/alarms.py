"""How often alerts ring where nothing happens, and how soon they notice what does.

    python -m benchmarks.alarms [--series 40] [--seed 7]

Simulated figures: each has weekdays and hours of its own, days whose logarithm has the standard deviation
named, and counts drawn from that (Poisson). The rule is the one in use: `analytics.alarms.ringing`, days and
shifts, all figures of a workspace judged together, looks within the day, and the rest after each alert.
Claimed: at most one false alarm a figure in 90 days in every kind of series; a fall of 40 % that stays is
noticed within 5 days in at least 90 % at standard deviation 0.3 (0.5 is printed too).
"""

import argparse
import sys
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from analytics.alarms.ringing import KEPT, LOOKS, Ring, is_news, rings, rings_so_far
from analytics.alarms.run_lengths import cusum, ewma, shewhart
from analytics.alarms.scales import Looked

DAYS = 90
FALSE, NOTICED, WITHIN = 1.0, 0.90, 5
SPREADS = (0.2, 0.3, 0.5, 0.8)
LEVELS = (0.5, 4.0, 40.0, 2000.0)
#: Days known before the first that is judged.
KNOWN = (56, 182)
FALL = 0.6
Hours = NDArray[np.float64]


def hourly(rng: np.random.Generator, days: int, *, level: float, spread: float) -> Hours:
    """Counts of each hour of each day (days, 24); ``level`` is the mean of a day."""
    weekday = np.exp(rng.normal(0, 0.3, 7))
    hours = np.exp(rng.normal(0, 0.7, 24))
    day = np.exp(rng.normal(-(spread**2) / 2, spread, days)) * np.tile(weekday / weekday.mean(), days)[:days]
    shares = rng.dirichlet(30 * hours / hours.sum() + 0.05, days)
    found: Hours = level * day[:, None] * shares
    return found


def drawn(rng: np.random.Generator, expected: Hours) -> Hours:
    """What was counted where so much was to be expected."""
    return rng.poisson(expected).astype(float)


def run(world: Sequence[Hours], known: int, days: int) -> list[list[tuple[int, Ring]]]:
    """The alerts of each figure of a workspace, with the day after ``known`` on which each came."""
    alerts: list[list[tuple[int, Ring]]] = [[] for _ in world]
    rang: dict[int, int] = {}
    totals = [figure.sum(axis=1) for figure in world]
    sums = [figure.cumsum(axis=1) for figure in world]
    for day in range(known, known + days):
        found: list[Ring] = []
        for hour in LOOKS:
            by_then = [figure[:, hour - 1] for figure in sums]
            found += rings_so_far([_looked(place, figure, day) for place, figure in enumerate(by_then)])
        found += rings([_looked(place, figure, day) for place, figure in enumerate(totals)])
        for ring in found:
            place = int(ring.key)
            if is_news(days_since=day - rang[place] if place in rang else None):
                alerts[place].append((day - known, ring))
            rang[place] = day
    return alerts


def _looked(place: int, figure: Hours, day: int) -> Looked:
    return Looked(str(place), figure[max(0, day - KEPT) : day].tolist(), float(figure[day]))


def false_alarms(
    rng: np.random.Generator, *, known: int, spread: float, level: float, figures: int
) -> list[list[tuple[int, Ring]]]:
    """The alerts of a workspace in which nothing happens."""
    world = [drawn(rng, hourly(rng, known + DAYS, level=level, spread=spread)) for _ in range(figures)]
    return run(world, known, DAYS)


def noticed(rng: np.random.Generator, *, known: int, spread: float, level: float, figures: int) -> float:
    """Share of figures in which a fall that stays is noticed within `WITHIN` days."""
    world = []
    for _ in range(figures):
        expected = hourly(rng, known + WITHIN, level=level, spread=spread)
        expected[known:] *= FALL
        world.append(drawn(rng, expected))
    heard = run(world, known, WITHIN)
    return sum(any(ring.effect < 0 for _, ring in alerts) for alerts in heard) / figures


def main(arguments: Sequence[str] | None = None) -> int:
    """Run and print; 1 when a claim does not hold."""
    parser = argparse.ArgumentParser(description="False alarms and delays of alerts.")
    parser.add_argument("--series", type=int, default=40, help="figures of each kind")
    parser.add_argument("--seed", type=int, default=7)
    options = parser.parse_args(arguments)
    held = _run_lengths()
    rng = np.random.default_rng(options.seed)
    for known in KNOWN:
        for spread in SPREADS:
            for level in LEVELS:
                found = false_alarms(rng, known=known, spread=spread, level=level, figures=options.series)
                count = sum(map(len, found)) / options.series
                kinds = [
                    sum(_kind(ring) == kind for alerts in found for _, ring in alerts)
                    for kind in ("day", "shift")
                ]
                held &= _say(
                    f"false alarms, sd {spread}, {level:g} a day, {known} days known",
                    f"{count:.2f} in {DAYS} days (day {kinds[0]}, shift {kinds[1]})",
                    count <= FALSE,
                )
    for known in KNOWN:
        for spread in (0.3, 0.5):
            share = noticed(rng, known=known, spread=spread, level=2000, figures=8 * options.series)
            held &= _say(
                f"-40 % noticed in {WITHIN} days, sd {spread}, {known} days known",
                f"{share:.1%}",
                share >= NOTICED or spread != 0.3,
            )
    return 0 if held else 1


def _kind(ring: Ring) -> str:
    return "day" if ring.day is not None else "shift"


def _run_lengths() -> bool:
    known = [
        ("Shewhart, 3 sigma", shewhart(3.0), "370.40"),
        ("EWMA .2/2.962", ewma(0.2, 2.962), "499.7"),
        ("EWMA .1/2.814", ewma(0.1, 2.814), "499.5"),
        ("EWMA .25/3", ewma(0.25, 3.0), "502.8"),
        ("CUSUM k=.5 h=4, two-sided", cusum(0.5, 4.0) / 2, "167.7"),
        ("CUSUM k=.5 h=4, one-sided", cusum(0.5, 4.0), "335.4"),
        ("CUSUM k=.5 h=5, two-sided", cusum(0.5, 5.0) / 2, "465.4"),
    ]
    held = True
    for name, value, wanted in known:
        digits = len(wanted.partition(".")[2])
        held &= _say(
            f"run length, {name}", f"{value:.{digits}f} (known: {wanted})", f"{value:.{digits}f}" == wanted
        )
    return held


def _say(name: str, text: str, held: bool) -> bool:
    print(f"{name:52} {text:40} {'' if held else 'MISSED'}", flush=True)
    return held


if __name__ == "__main__":
    sys.exit(main())
