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

from analytics.slots.hearing import heard
from analytics.slots.kernel import WEEK, Floats, Kernel
from analytics.slots.zones import clocks, through

#: The file for platforms of which nothing was measured.
_ANY = "any"


@dataclass(frozen=True, slots=True)
class Size:
    """How far a channel may stray from its prior, and how likely that is before its first post."""

    #: Factor of the smooth covariance.
    factor: float
    #: Variance of each slot's own deviation, in noise variances.
    nugget: float
    weight: float


#: What is tried where no other channels have taught the weights: the shipped size is the likeliest.
SIZES = tuple(
    Size(factor, nugget, one * other)
    for factor, one in ((0.25, 0.25), (1.0, 0.5), (4.0, 0.25))
    for nugget, other in ((0.01, 0.25), (0.05, 0.3), (0.2, 0.3), (0.8, 0.15))
)


@dataclass(frozen=True, slots=True)
class Prior:
    """The slots before the first post, in noise sds; arrays may have leading axes."""

    #: Shape (…, 168).
    mean: Floats
    #: Covariance of a channel's own smooth deviation, scaled by the factor of a size; (…, 168, 168).
    smooth: Floats
    #: Covariance of the error of the mean, not scaled; (…, 168, 168) or a number.
    unsure: Floats | float
    sizes: tuple[Size, ...]
    #: Of one post's log result.
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
        mean, slope = through(self.curve, clocks(audience, zone, at=at))
        smooth = slope @ heard(self.kernel.smooth(), self.delay) @ slope.T
        return Prior(mean, smooth, 0.0, SIZES, self.variance)


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
