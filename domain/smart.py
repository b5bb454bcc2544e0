"""The five checks of a target: specific, measurable, attainable, relevant, timely; each with its reasons."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from domain.bounds import bounds
from domain.definition import Definition, Direction, Shape
from domain.figure import Coverage
from domain.goals import GOALS, OWN
from domain.kpi import CADENCE_DAYS, NewKpi
from domain.period import USUAL_DAYS, Every
from domain.sentence import Amount, Sentence, Unit, Value, Words


class Letter(StrEnum):
    """One of the five, in their order."""

    SPECIFIC = "specific"
    MEASURABLE = "measurable"
    ATTAINABLE = "attainable"
    RELEVANT = "relevant"
    TIMELY = "timely"


NAMES: Mapping[Letter, Words] = {
    Letter.SPECIFIC: Words("Specific", "Spesifik"),
    Letter.MEASURABLE: Words("Measurable", "Terukur"),
    Letter.ATTAINABLE: Words("Attainable", "Dapat dicapai"),
    Letter.RELEVANT: Words("Relevant", "Relevan"),
    Letter.TIMELY: Words("Timely", "Terikat waktu"),
}


class Verdict(StrEnum):
    """How a check ended; a target may be saved against a warning, not against a failure."""

    PASSED = "passed"
    WARNED = "warned"
    FAILED = "failed"


@dataclass(frozen=True, slots=True)
class Check:
    """One of the five, how it ended, why, and what to change."""

    letter: Letter
    verdict: Verdict
    reasons: tuple[Sentence, ...]
    #: What would mend it; None: nothing needs to be.
    mend: Sentence | None = None


#: Refusals that are about what the target says, and about its time; all others are about measuring it.
_SPECIFIC = frozenset(("kpi.name", "kpi.name_taken", "kpi.unknown_metric"))
_TIMELY = frozenset(("kpi.no_deadline", "kpi.deadline_before_start", "kpi.deadline_past"))
#: Chances below and above which a target is warned of.
BOLD, SURE = 0.2, 0.95
#: Share of the posts that should be measured.
COVERED = 0.8
#: Days of a target that are few, and many.
_SHORT, _LONG = 7, 366


@dataclass(frozen=True, slots=True, kw_only=True)
class Evidence:
    """All that is known of a target when it is checked."""

    new: NewKpi
    definition: Definition | None
    #: Why it cannot be at all.
    refusals: Sequence[Sentence]
    #: What its name leaves out.
    naming: Sequence[Sentence]
    #: Of the figure over the last weeks; None: it was not looked up.
    coverage: Coverage | None = None
    #: What is to be reached in one whole period; None: it is not known.
    target: float | None = None
    #: Chance by the own past; None: it is too short.
    chance: float | None = None
    #: What the own past says, or how much of it there is.
    past: tuple[Sentence, ...] = ()
    #: What is reached with 50 % and with 20 %.
    even: Amount | None = None
    bold: Amount | None = None
    today: date


def checks(known: Evidence) -> list[Check]:
    """All five, in their order."""
    makers = (_specific, _measurable, _attainable, _relevant, _timely)
    return [make(known) for make in makers]


def failed(found: Sequence[Check]) -> bool:
    """Whether the target cannot be saved."""
    return any(check.verdict is Verdict.FAILED for check in found)


def warnings(found: Sequence[Check]) -> list[Check]:
    """The checks that warn."""
    return [check for check in found if check.verdict is Verdict.WARNED]


def _refused(known: Evidence, letter: Letter) -> Check | None:
    def of(reason: Sentence) -> Letter:
        if reason.key in _SPECIFIC:
            return Letter.SPECIFIC
        return Letter.TIMELY if reason.key in _TIMELY else Letter.MEASURABLE

    reasons = tuple(reason for reason in known.refusals if of(reason) is letter)
    return Check(letter, Verdict.FAILED, reasons) if reasons else None


def _specific(known: Evidence) -> Check:
    letter = Letter.SPECIFIC
    if found := _refused(known, letter):
        return found
    reasons = list(known.naming)
    if turned := _turned(known):
        reasons.insert(0, turned)
    if not known.new.audience:
        reasons.append(Sentence("smart.no_audience"))
    if reasons:
        mend = Sentence("smart.mend_specific" if known.naming else "smart.mend_audience")
        if turned:
            mend = Sentence(
                "smart.mend_turned" if turned.key == "smart.less_is_better" else "smart.mend_turned_up"
            )
        return Check(letter, Verdict.WARNED, tuple(reasons), mend)
    return Check(letter, Verdict.PASSED, (Sentence("smart.specific"),))


def _turned(known: Evidence) -> Sentence | None:
    """A cost that is to be raised, or a rate that is to be lowered, was hardly meant."""
    entry = known.definition
    if entry is None or entry.shape is not Shape.RATE or entry.direction is known.new.direction:
        return None
    less = entry.direction is Direction.DOWN
    return Sentence("smart.less_is_better" if less else "smart.more_is_better", {"metric": entry.name})


def _measurable(known: Evidence) -> Check:
    letter, seen = Letter.MEASURABLE, known.coverage
    if found := _refused(known, letter):
        return found
    if seen is None or known.definition is None or not seen.measured:
        return Check(
            letter, Verdict.WARNED, (Sentence("smart.unmeasured"),), Sentence("smart.mend_unmeasured")
        )
    covered = Sentence(
        f"coverage.{known.definition.covers}", {"measured": seen.measured, "in_scope": seen.in_scope}
    )
    if seen.in_scope and seen.measured < COVERED * seen.in_scope:
        thin = Sentence("smart.thin", {"covered": covered})
        return Check(letter, Verdict.WARNED, (thin,), Sentence("smart.mend_thin"))
    values: dict[str, Value] = {"metric": known.definition.name, "covered": covered}
    return Check(letter, Verdict.PASSED, (Sentence("smart.measurable", values),))


def _attainable(known: Evidence) -> Check:
    letter, chance = Letter.ATTAINABLE, known.chance
    if known.refusals:
        return Check(letter, Verdict.WARNED, (Sentence("smart.not_judged"),))
    if (impossible := _impossible(known)) is not None:
        assert known.definition is not None
        most = Amount(bounds(known.definition)[1], known.definition.unit)
        return Check(letter, Verdict.FAILED, (impossible,), Sentence("smart.mend_most", {"most": most}))
    if chance is None:
        return Check(letter, Verdict.WARNED, known.past, Sentence("smart.mend_past"))
    if chance < BOLD and known.even is not None and known.bold is not None:
        mend = Sentence("smart.mend_bold", {"even": known.even, "bold": known.bold})
        return Check(letter, Verdict.WARNED, known.past, mend)
    if chance > SURE and known.bold is not None:
        mend = Sentence("smart.mend_sure", {"bold": known.bold})
        return Check(letter, Verdict.WARNED, known.past, mend)
    return Check(letter, Verdict.PASSED, known.past)


def _impossible(known: Evidence) -> Sentence | None:
    """A share of something cannot exceed it, and a score not its scale."""
    if known.definition is None or known.target is None:
        return None
    entry, (_, most) = known.definition, bounds(known.definition)
    if known.target <= most or known.new.direction is Direction.DOWN:
        return None
    target = Amount(known.target, entry.unit)
    if entry.unit is Unit.PERCENT:
        return Sentence("smart.over_100", {"target": target})
    return Sentence("smart.over", {"target": target, "metric": entry.name, "most": Amount(most, entry.unit)})


def _relevant(known: Evidence) -> Check:
    letter, goal = Letter.RELEVANT, GOALS.get(known.new.goal)
    words = known.new.goal_words.strip()
    if goal is None or (goal.key == OWN and not words):
        return Check(letter, Verdict.WARNED, (Sentence("smart.no_goal"),), Sentence("smart.mend_goal"))
    name: str | Words = words or goal.name
    reasons = []
    if known.definition is not None and not goal.fits(known.definition):
        reasons.append(Sentence("smart.unfitting", {"metric": known.definition.name, "goal": name}))
    if known.new.owner_id is None:
        reasons.append(Sentence("smart.no_owner"))
    if reasons:
        mend = (
            "smart.mend_owner"
            if [one.key for one in reasons] == ["smart.no_owner"]
            else "smart.mend_relevant"
        )
        return Check(letter, Verdict.WARNED, tuple(reasons), Sentence(mend))
    return Check(letter, Verdict.PASSED, (Sentence("smart.relevant", {"goal": name}),))


def _timely(known: Evidence) -> Check:
    letter, new = Letter.TIMELY, known.new
    if found := _refused(known, letter):
        return found
    reasons, once = [], new.every is Every.ONCE
    days = (new.deadline - new.starts_on).days + 1 if new.deadline else None
    if once and days is not None and days < _SHORT:
        reasons.append(Sentence("smart.short", {"days": days}))
    if once and days is not None and days > _LONG:
        reasons.append(Sentence("smart.long", {"days": days}))
    if not new.cadence:
        reasons.append(Sentence("smart.no_cadence"))
    elif CADENCE_DAYS[new.cadence] > (days or 1 if once else USUAL_DAYS[new.every]):
        reasons.append(Sentence("smart.late_look"))
    if reasons:
        mend = (
            "smart.mend_cadence"
            if [one.key for one in reasons] == ["smart.no_cadence"]
            else "smart.mend_timely"
        )
        return Check(letter, Verdict.WARNED, tuple(reasons), Sentence(mend))
    if new.deadline is None:
        return Check(letter, Verdict.PASSED, (Sentence(f"smart.each_{new.every}"),))
    return Check(letter, Verdict.PASSED, (Sentence("smart.timely", {"deadline": new.deadline}),))
