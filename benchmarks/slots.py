"""How close to the best hours a channel gets, by the number of its posts, where the best hours are known.

    nice python -m benchmarks.slots [--seeds 5] [--channels 96] [--scenarios base,idio,hard,…]

One post a local day, the policy picks the hour; its greedy schedule over the next 28 days is then told as %
of the best hour of each day. Mean of fixed seeds with its spread; everything a policy knows beforehand
comes from forty other simulated channels of the platform, never from the truth. Ends with every bar of
``benchmarks.slot_bars``, met or missed; exit code 1 if one is missed. Takes most of an hour on one core.
"""

import argparse
import os
import sys
import time
from collections import defaultdict
from collections.abc import Mapping
from dataclasses import replace
from functools import cache

os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")

import numpy as np

from analytics.slots.kernel import WEEK, Floats
from benchmarks.slot_bars import Found, Row, judged, table
from benchmarks.slot_policies import (
    LOOKS,
    Known,
    Learned,
    RawMean,
    Uniform,
    learn_from_others,
    reactions,
)
from benchmarks.slot_world import PLATFORMS, SCENARIOS, Scenario, World, build

AHEAD = 28
LONG = ("drift",)
POLICIES = ("uniform", "raw mean", "learned", "reactions")


def run(
    scenario: Scenario, policy_name: str, world: World, seed: int, known: Mapping[str, Known]
) -> dict[tuple[int, str], Floats]:
    """% of the oracle by channel: ``ahead`` of the greedy schedule, ``so far`` of the posts; and coverage."""
    posts, channels = _posts(scenario), len(world.platforms)
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


def _posts(scenario: Scenario) -> int:
    return 300 if scenario.name in LONG else 100


def _world(scenario: Scenario, seed: int, channels: int) -> World:
    names = [PLATFORMS[row % len(PLATFORMS)] for row in range(channels)]
    return build(scenario, names, _posts(scenario) + 40, np.random.default_rng([seed, 1]))


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
    began, rows = time.perf_counter(), list[Row]()
    print(f"{asked.channels} channels, {asked.seeds} seeds; % of the best hours: mean of seeds (spread)")
    for name in asked.scenarios.split(","):
        found: Found = {policy: defaultdict(list) for policy in POLICIES}
        for seed in range(asked.seeds):
            scenario = SCENARIOS[name]
            world, known = (
                _world(scenario, seed, asked.channels),
                _known(replace(scenario, name="", drift=False, warm=0), seed),
            )
            for policy in POLICIES:
                for key, values in run(scenario, policy, world, seed, known).items():
                    found[policy][key].append(float(values.mean()))
        for policy in POLICIES:
            print(f"{name:10} {policy:10} {_line(found, policy)}")
        print(f"{'':10} [{time.perf_counter() - began:.0f} s]", flush=True)
        rows += judged(name, found)
    print(table(rows))
    sys.exit(any(not row.met for row in rows))


@cache
def _known(others: Scenario, seed: int) -> Mapping[str, Known]:
    """What other channels teach; the same for scenarios that differ in what only the judged ones meet."""
    return learn_from_others(others, np.random.default_rng([seed, 2]), 30.0)


def _line(found: Found, policy: str) -> str:
    parts = []
    for (posts, what), values in sorted(found[policy].items()):
        text = f"{what} {np.mean(values):.1f} ({np.std(values):.1f})"
        if what == "ahead":
            gain = np.mean(np.subtract(values, found["raw mean"][posts, what]))
            text = f"{posts}: {text} gain {gain:+.1f}"
        parts.append(text)
    return "  ".join(parts)


if __name__ == "__main__":
    main()
