"""What each hour of the week is worth to a channel, with how sure that is."""

from dataclasses import dataclass

#: Hours of a week, Monday 00:00 first.
HOURS = 168


@dataclass(frozen=True, slots=True, kw_only=True)
class WeekValues:
    """The worth of the 168 hours of the week, by wall time in one zone.

    A post at an hour earns about ``exp(mean)`` times what it would at an hour whose mean is 0.
    """

    #: IANA.
    zone: str
    #: Posterior means, log scale.
    means: tuple[float, ...]
    #: Posterior standard deviations, the same scale.
    sds: tuple[float, ...]
    #: Posts behind them; 0: no evidence yet, all means are equal.
    posts: int

    def __post_init__(self) -> None:
        if len(self.means) != HOURS or len(self.sds) != HOURS:
            raise ValueError(f"a week has {HOURS} hours")


def neutral(zone: str) -> WeekValues:
    """No hour is known to be better than another."""
    return WeekValues(zone=zone, means=(0.0,) * HOURS, sds=(0.0,) * HOURS, posts=0)
