"""A target before it is saved, by program: five checks, its chance by the own past, what can be measured."""

from datetime import date
from typing import Annotated

from fastapi import Query
from pydantic import BaseModel

from analytics.judging import Judgement
from analytics.offered import offered
from domain.goals import GOALS
from domain.sentence import Sentence
from domain.sentences import say
from domain.smart import NAMES, Letter, Verdict
from scheduler import kpis as commands
from scheduler.measuring import supplies
from web.api.base import api_router
from web.api.kpis import NewKpiBody, asked_by
from web.api.shapes import FigureWithPassport, figure_shown
from web.auth import MayEdit, MaySee
from web.deps import Reading, Web
from web.kpi_forms import read_scope

router = api_router("kpis")

#: A sentence in both languages.
Said = dict[str, str]


class KpiCheckShown(BaseModel):
    """One of the five checks."""

    check: Letter
    name: Said
    verdict: Verdict
    reasons: list[Said]
    #: What would mend it; null: nothing needs to be.
    mend: Said | None


class PeriodChance(BaseModel):
    """The chance in one period of a recurring target."""

    first: date
    last: date
    chance: float


class PastPeriod(BaseModel):
    """What the figure was over a past period as long as the one that is asked for."""

    first: date
    last: date
    value: float


class ClimbShown(BaseModel):
    """What each week until the target must bring."""

    #: Percent a week; an amount a week where ``amount`` is true.
    weekly: float
    amount: bool
    managed: int
    weeks: int


class MovesShown(BaseModel):
    """How the figure changed from one stretch as long as the period to the next."""

    #: Percent; a difference where ``amount`` is true.
    wished: float
    amount: bool
    #: What 10, 25, 50, 75 and 90 % of the stretches did not exceed.
    quantiles: list[float]
    managed: int
    windows: int


class AttainabilityShown(BaseModel):
    """What the own past says; without a chance it is too short."""

    weeks: int
    weeks_needed: int
    chance: float | None
    low: float | None
    middle: float | None
    high: float | None
    #: Reached with a chance of 50 % and of 20 %.
    even: float | None
    bold: float | None
    climb: ClimbShown | None
    moves: MovesShown | None
    similar: list[PastPeriod]
    periods: list[PeriodChance]


class JudgementShown(BaseModel):
    """A target judged; nothing was stored."""

    #: Whether saving it would be refused.
    refused: bool
    checks: list[KpiCheckShown]
    sentence: Said | None
    baseline: float | None
    #: The figure over the last four weeks.
    lately: FigureWithPassport | None
    attainability: AttainabilityShown | None
    #: What the name leaves out, and names that leave nothing out.
    naming: list[Said]
    names: dict[str, str]


class Fitting(BaseModel):
    """A figure that the scope supplies."""

    key: str
    name: Said
    #: Whether it speaks of the goal that was asked about.
    fits: bool


class Unfit(BaseModel):
    """A figure that the scope cannot supply."""

    key: str
    name: Said
    reasons: list[Said]


class OfferedShown(BaseModel):
    """What a scope can be measured by."""

    able: list[Fitting]
    unable: list[Unfit]


class GoalShown(BaseModel):
    """A business goal."""

    key: str
    name: Said


def both(sentence: Sentence) -> Said:
    """A sentence in both languages."""
    return {language: say(sentence, language) for language in ("en", "id")}


@router.post("/kpis/check")
def check_kpi(body: NewKpiBody, web: Web, me: MayEdit) -> JudgementShown:
    """Judge a target by the five checks and the own past; nothing is stored."""
    return judgement_shown(commands.check_kpi(web.context, me.workspace.id, asked_by(body, web, me)))


@router.get("/kpi-goals")
def get_goals(me: MaySee) -> list[GoalShown]:
    """The business goals that a KPI may serve."""
    del me
    return [GoalShown(key=one.key, name={"en": one.name.en, "id": one.name.id}) for one in GOALS.values()]


@router.get("/kpi-metrics")
def get_metrics_of_scope(
    web: Web,
    session: Reading,
    me: MaySee,
    scope: Annotated[str, Query(max_length=40)] = "workspace",
    goal: Annotated[str, Query(max_length=16)] = "",
) -> OfferedShown:
    """What a scope can be measured by, those that speak of the goal first; ``scope`` as ``channel:123``."""
    able = supplies(web.context, session, me.workspace.id)
    now = web.context.clock()
    found = offered(session, me.workspace.id, read_scope(scope), supplies=able, now=now, goal=goal)
    return OfferedShown(
        able=[
            Fitting(key=str(one.key), name={"en": one.name.en, "id": one.name.id}, fits=place < found.fitting)
            for place, one in enumerate(found.able)
        ],
        unable=[
            Unfit(
                key=str(one.key),
                name={"en": one.name.en, "id": one.name.id},
                reasons=[both(reason) for reason in reasons],
            )
            for one, reasons in found.unable
        ],
    )


def judgement_shown(judged: Judgement) -> JudgementShown:
    """A judgement as the API tells it."""
    return JudgementShown(
        refused=judged.refused,
        checks=[
            KpiCheckShown(
                check=one.letter,
                name={"en": NAMES[one.letter].en, "id": NAMES[one.letter].id},
                verdict=one.verdict,
                reasons=[both(reason) for reason in one.reasons],
                mend=both(one.mend) if one.mend else None,
            )
            for one in judged.checks
        ],
        sentence=both(judged.sentence) if judged.sentence else None,
        baseline=judged.baseline,
        lately=figure_shown(judged.lately) if judged.lately else None,
        attainability=_attainability(judged),
        naming=[both(one) for one in judged.naming],
        names=judged.names,
    )


def _attainability(judged: Judgement) -> AttainabilityShown | None:
    seen = judged.attainability
    if seen is None:
        return None
    climb, moves = seen.climb, seen.moves
    return AttainabilityShown(
        weeks=seen.weeks,
        weeks_needed=seen.needed,
        chance=seen.chance,
        low=seen.low,
        middle=seen.middle,
        high=seen.high,
        even=seen.even,
        bold=seen.bold,
        climb=ClimbShown(weekly=climb.weekly, amount=climb.plain, managed=climb.managed, weeks=climb.weeks)
        if climb
        else None,
        moves=MovesShown(
            wished=moves.wished,
            amount=moves.plain,
            quantiles=list(moves.quantiles),
            managed=moves.managed,
            windows=moves.windows,
        )
        if moves
        else None,
        similar=[
            PastPeriod(first=one.span.first, last=one.span.last, value=one.value) for one in seen.similar
        ],
        periods=[
            PeriodChance(first=span.first, last=span.last, chance=chance) for span, chance in seen.periods
        ],
    )
