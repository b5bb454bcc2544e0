"""What a KPI's page says beyond its figure: what changed this week, what came true, versions and comments."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlmodel import Session

from analytics.kpis import Standing
from analytics.track_record import track_record
from domain.definition import Definition, Direction
from domain.goals import GOALS, OWN
from domain.kpi import TargetKind
from domain.pace import Status
from domain.period import day_at
from domain.schedule import zone
from domain.sentence import Amount, Sentence, Unit
from store import kpis, people
from store.tables import Kpi
from web.figures import amount
from web.i18n import Voice
from web.i18n import marked as N_
from web.kpi_forms import ALERTS, CADENCES
from web.kpi_steps import chance_said
from web.said import ended, said

_WEEK = timedelta(days=7)
#: Fields of a version, as people call them.
FIELDS: Mapping[str, str] = {
    "name": N_("Name"),
    "target": N_("Target"),
    "target_kind": N_("The target"),
    "direction": N_("Which way is better"),
    "baseline": N_("Baseline"),
    "baseline_from": N_("First day of the baseline"),
    "baseline_to": N_("Last day of the baseline"),
    "baseline_source": N_("Where that value comes from"),
    "deadline": N_("Last day that counts"),
    "owner_id": N_("Owner"),
    "why": N_("Why it matters"),
    "goal": N_("Business goal"),
    "goal_words": N_("The goal in your own words"),
    "audience": N_("Audience"),
    "cadence": N_("How often the owner looks at it"),
    "alert_rule": N_("When somebody is told"),
}
_VALUES: Mapping[str, str] = {
    **CADENCES,
    **ALERTS,
    TargetKind.ABSOLUTE: N_("A value to reach"),
    TargetKind.RELATIVE: N_("A change in percent against a baseline"),
    Direction.UP: N_("More"),
    Direction.DOWN: N_("Less"),
}


def changed_this_week(session: Session, standing: Standing, voice: Voice) -> str:
    """What is other than a week ago in the same period; empty: it was not evaluated then."""
    week_ago = standing.at - _WEEK
    then = kpis.reading_before(session, standing.kpi.id, week_ago, period_start=standing.span.first)
    if then is None or not standing.course.started:
        return ""
    pieces: list[Sentence] = []
    since = day_at(then.at, zone(standing.kpi.zone))
    if then.actual is not None and standing.actual.value is not None:
        change = _signed(standing.actual.value - then.actual, standing)
        pieces.append(Sentence("since.actual", {"change": change, "day": since}))
    text = [said(voice, one) for one in pieces]
    if then.chance is not None and standing.prospect is not None:
        text.append(
            voice.gettext(
                "chance %(before)s then, %(now)s now",
                before=chance_said(then.chance, voice),
                now=chance_said(standing.prospect.chance, voice),
            )
        )
    if then.status != standing.status:
        names = {key: said(voice, Sentence(f"status.{key}")) for key in (then.status, standing.status)}
        text.append(
            voice.gettext(
                "then %(before)s, now %(now)s", before=names[then.status], now=names[standing.status]
            )
        )
    return "; ".join(text)


def _signed(change: float, standing: Standing) -> Sentence:
    unit = standing.definition.unit
    size = float(round(abs(change))) if unit is Unit.COUNT else round(abs(change), 2)
    value = Amount(size, unit, standing.actual.passport.currency or "")
    return Sentence("signed.minus" if change < 0 else "signed.plus", {"amount": value})


def record_words(session: Session, kpi: Kpi, standing: Standing, voice: Voice) -> list[str]:
    """What came true of what was foretold of the periods that ended, a sentence for each band of chances."""
    over = {
        one.period_start: Status(one.status)
        for one in kpis.outcomes(session, kpi.id)
        if one.period_start != standing.span.first or standing.course.over
    }
    found = track_record(kpis.foretold(session, kpi.id), over)
    return [
        said(
            voice,
            Sentence(
                "record.said",
                {
                    "times": one.times,
                    "low": Amount(float(one.low), Unit.PERCENT),
                    "high": Amount(float(one.high), Unit.PERCENT),
                    "true": one.true,
                },
            ),
        )
        for one in found
    ]


@dataclass(frozen=True, slots=True)
class VersionShown:
    """One change of a KPI, in words."""

    version: int
    at: datetime
    person: str
    because: str
    #: (field, before, after).
    changes: Sequence[tuple[str, str, str]]


def versions_shown(session: Session, kpi: Kpi, definition: Definition, voice: Voice) -> list[VersionShown]:
    """How a KPI was changed, newest first."""
    rows = kpis.versions(session, kpi.id)
    owners = [int(one) for row in rows for one in row.changed.get("owner_id", ()) if one]
    names = people.names(session, [*owners, *(row.person_id for row in rows if row.person_id is not None)])
    return [
        VersionShown(
            version=row.version,
            at=row.at,
            person=names.get(row.person_id or 0, ""),
            because=row.because,
            changes=[
                (
                    voice.gettext(FIELDS.get(field, field)),
                    _value(field, old, definition, names, voice),
                    _value(field, new, definition, names, voice),
                )
                for field, (old, new) in row.changed.items()
            ],
        )
        for row in rows
    ]


def _value(field: str, value: Any, definition: Definition, names: Mapping[int, str], voice: Voice) -> str:
    if value is None or value == "":
        return "–"
    if field == "owner_id":
        return names.get(int(value), "–")
    if field == "goal":
        return goal_words(str(value), "", voice)
    if field == "baseline":
        return amount(float(value), definition.unit, voice)
    if isinstance(value, float | int):
        return voice.number(value, 2)
    return voice.gettext(_VALUES.get(str(value), str(value)))


@dataclass(frozen=True, slots=True)
class CommentShown:
    """What somebody said."""

    at: datetime
    person: str
    text: str


def comments_shown(session: Session, kpi: Kpi) -> list[CommentShown]:
    """What people said about a KPI, oldest first."""
    rows = kpis.comments(session, kpi.id)
    names = people.names(session, [row.person_id for row in rows if row.person_id is not None])
    return [CommentShown(row.at, names.get(row.person_id or 0, ""), row.text) for row in rows]


def goal_words(goal: str, words: str, voice: Voice) -> str:
    """The goal as it was worded, or as the list words it; empty: none was said."""
    known = GOALS.get(goal)
    if words or known is None or known.key == OWN:
        return words
    return said(voice, known.name)


def care_rows(kpi: Kpi, voice: Voice) -> list[tuple[str, str]]:
    """What is good for, for whom, and who looks when, for the definition panel."""
    _ = voice.gettext
    return [
        (_("Business goal"), goal_words(kpi.goal, kpi.goal_words, voice)),
        (_("Audience"), kpi.audience),
        (_("How often the owner looks at it"), _(CADENCES[kpi.cadence]) if kpi.cadence in CADENCES else ""),
        (_("When somebody is told"), _(ALERTS[kpi.alert_rule])),
    ]


def warned_words(kpi: Kpi, voice: Voice) -> list[str]:
    """The checks against which it was saved, by name."""
    from domain.smart import NAMES, Letter

    return [said(voice, NAMES[Letter(one["check"])]) for one in kpi.warned or ()]


def upper(text: str) -> str:
    """As a sentence of its own."""
    return ended(text[:1].upper() + text[1:])
