"""How much two hours of the week have in common before any post was seen.

Arrays over the week have 168 entries, Monday 00:00 first, in wall time of the channel's zone. Values are in
noise sds: units of the scatter that posts of one hour have among themselves, in log(1 + engagement).
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]

#: Slots of a week.
WEEK = 168
#: Where the channel's level stands behind the slots in a state of 169 numbers.
LEVEL = WEEK


@dataclass(frozen=True, slots=True, kw_only=True)
class Kernel:
    """Sizes (noise sds) and lengths of the kernel's parts.

    Source: fitted on 146 public pages of 2016 (posts per hour of week, detrended). The exact shape does not
    matter within what can be measured; the nugget does, because fixed weekly shows are spikes.
    """

    #: Hour of the day, and its length on the unit circle.
    hour_sd: float = 0.16
    hour_length: float = 0.8
    #: Hour of the week, likewise.
    week_sd: float = 0.08
    week_length: float = 0.25
    #: A weekday as a whole.
    day_sd: float = 0.05
    #: Hour of the day that differs between weekend and working days.
    weekend_sd: float = 0.11
    #: The smooth parts together are multiplied by this variance factor.
    smooth_factor: float = 2.0
    #: Variance of each slot's own deviation.
    nugget: float = 0.05
    #: Variance of the level that is left when the trend is removed.
    level: float = 1.0

    def smooth(self) -> Floats:
        """Covariance of the smooth parts, shape (168, 168)."""
        hours = np.arange(WEEK)
        day, apart = hours // 24, hours[:, None] - hours[None, :]
        daily = periodic(apart, 24.0, self.hour_length)
        weekend = day >= 5
        whole = self.smooth_factor * (
            self.hour_sd**2 * daily
            + self.week_sd**2 * periodic(apart, float(WEEK), self.week_length)
            + self.day_sd**2 * (day[:, None] == day[None, :])
            + self.weekend_sd**2 * daily * (weekend[:, None] == weekend[None, :])
        )
        return np.asarray(whole)

    def covariance(self) -> Floats:
        """Prior covariance of the 168 slots and the level, shape (169, 169)."""
        whole = np.zeros((WEEK + 1, WEEK + 1))
        whole[:WEEK, :WEEK] = self.smooth() + self.nugget * np.eye(WEEK)
        whole[LEVEL, LEVEL] = self.level
        return whole


def periodic(apart: NDArray[np.int64] | Floats, period: float, length: float) -> Floats:
    """exp(-2 sin²(pi d / period) / length²): 1 at distance 0 and at every whole period."""
    return np.asarray(np.exp(-2 * np.sin(np.pi * apart / period) ** 2 / length**2))
