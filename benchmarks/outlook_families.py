"""Forecasts of every family, under way and before the start, on histories that they have not seen.

    python -m benchmarks.outlook_families [--data FILE]

Counts: daily interactions of public pages. Levels: their running total, as a stock that only wins. Rates:
comments for each hundred interactions. Of each history 56 days are given; a period of 28 days is judged in
its middle (14 of its days are over) and 14 days before it begins, from origins 14 days apart. Accounts are
split in five groups by name; each is judged with distances of the others only. The claims are those of
`benchmarks.outlook`; since periods overlap, a sixth of the targets counts as independent in the bins.
"""

import csv
import gzip
import itertools
import math
import random
import sys
from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Protocol
from zoneinfo import ZoneInfo

import numpy as np
from numpy.typing import NDArray

from analytics.forecast.ahead import ending
from analytics.forecast.changes import centre_of_changes
from analytics.forecast.outlook import Table, centre, week_totals
from analytics.forecast.ratios import centre_of_rates
from analytics.history import Family, Past
from domain.period import Span

PAST, PERIOD, STEP = 56, 28, 14
HORIZONS = (1, 2, 4, 8)
_FIRST = date(2016, 1, 4)
_DAY = timedelta(days=1)
Days = NDArray[np.float64]
#: Levels the distances of accounts, each with the same weight, to a few that are equally likely.
Pooled = Callable[[Sequence[Days]], Days]


class Bins(Protocol):
    """Judges predictions against what happened: rows of (name, figures, whether the claim holds)."""

    def __call__(self, said: Days, happened: Days, *, shared: int) -> list[tuple[str, str, bool]]: ...


@dataclass(frozen=True, slots=True)
class Case:
    """One period of one account: what was known, and what it came to."""

    past: Past
    span: Span
    truth: float
    #: What the figure was in the last period that is known, from which targets are drawn.
    last: float


def sides(path: Path) -> dict[str, tuple[Days, Days]]:
    """Comments and all interactions of each account and day of its zone."""
    found: dict[str, dict[int, list[float]]] = defaultdict(lambda: defaultdict(lambda: [0.0, 0.0]))
    with gzip.open(path, "rt", newline="") as lines:
        for row in csv.DictReader(lines):
            day = datetime.fromisoformat(row["ts_utc"]).astimezone(ZoneInfo(row["tz"])).toordinal()
            comments = float(row["comments"] or 0)
            pair = found[row["account"]][day]
            pair[0] += comments
            pair[1] += comments + float(row["reactions"] or 0) + float(row["shares"] or 0)
    return {
        name: tuple(
            np.array([days[day][side] if day in days else 0.0 for day in range(min(days), max(days) + 1)])
            for side in (0, 1)
        )  # type: ignore[misc]
        for name, days in sorted(found.items())
    }


def cases(comments: Days, every: Days, family: Family, *, lead: int) -> Iterator[Case]:
    """Periods that begin ``lead`` days after the last known one; below 0: so many of its days are over."""
    for start in range(0, len(every) - PAST - lead - PERIOD + 1, STEP):
        known, whole = slice(start, start + PAST), slice(start, start + PAST + lead + PERIOD)
        if every[known].reshape(-1, 7).sum(axis=1).min() <= 0:
            continue
        full, past = (
            _past(comments[whole], every[whole], family),
            _past(comments[known], every[known], family),
        )
        first = _FIRST + (PAST + lead) * _DAY
        span = Span(first, first + PERIOD * _DAY)
        truth, last = full.value(span), past.value(Span(past.after - PERIOD * _DAY, past.after))
        if truth is not None and last:
            yield Case(past, span, truth, last)


def _past(comments: Days, every: Days, family: Family) -> Past:
    if family is Family.RATIOS:
        return Past(family=family, first=_FIRST, above=comments.tolist(), below=every.tolist(), factor=100)
    level = float(every.sum()) if family is Family.LEVELS else 0.0
    return Past(family=family, first=_FIRST, above=every.tolist(), level=level)


def table_of(accounts: Sequence[tuple[Days, Days]], family: Family, pooled: Pooled) -> dict[str, list[float]]:
    """Distances between truth and centre of a family, by horizon in weeks."""
    return {
        str(weeks): [round(float(one), 4) for one in pooled(_distances(accounts, family, weeks))]
        for weeks in HORIZONS
    }


