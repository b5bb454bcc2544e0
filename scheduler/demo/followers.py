"""How many followed each channel, counted once a day."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from scheduler.demo.cast import CHANNELS, Followers
from scheduler.demo.year import DAY, LENGTH, Year

#: The time of day of the daily look, and the day of the purge.
_LOOK = timedelta(hours=2, minutes=17)
_PURGE_DAY = 231
#: Spread of one day's change, as a share of all.
_RESTLESS = 0.0016


@dataclass(frozen=True, slots=True)
class Counts:
    """One channel's followers, day by day from the first day of the year."""

    source: str
    first_at: datetime
    values: tuple[int, ...]

    def at(self, moment: datetime) -> int:
        """The last count before a moment; the first one where there was none yet."""
        day = (moment - self.first_at) // DAY
        return self.values[min(max(day, 0), len(self.values) - 1)]


def followers(year: Year) -> dict[str, Counts]:
    """The counts of all channels that have followers, by key."""
    return {
        cast.key: Counts(cast.followers.source, year.start + _LOOK, _path(year, cast.key, cast.followers))
        for cast in CHANNELS
        if cast.followers is not None
    }


def _path(year: Year, key: str, cast: Followers) -> tuple[int, ...]:
    rng = year.rng("followers", key)
    days = LENGTH.days
    pace = (cast.last / (cast.first * (1 - cast.purged))) ** (1 / days)
    values, level = [], float(cast.first)
    for day in range(days):
        values.append(round(level))
        level *= pace
        level += rng.gauss(0, level * _RESTLESS)
        if cast.purged and day == _PURGE_DAY:
            level *= 1 - cast.purged
    return tuple(values)
