"""A count day by day, for charts: what happened on each day of a zone."""

from collections.abc import Sequence
from datetime import date, datetime, timedelta

from sqlmodel import Session

from analytics import outside
from analytics.scopes import ground
from domain.catalogue import definition
from domain.definition import Definition, Shape, Supplies
from domain.errors import UsageError
from domain.kpi import Scope
from domain.period import Span, day_at
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
    start, end = span.bounds(where)
    end = min(end, now + timedelta(microseconds=1))
    found = slices(
        session, entry, (start, end), workspace_id=workspace_id, scope=scope or Scope(), supplies=supplies
    )
    if found is None:
        return []
    counts: dict[date, float] = {span.first + number * _DAY: 0 for number in range(span.days)}
    for at, number in found:
        counts[day_at(max(at, start), where)] += number
    today = day_at(now, where)
    return [(day, number) for day, number in counts.items() if day <= today]


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
