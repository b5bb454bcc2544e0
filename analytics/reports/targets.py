"""How the targets stood when the period ended, and what the next period may bring."""

from collections.abc import Sequence
from datetime import timedelta

from analytics.daily import daily
from analytics.explaining.change import change
from analytics.explaining.periods import Against
from analytics.explaining.told import change_told
from analytics.kpis import Standing, evaluate
from analytics.kpis import asked as asked_of
from analytics.reports.asking import Asked
from analytics.together import Asked as Look
from analytics.together import hold
from domain.breakdown import By
from domain.catalogue import CATALOGUE
from domain.definition import Direction, Shape
from domain.kpi import Scope
from domain.pace import Status
from domain.period import Every, Span, day_at, whole
from domain.report import FigureLine, KpiLine, Proposal
from domain.schedule import zone
from domain.sentence import Sentence, Unit
from store import answers, kpis, people
from store.tables import Kpi

#: Days of history from which proposals are made.
_HISTORY = timedelta(days=182)
#: Figures for which targets are proposed where no KPI asks for another.
_PROPOSED = ("engagement", "clicks", "views", "conversions", "order_revenue", "mentions")
#: Probability of reaching what is called bold.
_BOLD = 0.2


def kpi_lines(asked: Asked) -> list[KpiLine]:
    """Each KPI that counted on some day of the period, as it stood at its end or stands now."""
    found = kpis.listed(asked.session, asked.workspace_id, closed=True)
    rows = [kpi for kpi in found if _counts(kpi, asked)]
    owners = people.names(asked.session, [row.owner_id for row in rows if row.owner_id is not None])
    looks = [_look(asked, row) for row in rows]
    with answers.kept(asked.session):
        hold(asked.session, looks, supplies=asked.supplies)
        return [_line(asked, look, owners.get(look.kpi.owner_id or 0, "")) for look in looks]


def _counts(kpi: Kpi, asked: Asked) -> bool:
    start, _ = asked.bounds
    ended = kpi.deadline is not None and kpi.deadline < asked.span.first
    closed = kpi.closed_at is not None and kpi.closed_at < start
    return kpi.starts_on < asked.span.after and not ended and not closed


def _look(asked: Asked, kpi: Kpi) -> Look:
    """The end of the period in the KPI's zone, or now."""
    where = zone(kpi.zone)
    _, end = asked.span.bounds(where)
    at = min(asked.now, end)
    day = day_at(at - timedelta(microseconds=1), where)
    return Look(kpi, at, day, compared=asked.every is Every.QUARTER)


def _line(asked: Asked, look: Look, owner: str) -> KpiLine:
    standing = evaluate(asked.session, look.kpi, look.at, supplies=asked.supplies, day=look.day)
    return _told(standing, owner, _why(asked, standing))


def _why(asked: Asked, standing: Standing) -> tuple[Sentence, ...]:
    """Of a target whose period was judged, in the report of a quarter: what its change is made of."""
    if asked.every is not Every.QUARTER or standing.status not in (Status.REACHED, Status.MISSED):
        return ()
    found = change(asked.session, standing, Against.BEFORE, By.CHANNEL, supplies=asked.supplies)
    return tuple(change_told(found, standing)) if found.tree is not None else ()


def _told(standing: Standing, owner: str, why: tuple[Sentence, ...]) -> KpiLine:
    seen = standing.prospect
    return KpiLine(
        id=standing.kpi.id,
        name=standing.kpi.name,
        metric=standing.definition.name,
        target_sentence=standing.target_sentence,
        unit=standing.definition.unit,
        currency=standing.actual.passport.currency or "",
        actual=standing.actual.value,
        target=standing.target,
        expected=standing.expected,
        low=seen.low if seen else None,
        middle=seen.middle if seen else None,
        high=seen.high if seen else None,
        chance=seen.chance if seen else None,
        status=str(standing.status),
        owner=owner,
        first=standing.span.first,
        last=standing.span.last,
        sentences=tuple(standing.sentences),
        why=why,
    )


#: States of a KPI that are good news, and those that are not.
GOOD = frozenset({Status.REACHED, Status.ON_TRACK})
BAD = frozenset({Status.MISSED, Status.BEHIND, Status.OFF_TRACK, Status.AT_RISK})


def proposals(asked: Asked, lines: Sequence[FigureLine]) -> list[Proposal]:
    """What the next period brings with a probability of 50 % and 20 %, for counts with enough history."""
    from analytics.forecast.outlook import outlook

    next_span = whole(asked.span.after, asked.every, week_start=asked.span.first.weekday())
    wanted = dict.fromkeys(_asked_for(asked) + list(_PROPOSED))
    by_key = {line.key: line for line in lines if line.value is not None}
    found = []
    for key in (key for key in wanted if key in by_key):
        days = _days(asked, key)
        if any(number < 0 for _, number in days):
            continue  # such as days with more refunds than sales
        seen = outlook([number for _, number in days], next_span.days)
        if seen is None:
            continue
        entry, line = CATALOGUE[key], by_key[key]
        assert line.value is not None
        up = entry.direction is Direction.UP
        found.append(
            Proposal(
                key=key,
                name=entry.name,
                value=line.value,
                even=_whole(seen.quantile(0.5), line.unit),
                bold=_whole(seen.quantile(1 - _BOLD if up else _BOLD), line.unit),
            )
        )
    return found


def _asked_for(asked: Asked) -> list[str]:
    """The counts that KPIs of the whole workspace ask for."""
    return [
        kpi.metric
        for kpi in kpis.listed(asked.session, asked.workspace_id)
        if asked_of(kpi).scope == Scope()
        and kpi.metric in CATALOGUE
        and CATALOGUE[kpi.metric].shape is Shape.FLOW
    ]


def _days(asked: Asked, key: str) -> list[tuple[object, float]]:
    first = asked.span.after - _HISTORY
    found = daily(
        asked.session,
        asked.workspace_id,
        key,
        Span(first, asked.span.after),
        zone_name=asked.zone_name,
        supplies=asked.supplies,
        now=asked.now,
    )
    begun = next((place for place, (_, number) in enumerate(found) if number), len(found))
    return list(found[begun:])


def _whole(value: float, unit: Unit) -> float:
    return float(round(value)) if unit is Unit.COUNT else value
