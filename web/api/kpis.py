"""KPIs: what is to be reached, how it stands, and what it stood at."""

from datetime import date, datetime
from typing import Annotated

from fastapi import Query, Response
from pydantic import BaseModel, Field, StringConstraints
from sqlmodel import Session

from analytics.kpis import Standing, evaluate
from domain.definition import Direction
from domain.errors import UsageError
from domain.kpi import NAME_LENGTH, AlertRule, NewKpi, Scope, ScopeKind, TargetKind, scope_from
from domain.pace import Status
from domain.period import Every, day_at
from domain.schedule import zone
from domain.sentences import say
from domain.windowed_figures import LONGEST, key_within
from scheduler import kpis as commands
from scheduler.measuring import supplies
from store import kpis
from store.engine import reading
from store.tables import KpiReading
from web.api.base import Body, Listing, Pages, Repeatable, RowId, api_router
from web.api.shapes import FigureWithPassport, Text, figure_shown, in_pages
from web.auth import MayEdit, MaySee, Member
from web.deps import Reading, Web, WebContext

router = api_router("kpis")

Day = Annotated[date, Field(ge=date(2000, 1, 1), le=date(2199, 12, 31))]
Number = Annotated[float, Field(ge=0, le=1e15, allow_inf_nan=False)]
KpiName = Annotated[
    str,
    StringConstraints(
        strip_whitespace=True, min_length=1, max_length=NAME_LENGTH, pattern=r"^[^\x00-\x1f\x7f]+$"
    ),
]
#: Of `domain.goals.GOALS`; ``GET /kpi-goals`` lists them.
GoalKey = Annotated[str, Field(max_length=16)]
#: How often its owner looks: ``daily``, ``weekly``, ``monthly``, ``quarterly``; empty: not said.
Cadence = Annotated[str, Field(max_length=16)]


class ScopeShown(Body):
    """The whole workspace, or one channel, route or feed of it."""

    kind: ScopeKind = ScopeKind.WORKSPACE
    #: Of the channel, route or feed; null for the workspace.
    id: RowId | None = None


class NewKpiBody(Body):
    """A KPI to add; a day is a whole day in its zone."""

    name: KpiName
    #: Key of a metric or rate; ``GET /metrics`` lists them.
    metric: Annotated[str, Field(max_length=40)]
    #: Days from a click to a conversion, for figures that look for a time; null: as the key says.
    window: Annotated[int, Field(ge=1, le=LONGEST)] | None = None
    target: Number
    target_kind: TargetKind = TargetKind.ABSOLUTE
    scope: ScopeShown = Field(default_factory=ScopeShown)
    #: For a relative target: its value, or the first and last day to compute it from.
    baseline: Number | None = None
    baseline_from: Day | None = None
    baseline_to: Day | None = None
    every: Every = Every.ONCE
    direction: Direction = Direction.UP
    #: Null: today.
    starts_on: Day | None = None
    #: The last day that counts; null: it goes on (not for a target that is reached once).
    deadline: Day | None = None
    #: IANA name; null: the workspace's.
    zone: Annotated[str, Field(max_length=64)] | None = None
    why: Text = ""
    goal: GoalKey = ""
    #: The goal in your own words.
    goal_words: Text = ""
    #: Whom it is about.
    audience: Text = ""
    #: Where a baseline that is given comes from.
    baseline_source: Text = ""
    cadence: Cadence = ""
    alert_rule: AlertRule = AlertRule.AT_RISK
    #: A member of the workspace; null: whoever calls.
    owner_id: RowId | None = None


class WarnedShown(BaseModel):
    """A check against which a KPI was saved."""

    check: str
    said: str


class KpiShown(BaseModel):
    """A KPI and how it stands in its current period."""

    id: RowId
    name: str
    metric: str
    formula_version: int
    scope: ScopeShown
    scope_name: str
    target_kind: TargetKind
    #: As it was asked for: a value, or percent.
    target: float
    baseline: float | None
    baseline_from: date | None
    baseline_to: date | None
    every: Every
    direction: Direction
    starts_on: date
    deadline: date | None
    zone: str
    owner_id: RowId | None
    why: str
    goal: str
    goal_words: str
    audience: str
    baseline_source: str
    cadence: str
    alert_rule: AlertRule
    #: Checks that warned when it was saved; null: none.
    warned: list[WarnedShown] | None
    #: Raised by each change; ``GET /kpis/{id}/versions`` lists them.
    version: int
    created_at: datetime
    closed_at: datetime | None
    #: What is to be reached, in English and Indonesian.
    sentence: dict[str, str]
    #: The days of the current period.
    period_first: date
    period_last: date
    #: The value to reach in it, parts of a period taken into account.
    period_target: float
    actual: FigureWithPassport
    expected: float | None
    #: At the end of the period: the middle of what is likely, else a run-rate; null: not enough data.
    forecast: float | None
    #: The interval that holds the end 8 times in 10; null: no count, or not enough history.
    forecast_low: float | None
    forecast_high: float | None
    #: Probability of reaching the target, 0 to 1.
    chance: float | None
    status: Status


