"""The past of a figure in a scope, day by day of a zone, from what was published, counted and read."""

from bisect import bisect_right
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from itertools import pairwise
from operator import itemgetter
from zoneinfo import ZoneInfo

from sqlmodel import Session

from analytics import outside
from analytics.daily import daily
from analytics.history import Family, Past, family_of
from analytics.scopes import ground
from analytics.sums import Stretch
from domain.definition import Definition, Shape, Supplies
from domain.kpi import Scope
from domain.metrics import Metric
from domain.period import Span, day_start
from domain.schedule import zone

_DAY, _WEEK = timedelta(days=1), timedelta(days=7)
#: What was read at this very moment counts too.
_MOMENT = timedelta(microseconds=1)
#: Figures of other subjects are asked for by the week; never for more weeks than this.
_MOST_WEEKS = 52
#: Between two counts of followers further apart than this, nothing is said of single days.
_SILENCE = timedelta(days=14)


@dataclass(frozen=True, slots=True)
class Asked:
    """Which figure, where, and in which zone its days begin."""

    workspace_id: int
    entry: Definition
    scope: Scope
    zone_name: str


def past_of(session: Session, asked: Asked, span: Span, *, supplies: Supplies, now: datetime) -> Past | None:
    """The figure on each day of the span from the first that had any; None: it cannot be forecast.

    The span ends today at the latest; what nobody in scope supplies has no days.
    """
    family = family_of(asked.entry)
    if family is None:
        return None
    if asked.entry.outside and asked.entry.shape is not Shape.FLOW:
        return _sampled(session, asked, span, family, now=now)
    return _BY_FAMILY[family](session, asked, span, supplies, now)


def _counts(session: Session, asked: Asked, span: Span, supplies: Supplies, now: datetime) -> Past:
    if asked.entry.shape is Shape.POSTS:
        found = _published(session, asked, span, supplies)
    else:
        found = [
            number
            for _, number in daily(
                session, asked.workspace_id, str(asked.entry.key), span, zone_name=asked.zone_name,
                scope=asked.scope, supplies=supplies, now=now,
            )
        ]  # fmt: skip
    begun = next((place for place, number in enumerate(found) if number), len(found))
    return Past(family=Family.COUNTS, first=span.first + begun * _DAY, above=found[begun:])


def _published(session: Session, asked: Asked, span: Span, supplies: Supplies) -> list[float]:
    from store import histories

    found = ground(session, asked.workspace_id, asked.scope, asked.entry, supplies).scope
    counts = histories.published(session, found, _edges(span, zone(asked.zone_name)))
    return [float(number) for number in counts]


def _edges(span: Span, where: ZoneInfo) -> list[datetime]:
    """When each day of the span begins, and when the last one ends."""
    return [day_start(span.first + place * _DAY, where) for place in range(span.days + 1)]


def _ratios(session: Session, asked: Asked, span: Span, supplies: Supplies, now: datetime) -> Past:
    from store import histories

    entry, edges = asked.entry, _edges(span, zone(asked.zone_name))
    scope = ground(session, asked.workspace_id, asked.scope, entry, supplies).scope
    above, below = [0.0] * span.days, [0.0] * span.days
    if scope.channel_ids:
        end = min(edges[-1], now + _MOMENT)
        above, below = histories.pairs(session, scope, entry, edges, end=end)
    return _from_first_denominator(span.first, above, below, entry)


def _from_first_denominator(
    first: date, above: Sequence[float], below: Sequence[float], entry: Definition
) -> Past:
    begun = next((place for place, number in enumerate(below) if number), len(below))
    return Past(
        family=Family.RATIOS,
        first=first + begun * _DAY,
        above=above[begun:],
        below=below[begun:],
        factor=float(entry.factor),
    )


