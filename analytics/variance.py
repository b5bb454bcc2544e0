"""Why a value changed: a product of factors split exactly into what each factor did.

Sources: B. W. Ang (2004), the logarithmic mean Divisia index; L. S. Shapley (1953) where a factor is 0.
"""

import math
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import permutations


@dataclass(frozen=True, slots=True)
class Split:
    """What each factor added to the change; the effects add up to it without a residual."""

    change: float
    effects: Mapping[str, float]
    #: ``lmdi`` or ``shapley``.
    method: str


def split(before: Mapping[str, float], after: Mapping[str, float]) -> Split:
    """Split the change of the product of the same factors, such as posts x reach per post x rate.

    Args:
        before, after: at most six factors by name, none negative.

    Returns:
        By the logarithmic mean where every factor is above 0, else by Shapley's average over all orders.

    Raises:
        ValueError: the factors differ in name, are too many, or one is negative.
    """
    names = list(before)
    if set(names) != set(after) or not 1 <= len(names) <= 6:
        raise ValueError(f"one to six factors of the same names are needed, not {names} and {list(after)}")
    old, new = [before[name] for name in names], [after[name] for name in names]
    if min(*old, *new) < 0:
        raise ValueError("a factor below 0 has no meaning here")
    change = math.prod(new) - math.prod(old)
    if min(*old, *new) > 0 and all(map(math.isfinite, effects := _lmdi(old, new))):
        return Split(change, dict(zip(names, effects, strict=True)), "lmdi")
    return Split(change, dict(zip(names, _shapley(old, new), strict=True)), "shapley")


def shapley(before: Mapping[str, float], after: Mapping[str, float]) -> Mapping[str, float]:
    """The same by Shapley's average, whatever the factors are."""
    names = list(before)
    values = _shapley([before[name] for name in names], [after[name] for name in names])
    return dict(zip(names, values, strict=True))


def _lmdi(old: Sequence[float], new: Sequence[float]) -> list[float]:
    total_old, total_new = math.prod(old), math.prod(new)
    if min(total_old, total_new, *old, *new) < sys.float_info.min:
        return [math.nan]
    same = math.isclose(total_old, total_new, rel_tol=1e-12)
    weight = total_old if same else (total_new - total_old) / (math.log(total_new) - math.log(total_old))
    # Not of the ratio, which may be too small or large for a number.
    return [weight * (math.log(after) - math.log(before)) for before, after in zip(old, new, strict=True)]


def _shapley(old: Sequence[float], new: Sequence[float]) -> list[float]:
    effects = [0.0] * len(old)
    orders = list(permutations(range(len(old))))
    for order in orders:
        state = list(old)
        value = math.prod(state)
        for place in order:
            state[place] = new[place]
            value, before = math.prod(state), value
            effects[place] += value - before
    return [effect / len(orders) for effect in effects]
