"""KPIs in words and pictures: where one stands, its way to the target, and how its periods ended."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from analytics.kpis import Standing
from domain.definition import OF_CHANNELS
from domain.pace import Status, expected
from domain.period import day_at
from domain.sentence import Sentence, Unit
from domain.sentences import say
from store.tables import KpiReading
from web.chart_breaks import cuts_of
from web.chart_words import Forecast
from web.charts import Chart, path, sparkline
from web.figures import Facts, amount, facts
from web.i18n import LANGUAGES, Voice
from web.said import ended, said, upper

#: How the ``pace_badge`` macro calls a status.
BADGES: Mapping[Status, str] = {
    Status.NOT_STARTED: "not_started",
    Status.ON_TRACK: "on_pace",
    Status.BEHIND: "behind",
    Status.AT_RISK: "at_risk",
    Status.OFF_TRACK: "off_track",
    Status.REACHED: "reached",
    Status.MISSED: "missed",
    Status.NO_DATA: "unknown",
}
#: Pieces of a standing that its bar does not show.
_REMARKS = frozenset(
    {
        "standing.part",
        "standing.forecast",
        "standing.prospect",
        "standing.chance",
        "standing.no_forecast",
        "coverage.posts",
        "coverage.channels",
    }
)
#: Longer periods are drawn with fewer points of the expected path.
_EVERY_DAY_UP_TO = 100


@dataclass(frozen=True, slots=True, kw_only=True)
class KpiShown:
    """One KPI as a card or a page shows it."""

    id: int
    name: str
    #: What is to be reached, in the reader's language.
    target_sentence: str
    #: The same in the other languages: (language, sentence).
    translations: Sequence[tuple[str, str]]
    #: What the numbers do not say by themselves: the forecast, a cut period, the coverage.
    remarks: Sequence[str]
    #: Numbers of one unit; what the ``pace`` macro takes.
    actual: float | None
    expected: float | None
    target: float
    texts: Mapping[str, str]
    #: What is counted, for "2,300 of 5,000 visits"; empty for rates.
    unit: str
    badge: str
    #: Why there is no number; empty when there is one.
    missing: str
    facts: Facts
    first: date
    last: date
    closed: bool


def kpi_shown(standing: Standing, voice: Voice) -> KpiShown:
    """A KPI in the reader's words."""
    kpi, definition, figure = standing.kpi, standing.definition, standing.actual
    numbers = {"actual": figure.value, "expected": standing.expected, "target": standing.target}
    counted = definition.unit is Unit.COUNT
    return KpiShown(
        id=kpi.id,
        name=kpi.name,
        target_sentence=say(standing.target_sentence, voice.language),
        translations=[
            (language, say(standing.target_sentence, language))
            for language in LANGUAGES
            if language != voice.language
        ],
        remarks=[ended(upper(said(voice, one))) for one in standing.sentences if one.key in _REMARKS],
        actual=figure.value,
        expected=standing.expected,
        target=standing.target,
        texts={
            name: amount(number, definition.unit, voice)
            for name, number in numbers.items()
            if number is not None
        },
        unit=said(voice, definition.name).lower() if counted else "",
        badge=BADGES[standing.status],
        missing=said(voice, figure.reason) if figure.reason else "",
        facts=facts(figure.passport, definition, voice),
        first=standing.span.first,
        last=standing.span.last,
        closed=kpi.closed_at is not None,
    )


def forecast_words(standing: Standing, voice: Voice) -> str:
    """Where it ends at this pace, or that there is too little to say; empty where nothing is to come."""
    wanted = ("standing.forecast", "standing.prospect", "standing.chance", "standing.no_forecast")
    found = [said(voice, one) for one in standing.sentences if one.key in wanted]
    return " ".join(ended(upper(one)) for one in found)


