"""The change of a figure, group by group and factor by factor, without a residual.

A count is, for each group, posts x the group's part of them x impressions per post x count per
impression (or count per post, where no impressions are told); a rate is the group's part of the denominator
x the group's own rate. Each group's product is split exactly by `analytics.variance`, and the effects of a
factor are added up over the groups.
"""

import math
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from analytics.variance import shapley, split

#: What groups are known by, as `store.groups` knows them.
Key = int | str | None


class Factor(StrEnum):
    """What moved a figure."""

    #: How many posts there were.
    VOLUME = "volume"
    #: To which groups they belonged.
    MIX = "mix"
    #: By how many each was seen.
    EXPOSURE = "exposure"
    #: What came of being seen; for a rate, the groups' own rates.
    RATE = "rate"
    #: What came of a post, where nobody tells by how many it was seen.
    YIELD = "yield"
    #: Counted of posts that are older than the period.
    OLDER = "older"
    #: Of what has no posts, such as followers: the group's own growth.
    GROWN = "grown"
    #: Of a product without groups: what came of each of the first.
    EACH = "each"
    #: Of a rate without groups: its numerator, and its denominator.
    ABOVE = "above"
    BELOW = "below"


@dataclass(frozen=True, slots=True)
class Cell:
    """A group in one period."""

    #: Posts; for a rate: no meaning.
    posts: float
    #: What was counted; for a rate its numerator.
    value: float
    #: Impressions of exactly these posts, None: not told of all; for a rate its denominator.
    below: float | None = None

    def times(self, factor: float) -> "Cell":
        """The same, as if the period had been ``factor`` times as long."""
        below = None if self.below is None else self.below * factor
        return Cell(self.posts * factor, self.value * factor, below)


NOTHING = Cell(0.0, 0.0)


@dataclass(frozen=True, slots=True)
class Branch:
    """What one group did."""

    key: Key
    before: Cell
    after: Cell
    #: What it added to the figure before and after; the difference is the sum of its effects, but for what
    #: the mix of all groups takes from one and gives to another.
    effects: Mapping[Factor, float]

    @property
    def effect(self) -> float:
        """What it added to the change of the whole."""
        return math.fsum(self.effects.values())


@dataclass(frozen=True, slots=True)
class Tree:
    """A change and what it is made of: the effects add up to it, and those of the groups to the effects.

    A single group has no mix.
    """

    before: float
    after: float
    effects: Mapping[Factor, float]
    #: The one that moved most first.
    branches: tuple[Branch, ...]
    #: ``lmdi``, ``shapley`` or both, as the groups needed it.
    methods: frozenset[str]

    @property
    def change(self) -> float:
        return self.after - self.before


#: By `Key`; a mapping's keys may not be narrower than it says, and words alone are keys as well.
Cells = Mapping[Any, Cell]


def of_count(before: Cells, after: Cells) -> Tree | None:
    """A count of posts by group; None: no posts in either period.

    Args:
        before, after: the groups of each period; one that is missing had no posts.
    """
    total = _posts(before), _posts(after)
    if not any(total):
        return None
    values = math.fsum(one.value for one in before.values()), math.fsum(one.value for one in after.values())
    methods: set[str] = set()
    branches = []
    for key in _keys(before, after):
        old, new = before.get(key, NOTHING), after.get(key, NOTHING)
        factors = _of_group(old, new, total)
        effects = _split(*factors, methods)
        if late := _without_posts(new) - _without_posts(old):
            effects[Factor.OLDER] = late
        # What moves from one group to another counts against what a post is worth on average.
        moved = factors[1][Factor.MIX] - factors[0][Factor.MIX]
        effects[Factor.MIX] -= moved * (values[0] + values[1]) / 2
        branches.append(Branch(key, old, new, effects))
    return _tree(values, branches, methods)


def of_rate(before: Cells, after: Cells, *, factor: float = 1.0) -> Tree | None:
    """A ratio of sums by group; None: a period without a denominator, which has no rate.

    Args:
        before, after: the groups of each period; ``value`` over ``below``.
        factor: 100 for percent.
    """
    whole = _below(before), _below(after)
    if not all(whole):
        return None
    rates = tuple(
        factor * math.fsum(one.value for one in each.values()) / below
        for each, below in zip((before, after), whole, strict=True)
    )
    methods: set[str] = set()
    branches = []
    for key in _keys(before, after):
        old, new = before.get(key, NOTHING), after.get(key, NOTHING)
        parts = (old.below or 0.0) / whole[0], (new.below or 0.0) / whole[1]
        # What moves from one group to another counts against the rate of all.
        moved = (parts[1] - parts[0]) * (rates[0] + rates[1]) / 2
        if any(not cell.below and cell.value for cell in (old, new)):
            # Something above, and nothing below: there is no rate of its own, only what it adds to the whole.
            added = factor * (new.value / whole[1] - old.value / whole[0])
            branches.append(Branch(key, old, new, {Factor.MIX: -moved, Factor.RATE: added}))
            continue
        own = _carried(_over(factor * old.value, old.below), _over(factor * new.value, new.below))
        factors = (
            {Factor.MIX: parts[0], Factor.RATE: own[0]},
            {Factor.MIX: parts[1], Factor.RATE: own[1]},
        )
        effects = _split(*factors, methods)
        effects[Factor.MIX] -= moved
        branches.append(Branch(key, old, new, effects))
    return _tree((rates[0], rates[1]), branches, methods)


