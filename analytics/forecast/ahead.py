"""What a figure of any family will come to over a period, before it begins or while it is under way."""

from datetime import date

import numpy as np

from analytics.forecast.changes import outlook_of_changes
from analytics.forecast.outlook import Outlook, Table, outlook
from analytics.forecast.ratios import Pairs, outlook_of_ratio
from analytics.history import Family, Past
from domain.period import Span


def ending(past: Past, span: Span, *, table: Table | None = None) -> Outlook | None:
    """The figure at the end of a period of which some days are still to come.

    Args:
        past: the figure's own past up to the last day that is over.
        span: the period; days of it that are in the past count as they were.
        table: scores of other histories; None: the shipped ones.

    Returns:
        None when the past is too short.

    Raises:
        ValueError: the whole period is over.
    """
    first_to_come = max(span.first, past.after)
    days, gap = (span.after - first_to_come).days, (first_to_come - past.after).days
    if days < 1:
        raise ValueError(f"the period that ends before {span.after} is over")
    done = past.within(Span(span.first, max(span.first, past.after)))
    match past.family:
        case Family.COUNTS if min(past.above, default=0.0) >= 0:
            seen = outlook(past.above, days, gap=gap, table=table)
            return seen.after(done[0]) if seen else None
        case Family.COUNTS | Family.CHANGES:
            seen = outlook_of_changes(past.above, days, gap=gap, table=table)
            return seen.after(done[0]) if seen else None
        case Family.LEVELS:
            return _level(past, span.after, table)
    pairs = Pairs(past.above, past.below)
    seen = outlook_of_ratio(pairs, days, done=done, gap=gap, table=table)
    return Outlook(seen.values * past.factor, seen.method) if seen else None


def _level(past: Past, after: date, table: Table | None) -> Outlook | None:
    """A level changes on every day until the period's end, also on those before it begins."""
    seen = outlook_of_changes(past.above, (after - past.after).days, table=table)
    return Outlook(np.maximum(seen.after(past.level).values, 0.0), seen.method) if seen else None
