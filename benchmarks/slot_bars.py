"""What learned slots must reach in the simulator, and whether they did."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

import numpy as np

#: Means of channels by policy, then by (posts, what), one for each seed.
Found = Mapping[str, dict[tuple[int, str], list[float]]]

#: Policy, scenario, posts: % of the best hours at least.
AHEAD = {
    ("learned", "base", 100): 95.0,
    ("learned", "idio", 100): 92.0,
    ("learned", "hard", 100): 88.0,
    ("learned", "drift", 300): 89.0,
    ("reactions", "idio", 100): 95.0,
    ("reactions", "hard", 100): 94.0,
    ("reactions", "hard", 30): 93.0,
    ("reactions", "drift", 300): 89.0,
}
#: Likewise: points above the raw hour-of-week mean at least, channel by channel.
GAIN = {
    ("learned", "base", 100): 10.0,
    ("learned", "idio", 100): 7.0,
    ("learned", "hard", 100): 4.0,
    ("reactions", "hard", 100): 10.0,
}
#: Likewise: % of the best hours that the posts so far have earned.
SO_FAR = {("learned", "idio", 100): 90.0, ("reactions", "idio", 100): 90.0}
#: Points below any hour that are allowed, in every scenario and at every look.
BELOW_UNIFORM = 1.0
#: Share of true values that 80 % intervals hold, %, in every scenario and at every look.
COVERED = (75.0, 85.0)


@dataclass(frozen=True, slots=True)
class Row:
    """One bar: what is asked, and the mean of seeds with its spread."""

    what: str
    asked: str
    mean: float
    spread: float
    met: bool


def judged(scenario: str, found: Found) -> list[Row]:
    """The bars of a scenario."""
    rows = []
    for bars, what, told in ((AHEAD, "ahead", "of the best hours"), (SO_FAR, "so far", "earned so far")):
        for (policy, name, posts), least in bars.items():
            if name == scenario:
                values = found[policy][posts, what]
                rows.append(_least(f"{scenario}, {policy}, {posts} posts: % {told}", values, least))
    for (policy, name, posts), least in GAIN.items():
        if name == scenario:
            values = _over(found, policy, "raw mean", posts)
            rows.append(
                _least(f"{scenario}, {policy}, {posts} posts: points over the raw mean", values, least)
            )
    for policy in ("learned", "reactions"):
        rows += _everywhere(scenario, policy, found)
    return rows


def _everywhere(scenario: str, policy: str, found: Found) -> Iterator[Row]:
    for posts, what in sorted(found[policy]):
        if what == "ahead":
            over = _over(found, policy, "uniform", posts)
            yield _least(f"{scenario}, {policy}, {posts} posts: points over any hour", over, -BELOW_UNIFORM)
        if what == "covered":
            values = found[policy][posts, what]
            mean, (low, high) = float(np.mean(values)), COVERED
            name = f"{scenario}, {policy}, {posts} posts: 80 % intervals hold, %"
            yield Row(name, f"{low:.0f} to {high:.0f}", mean, float(np.std(values)), low <= mean <= high)


def _over(found: Found, policy: str, other: str, posts: int) -> list[float]:
    pairs = zip(found[policy][posts, "ahead"], found[other][posts, "ahead"], strict=True)
    return [one - base for one, base in pairs]


def _least(what: str, values: list[float], least: float) -> Row:
    mean = float(np.mean(values))
    return Row(what, f">= {least:.0f}", mean, float(np.std(values)), mean >= least)


def table(rows: list[Row]) -> str:
    """The bars as text, and how many are missed."""
    lines = [
        f"{row.what:62} {row.asked:>9} {row.mean:7.1f} ({row.spread:.1f})  {'met' if row.met else 'MISSED'}"
        for row in rows
    ]
    missed = sum(not row.met for row in rows)
    return "\n".join([*lines, f"{len(rows)} bars, {missed} missed"])
