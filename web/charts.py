"""Charts as plain values: a Vega-Lite specification without colours, its gist in words, its rows as a table.

One chart serves page, mail and PDF: ``web.drawing`` adds a theme and a language and draws it. Dates are drawn
in UTC after they were put into the reader's zone, so the zone of this process never matters.
"""

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from babel.units import format_unit

from web.chart_breaks import Cut, marks, part, parted, with_cuts
from web.chart_words import (
    Forecast,
    Usual,
    amount,
    bars_gist,
    compared_gist,
    growth_gist,
    growth_rows,
    heat_gist,
    path_gist,
    path_rows,
    short,
)
from web.i18n import Voice

Spec = dict[str, Any]
#: Width and height in CSS pixels on a wide page; ``narrowed`` answers for a telephone.
WIDE = (600, 270)
NARROW_WIDTH = 340

_MINUTE = timedelta(minutes=1)


@dataclass(frozen=True, slots=True)
class Chart:
    """What a chart shows, ready to be drawn in any theme."""

    title: str
    #: What the picture says, in one or two sentences; its text alternative.
    gist: str
    spec: Spec
    #: The same rows for a reader, formatted.
    head: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]

    @property
    def size(self) -> tuple[int, int]:
        return self.spec["width"], self.spec["height"]


def growth(
    title: str,
    metric: str,
    points: Sequence[tuple[timedelta, float]],
    usual: Sequence[Usual],
    *,
    cuts: Sequence[timedelta] = (),
    voice: Voice,
) -> Chart:
    """How a post grew since it was published, over what is usual at the same age.

    Args:
        metric: the name of what is counted, translated.
        points: (age, cumulative value), youngest first, ages above zero; at least one.
        usual: at the same or other ages; empty when too few posts were measured.
        cuts: ages from which the platform counts another way: the line is cut before each, and marked.
    """
    _ = voice.gettext
    this, others = _("This post"), _("Usual posts, middle half")
    values = [
        {
            "age": age // _MINUTE,
            "value": value,
            "series": this,
            "part": sum(cut <= age for cut in cuts),
        }
        for age, value in points
    ]
    band = [
        {"age": one.age // _MINUTE, "low": one.low, "high": one.high, "value": one.middle, "series": others}
        for one in usual
    ]
    ages = sorted({age // _MINUTE for age in (*dict(points), *(one.age for one in usual))})
    log = {"type": "log", "nice": False}
    x = {"field": "age", "type": "quantitative", "scale": log, "axis": _ages(ages, voice)}
    y = {"field": "value", "type": "quantitative", "axis": amounts(voice)}
    lines = series_of([this, others] if band else [this])
    layers: list[Spec] = [
        *_band(band, x, y),
        {
            "data": {"values": [*band, *values]},
            "mark": {"type": "line", "interpolate": "monotone"},
            "encoding": {"x": x, "y": y, **lines, **({"detail": {"field": "part"}} if cuts else {})},
        },
        *_cuts(cuts, x, voice),
        {
            "data": {"values": values},
            "mark": {"type": "point", "style": "beat"},
            "encoding": {"x": x, "y": y},
        },
    ]
    head = (_("Age"), metric, _("Usual: middle"), _("Usual: from"), _("Usual: to"))
    gist, rows = growth_gist(metric, points, usual, voice), growth_rows(points, usual, voice)
    return Chart(title, gist, spec_of(layer=layers), head, rows)


def compared(
    title: str, metric: str, runs: Sequence[tuple[str, Sequence[tuple[timedelta, float]]]], *, voice: Voice
) -> Chart:
    """How several posts grew since each was published; up to six (name, points), youngest age first."""
    values = [
        {"age": age // _MINUTE, "value": value, "series": name} for name, run in runs for age, value in run
    ]
    ages = sorted({age for _name, run in runs for age, _value in run})
    log = {"type": "log", "nice": False}
    axis = _ages([age // _MINUTE for age in ages], voice)
    x = {"field": "age", "type": "quantitative", "scale": log, "axis": axis}
    y = {"field": "value", "type": "quantitative", "axis": amounts(voice)}
    lines = series_of([name for name, _run in runs])
    layers: list[Spec] = [
        {"mark": {"type": "line", "interpolate": "monotone"}, "encoding": {"x": x, "y": y, **lines}},
        {"mark": {"type": "point", "size": 40, "filled": True}, "encoding": {"x": x, "y": y,
                                                                              "color": lines["color"]}},
    ]  # fmt: skip
    known = [dict(run) for _name, run in runs]
    rows = tuple((voice.interval(age), *(amount(own.get(age), voice) for own in known)) for age in ages)
    head = (voice.gettext("Age"), *(name for name, _run in runs))
    gist = compared_gist(metric, runs, voice)
    return Chart(title, gist, spec_of(data={"values": values}, layer=layers), head, rows)


def _cuts(cuts: Sequence[timedelta], x: Spec, voice: Voice) -> list[Spec]:
    """A line with a word at each age from which the platform counts another way; none without."""
    if not cuts:
        return []
    marks = [{"age": age // _MINUTE, "words": voice.gettext("counted anew")} for age in cuts]
    label = {"type": "text", "style": "words", "align": "right", "dx": -6, "baseline": "top"}
    return [
        {"data": {"values": marks}, "mark": {"type": "rule", "style": "target"}, "encoding": {"x": x}},
        {
            "data": {"values": marks},
            "mark": label,
            "encoding": {"x": x, "y": {"value": 0}, "text": {"field": "words"}},
        },
    ]


def path(
    title: str,
    actual: Sequence[tuple[date, float]],
    expected: Sequence[tuple[date, float]],
    target: float,
    deadline: date,
    *,
    forecast: Sequence[Forecast] = (),
    cuts: Sequence[Cut] = (),
    voice: Voice,
) -> Chart:
    """A KPI on its way: actual against the path to the target, and the forecast when there is one.

    Args:
        cuts: days from which the platform counts another way: the actual line is cut before each, and marked.
    """
    _ = voice.gettext
    runs = {_("Actual"): actual, _("Expected path"): expected}
    if forecast:
        runs[_("Forecast, 80% range")] = [(one.day, one.middle) for one in forecast]
    values = [
        {
            "day": day.isoformat(),
            "value": value,
            "series": name,
            "part": part(day, cuts) if run is actual else 0,
        }
        for name, run in runs.items()
        for day, value in run
    ]
    band = [{"day": one.day.isoformat(), "low": one.low, "high": one.high} for one in forecast]
    x, y = days_axis(), {"field": "value", "type": "quantitative", "axis": amounts(voice)}
    words = _("Target %(value)s", value=voice.compact(target) if target >= 10 else short(target, voice))
    first = min((day for run in runs.values() for day, _value in run), default=deadline)
    end = [{"day": first.isoformat(), "value": target, "words": words}]
    label = {"type": "text", "style": "words", "align": "left", "dx": 4, "dy": -8}
    layers: list[Spec] = [
        *_band(band, x, y),
        {
            "data": {"values": values},
            "mark": "line",
            "encoding": {"x": x, "y": y, **series_of([*runs]), **parted(cuts)},
        },
        *marks(cuts, x, voice),
        {"data": {"values": end}, "mark": {"type": "rule", "style": "target"}, "encoding": {"y": y}},
        {"data": {"values": end}, "mark": label, "encoding": {"x": x, "y": y, "text": {"field": "words"}}},
    ]
    gist = with_cuts(path_gist(actual, expected, target, deadline, voice), cuts, voice)
    rows = path_rows(actual, expected, forecast, voice)
    return Chart(title, gist, spec_of(layer=layers), (_("Day"), *runs), rows)


def bars(title: str, metric: str, days: Sequence[tuple[date, float | None]], *, voice: Voice) -> Chart:
    """One bar a day; a day that was not measured (None) is marked as such, never drawn as zero."""
    _ = voice.gettext
    known = [{"day": day.isoformat(), "value": value} for day, value in days if value is not None]
    unknown = [{"day": day.isoformat(), "words": "×"} for day, value in days if value is None]
    x = {
        "field": "day",
        "type": "ordinal",
        "timeUnit": "utcyearmonthdate",
        "axis": {**days_axis()["axis"], "labelAngle": 0, "labelSeparation": 12},
    }
    y = {"field": "value", "type": "quantitative", "axis": amounts(voice)}
    nothing = {"type": "text", "style": "words", "baseline": "bottom"}
    layers: list[Spec] = [
        {"data": {"values": known}, "mark": {"type": "bar", "style": "bars"}, "encoding": {"x": x, "y": y}},
        {
            "data": {"values": unknown},
            "mark": nothing,
            "encoding": {"x": x, "y": {"value": {"expr": "height - 2"}}, "text": {"field": "words"}},
        },
    ]
    rows = tuple((voice.date(day), amount(value, voice)) for day, value in days)
    spec = spec_of(layer=layers if unknown else layers[:1])
    return Chart(title, bars_gist(metric, days, voice), spec, (_("Day"), metric), rows)


def heat(title: str, metric: str, cells: Mapping[tuple[int, int], float], *, voice: Voice) -> Chart:
    """The week as 7 × 24 cells; keys are (weekday, hour), Monday is 0; absent cells stay empty.

    Raises:
        ValueError: there is no cell at all.
    """
    _ = voice.gettext
    names = [voice.weekday(day) for day in range(7)]
    values = [
        {"hour": hour, "day": names[day], "value": value} for (day, hour), value in sorted(cells.items())
    ]
    hours: Spec = {
        "values": list(range(0, 24, 3)),
        "labelAngle": 0,
        "labelExpr": "pad(datum.value, 2, '0', 'left')",
    }
    encoding: Spec = {
        "x": {
            "field": "hour",
            "type": "ordinal",
            "scale": {"domain": list(range(24))},
            "title": None,
            "axis": hours,
        },
        "y": {
            "field": "day",
            "type": "ordinal",
            "scale": {"domain": names},
            "title": None,
            "axis": {"grid": False},
        },
        "color": {
            "field": "value",
            "type": "quantitative",
            "legend": {"title": None, "orient": "bottom", "gradientLength": 160, "gradientThickness": 10},
        },
    }
    rows = tuple(
        (names[day], *(amount(cells.get((day, hour)), voice) for hour in range(24))) for day in range(7)
    )
    spec = spec_of(data={"values": values}, mark={"type": "rect", "style": "heat"}, encoding=encoding)
    return Chart(
        title, heat_gist(metric, cells, voice), spec, (_("Day"), *(f"{hour:02d}" for hour in range(24))), rows
    )


def sparkline(
    title: str, points: Sequence[tuple[date, float]], *, cuts: Sequence[Cut] = (), voice: Voice
) -> Chart:
    """The run of a figure without axes, for a line of text or a card; at least one point.

    Where days are missing between two points, and before a cut, the line breaks.
    """
    values = [
        {"day": day.isoformat(), "value": value, "part": part(day, cuts)} for day, value in _broken(points)
    ]
    x: Spec = {"field": "day", "type": "temporal", "scale": {"type": "utc"}, "axis": None}
    y: Spec = {"field": "value", "type": "quantitative", "scale": {"zero": False}, "axis": None}
    line: Spec = {"mark": {"type": "line", "style": "spark"}, "encoding": {"x": x, "y": y, **parted(cuts)}}
    last: Spec = {"data": {"values": values[-1:]}, "mark": {"type": "point", "style": "beat"}}
    last["encoding"] = {"x": x, "y": y}
    gist = voice.gettext(
        "%(title)s: from %(first)s on %(start)s to %(last)s on %(end)s.",
        title=title,
        first=voice.number(points[0][1], 1),
        start=voice.date(points[0][0]),
        last=voice.number(points[-1][1], 1),
        end=voice.date(points[-1][0]),
    )
    spec = spec_of(data={"values": values}, layer=[line, last]) | {"width": 120, "height": 30, "padding": 4}
    rows = tuple((voice.date(day), voice.number(value, 1)) for day, value in points)
    return Chart(title, with_cuts(gist, cuts, voice), spec, (voice.gettext("Day"), title), rows)


def _broken(points: Sequence[tuple[date, float]]) -> Iterator[tuple[date, float | None]]:
    """The points, with nothing on the day behind one that is followed by a gap."""
    for place, (day, value) in enumerate(points):
        yield day, value
        following = day + timedelta(days=1)
        if place + 1 < len(points) and points[place + 1][0] > following:
            yield following, None


def narrowed(spec: Spec) -> Spec:
    """The same chart for a narrow screen: less wide, the text as large."""
    if spec["width"] <= NARROW_WIDTH:
        return spec
    return spec | {"width": NARROW_WIDTH, "height": min(spec["height"], 250)}


def spec_of(**parts: Any) -> Spec:
    """A specification of the usual size."""
    width, height = WIDE
    autosize = {"type": "fit", "contains": "padding"}
    padding = {"left": 8, "right": 16, "top": 4, "bottom": 4}
    return {"width": width, "height": height, "padding": padding, "autosize": autosize, **parts}


def _band(values: Sequence[Spec], x: Spec, y: Spec) -> list[Spec]:
    """The layer of an interval from low to high; none without values."""
    encoding = {"x": x, "y": {**y, "field": "low"}, "y2": {"field": "high"}}
    mark = {"type": "area", "style": "band"}
    return [{"data": {"values": list(values)}, "mark": mark, "encoding": encoding}] if values else []


def series_of(names: Sequence[str]) -> Spec:
    """Colour and dash by series, one legend above: dashes tell the lines apart without colour."""
    common = {"field": "series", "type": "nominal", "title": None}
    legend = {"orient": "top", "symbolType": "stroke", "symbolSize": 260, "labelLimit": 320, "columns": 1}
    dashes = [[1, 0], [6, 4], [2, 3], [10, 3], [8, 3, 2, 3], [4, 2]][: len(names)]
    return {
        "color": {**common, "scale": {"domain": list(names)}, "legend": legend if len(names) > 1 else None},
        "strokeDash": {**common, "scale": {"domain": list(names), "range": dashes}},
    }


def _ages(ages: Sequence[int], voice: Voice) -> Spec:
    """Ticks at the ages themselves (minutes), in the words of the language; crowded ones stay without."""
    words = {str(age): _short_age(timedelta(minutes=age), voice) for age in ages}
    shown = {"labelOverlap": "greedy", "labelSeparation": 10, "grid": False}
    return {"values": list(ages), "labelExpr": f"({json.dumps(words)})[datum.value]", "title": None, **shown}


def _short_age(age: timedelta, voice: Voice) -> str:
    for unit, size in (("duration-day", 24 * 60), ("duration-hour", 60)):
        count, rest = divmod(age // _MINUTE, size)
        if count and not rest:
            return format_unit(count, unit, length="short", locale=voice.locale)
    return format_unit(age // _MINUTE, "duration-minute", length="short", locale=voice.locale)


def amounts(voice: Voice) -> Spec:
    """An axis of numbers, shortened with the words of the language (18K, 18 rb)."""
    steps = [(size, voice.compact(size).lstrip("0123456789")) for size in (10**9, 10**6, 10**3)]
    words = "format(datum.value, ',.3~f')"
    for size, suffix in reversed(steps):
        shortened = f"format(datum.value / {size}, ',.1~f') + {json.dumps(suffix)}"
        words = f"abs(datum.value) >= {size} ? {shortened} : {words}"
    return {"labelExpr": words, "title": None, "tickCount": 5, "domain": False, "ticks": False}


def days_axis() -> Spec:
    """Days along the picture."""
    axis = {"title": None, "format": "%-d %b", "tickCount": 6, "labelOverlap": "greedy", "grid": False}
    return {"field": "day", "type": "temporal", "scale": {"type": "utc"}, "axis": axis}