class KpiReadingShown(BaseModel):
    """What a KPI stood at when it was evaluated."""

    at: datetime
    period_start: date
    actual: float | None
    expected: float | None
    forecast: float | None
    forecast_low: float | None
    forecast_high: float | None
    chance: float | None
    status: Status
    measured: int
    in_scope: int


class KpiReadings(BaseModel):
    """The current period day by day, and how each earlier one ended; oldest first."""

    current: list[KpiReadingShown]
    ended: list[KpiReadingShown]


@router.get("/kpis")
def get_kpis(
    web: Web, session: Reading, me: MaySee, pages: Pages, closed: Annotated[bool, Query()] = False
) -> Listing[KpiShown]:
    """All open KPIs, oldest first, each as it stands now; the closed ones too with ``closed``."""
    found = commands.standings(web.context, session, me.workspace.id, closed=closed)
    return in_pages(pages, found, kpi_shown)


@router.post("/kpis", status_code=201, response_model=KpiShown)
def post_kpi(body: NewKpiBody, web: Web, me: MayEdit, once: Repeatable) -> Response:
    """Add a KPI; one that its channels cannot supply is refused with the reasons."""

    def make() -> KpiShown:
        kpi = commands.add_kpi(web.context, me.workspace.id, asked_by(body, web, me), actor=me.actor)
        web.wake()
        with reading(web.context.engine) as session:
            return kpi_shown(standing_by(session, web, me, kpi.id))

    return once.run(me, body, make)


def asked_by(body: NewKpiBody, web: WebContext, me: Member) -> NewKpi:
    """What a call asks for. Raises `UsageError` for a scope that cannot be."""
    zone_name = body.zone or me.workspace.zone
    values = body.model_dump(exclude={"scope", "zone", "starts_on", "owner_id", "window"})
    if body.window is not None:
        values["metric"] = key_within(body.metric, body.window)
    if (body.scope.kind is ScopeKind.WORKSPACE) != (body.scope.id is None):
        raise UsageError("A scope of a channel, route or feed names its id; that of the workspace has none.")
    return NewKpi(
        **values,
        scope=Scope(body.scope.kind, body.scope.id),
        zone=zone_name,
        starts_on=body.starts_on or day_at(web.context.clock(), zone(zone_name)),
        owner_id=body.owner_id or me.person.id,
    )


@router.get("/kpis/{kpi_id}")
def get_kpi(web: Web, session: Reading, me: MaySee, kpi_id: RowId) -> KpiShown:
    """One KPI as it stands now."""
    return kpi_shown(standing_by(session, web, me, kpi_id))


@router.get("/kpis/{kpi_id}/readings")
def get_readings(web: Web, session: Reading, me: MaySee, kpi_id: RowId) -> KpiReadings:
    """What a KPI stood at."""
    standing = standing_by(session, web, me, kpi_id)
    first = standing.span.first
    ended = [one for one in kpis.outcomes(session, kpi_id) if one.period_start != first]
    current = kpis.readings(session, kpi_id, period_start=first)
    return KpiReadings(current=[_reading(one) for one in current], ended=[_reading(one) for one in ended])


@router.post("/kpis/{kpi_id}/close")
def close_kpi(web: Web, me: MayEdit, kpi_id: RowId) -> KpiShown:
    """Evaluate a KPI no more; it and its readings stay."""
    with reading(web.context.engine) as session:
        name = kpis.get(session, me.workspace.id, kpi_id).name
    commands.close_kpi(web.context, me.workspace.id, name, actor=me.actor)
    with reading(web.context.engine) as session:
        return kpi_shown(standing_by(session, web, me, kpi_id))


def standing_by(session: Session, web: WebContext, me: Member, kpi_id: int) -> Standing:
    """How a KPI of the caller's workspace stands now. Raises `NotFound`."""
    kpi = kpis.get(session, me.workspace.id, kpi_id)
    able = supplies(web.context, session, me.workspace.id)
    return evaluate(session, kpi, web.context.clock(), supplies=able)


def _reading(row: KpiReading) -> KpiReadingShown:
    return KpiReadingShown.model_validate(row.model_dump())


def kpi_shown(standing: Standing) -> KpiShown:
    """A KPI as the API tells it."""
    kpi, scope = standing.kpi, scope_from(standing.kpi.scope)
    return KpiShown.model_validate(
        {
            **kpi.model_dump(exclude={"scope"}),
            "every": kpi.period,
            "scope": ScopeShown(kind=scope.kind, id=scope.id),
            "scope_name": standing.scope_name,
            "sentence": {language: say(standing.target_sentence, language) for language in ("en", "id")},
            "period_first": standing.span.first,
            "period_last": standing.span.last,
            "period_target": standing.target,
            "actual": figure_shown(standing.actual),
            "expected": standing.expected,
            "forecast": standing.forecast,
            "forecast_low": standing.prospect.low if standing.prospect else None,
            "forecast_high": standing.prospect.high if standing.prospect else None,
            "chance": standing.prospect.chance if standing.prospect else None,
            "status": standing.status,
        }
    )
