"""A target before it is saved: what speaks against it, its baseline, five checks, chance and name."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlmodel import Session

from analytics.attainable import Attainability, Wish, attainable
from analytics.baselines import baseline_of, refusals
from analytics.offered import lately
from analytics.pasts import Asked, past_of
from analytics.scopes import scope_name
from domain.catalogue import CATALOGUE
from domain.chances import chance_words
from domain.definition import Definition, Direction, Supplies
from domain.figure import Figure
from domain.kpi import KpiRefused, NewKpi, goal, target_sentence
from domain.naming import lint, suggested
from domain.period import Every, Span, day_at, span_at, whole
from domain.schedule import zone
from domain.sentence import Amount, Sentence, Unit, Value
from domain.smart import Check, Evidence, checks, failed
from store import kpis

#: How far back the own past is looked at.
_LOOK_BACK = timedelta(days=756)
#: Periods of a recurring target that are judged.
_PERIODS = 6


@dataclass(frozen=True, slots=True, kw_only=True)
class Judgement:
    """All that can be said of a target before it is saved."""

    new: NewKpi
    definition: Definition | None
    checks: Sequence[Check]
    #: For one whole period; None: absolute, or it cannot be had.
    baseline: float | None
    currency: str = ""
    #: What is to be reached; None: something needed for it is missing.
    sentence: Sentence | None = None
    attainability: Attainability | None = None
    #: The figure over the last four weeks.
    lately: Figure | None = None
    #: Names that leave nothing out, by language.
    names: dict[str, str]
    #: What the name leaves out.
    naming: Sequence[Sentence]
    #: What the own past says, sentence by sentence.
    past: Sequence[Sentence]

    @property
    def refused(self) -> bool:
        """Whether it cannot be saved."""
        return failed(self.checks)


def judge(
    session: Session,
    workspace_id: int,
    new: NewKpi,
    *,
    supplies: Supplies,
    now: datetime,
    kpi_id: int | None = None,
) -> Judgement:
    """Judge a target; nothing is stored.

    Args:
        session: a reading session.
        workspace_id: whose it is.
        new: what is asked for.
        supplies: what the platforms can give.
        now: the current instant.
        kpi_id: the KPI that is changed; None: a new one.

    Raises:
        UsageError: its time zone is unknown.
        NotFound: its scope is not in this workspace.
    """
    today = day_at(now, zone(new.zone))
    reasons = refusals(session, workspace_id, new, supplies=supplies, now=now, kpi_id=kpi_id)
    definition, baseline = CATALOGUE.get(new.metric), None
    if not reasons:
        try:
            baseline = baseline_of(session, workspace_id, new, supplies=supplies, now=now)
        except KpiRefused as error:
            reasons = list(error.reasons)
    look = None if reasons or definition is None else _Look(session, workspace_id, definition, supplies, now)
    seen = look.lately(new) if look else None
    currency = (seen.passport.currency or "") if seen else ""
    judged = look.attainability(new, baseline) if look else None
    told = _Told(definition, currency).past(judged) if judged and definition else ()
    place = scope_name(session, workspace_id, new.scope)
    naming, sentence, target = lint(new.name, new, definition), None, None
    if definition is not None and not reasons:
        sentence = target_sentence(definition, new, baseline=baseline, scope_name=place, currency=currency)
        target = goal(new.target_kind, new.target, baseline=baseline, direction=new.direction)
    known = Evidence(
        new=new,
        definition=definition,
        refusals=reasons,
        naming=naming,
        coverage=seen.passport.coverage if seen else None,
        target=target,
        chance=judged.chance if judged else None,
        past=tuple(told),
        even=_Told(definition, currency).amount(judged.even) if judged and definition else None,
        bold=_Told(definition, currency).amount(judged.bold) if judged and definition else None,
        today=today,
    )
    return Judgement(
        new=new,
        definition=definition,
        checks=checks(known),
        baseline=baseline,
        currency=currency,
        sentence=sentence,
        attainability=judged,
        lately=seen,
        names=_names(new, definition, place, currency),
        naming=naming,
        past=told,
    )


def _names(new: NewKpi, definition: Definition | None, place: str, currency: str) -> dict[str, str]:
    if definition is None:
        return {}
    return {
        language: suggested(new, definition, scope_name=place, currency=currency, language=language)
        for language in ("en", "id")
    }


@dataclass(frozen=True, slots=True)
class _Look:
    """One look at the own past of a figure."""

    session: Session
    workspace_id: int
    definition: Definition
    supplies: Supplies
    now: datetime

    def lately(self, new: NewKpi) -> Figure:
        return lately(
            self.session, self.workspace_id, self.definition, new.scope, supplies=self.supplies, now=self.now
        )

    def attainability(self, new: NewKpi, baseline: float | None) -> Attainability:
        today = day_at(self.now, zone(new.zone))
        asked = Asked(self.workspace_id, self.definition, new.scope, new.zone)
        span = Span(today - _LOOK_BACK, today)
        past = past_of(self.session, asked, span, supplies=self.supplies, now=self.now)
        wishes = self._wishes(new, baseline)
        # A part of a period stands for no other: the first whole one is judged, if there is one.
        week_start = kpis.week_start(self.session, self.workspace_id)
        whole_ones = [
            one for one in wishes if one.span == whole(one.span.first, new.every, week_start=week_start)
        ]
        judged = (whole_ones if new.every is not Every.ONCE and whole_ones else wishes)[0]
        return attainable(past if past and past.above else None, judged, periods=wishes)

    def _wishes(self, new: NewKpi, baseline: float | None) -> list[Wish]:
        """The first period that is not over yet, and those behind it; a part has a part of the target."""
        week_start = kpis.week_start(self.session, self.workspace_id)
        target = goal(new.target_kind, new.target, baseline=baseline, direction=new.direction)
        day, found = max(new.starts_on, day_at(self.now, zone(new.zone))), list[Wish]()
        while len(found) < _PERIODS and (new.deadline is None or day <= new.deadline):
            span = span_at(
                day, new.every, starts_on=new.starts_on, deadline=new.deadline, week_start=week_start
            )
            share = 1.0
            if self.definition.additive and new.every is not Every.ONCE:
                share = span.days / whole(span.first, new.every, week_start=week_start).days
            found.append(Wish(span, target * share, new.direction, self.definition))
            day = span.after
            if new.every is Every.ONCE:
                break
        return found


@dataclass(frozen=True, slots=True)
class _Told:
    """The own past in sentences."""

    definition: Definition | None
    currency: str

    def amount(self, value: float | None) -> Amount | None:
        """In the figure's unit; counts are whole for people."""
        return None if value is None else self._amount(value)

    def _amount(self, value: float) -> Amount:
        assert self.definition is not None
        unit = self.definition.unit
        counted = unit is Unit.COUNT
        return Amount(
            float(round(value)) if counted else value, unit, self.currency if unit is Unit.MONEY else ""
        )

    def _signed(self, value: float, *, plain: bool) -> Sentence:
        size = self._amount(abs(value)) if plain else Amount(round(abs(value), 1), Unit.PERCENT)
        return Sentence("signed.minus" if value < 0 else "signed.plus", {"amount": size})

    def past(self, judged: Attainability) -> list[Sentence]:
        """Chance, range, values in reach, weekly climb, past changes; or that there is too little of it."""
        if judged.chance is None:
            key = "attain.few" if judged.weeks else "attain.none"
            weeks: dict[str, Value] = {"weeks": judged.weeks} if judged.weeks else {}
            return [Sentence(key, {**weeks, "needed": judged.needed})]
        assert judged.middle is not None
        assert judged.low is not None
        assert judged.high is not None
        assert judged.even is not None
        assert judged.bold is not None
        found = [
            Sentence("attain.chance", {"weeks": judged.weeks, **chance_words(judged.chance)}),
            Sentence(
                "attain.range",
                {
                    "middle": self._amount(judged.middle),
                    "low": self._amount(judged.low),
                    "high": self._amount(judged.high),
                },
            ),
            Sentence("attain.values", {"even": self._amount(judged.even), "bold": self._amount(judged.bold)}),
        ]
        return [*found, *self._climb(judged), *self._moves(judged)]

    def _climb(self, judged: Attainability) -> list[Sentence]:
        climb = judged.climb
        if climb is None:
            return []
        weekly = self._signed(climb.weekly, plain=climb.plain)
        values: dict[str, Value] = {"weekly": weekly, "managed": climb.managed, "weeks": climb.weeks}
        there = _is_there(climb.weekly, judged.wish.direction)
        return [Sentence("attain.there" if there else "attain.climb", values)]

    def _moves(self, judged: Attainability) -> list[Sentence]:
        moves = judged.moves
        if moves is None:
            return []
        low, _, middle, _, high = (self._signed(one, plain=moves.plain) for one in moves.quantiles)
        values: dict[str, Value] = {
            "days": judged.wish.span.days,
            "low": low,
            "middle": middle,
            "high": high,
            "wished": self._signed(moves.wished, plain=moves.plain),
            "managed": moves.managed,
            "windows": moves.windows,
        }
        there = _is_there(moves.wished, judged.wish.direction)
        return [Sentence("attain.moves_there" if there else "attain.moves", values)]


def _is_there(change: float, direction: Direction) -> bool:
    """Whether a change that would do goes the other way, so that nothing is left to gain."""
    return change < 0 if direction is Direction.UP else change > 0
