"""Do the intervals of forecasts cover what they claim, and are chances what they say?

    python -m benchmarks.outlook [--data FILE] [--write] [--families]

Histories: daily interactions of public pages. Of each, 56 days are given and the total of the next 28 is
asked; the origin moves by 28 days. The accounts are split in five groups by name, and each group is judged
with scores of the others only. Claimed: nominal 80 % covers 75-85 %, nominal 95 % covers 92-98 %, the Brier
score of the chance to reach targets is at most 0.18, and in no bin the 95 % binomial interval
(Holm-corrected) leaves the prediction out. ``--write`` renews analytics/forecast/scores.json from all
accounts together; ``--families`` judges levels and rates too, and periods before they begin.
"""

import argparse
import csv
import gzip
import itertools
import json
import math
import random
import sys
from collections import defaultdict
from collections.abc import Mapping, Sequence
from datetime import datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import numpy as np
from numpy.typing import NDArray

from analytics.forecast.outlook import centre, outlook, week_totals
from analytics.history import Family
from benchmarks.outlook_families import judge_families, sides, table_of

ROOT = Path(__file__).resolve().parent.parent
DATA = ROOT.parent / "shared" / "data" / "fb_pages_2016_dev.csv.gz"
SCORES = ROOT / "analytics" / "forecast" / "scores.json"
PAST, AHEAD, STEP, FOLDS = 56, 28, 28, 5
#: Days between the origins from which scores are taken.
CLOSE = 7
HORIZONS = (1, 2, 4, 8)
#: Equally likely scores that are shipped for each horizon.
POINTS = 60
BINS = 6
Days = NDArray[np.float64]


def histories(path: Path) -> dict[str, Days]:
    """Interactions of each account and day of its zone, from its first to its last post."""
    found: dict[str, dict[int, float]] = defaultdict(lambda: defaultdict(float))
    with gzip.open(path, "rt", newline="") as lines:
        for row in csv.DictReader(lines):
            at = datetime.fromisoformat(row["ts_utc"]).astimezone(ZoneInfo(row["tz"]))
            total = sum(float(row[name] or 0) for name in ("reactions", "comments", "shares"))
            found[row["account"]][at.toordinal()] += total
    return {
        name: np.array([days.get(day, 0.0) for day in range(min(days), max(days) + 1)])
        for name, days in sorted(found.items())
    }


def windows(days: Days, ahead: int, step: int = STEP) -> list[tuple[Days, float]]:
    """Pairs of a history of 56 days and the total of the days behind it, in which nothing is missing."""
    found = []
    for start in range(0, len(days) - PAST - ahead + 1, step):
        past, truth = days[start : start + PAST], float(days[start + PAST :][:ahead].sum())
        if week_totals(past).min() > 0 and truth > 0:
            found.append((past, truth))
    return found


def scores(accounts: Mapping[str, Days], weeks: int) -> Days:
    """How many spreads the truth lay from the centre, each account with the same weight."""
    pooled = []
    for days in accounts.values():
        own = []
        for past, truth in windows(days, weeks * 7, CLOSE):
            then = centre(week_totals(past))
            own.append(math.log(truth / (weeks * then.weekly)) / then.spread)
        if own:
            pooled.append(np.asarray(own))
    return pooled_scores(pooled)


def pooled_scores(pooled: Sequence[Days]) -> Days:
    """Equally likely scores of all accounts, each with the same weight."""
    every = np.concatenate(pooled)
    weights = np.concatenate([np.full(len(own), 1 / len(own)) for own in pooled])
    order = np.argsort(every)
    reached = (np.cumsum(weights[order]) - weights[order] / 2) / weights.sum()
    levels = (np.arange(POINTS) + 0.5) / POINTS
    found: Days = np.interp(levels, reached, every[order])
    return found


def table(accounts: Mapping[str, Days]) -> dict[str, list[float]]:
    """The scores to ship, by horizon in weeks."""
    return {str(weeks): [round(float(one), 4) for one in scores(accounts, weeks)] for weeks in HORIZONS}


