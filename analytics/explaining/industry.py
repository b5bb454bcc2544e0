"""A KPI's own value beside benchmarks of the industry: the same metric, platform and period only."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from sqlmodel import Session

from analytics.history import Past
from analytics.kpis import Standing
from analytics.scopes import channels_in, ground
from domain.benchmark import COUNTED, Measure, Place, is_stale
from domain.definition import Supplies
from domain.kpi import scope_from
from domain.period import Every, Span, day_at, whole
from domain.schedule import zone
from domain.sentence import Amount, Sentence, Unit, Value
from store import benchmarks, people
from store.tables import Benchmark


@dataclass(frozen=True, slots=True, kw_only=True)
class Beside:
    """One benchmark, and the own value beside it where the two may be compared."""

    row: Benchmark
    source_date: date
    measure: Measure
    stale: bool
    #: None: they are not the same thing.
    own: float | None = None
    place: Place | None = None
    #: Why the two are not compared.
    reason: Sentence | None = None


def beside_industry(
    session: Session, standing: Standing, past: Past | None, *, supplies: Supplies
) -> list[Beside]:
    """Every benchmark of the KPI's metric; those that may be compared first."""
    kpi = standing.kpi
    rows = benchmarks.listed(session, kpi.workspace_id, metric=str(standing.definition.key))
    if not rows:
        return []
    home = people.workspace(session, kpi.workspace_id).zone
    found = [_beside(session, standing, past, row, supplies, home) for row in rows]
    return sorted(found, key=lambda one: (one.own is None, -one.source_date.toordinal()))


def _beside(  # noqa: PLR0917 - one line for its one caller
    session: Session, standing: Standing, past: Past | None, row: Benchmark, supplies: Supplies, home: str
) -> Beside:
    measure = Measure(value=row.value, low=row.low, median=row.median, high=row.high)
    source_date = day_at(row.at, zone(home))
    stale = is_stale(source_date, day_at(standing.at, zone(standing.kpi.zone)))
    own = _own(session, standing, past, row, supplies)
    if isinstance(own, Sentence):
        return Beside(row=row, source_date=source_date, measure=measure, stale=stale, reason=own)
    place = measure.place_of(own)
    return Beside(row=row, source_date=source_date, measure=measure, stale=stale, own=own, place=place)


def _own(
    session: Session, standing: Standing, past: Past | None, row: Benchmark, supplies: Supplies
) -> float | Sentence:
    """The own value that is the same thing; a sentence: why there is none."""
    entry = standing.definition
    if row.platform:
        there = _platforms(session, standing, supplies)
        if there != {row.platform}:
            return Sentence("benchmark.other_platform", {"platform": row.platform})
    if row.currency and standing.actual.passport.currency not in (None, row.currency):
        return Sentence("benchmark.other_currency", {"currency": row.currency})
    if entry.shape in COUNTED:
        return _of_period(standing, past, row)
    if standing.actual.value is None:
        return standing.actual.reason or Sentence("absent.not_measured")
    return standing.actual.value


def _platforms(session: Session, standing: Standing, supplies: Supplies) -> frozenset[str]:
    scope, workspace_id = scope_from(standing.kpi.scope), standing.kpi.workspace_id
    if standing.definition.outside:
        return frozenset(row.platform for row in channels_in(session, workspace_id, scope))
    return ground(session, workspace_id, scope, standing.definition, supplies).platforms


def _of_period(standing: Standing, past: Past | None, row: Benchmark) -> float | Sentence:
    """The last whole period of the benchmark's length that is over."""
    every = Every(row.period)
    first = standing.span.first if standing.span.after > _today(standing) else standing.span.after
    span = _before(min(first, _today(standing)), every, week_start=standing.span.first.weekday())
    if every is not Every(standing.kpi.period):
        return Sentence("benchmark.other_period", {"period": Sentence(f"period.{every}")})
    value = past.value(span) if past is not None else None
    return Sentence("benchmark.no_period") if value is None else value


def _today(standing: Standing) -> date:
    return day_at(standing.at, zone(standing.kpi.zone))


def _before(day: date, every: Every, *, week_start: int) -> Span:
    return whole(day - timedelta(days=1), every, week_start=week_start if every is Every.WEEK else 0)


def industry_told(found: Sequence[Beside], standing: Standing) -> list[Sentence]:
    """One sentence for each benchmark that is compared."""
    return [_told(one, standing) for one in found if one.place is not None and one.own is not None]


def _told(one: Beside, standing: Standing) -> Sentence:
    assert one.place is not None
    assert one.own is not None

    def amount(value: float) -> Amount:
        return Amount(value, standing.definition.unit, _currency(one, standing))

    own: Value = amount(one.own)
    if one.row.period:
        own = Sentence(f"benchmark.last_{one.row.period}", {"own": amount(one.own)})
    values: dict[str, Value] = {"own": own, "source": one.row.source, "day": one.source_date}
    measure = one.measure
    values["low"] = amount(measure.low) if measure.low is not None else "–"
    values["high"] = amount(measure.high) if measure.high is not None else "–"
    values["middle"] = amount(measure.middle) if measure.middle is not None else "–"
    values["where"] = Sentence(f"benchmark.{one.place}", dict(values))
    values["whom"] = _whom(one.row)
    return Sentence("benchmark.said", values)


def _currency(one: Beside, standing: Standing) -> str:
    if standing.definition.unit is not Unit.MONEY:
        return ""
    return one.row.currency or standing.actual.passport.currency or ""


def _whom(row: Benchmark) -> Sentence | str:
    words = tuple(word for word in (row.industry, row.segment, row.platform) if word)
    return ", ".join(words) if words else Sentence("benchmark.all")