def _distances(accounts: Sequence[tuple[Days, Days]], family: Family, weeks: int) -> list[Days]:
    """By account: how many spreads the truth lay from the centre, at origins a week apart."""
    found = []
    for comments, every in accounts:
        above, below = week_totals(comments), week_totals(every)
        own = []
        for origin in range(PAST // 7, len(below) - weeks + 1):
            past, ahead = slice(origin - PAST // 7, origin), slice(origin, origin + weeks)
            if below[past].min() > 0 and below[ahead].min() > 0:
                own.append(_distance(above, below, past, ahead, family))
        found.append(np.asarray([one for one in own if math.isfinite(one)]))
    return [one for one in found if len(one)]


def _distance(above: Days, below: Days, past: slice, ahead: slice, family: Family) -> float:
    weeks = ahead.stop - ahead.start
    if family is Family.LEVELS:
        then = centre_of_changes(below[past])
        return float((below[ahead].mean() - then.weekly) / then.spread)
    if family is Family.COUNTS:
        then = centre(below[past])
        return math.log(float(below[ahead].sum()) / (weeks * then.weekly)) / then.spread
    if above[past].min() <= 0 or above[ahead].sum() <= 0:
        return math.nan
    then = centre_of_rates(above[past], below[past])
    return math.log(float(above[ahead].sum() / below[ahead].sum()) / then.weekly) / then.spread


def judge_families(path: Path, *, pooled: Pooled, bins: Bins, folds: int) -> bool:
    """Print the backtest of each family and lead; whether every claim holds."""
    accounts, held = sides(path), True
    for family, (name, lead) in itertools.product(
        (Family.COUNTS, Family.LEVELS, Family.RATIOS), (("under way", -14), ("before the start", 14))
    ):
        seen = _Seen(family)
        names = sorted(accounts)
        for fold in range(folds):
            others = [accounts[one] for place, one in enumerate(names) if place % folds != fold]
            table = {float(weeks): one for weeks, one in table_of(others, family, pooled).items()}
            for one in names[fold::folds]:
                for case in cases(*accounts[one], family, lead=lead):
                    seen.add(case, table)
        held = seen.told(name, bins) and held
    return held


class _Seen:
    """What was foretold of one family, and what happened."""

    def __init__(self, family: Family) -> None:
        self._family = family
        self._rng = random.Random(4)
        self._inside80: list[bool] = []
        self._inside95: list[bool] = []
        self._predicted: list[float] = []
        self._happened: list[bool] = []

    def add(self, case: Case, table: Table) -> None:
        """Foretell one period and compare, its value and three targets."""
        seen = ending(case.past, case.span, table=table)
        if seen is None:
            return
        (low, high), (lowest, highest) = seen.interval(0.8), seen.interval(0.95)
        self._inside80.append(low <= case.truth <= high)
        self._inside95.append(lowest <= case.truth <= highest)
        for _ in range(3):
            target = self._target(case)
            self._predicted.append(seen.chance(target))
            self._happened.append(case.truth >= target)

    def _target(self, case: Case) -> float:
        """As people wish: the last value, more or less; of a stock, what it won."""
        wish = math.exp(self._rng.gauss(0, 0.5 if self._family is not Family.RATIOS else 0.25))
        if self._family is not Family.LEVELS:
            return case.last * wish
        days = (case.span.after - case.past.after).days
        return case.past.level + sum(case.past.above[-PERIOD:]) / PERIOD * days * wish

    def told(self, name: str, bins: Bins) -> bool:
        """Print the rows; whether every claim holds."""
        inside80, inside95 = float(np.mean(self._inside80)), float(np.mean(self._inside95))
        said, happened = np.asarray(self._predicted), np.asarray(self._happened, float)
        brier = float(((happened - said) ** 2).mean())
        base = float(happened.mean() * (1 - happened.mean()))
        rows = [
            (f"{self._family}, {name}: periods", str(len(self._inside80)), True),
            ("80 % covers", f"{inside80:.1%}", 0.75 <= inside80 <= 0.85),
            ("95 % covers", f"{inside95:.1%}", 0.92 <= inside95 <= 0.98),
            ("Brier, base rate's", f"{brier:.3f}, {base:.3f}", brier <= 0.18),
            *bins(said, happened, shared=6),
        ]
        for text, figures, claim in rows:
            print(f"{text:42} {figures:28} {'' if claim else 'MISSED'}")
        return all(claim for _, _, claim in rows)


if __name__ == "__main__":
    from benchmarks.outlook import main

    raise SystemExit(main(["--families", *sys.argv[1:]]))