def judge(accounts: Mapping[str, Days]) -> bool:
    """Print the backtest; whether every claim holds."""
    rng = random.Random(4)
    names = sorted(accounts)
    inside80 = inside95 = count = 0
    widths, predicted, happened = [], [], []
    for fold in range(FOLDS):
        others = {name: accounts[name] for place, name in enumerate(names) if place % FOLDS != fold}
        stored = {float(weeks): found for weeks, found in table(others).items()}
        for name in names[fold::FOLDS]:
            for past, truth in windows(accounts[name], AHEAD):
                seen = outlook(past.tolist(), AHEAD, table=stored)
                assert seen is not None
                count += 1
                (low, high), (lowest, highest) = seen.interval(0.8), seen.interval(0.95)
                inside80 += low <= truth <= high
                inside95 += lowest <= truth <= highest
                widths.append((high - low) / seen.quantile(0.5))
                for _ in range(3):
                    target = float(past[-28:].sum()) * math.exp(rng.gauss(0, 0.5))
                    predicted.append(seen.chance(target))
                    happened.append(truth >= target)
    shown = [
        ("accounts, windows", f"{len(accounts)}, {count}", True),
        ("80 % covers", f"{inside80 / count:.1%}", 0.75 <= inside80 / count <= 0.85),
        ("95 % covers", f"{inside95 / count:.1%}", 0.92 <= inside95 / count <= 0.98),
        ("width of 80 % / median, median", f"{np.median(widths):.2f}", True),
    ]
    truth_, said = np.asarray(happened, float), np.asarray(predicted)
    brier = float(((truth_ - said) ** 2).mean())
    shown.append(
        ("Brier, base rate's", f"{brier:.3f}, {truth_.mean() * (1 - truth_.mean()):.3f}", brier <= 0.18)
    )
    shown += bins(said, truth_)
    for name, text, held in shown:
        print(f"{name:34} {text:28} {'' if held else 'MISSED'}")
    return all(held for _, _, held in shown)


def bins(said: Days, happened: Days, *, shared: int = 3) -> list[tuple[str, str, bool]]:
    """Reliability: so many targets share a window, so that part of them counts as independent."""
    from scipy.stats import binomtest

    edges = np.linspace(0, 1, BINS + 1)
    rows = []
    for low, high in itertools.pairwise(edges):
        chosen = (said >= low) & ((said < high) | (high == 1))
        if chosen.sum():
            trials = max(1, round(int(chosen.sum()) / shared))
            rows.append((float(said[chosen].mean()), float(happened[chosen].mean()), trials))
    tests = [binomtest(round(seen * many), many, expected).pvalue for expected, seen, many in rows]
    order = np.argsort(tests)
    rejected, open_ = set(), True
    for rank, place in enumerate(order):
        open_ = open_ and tests[place] <= 0.05 / (len(tests) - rank)
        if open_:
            rejected.add(int(place))
    return [
        (
            f"bin {place + 1}: predicted, happened, n",
            f"{expected:.2f}, {seen:.2f}, {many}",
            place not in rejected,
        )
        for place, (expected, seen, many) in enumerate(rows)
    ]


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the backtest; 1 when a claim does not hold."""
    parser = argparse.ArgumentParser(description="Coverage of forecasts on real histories.")
    parser.add_argument("--data", type=Path, default=DATA)
    parser.add_argument("--write", action="store_true", help="renew the shipped scores")
    parser.add_argument("--families", action="store_true", help="each family, also before the start")
    options = parser.parse_args(arguments)
    if options.families:
        return 0 if judge_families(options.data, pooled=pooled_scores, bins=bins, folds=FOLDS) else 1
    accounts = histories(options.data)
    if options.write:
        note = "Distances of truth from centre in spreads, by weeks ahead: 69 public pages, 2016."
        both = list(sides(options.data).values())
        tables = {
            "scores": table(accounts),
            "changes": table_of(both, Family.LEVELS, pooled_scores),
            "ratios": table_of(both, Family.RATIOS, pooled_scores),
        }
        SCORES.write_text(json.dumps({"note": note, "made": "2026-11-22", **tables}) + "\n")
    return 0 if judge(accounts) else 1


if __name__ == "__main__":
    sys.exit(main())
