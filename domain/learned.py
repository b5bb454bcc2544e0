"""What was learned of a channel's week: values with intervals, what stands behind them, and whether it is
evidence.
"""

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any

from domain.week import HOURS, WeekValues

#: Half the width of an 80 % interval, in standard deviations.
WIDTH_80 = 1.2816


@dataclass(frozen=True, slots=True, kw_only=True)
class LearnedWeek:
    """The worth of the 168 hours by wall time of ``zone``, in log engagement; the mean over the week is 0."""

    zone: str
    means: tuple[float, ...]
    sds: tuple[float, ...]
    #: Posts in each hour.
    counts: tuple[int, ...]
    #: Posts that Tabuh measured, and those that were imported.
    measured: int
    imported: int
    #: Reactions whose hour is known, from differences between readings.
    reactions: int
    #: What was counted: ``engagement``, ``clicks`` or ``views``.
    metric: str
    #: Best less median hour, with its 80 % interval, in log engagement.
    gain: tuple[float, float, float]
    #: Where the prior comes from, and when it was measured (ISO date).
    prior: str
    prior_date: str
    #: Columns (168 numbers each) of a factor of the covariance, from which draws are made.
    factors: tuple[tuple[float, ...], ...] = ()

    @property
    def posts(self) -> int:
        """Posts behind the values."""
        return self.measured + self.imported

    @property
    def has_evidence(self) -> bool:
        """Whether the best hour is surely better than the median one."""
        return self.posts > 0 and self.gain[1] > 0

    def interval(self, hour: int) -> tuple[float, float]:
        """The 80 % interval of an hour's value."""
        half = WIDTH_80 * self.sds[hour]
        return self.means[hour] - half, self.means[hour] + half

    def values(self) -> WeekValues:
        """What placing posts needs to know."""
        return WeekValues(zone=self.zone, means=self.means, sds=self.sds, posts=self.posts)

    def as_json(self) -> dict[str, Any]:
        """As it is kept."""
        return asdict(self)


def learned_from(kept: Mapping[str, Any]) -> LearnedWeek:
    """What `LearnedWeek.as_json` gave; raises ValueError where it is no week."""
    told: dict[str, Any] = {
        key: tuple(value) if isinstance(value, list) else value for key, value in kept.items()
    }
    told["factors"] = tuple(tuple(column) for column in kept.get("factors", ()))
    found = LearnedWeek(**told)
    if len(found.means) != HOURS:
        raise ValueError(f"a week has {HOURS} hours")
    return found
