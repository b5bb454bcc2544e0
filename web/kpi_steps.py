"""The steps of the KPI wizard: what each asks for, and the judgement at their end in the reader's words."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from sqlmodel import Session

from analytics.judging import Judgement
from analytics.offered import lately
from analytics.sums import Stretch, figure_over
from domain.chances import percent, word
from domain.definition import Definition, Supplies
from domain.kpi import Scope
from domain.period import Every, Span, day_at, whole
from domain.schedule import zone
from domain.sentences import say
from domain.smart import NAMES, Check, Verdict
from store import kpis
from web.figures import ShownFigure, shown
from web.i18n import LANGUAGES, Voice
from web.i18n import marked as N_
from web.kpi_forms import KpiForm
from web.said import said
from web.typed import Errors

#: The steps in their order, with the fields that each shows.
STEPS: Mapping[str, tuple[str, tuple[str, ...]]] = {
    "goal": (N_("Goal"), ("goal", "goal_words", "audience")),
    "where": (N_("Platform"), ("scope",)),
    "metric": (N_("Metric"), ("metric", "window")),
    "target": (
        N_("Amount and date"),
        (
            "kind", "target", "direction", "every", "starts_on", "deadline", "baseline", "baseline_from",
            "baseline_to", "baseline_source",
        ),
    ),
    "care": (N_("Owner and name"), ("name", "owner", "cadence", "alert_rule", "why")),
    "check": (N_("Five checks"), ()),
}  # fmt: skip
_ORDER = tuple(STEPS)
_TONES = {Verdict.PASSED: "good", Verdict.WARNED: "warn", Verdict.FAILED: "bad"}
_VERDICTS = {Verdict.PASSED: N_("Passed"), Verdict.WARNED: N_("Look at this"), Verdict.FAILED: N_("Failed")}


def step_after(form: KpiForm, errors: Errors) -> str:
    """The step to show: the next or the one before, or the first that has an error; empty: the whole form."""
    if form.step not in STEPS:
        return ""
    place = _ORDER.index(form.step)
    if form.act.startswith("to:") and form.act[3:] in STEPS:
        wanted = min(_ORDER.index(form.act[3:]), place)
    elif form.act == "next":
        wanted = min(place + 1, len(_ORDER) - 1)
    else:
        wanted = place
    for number, (_, fields) in enumerate(STEPS.values()):
        if number < wanted and any(field in errors for field in fields):
            return _ORDER[number]
    return _ORDER[wanted]


def errors_until(errors: Errors, step: str) -> Errors:
    """Those of the fields that were shown before or on a step; all of them on the whole form."""
    if not step:
        return errors
    last = _ORDER.index(step)
    known = {field for key in _ORDER[: last + 1] for field in STEPS[key][1]}
    return Errors({field: text for field, text in errors.items() if field in known})


def hidden(form: KpiForm, step: str) -> list[tuple[str, str]]:
    """What was typed on the other steps, to be carried along."""
    here = STEPS[step][1] if step else ()
    kept = form.model_dump(exclude={"act", "step", "because"})
    return [(name, str(value)) for name, value in kept.items() if name not in here]


@dataclass(frozen=True, slots=True)
class CheckShown:
    """One of the five checks in the reader's words."""

    name: str
    #: The same in the other language.
    also: str
    verdict: str
    tone: str
    reasons: Sequence[str]
    mend: str


@dataclass(frozen=True, slots=True)
class JudgedShown:
    """A judgement as the last step shows it."""

    sentence: str
    translations: Sequence[tuple[str, str]]
    checks: Sequence[CheckShown]
    refused: bool
    warned: bool
    name: str
    #: Past periods of the same length: (days, value).
    similar: Sequence[Sequence[str]]
    #: Periods ahead: (days, chance in a number and a word).
    periods: Sequence[Sequence[str]]
    #: Past changes over windows of the same length, and the wish: (what, how much).
    moves: Sequence[Sequence[str]]


