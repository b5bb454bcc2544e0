"""What is believed of a channel's week before its first post: dated files per platform, weak and
replaceable.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime
from functools import cache
from importlib.resources import files

import numpy as np

from analytics.slots.kernel import WEEK, Floats, Kernel
from analytics.slots.zones import through_zones

#: The file for platforms of which nothing was measured.
_ANY = "any"


@dataclass(frozen=True, slots=True)
class Prior:
    """Mean (168,) and covariance (169, 169) in noise sds, and the variance of one post's log result."""

    mean: Floats
    covariance: Floats
    variance: float


@dataclass(frozen=True, slots=True)
class PriorFile:
    """A prior as it lies in a file: where it comes from, and its numbers."""

    platform: str
    source: str
    measured: date
    curve: Floats
    kernel: Kernel
    variance: float
    #: Share of a post's reactions by whole hours after it; sums to 1.
    delay: Floats
    delay_source: str

    def seen_from(self, zone: str, audience: Mapping[str, float], *, at: datetime) -> Prior:
        """The prior of a channel of this zone, whose audience lives in these zones (weights)."""
        mean = through_zones(self.curve, audience, zone, at=at) if audience else self.curve
        return Prior(mean, self.kernel.covariance(), self.variance)


@cache
def prior_of(platform: str) -> PriorFile:
    """The prior of a platform; that of no platform in particular when none was measured."""
    folder = files("analytics.slots").joinpath("priors")
    found = folder.joinpath(f"{platform}.json")
    if not platform.isidentifier() or not found.is_file():
        found = folder.joinpath(f"{_ANY}.json")
    told = json.loads(found.read_text(encoding="utf-8"))
    curve = np.array(told["curve"], dtype=np.float64) if told["curve"] else np.zeros(WEEK)
    delay = np.array(told["delay"], dtype=np.float64)
    return PriorFile(
        platform=platform,
        source=told["source"],
        measured=date.fromisoformat(told["measured"]),
        curve=curve - curve.mean(),
        kernel=replace(Kernel(), **told["kernel"]),
        variance=float(told["variance"]),
        delay=delay / delay.sum(),
        delay_source=told["delay_source"],
    )
