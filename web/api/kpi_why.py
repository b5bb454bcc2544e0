"""Why a KPI stands where it stands: its change as a tree, its trend, its own past."""

from datetime import date, datetime
from typing import Annotated, Any

from fastapi import Query
from pydantic import BaseModel

from analytics.explaining.looking import look
from analytics.explaining.periods import Against
from domain.breakdown import By
from scheduler.kpi_why import document
from scheduler.measuring import supplies
from web.api.base import RowId, api_router
from web.api.kpis import standing_by
from web.auth import MaySee
from web.deps import Reading, Web

router = api_router("kpis")


class StretchShown(BaseModel):
    """The days and the instants (UTC, the second excluded) of one side of a comparison."""

    first: date
    last: date
    start: datetime
    end: datetime


class EffectShown(BaseModel):
    """What one factor did; all of them add up to the change."""

    #: ``volume``, ``mix``, ``exposure``, ``rate``, ``yield``, ``older``, ``grown``, ``each``, ``above`` or
    #: ``below``.
    factor: str
    name: dict[str, str]
    effect: float


class CellShown(BaseModel):
    """A group in one period: posts, what was counted, and the impressions or the denominator of these."""

    posts: float
    value: float
    below: float | None


class CauseShown(BaseModel):
    """What one group did."""

    key: int | str | None
    name: dict[str, str]
    before: CellShown
    after: CellShown
    effects: dict[str, float]
    effect: float


class WhyChangedShown(BaseModel):
    """A figure in two periods, and what its change is made of; no effects: ``said`` has the reason."""

    against: Against
    by: By
    groupings: list[By]
    this: StretchShown | None
    other: StretchShown | None
    before: float | None
    after: float | None
    change: float | None
    #: ``lmdi``, ``shapley``; empty: a plain sum.
    methods: list[str]
    #: By what the counts of the other period were multiplied.
    scale: float
    effects: list[EffectShown]
    groups: list[CauseShown]
    said: list[dict[str, str]]


class TrendShown(BaseModel):
    """Mann and Kendall's test with Theil and Sen's slope; absent numbers: too short a past."""

    score: int | None
    variance: float | None
    z: float | None
    p: float | None
    #: What it moves in a week, and the 95 % interval of that.
    slope: float | None
    slope_low: float | None
    slope_high: float | None
    weeks: int | None
    by_weekday: bool | None
    said: list[dict[str, str]]


class PeriodShown(BaseModel):
    """An own period, as many of its days as are over of the current one."""

    first: date
    last: date
    value: float


class OwnPastShown(BaseModel):
    """Where the current value lies among the own earlier periods."""

    value: float | None
    days: int | None
    #: Share of the earlier ones that were lower, 0 to 1.
    below: float | None
    quartiles: list[float] | None
    earlier: list[PeriodShown]
    said: list[dict[str, str]]


class IndustryShown(BaseModel):
    """A benchmark of the same metric, and the own value beside it."""

    benchmark_id: RowId
    platform: str
    industry: str
    segment: str
    period: str
    value: float | None
    low: float | None
    median: float | None
    high: float | None
    source: str
    source_date: date
    stale: bool
    #: Null: the two are not compared, and ``said`` has the reason.
    own: float | None
    #: ``below_low``, ``below_median``, ``above_median``, ``above_high``, ``below``, ``above`` or ``equal``.
    place: str | None
    said: dict[str, str]


class WhyShown(BaseModel):
    """Everything that explains a KPI."""

    kpi_id: RowId
    change: WhyChangedShown
    trend: TrendShown
    past: OwnPastShown
    industry: list[IndustryShown]


@router.get("/kpis/{kpi_id}/why")
def get_why(  # noqa: PLR0917 - what a request brings
    web: Web,
    session: Reading,
    me: MaySee,
    kpi_id: RowId,
    against: Annotated[Against, Query()] = Against.BEFORE,
    by: Annotated[By, Query()] = By.CHANNEL,
) -> WhyShown:
    """Why a KPI is where it is: its change since another period, its trend, and its own past."""
    standing = standing_by(session, web, me, kpi_id)
    able = supplies(web.context, session, me.workspace.id)
    found: dict[str, Any] = document(look(session, standing, against=against, by=by, supplies=able))
    return WhyShown.model_validate(found)
