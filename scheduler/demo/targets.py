"""The demonstration's KPIs: one for each way in which a target can stand, with how they stood day by day.

The year's readings say nothing of the end of a period: they are judged by a straight pace alone.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from datetime import date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from domain.catalogue import CATALOGUE
from domain.definition import Definition, Direction, Shape
from domain.kpi import TargetKind, goal
from domain.pace import Course, expected, status
from domain.period import Every, Span, day_start, elapsed, span_at, spans, whole
from scheduler.demo.cast import CHANNELS, ZONE
from scheduler.demo.followers import Counts
from scheduler.demo.tally import Tally
from scheduler.demo.year import Year

#: When in the day a KPI's standing was written down, and how long after a period's end. Just before the
#: hour, since the page counts by hours, and whoever asks again later finds whole ones.
_LOOK, _AFTER = timedelta(hours=5, minutes=59, seconds=30), timedelta(minutes=5)
_DAY = timedelta(days=1)
_BASELINE_MONTHS = 3


@dataclass(frozen=True, slots=True, kw_only=True)
class Target:
    """One KPI; ``name`` may hold ``{target}``."""

    name: str
    metric: str
    why: str
    channel: str | None = None
    route: str | None = None
    every: Every = Every.ONCE
    starts_on: date
    deadline: date | None = None
    kind: TargetKind = TargetKind.ABSOLUTE
    target: float = 0.0
    baseline: float | None = None
    baseline_days: tuple[date, date] | None = None

    @property
    def definition(self) -> Definition:
        """The metric's entry in the catalogue."""
        return CATALOGUE[self.metric]

    @property
    def channels(self) -> Sequence[str]:
        """Keys of the channels in its scope."""
        return [self.channel] if self.channel else [cast.key for cast in CHANNELS]


@dataclass(frozen=True, slots=True)
class Stood:
    """How a KPI stood at one moment; the names are those of its row."""

    at: datetime
    period_start: date
    actual: float | None
    expected: float | None
    status: str
    measured: int
    in_scope: int

    def columns(self) -> dict[str, Any]:
        """As the columns of a row."""
        return asdict(self)


