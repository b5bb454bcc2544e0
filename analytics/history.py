"""A figure's own past, day by day, in the form that forecasts need."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from enum import StrEnum

from domain.definition import Definition, Shape
from domain.period import Span

_DAY = timedelta(days=1)


class Family(StrEnum):
    """How a figure adds up over days."""

    #: Each day has a count, and a period their sum.
    COUNTS = "counts"
    #: Each day has a net change, and a period their sum; both may be negative.
    CHANGES = "changes"
    #: Each day has a net change; a period has the level at its end.
    LEVELS = "levels"
    #: Each day has a numerator and a denominator, and a period the ratio of their sums.
    RATIOS = "ratios"


#: The family of each shape that can be forecast.
FAMILIES = {
    Shape.FLOW: Family.COUNTS,
    Shape.POSTS: Family.COUNTS,
    Shape.GROWTH: Family.CHANGES,
    Shape.STOCK: Family.LEVELS,
    Shape.RATE: Family.RATIOS,
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Past:
    """Consecutive days of a figure, oldest first."""

    family: Family
    first: date
    #: The count, the net change or the numerator of each day.
    above: Sequence[float]
    #: The denominator of each day; empty where there is none.
    below: Sequence[float] = ()
    #: What a level was at the end of the last day.
    level: float = 0.0
    #: 100 for percent.
    factor: float = 1.0

    @property
    def after(self) -> date:
        """The day behind the last."""
        return self.first + len(self.above) * _DAY

    @property
    def weeks(self) -> int:
        """Whole weeks; for a rate those that had a denominator."""
        if self.family is not Family.RATIOS:
            return len(self.above) // 7
        start = len(self.below) % 7
        return sum(sum(self.below[place : place + 7]) > 0 for place in range(start, len(self.below), 7))

    def until(self, day: date) -> "Past":
        """The days before ``day``."""
        days = max(0, min(len(self.above), (day - self.first).days))
        left = sum(self.above[days:]) if self.family is Family.LEVELS else 0.0
        return replace(self, above=self.above[:days], below=self.below[:days], level=self.level - left)

    def within(self, span: Span) -> tuple[float, float]:
        """The sums of both sides over the days of the span that are there."""
        low = max(0, (span.first - self.first).days)
        high = max(low, (span.after - self.first).days)
        return float(sum(self.above[low:high])), float(sum(self.below[low:high]))

    def value(self, span: Span) -> float | None:
        """What the figure was over whole days; None: some of them are not there, or no denominator is."""
        if span.first < self.first or span.after > self.after:
            return None
        above, below = self.within(span)
        if self.family is Family.RATIOS:
            return self.factor * above / below if below > 0 else None
        if self.family is Family.LEVELS:
            return self.level - sum(self.above[(span.after - self.first).days :])
        return above

    def reached(self, low: int, high: int) -> float | None:
        """`value` over the days of these places, the second excluded."""
        return self.value(Span(self.first + low * _DAY, self.first + high * _DAY))


def family_of(definition: Definition) -> Family | None:
    """How the figure adds up; None: never, and so it cannot be forecast."""
    return FAMILIES.get(definition.shape)
