"""How close to the best hours a channel gets, by the number of its posts, where the best hours are known.

    python -m benchmarks.slots [--seeds 5] [--channels 96] [--scenarios base,idio,hard,…]

One post a local day, the policy picks the hour; its greedy schedule over the next 28 days is then told as %
of the best hour of each day. Mean of fixed seeds with its spread; everything a policy knows beforehand
comes from forty other simulated channels of the platform, never from the truth. Budget: see ``BARS``.
"""

import argparse
import os
import time
from collections import defaultdict
from collections.abc import Mapping

os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")

import numpy as np

from analytics.slots.kernel import WEEK, Floats
from benchmarks.slot_policies import Known, Learned, RawMean, Uniform, learn_from_others, reactions
from benchmarks.slot_world import PLATFORMS, SCENARIOS, Scenario, World, build

AHEAD = 28
LOOKS = (30, 100, 300)
LONG = ("drift",)
#: Policy, scenario, posts: which % of the oracle at least, and least gain over the raw mean in points.
BARS = {
    ("learned", "base", 100): (95.0, 10.0),
    ("learned", "idio", 100): (92.0, 7.0),
    ("learned", "hard", 100): (88.0, 4.0),
    ("learned", "drift", 300): (89.0, None),
    ("reactions", "idio", 100): (95.0, None),
    ("reactions", "hard", 100): (94.0, 10.0),
    ("reactions", "hard", 30): (93.0, None),
}


def run(
    scenario: Scenario, policy_name: str, seed: int, channels: int, known: Mapping[str, Known]
) -> dict[tuple[int, str], Floats]:
    """% of the oracle by channel: ``ahead`` of the greedy schedule, ``so far`` of the posts; and coverage."""
    posts = 300 if scenario.name in LONG else 100
    rng = np.random.default_rng([seed, 1])
    world = build(scenario, [PLATFORMS[row % len(PLATFORMS)] for row in range(channels)], posts + 40, rng)
    mine = np.random.default_rng([seed, 3])
    policy: Uniform
    match policy_name:
        case "uniform":
            policy = Uniform(world, mine)
        case "raw mean":
            policy = RawMean(world, mine)
        case _:
            policy = Learned(world, mine, known, timed=policy_name == "reactions")
    luck = np.random.default_rng([seed, 4])
    noise = scenario.sigma * luck.standard_normal((posts, channels))
    office = luck.integers(9, 17, (posts, channels))
    rows, told = np.arange(channels), {}
    got, best = np.zeros(channels), np.zeros(channels)
    for day in range(posts):
        start = world.starts[:, day]
        value = world.value[rows[:, None], start]
        arms = world.local[rows[:, None], start]
        pick = office[day] if day < scenario.warm else policy.pick(arms, day)
        got += value[rows, pick]
        best += value.max(axis=1)
        at = start[rows, pick]
        hourly = (
            reactions(world, at, noise[day], scenario.sigma, per_post=30.0, rng=luck)
            if policy_name == "reactions"
            else None
        )
        policy.see(arms[rows, pick], np.log(value[rows, pick]) + noise[day], hourly, day)
        if day + 1 in LOOKS:
            told[day + 1, "ahead"] = _ahead(world, policy, day + 1)
            told[day + 1, "so far"] = 100 * got / best
            if isinstance(policy, Learned):
                told[day + 1, "covered"] = np.array([100 * policy.covered(_truth(world, day + 1))])
    return told


def _ahead(world: World, policy: Uniform, day: int) -> Floats:
    rows = np.arange(len(world.platforms))[:, None, None]
    start = world.starts[:, day : day + AHEAD]
    value, scores = world.value[rows, start], policy.scores()[rows, world.local[rows, start]]
    top = scores >= scores.max(axis=2, keepdims=True)
    chosen = (value * top).sum(axis=2) / top.sum(axis=2)
    return np.asarray(100 * chosen.sum(axis=1) / value.max(axis=2).sum(axis=1))


def _truth(world: World, day: int) -> Floats:
    """Mean log value of each slot of the week over the days ahead, shape (channels, 168)."""
    rows = np.arange(len(world.platforms))[:, None]
    start = world.starts[:, day : day + AHEAD].reshape(len(rows), -1)
    total, seen = np.zeros((len(rows), WEEK)), np.zeros((len(rows), WEEK))
    np.add.at(total, (rows, world.local[rows, start]), np.log(world.value[rows, start]))
    np.add.at(seen, (rows, world.local[rows, start]), 1)
    return np.asarray(total / np.maximum(seen, 1))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seeds", type=int, default=5)
    parser.add_argument("--channels", type=int, default=96)
    parser.add_argument("--scenarios", default=",".join(SCENARIOS))
    asked = parser.parse_args()
    began, missed = time.perf_counter(), []
    print(f"{asked.channels} channels, {asked.seeds} seeds; % of the best hours: mean of seeds (spread)")
    for name in asked.scenarios.split(","):
        known = [
            learn_from_others(SCENARIOS[name], np.random.default_rng([seed, 2]), 30.0)
            for seed in range(asked.seeds)
        ]
        found: dict[str, dict[tuple[int, str], list[Floats]]] = {}
        for policy in ("uniform", "raw mean", "learned", "reactions"):
            by_look: dict[tuple[int, str], list[Floats]] = defaultdict(list)
            for seed in range(asked.seeds):
                for key, values in run(SCENARIOS[name], policy, seed, asked.channels, known[seed]).items():
                    by_look[key].append(values)
            found[policy] = by_look
            print(
                f"{name:10} {policy:10} {_line(by_look, found)}  [{time.perf_counter() - began:.0f} s]",
                flush=True,
            )
        missed += _missed(name, found)
    print("\n".join(missed) if missed else "every bar is met")


def _line(
    by_look: dict[tuple[int, str], list[Floats]], found: dict[str, dict[tuple[int, str], list[Floats]]]
) -> str:
    parts = []
    for (posts, what), values in sorted(by_look.items()):
        means = [value.mean() for value in values]
        text = f"{what} {np.mean(means):.1f} ({np.std(means):.1f})"
        if what == "ahead" and "raw mean" in found:
            gain = [
                (one - raw).mean() for one, raw in zip(values, found["raw mean"][posts, what], strict=True)
            ]
            text += f" gain {np.mean(gain):+.1f}"
        parts.append(f"{posts}: {text}" if what == "ahead" else text)
    return "  ".join(parts)


def _missed(name: str, found: dict[str, dict[tuple[int, str], list[Floats]]]) -> list[str]:
    missed = []
    for (policy, scenario, posts), (least, gain) in BARS.items():
        if scenario != name:
            continue
        ahead = float(np.mean(found[policy][posts, "ahead"]))
        over = ahead - float(np.mean(found["raw mean"][posts, "ahead"]))
        if ahead < least or (gain is not None and over < gain):
            missed.append(f"missed: {policy} in {scenario} after {posts}: {ahead:.1f}, gain {over:+.1f}")
    return missed


if __name__ == "__main__":
    main()
