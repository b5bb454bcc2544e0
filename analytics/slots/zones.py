"""A curve of people's week, seen from the clock of a channel whose audience lives in several zones."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from zoneinfo import ZoneInfo

import numpy as np

from analytics.slots.kernel import WEEK, Floats

_HOUR = 3600.0

#: Weights and matrices (168, 168) that read a curve on the clocks of an audience.
Clocks = Sequence[tuple[float, Floats]]


def hours_apart(zone: str, main: str, *, at: datetime) -> float:
    """How many hours the clock of ``zone`` is ahead of that of ``main`` at an instant."""
    ahead, base = (at.astimezone(ZoneInfo(name)).utcoffset() for name in (zone, main))
    assert ahead is not None
    assert base is not None
    return (ahead - base).total_seconds() / _HOUR


def shifted(hours: float) -> Floats:
    """The matrix (168, 168) that reads a curve ``hours`` later on the circle, between hours by
    interpolation.
    """
    matrix, slots = np.zeros((WEEK, WEEK)), np.arange(WEEK)
    whole, part = divmod(hours, 1.0)
    matrix[slots, (slots + int(whole)) % WEEK] += 1 - part
    matrix[slots, (slots + int(whole) + 1) % WEEK] += part
    return matrix


def clocks(audience: Mapping[str, float], main: str, *, at: datetime) -> Clocks:
    """The clocks of an audience (weights of IANA zones, scaled to sum 1); of the main zone alone if empty."""
    weights = audience or {main: 1.0}
    whole = sum(weights.values())
    return [
        (weight / whole, shifted(hours_apart(zone, main, at=at)))
        for zone, weight in weights.items()
        if weight
    ]


def through(curve: Floats, seen_by: Clocks) -> tuple[Floats, Floats]:
    """Log of the weighted sum of what a log curve says on each clock, mean 0, shape (168,); and its slope.

    The slope (168, 168) tells how the result moves with each hour of the curve.
    """
    parts = [(weight * np.exp(matrix @ curve), matrix) for weight, matrix in seen_by]
    whole = np.sum([part for part, _matrix in parts], axis=0)
    slope = np.sum([(part / whole)[:, None] * matrix for part, matrix in parts], axis=0)
    logs = np.log(whole)
    return logs - logs.mean(), slope


def through_zones(curve: Floats, audience: Mapping[str, float], main: str, *, at: datetime) -> Floats:
    """A log curve as an audience in these zones lives it, by the clock of the main zone; mean 0, (168,)."""
    return through(curve, clocks(audience, main, at=at))[0]
