"""The frame of a simulated year: its days, its chance, its row ids, and when Tabuh itself was down."""

from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from functools import cached_property
from random import Random
from typing import Final

from domain.errors import UsageError
from domain.ids import EPOCH_MS
from scheduler.demo.cast import USUAL_PACE

LENGTH: Final = timedelta(days=365)
DAY: Final = timedelta(days=1)
#: How far the queue reaches beyond the year.
AHEAD: Final = timedelta(days=14)
#: As in `domain.ids`: milliseconds above, a number that makes ids unique below.
_SEQUENCE_BITS: Final = 22
#: The first day whose year lies after the epoch of ids, with the days that the feeds show from before it.
EARLIEST: Final = date(2025, 2, 1)
PACES: Final = (1.0, 60.0)
#: No worker ran: how long before the end of the year it began, and for how long.
_DOWN: Final = (
    (timedelta(days=268, hours=22), timedelta(hours=7)),
    (timedelta(days=9, hours=16), timedelta(hours=5)),
)


@dataclass(frozen=True, slots=True)
class Span:
    """A stretch of time with the reason why it matters."""

    start: datetime
    end: datetime

    def holds(self, at: datetime) -> bool:
        """Whether an instant lies in it."""
        return self.start <= at < self.end


@dataclass
class Year:
    """One simulated year, wholly determined by seed, last day and pace."""

    seed: int
    #: The year ends when this day begins (UTC).
    until: date
    posts_per_day: float = USUAL_PACE
    _count: int = field(default=0, repr=False)

    def __post_init__(self) -> None:
        if self.until < EARLIEST:
            raise UsageError(f"The year cannot end before {EARLIEST}: choose a later day for --until.")
        low, high = PACES
        if not low <= self.posts_per_day <= high:
            raise UsageError(f"Choose {low:g} to {high:g} posts a day.")

    @cached_property
    def end(self) -> datetime:
        """The first instant after the year, UTC."""
        return datetime.combine(self.until, time(), UTC)

    @cached_property
    def start(self) -> datetime:
        """The first instant of the year, UTC."""
        return self.end - LENGTH

    @property
    def factor(self) -> float:
        """How much faster than usual everything goes."""
        return self.posts_per_day / USUAL_PACE

    @cached_property
    def down(self) -> tuple[Span, ...]:
        """When no worker ran."""
        return tuple(Span(self.end - before, self.end - before + length) for before, length in _DOWN)

    def rng(self, *names: object) -> Random:
        """Chance of its own for each subject, so that no draw depends on what else was drawn."""
        return Random(":".join(map(str, (self.seed, *names))))  # noqa: S311 - to be repeated, not to be secret

    def new_id(self, at: datetime | float) -> int:
        """An id that sorts with the simulated time, below every id that is made from now on."""
        seconds = at.timestamp() if isinstance(at, datetime) else at
        self._count += 1
        sequence = self._count % (1 << _SEQUENCE_BITS)
        return (int(seconds * 1000) - EPOCH_MS) << _SEQUENCE_BITS | sequence

    def when_up(self, at: datetime) -> datetime:
        """The first instant from ``at`` on at which a worker ran."""
        return next((span.end for span in self.down if span.holds(at)), at)