class Targets:
    """Chooses each target by what has happened, so that it stands as it should."""

    def __init__(self, year: Year, tally: Tally, followers: Mapping[str, Counts]) -> None:
        self._year = year
        self._tally = tally
        self._followers = followers
        self._zone = ZoneInfo(ZONE)
        self._today = year.until

    def all(self) -> Iterator[tuple[Target, list[Stood]]]:
        """Every KPI with its readings, oldest first."""
        for target in (
            self._reached(), self._on_track(), self._behind(), self._missed(),
            self._recurring(), self._relative(), self._silent(),
        ):  # fmt: skip
            named = replace(target, name=target.name.format(target=f"{target.target:,.0f}"))
            yield named, list(self._history(named))

    def _reached(self) -> Target:
        target = self._once("{target} clicks in three months", "clicks", 80, 11)
        return self._aimed(target, lambda actual, _: actual * 0.93, why="Readers who come to the site buy.")

    def _on_track(self) -> Target:
        name = "Liven up Sosial Nusantara: {target} reactions, replies and shares"
        target = self._once(name, "engagement", 100, 80, channel="sosial")
        return self._aimed(target, lambda actual, share: actual / share / 1.06, why="Talk spreads.")

    def _behind(self) -> Target:
        target = self._once("{target} followers on Spice Sky", "followers", 60, 60, channel="sky")
        first = self._start_value(target, self._span(target).bounds(self._zone)[0])

        def far(actual: float, share: float) -> float:
            return first + (actual - first) / share / 0.75

        return self._aimed(target, far, why="New readers in America.")

    def _missed(self) -> Target:
        target = self._once("{target} replies on Spice Europe", "replies", 120, -20, channel="europe")
        return self._aimed(target, lambda actual, _: actual * 1.22, why="Questions show what to write about.")

    def _recurring(self) -> Target:
        months = self._whole_months()
        target = Target(
            name="{target} visits a month", metric="visits", channel="page", every=Every.MONTH,
            starts_on=months[0].first, why="The page must earn its keep.",
        )  # fmt: skip
        recent = [self._actual(target, *month.bounds(self._zone)) or 0 for month in months[-8:]]
        return replace(target, target=_nice(sum(recent) / len(recent), digits=1))

    def _relative(self) -> Target:
        months = self._whole_months()
        before = months[:_BASELINE_MONTHS]
        days = before[0].first, before[-1].last
        target = Target(
            name="60 % more engagement a month on Spice Europe", metric="engagement", channel="europe",
            every=Every.MONTH, kind=TargetKind.RELATIVE, target=60.0, starts_on=before[-1].after,
            deadline=whole(self._today + timedelta(days=100), Every.MONTH).last, baseline_days=days,
            why="Agreed in spring with the shop in Berlin.",
        )  # fmt: skip
        of_months = [self._actual(target, *month.bounds(self._zone)) or 0 for month in before]
        return replace(target, baseline=sum(of_months) / len(of_months))

    def _silent(self) -> Target:
        name, why = "Engagement per post on exports", "The route is paused: is it worth resuming?"
        target = self._once(name, "engagement_per_post", 0, 28, route="export")
        return replace(target, target=12.0, why=why)

    def _once(
        self, name: str, metric: str, since: int, until: int, *, channel: str | None = None,
        route: str | None = None,
    ) -> Target:  # fmt: skip
        """Days before and after today."""
        return Target(
            name=name, metric=metric, channel=channel, route=route, why="",
            starts_on=self._today - since * _DAY, deadline=self._today + until * _DAY,
        )  # fmt: skip

    def _aimed(self, target: Target, choose: Callable[[float, float], float], *, why: str) -> Target:
        """With a round target chosen by the actual value and the share of the period that has passed."""
        start, end = self._span(target).bounds(self._zone)
        actual = self._actual(target, start, min(end, self._year.end)) or 0.0
        share = elapsed(self._year.end, start, end)
        return replace(target, target=_nice(choose(actual, share)), why=why)

    def _whole_months(self) -> list[Span]:
        first = whole(self._year.start.date() + 2 * _DAY, Every.MONTH).after
        found = []
        while (month := whole(first, Every.MONTH)).after <= self._today:
            found.append(month)
            first = month.after
        return found

    def _span(self, target: Target) -> Span:
        return span_at(target.starts_on, target.every, starts_on=target.starts_on, deadline=target.deadline)

    def _history(self, target: Target) -> Iterator[Stood]:
        """Every morning, and once more when a period has ended."""
        every = {"starts_on": target.starts_on, "deadline": target.deadline}
        for span in spans(target.every, until=self._today, **every):  # type: ignore[arg-type]
            start, end = span.bounds(self._zone)
            looks = [day_start(span.first + number * _DAY, self._zone) + _LOOK for number in range(span.days)]
            yield from (
                self._stood(target, span, at) for at in (*looks, end + _AFTER) if start < at < self._year.end
            )

    def _stood(self, target: Target, span: Span, at: datetime) -> Stood:
        start, end = span.bounds(self._zone)
        before = min(end, at)
        entry = target.definition
        value = goal(target.kind, target.target, baseline=target.baseline, direction=Direction.UP)
        if entry.shape is Shape.FLOW and target.every is not Every.ONCE:
            value *= span.days / whole(span.first, target.every).days
        course = Course(
            shape=entry.shape,
            direction=Direction.UP,
            target=value,
            actual=self._actual(target, start, before),
            start_value=self._start_value(target, start),
            elapsed=elapsed(at, start, end),
        )
        measured, in_scope = self._coverage(target, start, before)
        return Stood(at, span.first, course.actual, expected(course), status(course), measured, in_scope)

    def _actual(self, target: Target, start: datetime, before: datetime) -> float | None:
        match target.definition.shape:
            case Shape.STOCK:
                return float(self._followers[target.channels[0]].at(before))
            case Shape.RATE:
                return None  # nothing was published in it, and it is said so
        numerator = target.definition.numerator
        return float(self._tally.happened(target.channels, numerator, start, before))

    def _coverage(self, target: Target, start: datetime, before: datetime) -> tuple[int, int]:
        match target.definition.shape:
            case Shape.STOCK:
                return 1, 1
            case Shape.RATE:
                return 0, 0
        return self._tally.coverage(target.channels, target.definition.numerator, start, before)

    def _start_value(self, target: Target, start: datetime) -> float:
        if target.definition.shape is not Shape.STOCK:
            return 0.0
        return float(self._followers[target.channels[0]].at(start))


def kpi_columns(target: Target, scope: Mapping[str, int]) -> dict[str, Any]:
    """As the columns of a KPI's row, but for those of every row."""
    first, last = target.baseline_days or (None, None)
    return {
        "name": target.name,
        "metric": target.metric,
        "formula_version": target.definition.version,
        "scope": dict(scope),
        "target_kind": str(target.kind),
        "target": target.target,
        "baseline": target.baseline,
        "baseline_from": first,
        "baseline_to": last,
        "period": str(target.every),
        "direction": str(Direction.UP),
        "starts_on": target.starts_on,
        "deadline": target.deadline,
        "zone": ZONE,
        "why": target.why,
    }


def _nice(value: float, *, digits: int = 2) -> float:
    """A target as people set one: a digit or two, and noughts."""
    step = max(1.0, 10.0 ** (len(str(int(value))) - digits))
    return max(step, round(value / step) * step)
