"""A curve of people's week, seen from the clock of a channel whose audience lives in several zones."""

from collections.abc import Mapping
from datetime import datetime
from zoneinfo import ZoneInfo

import numpy as np

from analytics.slots.kernel import WEEK, Floats

_HOUR = 3600.0


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


def through_zones(curve: Floats, audience: Mapping[str, float], main: str, *, at: datetime) -> Floats:
    """Log of the weighted sum of what the curve says on each clock, mean 0, shape (168,).

    Args:
        curve: log values by local hour of week.
        audience: weights of IANA zones; scaled to sum 1. Empty: the main zone alone.
        main: the zone in whose week the result is told.
    """
    weights = audience or {main: 1.0}
    whole = sum(weights.values())
    mixed = sum(
        weight / whole * np.exp(shifted(hours_apart(zone, main, at=at)) @ curve)
        for zone, weight in weights.items()
    )
    logs = np.log(mixed)
    return np.asarray(logs - logs.mean())