def of_growth(before: Cells, after: Cells) -> Tree:
    """A sum over groups that is no product, such as followers by channel."""
    branches = [
        Branch(key, old, new, {Factor.GROWN: new.value - old.value})
        for key in _keys(before, after)
        for old, new in [(before.get(key, NOTHING), after.get(key, NOTHING))]
    ]
    values = math.fsum(one.value for one in before.values()), math.fsum(one.value for one in after.values())
    return _tree(values, branches, set())


def of_product(before: Mapping[Factor, float], after: Mapping[Factor, float]) -> Tree:
    """A product without groups, such as clicks x visits per click."""
    methods: set[str] = set()
    effects = _split(before, after, methods)
    return Tree(math.prod(before.values()), math.prod(after.values()), effects, (), frozenset(methods))


def with_older(tree: Tree | None, before: float, after: float) -> Tree:
    """The tree with what was counted of posts from before the period.

    ``before`` and ``after`` are the whole, older posts included.
    """
    inner = tree or Tree(0.0, 0.0, {}, (), frozenset())
    older = (after - before) - inner.change
    left = max(abs(before - inner.before), abs(after - inner.after))
    effects = dict(inner.effects)
    if left > 1e-9 * max(1.0, abs(before), abs(after)):
        effects[Factor.OLDER] = older
    return Tree(before, after, effects, inner.branches, inner.methods)


def _of_group(
    old: Cell, new: Cell, total: tuple[float, float]
) -> tuple[dict[Factor, float], dict[Factor, float]]:
    volume = total
    parts = _carried(_over(old.posts, total[0]), _over(new.posts, total[1]))
    found: list[tuple[Factor, tuple[float, float]]] = [(Factor.VOLUME, volume), (Factor.MIX, parts)]
    if _is_seen(old, new):
        found += [
            (Factor.EXPOSURE, _carried(_over(old.below, old.posts), _over(new.below, new.posts))),
            (Factor.RATE, _carried(_over(old.value, old.below), _over(new.value, new.below))),
        ]
    else:
        found.append((Factor.YIELD, _carried(_over(old.value, old.posts), _over(new.value, new.posts))))
    return {name: pair[0] for name, pair in found}, {name: pair[1] for name, pair in found}


def _without_posts(cell: Cell) -> float:
    """What a group without posts still came to is of posts from before."""
    return 0.0 if cell.posts else cell.value


def _is_seen(old: Cell, new: Cell) -> bool:
    """Whether impressions explain it: told wherever there were posts, and none counted without being seen."""
    there = [cell for cell in (old, new) if cell.posts]
    told = all(cell.below is not None and (cell.below > 0 or cell.value == 0) for cell in there)
    return told and any(cell.below for cell in there)


def _over(above: float | None, below: float | None) -> float | None:
    return above / below if below and above is not None else None


def _carried(old: float | None, new: float | None) -> tuple[float, float]:
    """What is not defined in one period is taken to be as in the other: it explains nothing."""
    if old is None and new is None:
        return 0.0, 0.0
    return (new if old is None else old) or 0.0, (old if new is None else new) or 0.0


def _split(
    old: Mapping[Factor, float], new: Mapping[Factor, float], methods: set[str]
) -> dict[Factor, float]:
    before = {str(name): value for name, value in old.items()}
    after = {str(name): value for name, value in new.items()}
    if min(*before.values(), *after.values()) < 0:
        methods.add("shapley")
        return {Factor(name): effect for name, effect in shapley(before, after).items()}
    found = split(before, after)
    if any(found.effects.values()):
        methods.add(found.method)
    return {Factor(name): effect for name, effect in found.effects.items()}


def _posts(cells: Cells) -> float:
    return math.fsum(one.posts for one in cells.values())


def _below(cells: Cells) -> float:
    return math.fsum(one.below or 0.0 for one in cells.values())


def _keys(*several: Cells) -> Collection[Key]:
    return dict.fromkeys(key for cells in several for key in cells)


def _tree(values: tuple[float, float], branches: list[Branch], methods: set[str]) -> Tree:
    effects: dict[Factor, float] = {}
    for name in Factor:
        parts = [one.effects[name] for one in branches if name in one.effects]
        if parts and not (name is Factor.MIX and len(branches) == 1):
            effects[name] = math.fsum(parts)
    ordered = sorted(branches, key=lambda one: -abs(one.effect))
    return Tree(*values, effects, tuple(ordered), frozenset(methods))
