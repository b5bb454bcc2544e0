"""A count day by day, for charts: what happened on each day of a zone."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from sqlmodel import Session

from analytics import outside
from analytics.scopes import ground
from domain.catalogue import definition
from domain.definition import Definition, Shape, Supplies
from domain.errors import UsageError
from domain.kpi import Scope
from domain.period import Span, day_at, day_start
from domain.schedule import zone
from store import activity

_DAY = timedelta(days=1)


def daily(
    session: Session,
    workspace_id: int,
    key: str,
    span: Span,
    *,
    zone_name: str,
    scope: Scope | None = None,
    supplies: Supplies,
    now: datetime,
) -> list[tuple[date, float]]:
    """One pair for each day of the span that has begun, days without anything as 0.

    What a platform reported counts on the day on which it was read. Empty when no channel in
    scope supplies the count.

    Raises:
        UsageError: the figure is no count that happens, such as a rate.
    """
    entry = definition(key)
    if entry.shape is not Shape.FLOW:
        raise UsageError(f"{entry.name.en} does not happen day by day: choose a count such as clicks.")
    where = zone(zone_name)
    asked = _Asked(entry, span, where, min(span.bounds(where)[1], now + timedelta(microseconds=1)))
    if entry.outside:
        counts = _outside(session, asked, workspace_id, scope or Scope())
    else:
        counts = _of_posts(session, asked, workspace_id, scope or Scope(), supplies)
    today = day_at(now, where)
    return [(day, number) for day, number in counts.items() if day <= today]


@dataclass(frozen=True, slots=True)
class _Asked:
    """Which count, on which days of a zone, and until when it is known."""

    entry: Definition
    span: Span
    where: ZoneInfo
    end: datetime

    def days(self) -> dict[date, float]:
        """Every day, still without anything."""
        return {self.span.first + number * _DAY: 0 for number in range(self.span.days)}


def _outside(session: Session, asked: _Asked, workspace_id: int, scope: Scope) -> dict[date, float]:
    start = asked.span.bounds(asked.where)[0]
    if outside.lacking(session, asked.entry, workspace_id=workspace_id, scope=scope) is not None:
        return {}
    counts = asked.days()
    for at, number in outside.slices(
        session, asked.entry, workspace_id=workspace_id, scope=scope, start=start, end=asked.end
    ):
        counts[day_at(max(at, start), asked.where)] += number
    return counts


def _of_posts(
    session: Session, asked: _Asked, workspace_id: int, scope: Scope, supplies: Supplies
) -> dict[date, float]:
    found = ground(session, workspace_id, scope, asked.entry, supplies).scope
    if not found.channel_ids:
        return {}
    counts = asked.days()
    # Where a zone's clock skips a whole day, two begin at once: what happens then is of the later one.
    starts = {day: day_start(day, asked.where) for day in counts}
    begun = [day for day in counts if starts[day] < asked.end]
    if begun:
        edges = [*(starts[day] for day in begun), asked.end]
        numbers = activity.by_edges(session, found, asked.entry.numerator, edges)
        counts.update(zip(begun, numbers, strict=True))
    return counts


def slices(
    session: Session,
    entry: Definition,
    within: tuple[datetime, datetime],
    *,
    workspace_id: int,
    scope: Scope,
    supplies: Supplies,
) -> Sequence[tuple[datetime, float]] | None:
    """What happened when; None: nothing in scope supplies it."""
    start, end = within
    if entry.outside:
        if outside.lacking(session, entry, workspace_id=workspace_id, scope=scope) is not None:
            return None
        return outside.slices(session, entry, workspace_id=workspace_id, scope=scope, start=start, end=end)
    found = ground(session, workspace_id, scope, entry, supplies).scope
    if not found.channel_ids:
        return None
    return [
        one
        for metric in entry.numerator
        for one in activity.by_slice(session, found, metric, start=start, end=end)
    ]
