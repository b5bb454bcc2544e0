"""Charts of posts in groups: one bar for each group, the longest first."""

from collections.abc import Sequence
from datetime import date

from analytics.breakdowns import Breakdown
from domain.breakdown import NAMES, ORDERED, By
from web.chart_breaks import Cut, marks, part, parted, with_cuts
from web.charts import Chart, Spec, amounts, days_axis, heat, spec_of
from web.figures import between, shown
from web.i18n import Voice
from web.said import said

#: Bars in one picture; the table has the rest.
BARS = 12
#: Height of a bar with its gap, and of what is around them, in CSS pixels.
_BAR, _AROUND = 19, 22
#: Letters of a group's name beside its bar.
_NAME = 24


def groups_chart(told: Breakdown, key: str, voice: Voice) -> Chart | None:
    """A figure by group; hours of the week as a week of cells. None: no group has it."""
    known = [(group, value) for group in told.groups if (value := group.figures[key].value) is not None]
    if not known:
        return None
    metric = said(voice, told.called(key))
    title = voice.gettext("%(metric)s by %(group)s", metric=metric, group=said(voice, NAMES[told.by]).lower())
    if told.by is By.SLOT:
        cells = {divmod(int(group.key or 0), 24): value for group, value in known}
        return heat(title, metric, cells, voice=voice)
    ordered = sorted(known, key=lambda one: -one[1])[:BARS]
    drawn = known if told.by in ORDERED else ordered
    names = _different([said(voice, group.name) for group, _ in drawn])
    values = [
        {"group": name, "value": value, "words": shown(group.figures[key], voice).value}
        for name, (group, value) in zip(names, drawn, strict=True)
    ]
    y: Spec = {"field": "group", "type": "nominal", "sort": None, "title": None,
               "axis": {"grid": False, "labelLimit": 150, "ticks": False, "domain": False}}  # fmt: skip
    x: Spec = {"field": "value", "type": "quantitative", "axis": amounts(voice)}
    bar: Spec = {"mark": {"type": "bar", "style": "bars"}, "encoding": {"x": x, "y": y}}
    spec = spec_of(data={"values": values}, layer=[bar]) | {"height": _BAR * len(values) + _AROUND + 30}
    return Chart(title, _gist(metric, told, key, voice), spec, *_table(told, key, metric, voice))


def _different(names: Sequence[str]) -> list[str]:
    """Short names, each another: groups that are called alike keep their own bars."""
    found: list[str] = []
    for name in names:
        short = name if len(name) <= _NAME else name[: _NAME - 1].rstrip() + "…"
        number, made = 1, short
        while made in found:
            number += 1
            made = f"{short} ({number})"
        found.append(made)
    return found


def _gist(metric: str, told: Breakdown, key: str, voice: Voice) -> str:
    enough = [
        (value, group)
        for group in told.groups
        if not group.few and (value := group.figures[key].value) is not None
    ]
    if len(enough) < 2:
        return voice.gettext("%(metric)s: too few groups have enough posts to compare them.", metric=metric)
    most, least = max(enough, key=lambda one: one[0])[1], min(enough, key=lambda one: one[0])[1]
    return voice.gettext(
        "%(metric)s: most in %(most)s (%(highest)s), least in %(least)s (%(lowest)s), of groups with enough "
        "posts.",
        metric=metric,
        most=said(voice, most.name),
        highest=shown(most.figures[key], voice).value,
        least=said(voice, least.name),
        lowest=shown(least.figures[key], voice).value,
    )


def _table(
    told: Breakdown, key: str, metric: str, voice: Voice
) -> tuple[tuple[str, ...], tuple[tuple[str, ...], ...]]:
    _ = voice.gettext
    head = (said(voice, NAMES[told.by]), _("Posts"), metric, _("95% interval"))
    rows = []
    for group in told.groups:
        figure = group.figures[key]
        one = shown(figure, voice)
        rows.append((said(voice, group.name), voice.number(group.posts), one.value or one.short,
                     between(figure, voice) or "–"))  # fmt: skip
    return head, tuple(rows)


def run(
    title: str,
    metric: str,
    points: Sequence[tuple[date, float]],
    *,
    cuts: Sequence[Cut] = (),
    voice: Voice,
) -> Chart:
    """How a number of a channel went, day by day; at least one point.

    Args:
        cuts: days from which the platform counts another way: the line is cut before each, and marked.
    """
    values = [{"day": day.isoformat(), "value": value, "part": part(day, cuts)} for day, value in points]
    y: Spec = {"field": "value", "type": "quantitative", "axis": amounts(voice), "scale": {"zero": False}}
    encoding: Spec = {"x": days_axis(), "y": y}
    line: Spec = {"mark": {"type": "line"}, "encoding": {**encoding, **parted(cuts)}}
    beats: Spec = {"mark": {"type": "point", "style": "beat"}, "encoding": encoding}
    (first, start), (last, end) = points[0], points[-1]
    gist = voice.gettext(
        "%(title)s: from %(first)s on %(start)s to %(last)s on %(end)s.",
        title=title,
        first=voice.number(start),
        start=voice.date(first),
        last=voice.number(end),
        end=voice.date(last),
    )
    rows = tuple((voice.date(day), voice.number(value)) for day, value in points)
    spec = spec_of(data={"values": values}, layer=[line, *marks(cuts, days_axis(), voice), beats])
    return Chart(title, with_cuts(gist, cuts, voice), spec, (voice.gettext("Day"), metric), rows)