def by_day(readings: Sequence[KpiReading], where: ZoneInfo) -> list[tuple[date, float]]:
    """The last reading of each day of the KPI's zone that has a number, oldest first."""
    days = {day_at(one.at, where): one.actual for one in readings if one.actual is not None}
    return sorted(days.items())


def course_chart(standing: Standing, readings: Sequence[KpiReading], voice: Voice) -> Chart:
    """What was reached day by day in the period, the way it should go, and the target."""
    where = ZoneInfo(standing.kpi.zone)
    actual = dict(by_day(readings, where))
    if standing.actual.value is not None and standing.course.started:
        actual[min(day_at(standing.at, where), standing.span.last)] = standing.actual.value
    title = voice.gettext(
        "%(metric)s, %(first)s to %(last)s",
        metric=said(voice, standing.definition.name),
        first=voice.date(standing.span.first),
        last=voice.date(standing.span.last),
    )
    return path(
        title,
        sorted(actual.items()),
        _expected_path(standing, actual),
        standing.target,
        standing.span.last,
        forecast=_fan(standing),
        cuts=cuts_of(standing.actual.passport.breaks, voice),
        voice=voice,
    )


def _fan(standing: Standing) -> list[Forecast]:
    """From where it stands to where it is likely to end."""
    seen, value = standing.prospect, standing.actual.value
    today = day_at(standing.at, ZoneInfo(standing.kpi.zone))
    if seen is None or value is None or today >= standing.span.last:
        return []
    return [
        Forecast(today, value, value, value),
        Forecast(standing.span.last, seen.low, seen.middle, seen.high),
    ]


def _expected_path(standing: Standing, actual: Mapping[date, float]) -> list[tuple[date, float]]:
    """The value that would be on the way at the end of each day."""
    span = standing.span
    days = {span.first + timedelta(days=number) for number in range(span.days)}
    if len(days) > _EVERY_DAY_UP_TO:
        days = {span.first, span.last, *(day for day in actual if span.first <= day <= span.last)}
    found = []
    for day in sorted(days):
        share = ((day - span.first).days + 1) / span.days
        due = standing.prospect.due_after(day, span) if standing.prospect else None
        value = expected(replace(standing.course, elapsed=share, started=True, due=due))
        if value is not None:
            found.append((day, value))
    return found


def spark(readings: Sequence[KpiReading], standing: Standing, voice: Voice) -> Chart | None:
    """The run of the period so far; None with fewer than two days."""
    days = by_day(readings, ZoneInfo(standing.kpi.zone))
    if len(days) < 2:
        return None
    cuts = cuts_of(standing.actual.passport.breaks, voice)
    return sparkline(standing.kpi.name, days, cuts=cuts, voice=voice)


def coverage_tone(standing: Standing) -> str:
    """How much of what should be counted is: ``good`` all, ``warn`` a part, ``plain`` nothing to count."""
    covered = standing.actual.passport.coverage
    if not covered.in_scope:
        return "plain"
    return "good" if covered.measured >= covered.in_scope else "warn"


@dataclass(frozen=True, slots=True)
class ReadingShown:
    """What a KPI stood at, for a table."""

    at: datetime
    period_start: date
    actual: str
    expected: str
    badge: str
    coverage: str


def readings_shown(readings: Sequence[KpiReading], standing: Standing, voice: Voice) -> list[ReadingShown]:
    """These readings, newest first."""
    unit, of_channels = standing.definition.unit, standing.definition.shape in OF_CHANNELS
    key = "coverage.channels" if of_channels else "coverage.posts"

    def told(value: float | None) -> str:
        return "–" if value is None else amount(value, unit, voice)

    return [
        ReadingShown(
            at=one.at,
            period_start=one.period_start,
            actual=told(one.actual),
            expected=told(one.expected),
            badge=BADGES[Status(one.status)],
            coverage=said(voice, Sentence(key, {"measured": one.measured, "in_scope": one.in_scope})),
        )
        for one in reversed(readings)
    ]
