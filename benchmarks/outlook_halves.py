"""Do forecasts hold on pages that had no part in choosing them?

    python -m benchmarks.outlook_halves [--data FILE] [--seeds 10]

The pages are halved by a seed. On the one half the distances are counted, and the rule is chosen by which
an interval is read from them: of several common ones, that which covers 80 % and 95 % best there, each page
judged with the distances of others. The other half is then foretold with both, and then the halves change
places. A half has few pages, so single seeds scatter: claimed is that over all seeds together nominal 80 %
covers 75-85 % and nominal 95 % covers 92-98 %, and that the Brier score is at most 0.18.
"""

import argparse
import math
import random
import sys
from collections import Counter
from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np

from analytics.forecast.outlook import Outlook, outlook
from benchmarks.outlook import AHEAD, DATA, FOLDS, Days, bins, histories, table, windows

#: Ways of reading a share's place among equally likely values.
RULES = ("inverted_cdf", "linear", "hazen", "weibull")
#: The one in use (`Outlook.interval`).
IN_USE = "weibull"
LEVELS = (0.8, 0.95)
Foretold = tuple[Outlook, Days, float]


def foretold(judged: Mapping[str, Days], counted: Mapping[str, Days]) -> list[Foretold]:
    """Each window of these pages: what was foretold with the distances of the others, the past, the truth."""
    distances = {float(weeks): found for weeks, found in table(counted).items()}
    found = []
    for days in judged.values():
        for past, truth in windows(days, AHEAD):
            seen = outlook(past.tolist(), AHEAD, table=distances)
            assert seen is not None
            found.append((seen, past, truth))
    return found


def covers(cases: Sequence[Foretold], rule: str, level: float) -> float:
    """The share of windows whose truth lay within the interval of a level."""
    inside = []
    for seen, _, truth in cases:
        low, high = np.quantile(seen.values, ((1 - level) / 2, (1 + level) / 2), method=rule)  # type: ignore[call-overload]
        inside.append(low <= truth <= high)
    return float(np.mean(inside))


def chosen(half: Mapping[str, Days]) -> str:
    """The rule that covers best on this half, in spreads of a share of so many windows."""
    names, cases = sorted(half), list[Foretold]()
    for fold in range(FOLDS):
        others = {name: half[name] for place, name in enumerate(names) if place % FOLDS != fold}
        cases += foretold({name: half[name] for name in names[fold::FOLDS]}, others)

    def misses(rule: str) -> float:
        return sum(
            abs(covers(cases, rule, level) - level) / math.sqrt(level * (1 - level)) for level in LEVELS
        )

    return min(RULES, key=misses)


def main(arguments: Sequence[str] | None = None) -> int:
    """Halve, choose, foretell and print; 1 when a claim does not hold."""
    parser = argparse.ArgumentParser(description="Coverage of forecasts on pages that chose nothing.")
    parser.add_argument("--data", type=Path, default=DATA)
    parser.add_argument("--seeds", type=int, default=10)
    options = parser.parse_args(arguments)
    accounts = histories(options.data)
    rules, said, happened = Counter[str](), list[float](), list[bool]()
    covered: dict[tuple[str, float], list[float]] = {}
    for seed in range(options.seeds):
        rng, names = random.Random(seed), sorted(accounts)
        rng.shuffle(names)
        first, second = (
            {name: accounts[name] for name in names[side : side + (len(names) + 1) // 2]}
            for side in (0, (len(names) + 1) // 2)
        )
        for counted, unseen in ((first, second), (second, first)):
            rule, cases = chosen(counted), foretold(unseen, counted)
            rules[rule] += 1
            shares = [covers(cases, rule, level) for level in LEVELS]
            print(f"seed {seed}: chose {rule}; on {len(cases)} others' windows 80 % covers {shares[0]:.1%}, "
                  f"95 % covers {shares[1]:.1%}")  # fmt: skip
            for name, used in (("chosen", rule), ("in use", IN_USE)):
                for level in LEVELS:
                    covered.setdefault((name, level), []).append(covers(cases, used, level))
            for seen, past, truth in cases:
                target = float(past[-28:].sum()) * math.exp(rng.gauss(0, 0.5))
                said.append(seen.chance(target))
                happened.append(truth >= target)
    return _told(covered, rules, np.asarray(said), np.asarray(happened, float), shared=options.seeds)


def _told(
    covered: Mapping[tuple[str, float], Sequence[float]],
    rules: Counter[str],
    said: Days,
    happened: Days,
    *,
    shared: int,
) -> int:
    print("chosen:", ", ".join(f"{rule} {count}" for rule, count in rules.most_common()))
    held = True
    for (name, level), shares in covered.items():
        low, high = (0.75, 0.85) if level == LEVELS[0] else (0.92, 0.98)
        mean = float(np.mean(shares))
        held &= _say(f"{name}: {level:.0%} covers", f"{mean:.1%}", low <= mean <= high)
    brier = float(((happened - said) ** 2).mean())
    held &= _say("Brier", f"{brier:.3f}", brier <= 0.18)
    for text, figures, claim in bins(said, happened, shared=shared):
        held &= _say(text, figures, claim)
    return 0 if held else 1


def _say(name: str, text: str, held: bool) -> bool:
    print(f"{name:34} {text:28} {'' if held else 'MISSED'}")
    return held


if __name__ == "__main__":
    sys.exit(main())
