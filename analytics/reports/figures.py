"""The figures of a period beside those of the period before, and how unusual the change is.

How unusual is a rank, not a model: the share of earlier periods of the same length whose change (logarithm of
the ratio) was at least as large.
"""

import math
from collections.abc import Mapping, Sequence
from datetime import date, timedelta
from itertools import pairwise

from analytics import outside
from analytics.daily import daily
from analytics.overview import Totals, overview
from analytics.reports.asking import Asked
from analytics.sums import Stretch
from analytics.trend import trend
from domain.catalogue import CATALOGUE
from domain.definition import Definition, Direction, Shape
from domain.figure import Absence, Figure
from domain.kpi import Scope
from domain.period import Span, whole
from domain.report import FigureLine
from domain.sentence import Sentence

#: Figures whose days are drawn and whose past periods are looked at.
HEADLINES = (
    "engagement",
    "impressions",
    "views",
    "clicks",
    "visits",
    "sessions",
    "conversions",
    "revenue",
)
#: Counted apart from people.
_APART = ("_bot", "_unknown")
#: Earlier periods that are looked at, and how few say nothing.
_MOST, _FEWEST = 26, 9
#: Periods that a trend is drawn over.
_TREND = 12
_LEVEL = 0.05


def figure_lines(asked: Asked) -> list[FigureLine]:
    """Each figure of the catalogue that the workspace has, in the catalogue's order."""
    this, before = _figures(asked, asked.span), _figures(asked, asked.before)
    return [
        _line(asked, CATALOGUE[key], figure, before.get(key))
        for key, figure in this.items()
        if _is_worth(figure) and not key.endswith(_APART)
    ]


def _is_worth(figure: Figure) -> bool:
    """Figures that no channel supplies, or nobody imports, are left out: they would fill the page."""
    return figure.value is not None or figure.absence is not Absence.NOT_SUPPLIED


def _figures(asked: Asked, span: Span) -> dict[str, Figure]:
    start, end = span.bounds(asked.where)
    of_posts = overview(
        asked.session, asked.workspace_id, start, end, supplies=asked.supplies, now=asked.now
    ).total
    found = {}
    for key, entry in CATALOGUE.items():
        if entry.outside:
            if _has_outside(asked, entry):
                stretch = Stretch(start, end, asked.now)
                found[key] = outside.figure(
                    asked.session, entry, stretch, workspace_id=asked.workspace_id, scope=Scope()
                )
        elif (figure := _of_posts(of_posts, key)) is not None:
            found[key] = figure
    return found


def _has_outside(asked: Asked, entry: Definition) -> bool:
    lacking = outside.lacking(asked.session, entry, workspace_id=asked.workspace_id, scope=Scope())
    return lacking is None


def _of_posts(totals: Totals, key: str) -> Figure | None:
    """What happened in the period; of the posts published in it where only that makes sense."""
    return totals.activity.get(key) or totals.published.get(key)


def _line(asked: Asked, entry: Definition, figure: Figure, before: Figure | None) -> FigureLine:
    stamp, days = figure.passport, _days(asked, entry)
    totals = _totals(asked, days)
    steps = _steps(totals)
    covered = stamp.coverage
    values: Mapping[str, int] = {"measured": covered.measured, "in_scope": covered.in_scope}
    last = None if before is None else before.value
    return FigureLine(
        key=str(entry.key),
        name=entry.name,
        unit=entry.unit,
        formula=stamp.formula,
        version=stamp.version,
        basis=str(stamp.basis),
        coverage=Sentence(f"coverage.{entry.covers}", values),
        denominator=stamp.denominator,
        currency=stamp.currency or "",
        value=figure.value,
        before=last,
        reason=figure.reason,
        sources=stamp.sources,
        read_newest=stamp.read_newest,
        rarity=_rarity(steps),
        periods=max(0, len(steps) - 1),
        better=_better(entry, figure.value, last),
        days=_within(days, asked.span),
        days_before=_within(days, asked.before),
        slope=_slope(totals),
    )


def _better(entry: Definition, value: float | None, before: float | None) -> bool | None:
    if value is None or before is None or value == before:
        return None
    return (value > before) is (entry.direction is Direction.UP)


def _days(asked: Asked, entry: Definition) -> list[tuple[date, float]]:
    """The count of each day from the first that had any; empty for what does not happen day by day."""
    if entry.shape is not Shape.FLOW or entry.key not in HEADLINES:
        return []
    first = asked.span.first
    for _ in range(_MOST):
        first = whole(first - timedelta(days=1), asked.every, week_start=asked.span.first.weekday()).first
    found = daily(
        asked.session,
        asked.workspace_id,
        str(entry.key),
        Span(first, asked.span.after),
        zone_name=asked.zone_name,
        supplies=asked.supplies,
        now=asked.now,
    )
    begun = next((place for place, (_, number) in enumerate(found) if number), len(found))
    return found[begun:]


def _within(days: Sequence[tuple[date, float]], span: Span) -> tuple[tuple[date, float], ...]:
    return tuple((day, number) for day, number in days if span.first <= day < span.after)


def _totals(asked: Asked, days: Sequence[tuple[date, float]]) -> list[float]:
    """The total of each whole period of the past, oldest first, the one of the report last."""
    if not days:
        return []
    week_start = asked.span.first.weekday()
    sums: dict[date, float] = {}
    for day, number in days:
        first = whole(day, asked.every, week_start=week_start).first
        sums[first] = sums.get(first, 0.0) + number
    begun = min(day for day, _ in days)
    return [total for first, total in sorted(sums.items()) if first >= begun]


def _steps(totals: Sequence[float]) -> list[float]:
    """The size of each change from period to period; empty where too few periods, or one without any."""
    if len(totals) < _FEWEST + 2 or min(totals) <= 0:
        return []
    return [abs(math.log(new / old)) for old, new in pairwise(totals)]


def _rarity(steps: Sequence[float]) -> float | None:
    if not steps:
        return None
    *earlier, last = steps
    return sum(step >= last for step in earlier) / len(earlier)


def _slope(totals: Sequence[float]) -> tuple[float, float, float, float] | None:
    recent = totals[-_TREND:]
    if len(recent) < _TREND:
        return None
    found = trend(recent, remembers=True)
    if found is None or found.p > _LEVEL:
        return None
    return found.slope, found.lower, found.upper, found.p
