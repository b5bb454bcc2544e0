"""How often alerts ring where nothing happens, and how soon they notice what does.

    python -m benchmarks.alarms [--figures 40] [--seed 7]

Simulated figures (`benchmarks.alarm_worlds`): counts, rates, means and changes of stocks, with weekdays of
their own. The rule is the one in use. Each kind is looked at alone, as `analytics.alarms.verdicts` has it;
counts also by workspaces, all figures judged together, with the looks within the day. Claimed: at most one
false alarm a figure in 90 days, good news counted too, in every kind of series; a fall of 40 % that stays is
noticed within 5 days in at least 90 % at standard deviation 0.3. What is printed of 0.5 and of other steps
is not claimed. Figures come with their standard errors; a claim is missed where it lies beyond two of them.
"""

import argparse
import sys
from collections.abc import Sequence

import numpy as np

from analytics.alarms.ringing import KEPT, LOOKS, Ring, is_news, rings, rings_so_far
from analytics.alarms.run_lengths import cusum, ewma, shewhart
from analytics.alarms.scales import Kind, Looked
from analytics.alarms.verdicts import verdicts
from benchmarks.alarm_worlds import STEPS, STILL, Hours, World, hourly

DAYS = 90
FALSE, NOTICED, WITHIN = 1.0, 0.90, 5
SPREADS = (0.3, 0.8)
LEVELS = (0.5, 4.0, 40.0, 2000.0)
#: Days known before the first that is judged.
KNOWN = (56, 182)


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


def alone(rng: np.random.Generator, world: World, *, known: int, figures: int) -> tuple[float, float, float]:
    """False alarms of days, and of shifts, of one figure in `DAYS` days: each figure is looked at alone.

    Rises count as falls do. The third is the standard error of both together.
    """
    days, shifts = [], []
    for _ in range(figures):
        above, below = world.drawn(rng, known + DAYS)
        found = verdicts(above.tolist(), kind=world.kind, below=below.tolist(), first=known)
        days.append(sum(one.is_alert and one.day is not None for one in found))
        shifts.append(sum(one.is_alert and one.day is None for one in found))
    both = np.add(days, shifts)
    return float(np.mean(days)), float(np.mean(shifts)), float(both.std() / np.sqrt(figures))


def noticed(rng: np.random.Generator, world: World, factor: float, *, known: int, figures: int) -> float:
    """Share of figures in which a step is noticed within `WITHIN` days; it comes on each weekday in turn."""
    heard = 0
    for number in range(figures):
        at = known + number % 7
        above, below = world.drawn(rng, at + WITHIN, factor=factor, at=at)
        found = verdicts(above.tolist(), kind=world.kind, below=below.tolist(), first=at)
        is_fall = factor < 1
        heard += any(one.effect < 0 if is_fall else one.effect > 0 for one in found)
    return heard / figures


def main(arguments: Sequence[str] | None = None) -> int:
    """Run and print; 1 when a claim does not hold."""
    parser = argparse.ArgumentParser(description="False alarms and delays of alerts.")
    parser.add_argument("--figures", type=int, default=40, help="of each kind")
    parser.add_argument("--seed", type=int, default=7)
    options = parser.parse_args(arguments)
    held = _run_lengths()
    rng = np.random.default_rng(options.seed)
    for known in KNOWN:
        held &= _alone(rng, known=known, figures=options.figures)
        held &= _together(rng, known=known, figures=options.figures)
    return 0 if held else 1


def _alone(rng: np.random.Generator, *, known: int, figures: int) -> bool:
    held = True
    for world in STILL:
        days, shifts, doubt = alone(rng, world, known=known, figures=figures)
        count = days + shifts
        text = f"{count:.2f} +-{doubt:.2f} false in {DAYS} days (day {days:.2f}, shift {shifts:.2f})"
        held &= _say(f"{known} days known, {world.name}", text, count - 2 * doubt <= FALSE)
    for world, factor, is_claimed in STEPS:
        share = noticed(rng, world, factor, known=known, figures=8 * figures)
        doubt = (share * (1 - share) / (8 * figures)) ** 0.5
        step = f"{factor:g} sd" if world.kind is Kind.CHANGE else f"{factor - 1:+.0%}"
        name = f"{known} days known, {world.name}: {step}"
        held &= _say(name, f"{share:.1%} +-{doubt:.1%} noticed in {WITHIN} days",
                     share + 2 * doubt >= NOTICED or not is_claimed)  # fmt: skip
    return held


def _together(rng: np.random.Generator, *, known: int, figures: int) -> bool:
    held = True
    for spread in SPREADS:
        for level in LEVELS:
            found = false_alarms(rng, known=known, spread=spread, level=level, figures=figures)
            count = sum(map(len, found)) / figures
            days, shifts = (
                sum(_kind(ring) == kind for alerts in found for _, ring in alerts) / figures
                for kind in ("day", "shift")
            )
            text = f"{count:.2f} false alarms in {DAYS} days (day {days:.2f}, shift {shifts:.2f})"
            name = f"{known} days known, a workspace, sd {spread}, {level:g} a day"
            held &= _say(name, text, count <= FALSE)
    return held


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
    print(f"{name:66} {text:58} {'' if held else 'MISSED'}", flush=True)
    return held


if __name__ == "__main__":
    sys.exit(main())
