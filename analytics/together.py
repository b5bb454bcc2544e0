"""What many KPIs of a workspace look at, read for all of them together."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from sqlmodel import Session

from analytics import scopes
from analytics.prospects import LOOK_BACK
from domain.catalogue import CATALOGUE
from domain.definition import OF_CHANNELS, Definition, Shape, Supplies
from domain.errors import NotFound
from domain.kpi import scope_from
from domain.period import Every, Span, day_at, day_start, span_at, whole
from domain.schedule import zone
from store import activity, held_sums, kpis
from store.tables import Kpi

#: What lies farther back is summed by the database.
_FARTHEST = timedelta(days=400)
_DAY, _MOMENT = timedelta(days=1), timedelta(microseconds=1)


@dataclass(frozen=True, slots=True)
class Asked:
    """A KPI that will be evaluated: at which instant, and in its period around which day."""

    kpi: Kpi
    at: datetime
    day: date
    #: Also with the period before.
    compared: bool = False


def hold(session: Session, asked: Sequence[Asked], *, supplies: Supplies) -> None:
    """Where answers are kept: have what KPIs of one workspace look at at hand, by a few questions."""
    if not asked:
        return
    workspace_id = asked[0].kpi.workspace_id
    kpis.hold_last_readings(session, [one.kpi.id for one in asked])
    scopes.hold(session, workspace_id, {scope_from(one.kpi.scope) for one in asked})
    for one in asked:
        entry = CATALOGUE.get(one.kpi.metric)
        if entry is not None and entry.shape not in OF_CHANNELS and not entry.outside:
            _expect(session, one, entry, supplies)


def _expect(session: Session, asked: Asked, entry: Definition, supplies: Supplies) -> None:
    kpi, where = asked.kpi, zone(asked.kpi.zone)
    try:
        ground = scopes.ground(session, kpi.workspace_id, scope_from(kpi.scope), entry, supplies)
    except NotFound:  # whoever evaluates it hears of it
        return
    today = day_at(asked.at, where)
    week_start = kpis.week_start(session, kpi.workspace_id)
    span = span_at(
        asked.day, Every(kpi.period), starts_on=kpi.starts_on, deadline=kpi.deadline, week_start=week_start
    )
    known = _Known(session, ground, entry)
    bounds, until = span.bounds(where), asked.at + _MOMENT
    known.posts(since=bounds[0], before=min(bounds[1], until))
    farthest = day_start(today - _FARTHEST, where)
    # Periods that ended since the last evaluation are looked at too.
    last = kpis.last_reading(session, kpi.id)
    edges = [*bounds, asked.at, *([day_start(last.period_start, where)] if last else ())]
    if span.first <= today < span.after:  # it is forecast
        past = Span(min(span.first, today - LOOK_BACK), today + _DAY).bounds(where)
        edges += past
        known.posts(since=past[0], before=past[1] if entry.shape is Shape.POSTS else min(past[1], until))
    if asked.compared and asked.at >= bounds[1]:  # it is over, and may be told from the one before
        before = whole(span.first - _DAY, Every(kpi.period), week_start=week_start).bounds(where)
        edges += before
        known.posts(since=before[0], before=before[1])
    known.sums([one for one in edges if one >= farthest])


@dataclass(frozen=True, slots=True)
class _Known:
    """What a KPI is known to ask for."""

    session: Session
    ground: scopes.Ground
    entry: Definition

    def posts(self, *, since: datetime, before: datetime) -> None:
        """Posts that went out or were still looked at since then."""
        from store import held_posts
        from store.parts import Wanted
        from store.worth import needs

        entry, flow = self.entry, self.entry.shape is Shape.FLOW
        since = since - activity.ACTIVE if flow else since
        names = {name for one in entry.numerator for name in needs(CATALOGUE[one])} if flow else set[str]()
        if not flow and entry.numerator:
            names = needs(entry) | Wanted(frozenset(entry.read), since).names
        for scope in (self.ground.scope, self.ground.unsupplied):
            held_posts.expect(self.session, scope, names, since=since, before=before)

    def sums(self, edges: Sequence[datetime]) -> None:
        """What happened between these instants."""
        if self.entry.shape is Shape.FLOW:
            held_sums.expect(
                self.session, self.ground.scope, self.entry.numerator, since=min(edges), edges=edges
            )