def _followers(session: Session, asked: Asked, span: Span, supplies: Supplies, now: datetime) -> Past:
    """Net changes of the channels that were counted; between two counts they are spread evenly."""
    from store import histories

    where = zone(asked.zone_name)
    found = ground(session, asked.workspace_id, asked.scope, asked.entry, supplies).scope
    start, end = span.bounds(where)
    series: dict[int, list[tuple[datetime, int]]] = {}
    rows = histories.channel_series(
        session, found.channel_ids, Metric.FOLLOWERS, since=start - 4 * _WEEK, before=min(end, now + _MOMENT)
    )
    for channel_id, at, value in rows:
        series.setdefault(channel_id, []).append((at, value))
    bounds = _edges(span, where)
    bounds[-1] = min(bounds[-1], now)
    changes, begun = [0.0] * span.days, span.days
    for readings in series.values():
        counted = _without_gaps(readings)
        levels = [_level_at(counted, at) for at in bounds]
        for place, (one, other) in enumerate(pairwise(levels)):
            if one is not None and other is not None:
                changes[place] += other - one
                begun = min(begun, place)
    level = float(sum(readings[-1][1] for readings in series.values()))
    family = Family.LEVELS if asked.entry.shape is Shape.STOCK else Family.CHANGES
    return Past(family=family, first=span.first + begun * _DAY, above=changes[begun:], level=level)


def _without_gaps(readings: Sequence[tuple[datetime, int]]) -> Sequence[tuple[datetime, int]]:
    """Those since the last long silence, over which nothing is known of single days."""
    begun = 0
    for place, (one, other) in enumerate(pairwise(readings), start=1):
        if other[0] - one[0] > _SILENCE:
            begun = place
    return readings[begun:]


def _level_at(readings: Sequence[tuple[datetime, int]], at: datetime) -> float | None:
    """Between two counts in a straight line; after the last as it was; None before the first."""
    place = bisect_right(readings, at, key=itemgetter(0))
    if not place:
        return None
    when, value = readings[place - 1]
    if place == len(readings):
        return float(value)
    later, other = readings[place]
    return value + (other - value) * ((at - when) / (later - when))


_Maker = Callable[[Session, Asked, Span, Supplies, datetime], Past]
_BY_FAMILY: Mapping[Family, _Maker] = {
    Family.COUNTS: _counts,
    Family.CHANGES: _followers,
    Family.LEVELS: _followers,
    Family.RATIOS: _ratios,
}


def _sampled(session: Session, asked: Asked, span: Span, family: Family, *, now: datetime) -> Past:
    """By whole weeks that end with the span, each spread evenly over its days.

    A rate's weeks weigh as much as their denominators; where none is told, as much as its coverage counts.
    """
    where, weeks = zone(asked.zone_name), min(span.days // 7, _MOST_WEEKS)
    values: list[tuple[float, float] | None] = []
    for back in range(weeks, 0, -1):
        first = span.after - back * _WEEK
        start, end = Span(first, first + _WEEK).bounds(where)
        figure = outside.figure(
            session, asked.entry, Stretch(start, end, now), workspace_id=asked.workspace_id, scope=asked.scope
        )
        weight = figure.weight or max(1.0, float(figure.passport.coverage.measured))
        values.append(None if figure.value is None else (figure.value, weight))
    first = span.after - weeks * _WEEK
    if family is Family.RATIOS:
        factor = asked.entry.factor or 1
        above = [one[0] / factor * one[1] / 7 if one else 0.0 for one in values for _ in range(7)]
        below = [one[1] / 7 if one else 0.0 for one in values for _ in range(7)]
        return _from_first_denominator(first, above, below, asked.entry)
    return _levels(first, [one[0] if one else None for one in values], family)


def _levels(first: date, values: Sequence[float | None], family: Family) -> Past:
    """From levels at the ends of weeks to net changes; days before the second known level are left out."""
    known = [(place, value) for place, value in enumerate(values) if value is not None]
    if len(known) < 2:
        return Past(family=family, first=first + len(values) * _WEEK, above=())
    changes: list[float] = []
    for (place, value), (then, later) in pairwise(known):
        days = 7 * (then - place)
        changes += [(later - value) / days] * days
    changes += [0.0] * (7 * (len(values) - 1 - known[-1][0]))
    begun = first + (known[0][0] + 1) * _WEEK
    return Past(family=family, first=begun, above=changes, level=known[-1][1])
