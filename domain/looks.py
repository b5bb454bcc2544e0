"""Which looks at a post are made when not all can be: those that compare first, then those of its youth."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from domain.metrics import CHECKPOINTS

#: Most worth first. A day and a week are what posts are compared by; an hour shows a post that takes off; the
#: last one says what it came to; the others draw the curve.
WORTH: Final[tuple[timedelta, ...]] = (
    timedelta(hours=24),
    timedelta(days=7),
    timedelta(hours=1),
    timedelta(days=3),
    timedelta(days=29),
    timedelta(hours=6),
    timedelta(minutes=15),
    timedelta(days=2),
    timedelta(days=14),
    timedelta(hours=3),
    timedelta(hours=12),
)
assert set(WORTH) == set(CHECKPOINTS)


@dataclass(frozen=True, slots=True)
class Plan:
    """The looks that each post gets until an end, and why not all."""

    #: In the order of their worth.
    looks: tuple[timedelta, ...]
    #: Reads that are left until then, and those that all looks would take.
    reads: int
    wanted: int
    until: datetime
    #: What limits them, for people, such as ``the cap of 20.00 USD a month``.
    limit: str

    @property
    def thinned(self) -> bool:
        """Whether some looks are left out."""
        return len(self.looks) < len(WORTH)

    def allows(self, checkpoint: timedelta) -> bool:
        """Whether a post is looked at at this age."""
        return checkpoint in self.looks


def demand(published: Iterable[datetime], *, now: datetime, until: datetime) -> dict[timedelta, int]:
    """How many posts come to each checkpoint in (now, until], whenever they went or go out."""
    times = list(published)
    return {age: sum(now < at + age <= until for at in times) for age in CHECKPOINTS}


def affordable(wanted: Mapping[timedelta, int], reads: int) -> tuple[timedelta, ...]:
    """The most worthy checkpoints, in order, as many as so many reads pay for; none is passed over."""
    chosen: list[timedelta] = []
    for age in WORTH:
        reads -= wanted.get(age, 0)
        if reads < 0:
            break
        chosen.append(age)
    return tuple(chosen)


def spread_out(number: int, *, now: datetime, until: datetime) -> Sequence[datetime]:
    """So many posts, evenly between now and then: those that nobody has planned yet."""
    step = (until - now) / (number + 1)
    return [now + step * (place + 1) for place in range(number)]


def tightest(plans: Iterable[Plan]) -> Plan | None:
    """The plan with the fewest looks; None: nothing limits them."""
    return min(plans, key=lambda one: (len(one.looks), one.reads), default=None)
