"""How a KPI stands: its figure against its target, its pace, and a run-rate."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

from sqlmodel import Session

from analytics.prospects import Prospect, Question, prospect
from analytics.scopes import ground, scope_name
from analytics.sums import Stretch, figure_over, followers_at
from domain.catalogue import definition
from domain.chances import chance_words
from domain.definition import LEVELS, Definition, Direction, Shape, Supplies
from domain.figure import Figure
from domain.kpi import AlertRule, NewKpi, TargetKind, goal, scope_from, target_sentence
from domain.pace import Course, Status, expected, forecast, settled, status
from domain.period import Every, Span, day_at, elapsed, span_at, whole
from domain.schedule import zone
from domain.sentence import Amount, Sentence, Unit, Value
from store import answers, kpis
from store.tables import Kpi, KpiReading


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """How a KPI stands in one period at one moment."""

    kpi: Kpi
    definition: Definition
    #: Name of the channel, route or feed; empty for the whole workspace.
    scope_name: str
    #: The days that count, and their instants (UTC, the second excluded).
    span: Span
    start: datetime
    end: datetime
    #: Days of the whole calendar period of which ``span`` may be a part.
    whole_days: int
    at: datetime
    actual: Figure
    course: Course
    #: None: the period is not under way, or not enough data.
    prospect: Prospect | None = None
    #: The evaluation before this one in the same period.
    before: KpiReading | None = None

    @property
    def target(self) -> float:
        """The value to reach in this period, parts of a period taken into account."""
        return self.course.target

    @property
    def expected(self) -> float | None:
        """The value that would be exactly on the way now; None before the start."""
        return expected(self.course)

    @property
    def forecast(self) -> float | None:
        """The value at the end: the middle of the prospect, else a run-rate; None: not enough data."""
        return forecast(self.course) if self.prospect is None else self.prospect.middle

    @property
    def status(self) -> Status:
        """On track, behind, reached and so on; by the chance of reaching the target where there is one."""
        found = status(self.course)
        if self.prospect is None or found not in (Status.ON_TRACK, Status.BEHIND):
            return found
        return settled(
            self.prospect.chance,
            before=Status(self.before.status) if self.before else None,
            chance_before=self.before.chance if self.before else None,
        )

    @property
    def target_sentence(self) -> Sentence:
        """What is to be reached, where and until when."""
        return target_sentence(
            self.definition,
            asked(self.kpi),
            baseline=self.kpi.baseline,
            scope_name=self.scope_name,
            currency=self.actual.passport.currency or "",
        )

    @property
    def sentences(self) -> Sequence[Sentence]:
        """How it stands, piece by piece: against the target, the pace, the forecast, the coverage."""
        return [*self._against_target(), *self._outlook(), self._coverage()]

    def _amount(self, value: float) -> Amount:
        """Counts are whole for people, also where the pace is not."""
        whole = float(round(value)) if self.definition.unit is Unit.COUNT else value
        return Amount(whole, self.definition.unit, self.actual.passport.currency or "")

    def _against_target(self) -> list[Sentence]:
        target = self._amount(self.target)
        pieces: list[Sentence] = []
        if self.actual.value is not None:
            rate = self.definition.shape in LEVELS
            values: dict[str, Value] = {"actual": self._amount(self.actual.value), "target": target}
            pieces.append(Sentence("standing.against_target" if rate else "standing.of_target", values))
        elif self.actual.reason is not None:
            pieces.append(self.actual.reason)
        if self.span.days != self.whole_days:
            part: dict[str, Value] = {"days": self.span.days, "whole": self.whole_days, "target": target}
            pieces.append(Sentence("standing.part", part))
        return pieces

    def _outlook(self) -> list[Sentence]:
        rate = self.definition.shape in LEVELS
        if not self.course.started or self.course.over or (rate and self.prospect is None):
            return []
        pieces: list[Sentence] = []
        if self.expected is not None and not rate:
            pieces.append(Sentence("standing.expected", {"expected": self._amount(self.expected)}))
        if self.forecast is None:
            return [*pieces, Sentence("standing.no_forecast")]
        if self.prospect is not None:
            return [*pieces, *self._prospects(self.prospect)]
        values: dict[str, Value] = {"forecast": self._amount(self.forecast), "last": self.span.last}
        return [*pieces, Sentence("standing.forecast", values)]

    def _prospects(self, prospect: Prospect) -> list[Sentence]:
        values: dict[str, Value] = {
            "low": self._amount(prospect.low),
            "high": self._amount(prospect.high),
            "last": self.span.last,
        }
        if self.status is Status.REACHED:
            return [Sentence("standing.prospect", values)]
        return [
            Sentence("standing.prospect", values),
            Sentence("standing.chance", chance_words(prospect.chance)),
        ]

    def _coverage(self) -> Sentence:
        covered = self.actual.passport.coverage
        values: dict[str, Value] = {"measured": covered.measured, "in_scope": covered.in_scope}
        return Sentence(f"coverage.{self.definition.covers}", values)


def asked(kpi: Kpi) -> NewKpi:
    """What was asked for when the KPI was added."""
    return NewKpi(
        name=kpi.name,
        metric=kpi.metric,
        target=kpi.target,
        target_kind=TargetKind(kpi.target_kind),
        scope=scope_from(kpi.scope),
        baseline=kpi.baseline,
        baseline_from=kpi.baseline_from,
        baseline_to=kpi.baseline_to,
        every=Every(kpi.period),
        direction=Direction(kpi.direction),
        starts_on=kpi.starts_on,
        deadline=kpi.deadline,
        zone=kpi.zone,
        owner_id=kpi.owner_id,
        why=kpi.why,
        goal=kpi.goal,
        goal_words=kpi.goal_words,
        audience=kpi.audience,
        baseline_source=kpi.baseline_source,
        cadence=kpi.cadence,
        alert_rule=AlertRule(kpi.alert_rule),
    )


def evaluate(
    session: Session, kpi: Kpi, now: datetime, *, supplies: Supplies, day: date | None = None
) -> Standing:
    """How a KPI stands now in the period around ``day`` (today, if not said) of its zone.

    A period that has ended is judged by what was known when it ended: the answer never changes.
    """
    new, entry, where = asked(kpi), definition(kpi.metric), zone(kpi.zone)
    week_start = kpis.week_start(session, kpi.workspace_id)
    day = day or day_at(now, where)
    span = span_at(day, new.every, starts_on=new.starts_on, deadline=new.deadline, week_start=week_start)
    whole_days = (
        span.days if new.every is Every.ONCE else whole(span.first, new.every, week_start=week_start).days
    )
    start, end = span.bounds(where)
    stretch = Stretch(start, end, now)
    figure = answers.once(
        session,
        ("figure", kpi.workspace_id, str(entry.key), new.scope, stretch, id(supplies)),
        lambda: figure_over(
            session, entry, stretch, workspace_id=kpi.workspace_id, scope=new.scope, supplies=supplies
        ),
        is_small=True,
    )
    target = goal(new.target_kind, new.target, baseline=kpi.baseline, direction=new.direction)
    if entry.additive:
        target *= span.days / whole_days
    seen = prospect(
        session,
        Question(kpi.workspace_id, entry, new.scope, kpi.zone, span, target, new.direction, figure),
        supplies=supplies,
        now=now,
    )
    last = kpis.last_reading(session, kpi.id)
    return Standing(
        kpi=kpi,
        definition=entry,
        scope_name=scope_name(session, kpi.workspace_id, new.scope),
        span=span,
        start=start,
        end=end,
        whole_days=whole_days if entry.additive else span.days,
        at=now,
        actual=figure,
        course=Course(
            shape=entry.shape,
            direction=new.direction,
            target=target,
            actual=figure.value,
            start_value=_start_value(session, kpi, entry, stretch, supplies),
            elapsed=elapsed(now, start, end),
            started=now >= start,
            due=seen.due if seen else None,
        ),
        prospect=seen,
        before=last if last is not None and _goes_on(last, kpi, span, now) else None,
    )


def _goes_on(last: KpiReading, kpi: Kpi, span: Span, now: datetime) -> bool:
    """Whether a reading is of the same period and asked for the same."""
    same = last.version is None or last.version == kpi.version
    return same and last.period_start == span.first and last.at < now


def _start_value(
    session: Session, kpi: Kpi, entry: Definition, stretch: Stretch, supplies: Supplies
) -> float | None:
    if entry.shape is not Shape.STOCK:
        return 0.0
    where = ground(session, kpi.workspace_id, scope_from(kpi.scope), entry, supplies)
    first = followers_at(session, where.scope.channel_ids, stretch)
    return float(sum(row.value for row in first.values())) if first else None
