"""The chapters of a quarter: what was published, by what it has in common, and the competitors."""

from domain.breakdown import ENOUGH
from domain.report import BrandLine, Mix, MixLine, Report
from domain.sentence import Unit
from web.figures import amount
from web.i18n import Voice
from web.reports.parts import Chapter, Sheet, told
from web.said import said


def mix_chapter(report: Report, voice: Voice) -> Chapter:
    """A table for each grouping: posts, their part, and what one earned, beside the period before."""
    sheets = tuple(_mix(one, voice) for one in report.mixes)
    return Chapter("mix", voice.gettext("The mix"), told(report.mix_told, voice), sheets)


def _mix(mix: Mix, voice: Voice) -> Sheet:
    _ = voice.gettext
    figure = said(voice, mix.figure)
    head = (
        said(voice, mix.name),
        _("Posts"),
        _("Of all"),
        _("Before"),
        figure,
        _("Each"),
        _("Each before"),
    )
    rows = tuple(_mix_row(one, voice) for one in mix.lines)
    caption = _("By %(group)s", group=said(voice, mix.name).lower())
    return Sheet(
        caption, head, rows, tuple(f"mix-{mix.by}" if not place else "" for place in range(len(rows)))
    )


def _mix_row(one: MixLine, voice: Voice) -> tuple[str, ...]:
    few = f" ({voice.gettext('few')})" if 0 < one.measured < ENOUGH else ""
    return (
        said(voice, one.name) + few,
        voice.number(one.posts),
        _percent(one.share, voice),
        _percent(one.share_before, voice),
        "–" if one.value is None else amount(float(round(one.value)), Unit.COUNT, voice),
        _each(one.per_post, voice),
        _each(one.per_post_before, voice),
    )


def _percent(value: float | None, voice: Voice) -> str:
    return "–" if value is None else voice.percent(value / 100, 1)


def _each(value: float | None, voice: Voice) -> str:
    return "–" if value is None else voice.number(round(value, 1), 1)


def brands_chapter(report: Report, voice: Voice) -> Chapter:
    """The own brand beside the others."""
    _ = voice.gettext
    heading = _("Competitors")
    if not report.brands:
        return Chapter("brands", heading, told(report.brands_told, voice))
    head = (_("Brand"), _("Mentions"), _("Before"), _("Share of voice"), _("95% interval"), _("Before"))
    rows = tuple(_brand_row(one, voice) for one in report.brands)
    caption = _("Mentions and share of voice")
    if report.brand_sources:
        caption = _("%(what)s, by %(sources)s", what=caption, sources=", ".join(report.brand_sources))
    anchors = tuple(f"brand-{one.id}" for one in report.brands)
    return Chapter("brands", heading, told(report.brands_told, voice), (Sheet(caption, head, rows, anchors),))


def _brand_row(one: BrandLine, voice: Voice) -> tuple[str, ...]:
    interval = "–"
    if one.low is not None and one.high is not None:
        interval = f"{_percent(one.low, voice)}–{_percent(one.high, voice)}"
    return (
        f"{one.name} ({voice.gettext('own')})" if one.is_own else one.name,
        "–" if one.mentions is None else voice.number(one.mentions),
        "–" if one.mentions_before is None else voice.number(one.mentions_before),
        _percent(one.share, voice),
        interval,
        _percent(one.share_before, voice),
    )