def judged_shown(judged: Judgement, voice: Voice) -> JudgedShown:
    """A judgement in the reader's words."""
    sentence = judged.sentence
    others = [language for language in LANGUAGES if language != voice.language]
    return JudgedShown(
        sentence=said(voice, sentence) if sentence else "",
        translations=[(one, say(sentence, one)) for one in others] if sentence else [],
        checks=[_check(one, voice) for one in judged.checks],
        refused=judged.refused,
        warned=any(one.verdict is Verdict.WARNED for one in judged.checks),
        name=judged.names.get(voice.language, "") if judged.naming else "",
        similar=_similar(judged, voice),
        periods=_periods(judged, voice),
        moves=_moves(judged, voice),
    )


def _check(one: Check, voice: Voice) -> CheckShown:
    name = NAMES[one.letter]
    return CheckShown(
        name=said(voice, name),
        also=name.en if voice.language == "id" else name.id,
        verdict=voice.gettext(_VERDICTS[one.verdict]),
        tone=_TONES[one.verdict],
        reasons=[said(voice, reason) for reason in one.reasons],
        mend=said(voice, one.mend) if one.mend else "",
    )


def _days(span: Span, voice: Voice) -> str:
    return f"{voice.date(span.first)} – {voice.date(span.last)}"


def _similar(judged: Judgement, voice: Voice) -> list[list[str]]:
    seen, entry = judged.attainability, judged.definition
    if seen is None or entry is None:
        return []
    return [[_days(one.span, voice), _amount(one.value, entry, judged, voice)] for one in seen.similar]


def _amount(value: float, entry: Definition, judged: Judgement, voice: Voice) -> str:
    from web.figures import amount

    return amount(value, entry.unit, voice, judged.currency)


def _periods(judged: Judgement, voice: Voice) -> list[list[str]]:
    seen = judged.attainability
    if seen is None:
        return []
    return [[_days(span, voice), chance_said(one, voice)] for span, one in seen.periods]


def chance_said(chance: float, voice: Voice) -> str:
    """In a number and a word: ``34% (open)``."""
    return f"{voice.number(percent(chance).value)}% ({said(voice, word(chance))})"


def _moves(judged: Judgement, voice: Voice) -> list[list[str]]:
    seen, entry = judged.attainability, judged.definition
    if seen is None or seen.moves is None or entry is None:
        return []
    moves, _ = seen.moves, voice.gettext

    def told(value: float) -> str:
        size = voice.number(round(abs(value), 1), 1) + ("" if moves.plain else "%")
        return ("−" if value < 0 else "+") + size

    shares = ("10%", "25%", "50%", "75%", "90%")
    rows = [
        (value, [_("%(share)s of stretches changed by at most", share=share), told(value)])
        for share, value in zip(shares, moves.quantiles, strict=True)
    ]
    rows.append((moves.wished, [_("Your wish"), told(moves.wished)]))
    return [row for _value, row in sorted(rows, key=lambda pair: pair[0])]


def _period_before(today: date, every: Every, *, week_start: int) -> Span:
    """The last whole one."""
    first = whole(today, every, week_start=week_start).first
    return whole(first - timedelta(days=1), every, week_start=week_start)


@dataclass(frozen=True, slots=True)
class Before:
    """What a figure was over days that are over."""

    label: str
    first: date
    last: date
    figure: ShownFigure


def before(
    session: Session, workspace_id: int, entry: Definition, scope: Scope, *, supplies: Supplies,
    now: datetime, zone_name: str, voice: Voice,
) -> list[Before]:  # fmt: skip
    """The figure over the last four weeks, and over the last whole week, month and quarter."""
    _, where = voice.gettext, zone(zone_name)
    today, week_start = day_at(now, where), kpis.week_start(session, workspace_id)
    found = lately(session, workspace_id, entry, scope, supplies=supplies, now=now)
    four = Span(today - timedelta(days=28), today)
    rows = [Before(_("Last 4 weeks"), four.first, four.last, shown(found, voice))]
    labels = {
        Every.WEEK: _("Last whole week"),
        Every.MONTH: _("Last month"),
        Every.QUARTER: _("Last quarter"),
    }
    for every, label in labels.items():
        span = _period_before(today, every, week_start=week_start)
        figure = figure_over(
            session, entry, Stretch(*span.bounds(where), now), workspace_id=workspace_id, scope=scope,
            supplies=supplies,
        )  # fmt: skip
        rows.append(Before(label, span.first, span.last, shown(figure, voice)))
    return rows
