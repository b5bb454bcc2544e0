"""How each watched figure went by day and hour: loaded for a whole workspace at once, shared between figures.

Counts are what happened on each day, whatever the age of the posts. Rates are what happened of the numerator
on a day by what happened of the denominator; stocks are what they have changed since the day before; scores
of surveys are what was missing from the best. Rates for each post or follower and means of posts' own rates
are judged where a KPI asks for them, by the day on which posts went out (`scheduler.post_days`): elsewhere
what moves of them is the numerator, which is judged. Figures of different people cannot be had by days.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta
from functools import cached_property
from itertools import pairwise
from typing import Final
from zoneinfo import ZoneInfo

import numpy as np
from sqlmodel import Session

from analytics import outside
from analytics.alarms.ringing import KEPT
from analytics.alarms.scales import Kind, Looked, Numbers
from analytics.daily import slices
from analytics.scopes import channels_in, post_scope
from analytics.site_figures import of_scope
from domain.catalogue import CATALOGUE
from domain.definition import Definition, Supplies
from domain.errors import TabuhError
from domain.kpi import Scope, ScopeKind
from domain.metrics import Metric
from scheduler import answer_days
from scheduler.post_days import by_day
from scheduler.watched import OF_COUNTS, OF_VISITS, Watched, watched_figures
from store import measuring, site_figures
from store.courses import Course as Slices
from store.courses import courses
from store.tables import ChannelReading, ChannelRow, Workspace
from store.values import PostScope

_DAY: Final = timedelta(days=1)
#: A stock that was not read for longer is not known in between.
_UNREAD: Final = 3


@dataclass(frozen=True, slots=True)
class Course:
    """What happened of a figure by day and hour."""

    watched: Watched
    #: Its days in a row, oldest first.
    days: Sequence[date]
    #: (days, 24) by hour of the clock; of stocks (days, 1).
    above: Numbers
    #: Of rates, as many.
    below: Numbers | None = None
    #: Of stocks: what there was at the end of the last day.
    level: float | None = None
    #: How much of the denominator counts as one event.
    event: float = 1.0

    def shown(self, ratio: float) -> float:
        """The figure as people know it, by numerator and denominator."""
        if self.watched.from_below:
            return answer_days.score(self.watched.entry.key, ratio)
        return self.watched.entry.factor * ratio

    def is_more(self, effect: float) -> bool:
        """Whether a change of what is judged is more of the figure."""
        return (effect > 0) != self.watched.from_below

    def total(self, first: int, *, until: int = 24) -> float:
        """What the days from a place on had together, of each what came before an hour of the clock."""
        return float(self.above[first:, :until].sum())

    def total_below(self, first: int) -> float:
        """The denominators of the days from a place on together."""
        assert self.below is not None
        return float(self.below[first:].sum())

    def looked(self, *, until: int = 24) -> Looked:
        """The last day beside the days before."""
        above = self.above[-KEPT - 1 :, :until].sum(axis=1).tolist()
        below = () if self.below is None else (self.below[-KEPT - 1 :].sum(axis=1) / self.event).tolist()
        return Looked(self.watched.subject, above[:-1], above[-1], self.watched.kind, below)


@dataclass
class Courses:
    """The courses of a workspace's figures over ``back`` days and the one they end with."""

    session: Session
    workspace: Workspace
    day: date
    back: int
    supplies: Supplies
    now: datetime
    #: Hours of the last day that are looked at; 24: it is over.
    until: int = 24
    _of_posts: dict[tuple[int | None, int | None], dict[tuple[int, Metric], Numbers]] = field(
        default_factory=dict
    )
    _counts: dict[Watched, Numbers | None] = field(default_factory=dict)
    _visits: dict[Scope, dict[str, Numbers]] = field(default_factory=dict)
    _rows: dict[Scope, Sequence[ChannelRow]] = field(default_factory=dict)

    def all(self, *, longer_than: int) -> list[Course]:
        """Of every figure that is watched and has more days than so many."""
        found = []
        for watched in watched_figures(self.session, self.workspace.id, whole=self.until == 24):
            try:
                course = self._course(watched)
            except TabuhError:  # a KPI's channel, route or feed is gone
                continue
            if course is not None and len(course.days) > longer_than:
                found.append(course)
        return found

    def _course(self, watched: Watched) -> Course | None:
        """None: nothing supplies it, or nothing ever happened."""
        if watched.kind is Kind.CHANGE:
            return self._stock(watched)
        if watched.of_posts:
            return self._posts(watched)
        above = below = None
        if watched.kind is Kind.COUNT:
            above = self._count(watched)
        else:
            pair = self._rate(watched)
            if pair is not None:
                above, below = pair
        return self._begun(Course(watched, self._days, above, below)) if above is not None else None

    def _begun(self, course: Course) -> Course | None:
        """The same from the first day on of which anything is known; None: there is none."""
        there = np.flatnonzero((course.above if course.below is None else course.below).any(axis=1))
        if not len(there):
            return None
        # The first day may be only a part of one.
        begun = int(there[0]) + (there[0] > 0)
        below = None if course.below is None else course.below[begun:]
        return replace(course, days=course.days[begun:], above=course.above[begun:], below=below)

    def _posts(self, watched: Watched) -> Course | None:
        """By the days on which posts went out, up to the day before: a day later they are compared."""
        where = self._ground(watched.scope, watched.entry)
        if not where.channel_ids:
            return None
        days = self._days[:-1]
        above, below, event = by_day(self.session, where, watched.entry, days, self._where)
        return self._begun(Course(watched, days, above, below, event=event))

    @cached_property
    def _days(self) -> list[date]:
        return [self.day + (number - self.back) * _DAY for number in range(self.back + 1)]

    @cached_property
    def _where(self) -> ZoneInfo:
        return ZoneInfo(self.workspace.zone)

    @cached_property
    def _within(self) -> tuple[datetime, datetime]:
        """From the first midnight to the last hour (UTC)."""
        first, last = self._days[0], self.day + _DAY if self.until == 24 else self.day
        start = datetime(first.year, first.month, first.day, tzinfo=self._where)
        end = datetime(last.year, last.month, last.day, self.until % 24, tzinfo=self._where)
        return start.astimezone(self.now.tzinfo), end.astimezone(self.now.tzinfo)

    @cached_property
    def _hours(self) -> Numbers:
        """When each hour of the clock begins, in microseconds since 1970 (UTC)."""
        walls = [
            datetime(one.year, one.month, one.day, hour, tzinfo=self._where)
            for one in self._days
            for hour in range(24)
        ]
        return np.array([round(wall.timestamp()) * 1_000_000 for wall in walls], np.int64)

    def _by_hour(self, found: Slices) -> Numbers:
        at, values = found
        # An hour that the clocks skip has no moments; one that comes twice counts as one.
        places = np.searchsorted(np.maximum.accumulate(self._hours), at, side="right") - 1
        there = (places >= 0) & (places < len(self._hours))
        hours = np.zeros(len(self._hours))
        np.add.at(hours, places[there], values[there])
        return hours.reshape(-1, 24)

    def _count(self, watched: Watched) -> Numbers | None:
        if watched not in self._counts:
            self._counts[watched] = self._of_outside(watched) if watched.entry.outside else self._sum(watched)
        return self._counts[watched]

    def _of_outside(self, watched: Watched) -> Numbers | None:
        found = slices(
            self.session, watched.entry, self._within,
            workspace_id=self.workspace.id, scope=watched.scope, supplies=self.supplies,
        )  # fmt: skip
        return self._of_moments(found) if found else None

    def _of_moments(self, found: Sequence[tuple[datetime, float]]) -> Numbers:
        at = np.array([round(one.timestamp() * 1_000_000) for one, _ in found], np.int64)
        return self._by_hour((at, np.array([number for _, number in found], float)))

    def _sum(self, watched: Watched, metrics: Sequence[Metric] | None = None) -> Numbers | None:
        """What happened of metrics of posts, on the channels that supply all that the figure needs."""
        where = self._ground(watched.scope, watched.entry)
        if not where.channel_ids:
            return None
        key = (where.route_id, where.feed_id)
        if key not in self._of_posts:
            whole = Scope() if where.whole_channels else watched.scope
            every = self._ground(whole, None)
            start, end = self._within
            loaded = courses(self.session, every, list(Metric), start=start, end=end)
            self._of_posts[key] = {name: self._by_hour(one) for name, one in loaded.items()}
        known = self._of_posts[key]
        wanted = [(one, metric) for one in where.channel_ids for metric in metrics or watched.entry.numerator]
        found: Numbers = np.zeros((len(self._days), 24))
        for name in wanted:
            if name in known:
                found = found + known[name]
        return found

    def _ground(self, scope: Scope, entry: Definition | None) -> PostScope:
        """The channels of a scope that supply a figure, or None: all of them (`analytics.scopes.ground`)."""
        if scope not in self._rows:
            looked_at = Scope() if scope.kind is ScopeKind.FEED else scope
            self._rows[scope] = channels_in(self.session, self.workspace.id, looked_at)
        rows = self._rows[scope]
        if entry is not None:
            rows = [row for row in rows if not self.supplies.lacking(row.platform, entry)]
        return post_scope(self.workspace.id, rows, self.supplies, scope)

    def _rate(self, watched: Watched) -> tuple[Numbers, Numbers] | None:
        entry = watched.entry
        if watched.from_below:
            if outside.lacking(self.session, entry, workspace_id=self.workspace.id, scope=watched.scope):
                return None
            start, end = self._within
            missing, answers = answer_days.missing_and_all(
                self.session, self.workspace.id, entry.key, start=start, end=end
            )
            return self._of_moments(missing), self._of_moments(answers)
        if entry.key in OF_VISITS:
            parts = self._of_visits(watched)
            return (parts[OF_VISITS[entry.key]], parts["number"]) if parts else None
        if entry.key in OF_COUNTS:
            above, below = (
                self._count(Watched(watched.scope, CATALOGUE[one])) for one in OF_COUNTS[entry.key]
            )
            return (above, below) if above is not None and below is not None else None
        assert entry.read_denominator is not None
        above, below = self._sum(watched), self._sum(watched, [entry.read_denominator])
        return (above, below) if above is not None and below is not None else None

    def _of_visits(self, watched: Watched) -> dict[str, Numbers]:
        if watched.scope not in self._visits:
            start, end = self._within
            of = of_scope(self.workspace.id, watched.scope)
            found = site_figures.visits_by_slice(self.session, of, start=start, end=end)
            at = np.array([round(one.timestamp() * 1_000_000) for one, _ in found], np.int64)
            names = ("number", *OF_VISITS.values()) if found else ()
            self._visits[watched.scope] = {
                name: self._by_hour((at, np.array([getattr(one, name) for _, one in found], float)))
                for name in names
            }
        return self._visits[watched.scope]

    def _stock(self, watched: Watched) -> Course | None:
        """Changes from day to day, of all channels in scope together."""
        where = self._ground(watched.scope, watched.entry)
        if not where.channel_ids or not where.whole_channels:
            return None
        [metric] = watched.entry.numerator
        levels = []
        for channel_id in sorted(where.channel_ids):
            start, end = self._within
            readings = measuring.series_of_channel(self.session, channel_id, since=start, before=end)
            levels.append(self._levels(readings.get(metric, [])))
        together: Numbers = np.sum(levels, axis=0)
        unknown = np.flatnonzero(np.isnan(together))
        begun = int(unknown[-1]) + 1 if len(unknown) else 0
        if len(together) - begun < 2:
            return None
        changes = np.diff(together[begun:])[:, None]
        return Course(watched, self._days[begun + 1 :], changes, level=float(together[-1]))

    def _levels(self, readings: Sequence[ChannelReading]) -> Numbers:
        """What a stock was at the end of each day; NaN before it is known without a gap, and in one field."""
        found = np.full(len(self._days), np.nan)
        place = {one: number for number, one in enumerate(self._days)}
        source = readings[-1].source if readings else ""
        for row in readings:
            day = row.at.astimezone(self._where).date()
            if row.source != source:
                found[:] = np.nan
            elif day in place:
                found[place[day]] = row.value
        read = np.flatnonzero(~np.isnan(found))
        for before, after in pairwise(read.tolist()):
            # What moved between two looks is spread over the days without one.
            if after - before <= _UNREAD:
                found[before : after + 1] = np.linspace(found[before], found[after], after - before + 1)
        return found
