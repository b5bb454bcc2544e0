"""Which figures of a day are worth an alert: single days and slow shifts together, and a rest after each.

Days are judged together over all figures (Benjamini-Hochberg), shifts by a limit that was found for each
figure from its own days. After an alert a figure rests, so that nobody hears of the same thing twice.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Final

from analytics.alarms.days import Unusual, judge_all, together
from analytics.alarms.scales import Looked, scaled
from analytics.alarms.shifts import Shift, shift_all

#: So long after an alert no other one comes of the same figure.
COOL_DOWN: Final = timedelta(days=3)
#: Days that are looked at before each.
KEPT: Final = 196
#: Hours of the day at which the day so far is compared with other days at the same hour.
LOOKS: Final = (9, 12, 15, 18, 21)
#: What a day that is not over must have: by chance less often, further away and larger than a whole one.
SO_FAR_CHANCE, SO_FAR_DEVIATIONS, SO_FAR_EFFECT = 0.0005, 5.0, 0.5
#: With fewer on a usual day by then, nothing is said before the day is over.
SO_FAR_LEAST: Final = 8.0


@dataclass(frozen=True, slots=True)
class Ring:
    """A figure that is out of the ordinary."""

    key: str
    #: None: the day by itself is not.
    day: Unusual | None = None
    #: None: the level has not shifted.
    shift: Shift | None = None

    @property
    def effect(self) -> float:
        """New by usual, less 1: of the lasting change where there is one."""
        if self.shift is not None:
            return self.shift.effect
        assert self.day is not None
        return self.day.effect


def rings(figures: Sequence[Looked]) -> list[Ring]:
    """The figures of one whole day that are out of the ordinary, in the order given.

    Args:
        figures: all that are looked at: how many there are counts in what is judged together.

    Returns:
        Also those that rang the day before: whoever asks tells what is new from what goes on (`is_news`).
    """
    scales = [scaled(one) for one in figures]
    days = _together(judge_all(figures, scales))
    return [
        Ring(one.key, days.get(place), moved)
        for place, (one, moved) in enumerate(zip(figures, shift_all(figures, scales), strict=True))
        if place in days or moved is not None
    ]


def is_news(*, days_since: int | None) -> bool:
    """Whether a ring is worth an alert of its own.

    Args:
        days_since: since the figure last rang, 1: the day before; None: it never did.
    """
    return days_since is None or days_since > COOL_DOWN.days


def rings_so_far(figures: Sequence[Looked]) -> list[Ring]:
    """As `rings`, of a day that is not over: only what is far beyond chance."""
    days = _together(judge_all(figures))
    return [Ring(figures[place].key, day) for place, day in days.items() if _is_far(day)]


def _is_far(day: Unusual) -> bool:
    return (
        day.p <= SO_FAR_CHANCE
        and day.deviations >= SO_FAR_DEVIATIONS
        and abs(day.effect) >= SO_FAR_EFFECT
        and max(day.usual, day.value) >= SO_FAR_LEAST
    )


def _together(judged: Sequence[Unusual | None]) -> dict[int, Unusual]:
    """By place, the days that ring when all are judged together."""
    known = [(place, day) for place, day in enumerate(judged) if day is not None]
    return {known[one][0]: known[one][1] for one in together([day for _, day in known])}
