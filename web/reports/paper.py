"""A report in the reader's language: headings, sentences, tables and charts. Each file is made of these."""

from collections.abc import Sequence
from dataclasses import dataclass, field

from domain.pace import Status
from domain.period import Every
from domain.report import BestPost, Cause, FigureLine, KpiLine, Report
from domain.sentence import Sentence, Unit
from web.charts import bars
from web.figures import amount
from web.i18n import Voice
from web.reports.parts import Chapter, Sheet, Told, told
from web.reports.rivalry import brands_chapter, mix_chapter
from web.said import ended, said

__all__ = ["Chapter", "Paper", "Sheet", "Told", "paper"]

#: Charts of daily figures at most.
_CHARTS = 4


@dataclass(frozen=True, slots=True)
class Paper:
    """The whole report in words."""

    title: str
    lead: str
    made: str
    language: str
    simulated: bool
    chapters: tuple[Chapter, ...] = field(default_factory=tuple)


def paper(report: Report, voice: Voice) -> Paper:
    """The report in the language of ``voice``."""
    _ = voice.gettext
    titles = {
        Every.WEEK: _("Weekly report"),
        Every.MONTH: _("Monthly report"),
        Every.QUARTER: _("Quarterly report"),
    }
    first, last = voice.date(report.first), voice.date(report.last)
    chapters = (
        Chapter("happened", _("What happened"), told(report.happened, voice)),
        _targets(report, voice),
        _figures(report, voice),
        _causes(report, voice),
        _posts(report, voice),
        Chapter("coming", _("What comes next"), told(report.coming, voice)),
        Chapter("needed", _("What needs a person"), told(report.needed, voice)),
        Chapter("learned", _("What was tried and learned"), told(report.learned, voice)),
        mix_chapter(report, voice),
        brands_chapter(report, voice),
        _proposals(report, voice),
        _untold(report, voice),
        Chapter("checks", _("How far the figures can be trusted"), told(report.checks, voice)),
    )
    return Paper(
        title=f"{titles[report.every]}: {report.workspace}",
        lead=_(
            "%(first)s to %(last)s, beside %(before_first)s to %(before_last)s. Days are days of %(zone)s.",
            first=first,
            last=last,
            before_first=voice.date(report.before_first),
            before_last=voice.date(report.before_last),
            zone=report.zone,
        ),
        made=_("Written %(time)s; it never changes.", time=voice.moment(report.made_at, report.zone)),
        language=voice.language,
        simulated=report.simulated,
        chapters=tuple(one for one in chapters if one.told or one.sheets or one.charts),
    )


def _number(value: float | None, line: FigureLine | KpiLine, voice: Voice) -> str:
    return "–" if value is None else amount(value, line.unit, voice, line.currency)


def _targets(report: Report, voice: Voice) -> Chapter:
    _ = voice.gettext
    head = (
        _("Target"),
        _("Actual"),
        _("Target value"),
        _("Expected"),
        _("Forecast, 8 times in 10"),
        _("Status"),
    )
    rows = tuple(
        (
            line.name,
            _number(line.actual, line, voice),
            _number(line.target, line, voice),
            _number(line.expected, line, voice),
            _range(line, voice),
            said(voice, Sentence(f"status.{Status(line.status)}")),
        )
        for line in report.kpis
    )
    told = tuple(
        Told(f"{line.name}: {said(voice, line.target_sentence)}", f"kpi-{line.id}") for line in report.kpis
    )
    if not rows:
        return Chapter("kpis", _("Targets"))
    anchors = tuple(f"kpi-{line.id}" for line in report.kpis)
    return Chapter("kpis", _("Targets"), told, (Sheet(_("Targets"), head, rows, anchors),))


def _range(line: KpiLine, voice: Voice) -> str:
    if line.low is None or line.high is None:
        return "–"
    low, high = _number(line.low, line, voice), _number(line.high, line, voice)
    chance = "" if line.chance is None else f" ({voice.percent(line.chance, 0)})"
    return voice.gettext("%(low)s to %(high)s", low=low, high=high) + chance


def _figures(report: Report, voice: Voice) -> Chapter:
    _ = voice.gettext
    head = (_("Figure"), _("This period"), _("Before"), _("Change"), _("Behind it"))
    shown = [line for line in report.figures if _is_told(line)]
    rows = tuple(
        (
            said(voice, line.name),
            _number(line.value, line, voice),
            _number(line.before, line, voice),
            _change(line, voice),
            said(voice, line.reason or line.coverage),
        )
        for line in shown
    )
    drawn = [line for line in report.figures if any(number for _day, number in line.days)]
    charts = tuple(
        bars(said(voice, line.name), said(voice, line.name), list(line.days), voice=voice)
        for line in drawn[:_CHARTS]
    )
    if not rows:
        return Chapter("figures", _("Figures"))
    anchors = tuple(f"figure-{line.key}" for line in shown)
    return Chapter("figures", _("Figures"), (), (Sheet(_("Figures"), head, rows, anchors),), charts)


