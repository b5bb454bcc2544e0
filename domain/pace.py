"""Whether a target will be met: what was to be expected by now, the status, and a run-rate."""

from dataclasses import dataclass
from enum import StrEnum

from domain.definition import LEVELS, Direction, Shape

#: Readings reach us hours after the fact, so a little behind the pace is on it.
TOLERANCE = 0.05
#: No forecast before this share of a period has passed.
FORECAST_FROM = 0.1
#: From this chance of reaching the target on it is on track; below the other it is off track.
LIKELY, UNLIKELY = 0.7, 0.3


class Status(StrEnum):
    """How a KPI stands in one period."""

    NOT_STARTED = "not_started"
    ON_TRACK = "on_track"
    BEHIND = "behind"
    #: By the chance of reaching the target, where there is enough history for one.
    AT_RISK = "at_risk"
    OFF_TRACK = "off_track"
    REACHED = "reached"
    MISSED = "missed"
    NO_DATA = "no_data"


@dataclass(frozen=True, slots=True, kw_only=True)
class Course:
    """One period of a KPI at one moment."""

    shape: Shape
    direction: Direction
    #: The value to reach in this period, cut periods already taken into account.
    target: float
    actual: float | None
    #: What a stock had at the start of the period; 0 for all that counts from zero.
    start_value: float | None = 0.0
    #: Share of the period that has passed, 0 to 1.
    elapsed: float
    started: bool = True
    #: Share of the way that was to be gone by now, by the channel's own weekdays; None: `elapsed`.
    due: float | None = None

    @property
    def over(self) -> bool:
        """Whether the period has ended."""
        return self.elapsed >= 1


def expected(course: Course) -> float | None:
    """The value that would be exactly on the way now.

    From the start's value to the target as the channel's own weekdays go, else in a straight line; for a rate
    the target itself, since a rate does not grow with time. None before the start, and while a stock's start
    is unknown.
    """
    if not course.started:
        return None
    if course.shape in LEVELS:
        return course.target
    if course.start_value is None:
        return None
    due = course.elapsed if course.due is None else course.due
    return course.start_value + (course.target - course.start_value) * due


def status(course: Course) -> Status:
    """How the period stands."""
    if not course.started:
        return Status.NOT_STARTED
    if course.actual is None:
        return Status.NO_DATA
    up = course.direction is Direction.UP
    met = course.actual >= course.target if up else course.actual <= course.target
    if course.over:
        return Status.REACHED if met else Status.MISSED
    return _under_way(course, course.actual, met=met)


def leaning(chance: float) -> Status:
    """What a chance of reaching the target means by itself."""
    if chance >= LIKELY:
        return Status.ON_TRACK
    return Status.AT_RISK if chance >= UNLIKELY else Status.OFF_TRACK


def settled(chance: float, *, before: Status | None, chance_before: float | None) -> Status:
    """The status by a chance that moves to and fro: it changes when two evaluations in a row say so.

    Args:
        chance: of reaching the target, as it is now.
        before: the status of the evaluation before; None: there was none in this period.
        chance_before: the chance at that evaluation; None: it had none.
    """
    now = leaning(chance)
    if before not in (Status.ON_TRACK, Status.AT_RISK, Status.OFF_TRACK) or chance_before is None:
        return now
    return now if leaning(chance_before) == now else before


def _under_way(course: Course, actual: float, *, met: bool) -> Status:
    if course.shape in LEVELS:
        return Status.ON_TRACK if met else Status.BEHIND
    if course.direction is Direction.DOWN and course.shape is not Shape.STOCK:
        return _under_a_cap(course, actual, met=met)
    if met:
        return Status.REACHED
    return Status.ON_TRACK if _keeps_pace(course, actual) else Status.BEHIND


def _under_a_cap(course: Course, actual: float, *, met: bool) -> Status:
    """A count that should stay below the target cannot come back once it is above."""
    if not met:
        return Status.MISSED
    spent = course.target * course.elapsed * (1 + TOLERANCE)
    return Status.ON_TRACK if actual <= spent else Status.BEHIND


def _keeps_pace(course: Course, actual: float) -> bool:
    due = expected(course)
    if due is None or course.start_value is None:
        return False
    way, wanted = actual - course.start_value, (due - course.start_value) * (1 - TOLERANCE)
    return way >= wanted if course.direction is Direction.UP else way <= wanted


def forecast(course: Course) -> float | None:
    """The value at the end if the rest goes as the period did so far: a run-rate, no more.

    None when too little of the period has passed to say, or nothing is known.
    """
    if course.actual is None or not course.started or course.elapsed < FORECAST_FROM:
        return None
    if course.shape in LEVELS or course.over:
        return course.actual
    if course.start_value is None:
        return None
    return course.start_value + (course.actual - course.start_value) / course.elapsed