def _is_told(line: FigureLine) -> bool:
    """Whether a figure has a row: it has a number now or had one before; posts always have."""
    return bool(line.value or line.before) or line.key == "posts_published"


def _untold(report: Report, voice: Voice) -> Chapter:
    """What has no number, one sentence for each reason, so that the table holds what there is to read."""
    _ = voice.gettext
    reasons: dict[str, list[str]] = {}
    for line in report.figures:
        if not _is_told(line):
            zero = _("nothing was counted, neither in this period nor in the one before.")
            reason = zero if line.value is not None else said(voice, line.reason or line.coverage)
            reasons.setdefault(reason, []).append(said(voice, line.name))
    sentences = (f"{', '.join(names)}: {reason}" for reason, names in reasons.items())
    found = tuple(Told(ended(sentence)) for sentence in sentences)
    return Chapter("untold", _("Figures without a number"), found)


def _change(line: FigureLine, voice: Voice) -> str:
    if line.in_points and line.value is not None and line.before is not None:
        points = voice.signed(round(line.value - line.before, 1), 1)
        return voice.gettext("%(points)s points", points=points)
    if line.change is None:
        return "–"
    return voice.signed(round(line.change, 1), 1) + " %"


def _causes(report: Report, voice: Voice) -> Chapter:
    _ = voice.gettext
    sheets = []
    for cause in report.causes:
        name = said(voice, cause.name)
        caption = _(
            "%(figure)s, %(group)s: from %(before)s to %(after)s",
            figure=name,
            group=said(voice, cause.group),
            before=voice.number(cause.before),
            after=voice.number(cause.after),
        )
        rows = [(said(voice, part.name), voice.signed(round(part.effect))) for part in cause.parts]
        sheets.append(Sheet(caption, (_("Because of"), _("Effect")), tuple(rows)))
        if len(cause.channels) > 1:
            rows = [(said(voice, part.name), voice.signed(round(part.effect))) for part in cause.channels]
            sheets.append(
                Sheet(
                    _("%(figure)s by channel, %(group)s", figure=name, group=said(voice, cause.group)),
                    (_("Channel"), _("Change")),
                    tuple(rows),
                )
            )
    told = () if not sheets else (Told(_method(report.causes, voice)),)
    return Chapter("causes", _("Why it changed"), told, tuple(sheets))


def _method(causes: Sequence[Cause], voice: Voice) -> str:
    _ = voice.gettext
    if any(cause.method == "shapley" for cause in causes):
        return _(
            "The effects add up to the change exactly: by logarithmic means, and by Shapley's average where "
            "a factor is 0."
        )
    return _("The effects add up to the change exactly (logarithmic mean Divisia index).")


def _posts(report: Report, voice: Voice) -> Chapter:
    _ = voice.gettext
    figure = next((line for line in report.figures if line.key == report.ranked_by), None)
    label = said(voice, figure.name) if figure else report.ranked_by
    sheets = [
        Sheet(caption, (_("Post"), _("Channel"), _("Published"), label, _("Why")), rows)
        for caption, rows in (
            (_("The best"), _post_rows(report, report.top, voice)),
            (_("The weakest"), _post_rows(report, report.bottom, voice)),
        )
        if rows
    ]
    return Chapter("posts", _("Posts"), (), tuple(sheets))


def _post_rows(report: Report, posts: Sequence[BestPost], voice: Voice) -> tuple[tuple[str, ...], ...]:
    return tuple(
        (
            post.text or "–",
            post.channel,
            voice.moment(post.published_at, report.zone),
            amount(post.value, Unit.COUNT, voice),
            "; ".join(said(voice, reason) for reason in post.reasons),
        )
        for post in posts
    )


def _proposals(report: Report, voice: Voice) -> Chapter:
    _ = voice.gettext
    by_key = {line.key: line for line in report.figures}
    rows = tuple(
        (
            said(voice, one.name),
            _number(one.value, by_key[one.key], voice),
            _number(one.even, by_key[one.key], voice),
            _number(one.bold, by_key[one.key], voice),
        )
        for one in report.proposals
    )
    if not rows:
        none = Sentence("report.proposal_none", {"weeks": 4})
        return Chapter("proposals", _("Next targets"), (Told(said(voice, none)),))
    head = (_("Figure"), _("This period"), _("As likely as not"), _("One time in five"))
    return Chapter("proposals", _("Next targets"), (), (Sheet(_("Next targets"), head, rows),))
