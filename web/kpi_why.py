"""Why a KPI stands where it stands, in the reader's words: its change as a tree, its trend, its own past."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from analytics.explaining.change import Change
from analytics.explaining.industry import Beside, industry_told
from analytics.explaining.looking import Look
from analytics.explaining.periods import Against
from analytics.explaining.told import factor_words, signed
from analytics.explaining.tree import Branch, Cell, Factor
from analytics.kpis import Standing
from domain.benchmark import Measure
from domain.breakdown import NAMES
from domain.definition import OF_CHANNELS, Definition, Shape
from domain.period import Span
from domain.sentence import Unit
from web.chart_breaks import cuts_of, marks, part, parted, with_cuts
from web.charts import Chart, Spec, amounts, days_axis, series_of, spec_of
from web.figures import amount
from web.i18n import Voice
from web.i18n import marked as N_
from web.said import ended, said, upper

#: What a period may be compared with, in words.
AGAINST: Mapping[Against, str] = {
    Against.BEFORE: N_("The period before"),
    Against.YEAR: N_("The same of last year"),
    Against.BASELINE: N_("The baseline"),
}
#: Groups that a table shows; the others are added up in its last row.
SHOWN = 12
#: Height of a bar with its gap, and of what is around them, in CSS pixels.
_BAR, _AROUND = 26, 52
#: Around the picture; names are measured a little short, so there is more on their side.
_PADDING = {"left": 34, "right": 16, "top": 4, "bottom": 4}


@dataclass(frozen=True, slots=True, kw_only=True)
class Rows:
    """A table of texts; the first column names the row."""

    caption: str
    head: Sequence[str]
    rows: Sequence[Sequence[str]]


@dataclass(frozen=True, slots=True, kw_only=True)
class WhyShown:
    """What the page says."""

    change: Sequence[str]
    #: The two stretches of days that are compared; empty: none are.
    compared: str
    effects: Rows | None
    groups: Rows | None
    trend: Sequence[str]
    among: Sequence[str]
    earlier: Rows | None
    industry: Sequence["IndustryShown"]


@dataclass(frozen=True, slots=True, kw_only=True)
class IndustryShown:
    """One benchmark beside the own value."""

    whom: str
    source: str
    day: date
    link: str
    stale: bool
    numbers: str
    #: The own value; empty: the two are not compared, and ``said`` has the reason.
    own: str
    said: str
    note: str


def why_shown(look: Look, voice: Voice) -> WhyShown:
    """All of it in the reader's language."""
    return WhyShown(
        change=[ended(said(voice, one)) for one in look.change_told],
        compared=_compared(look.change, voice),
        effects=_effects(look, voice),
        groups=_groups(look, voice),
        trend=[ended(said(voice, one)) for one in look.trend_told],
        among=[ended(upper(said(voice, one))) for one in look.among_told],
        earlier=_earlier(look, voice),
        industry=[_industry(one, look.standing, voice) for one in look.industry],
    )


def against_offered(standing: Standing, voice: Voice) -> list[tuple[str, str]]:
    """With what the period can be compared."""
    has = standing.kpi.baseline_from is not None
    return [
        (str(one), voice.gettext(name)) for one, name in AGAINST.items() if has or one is not Against.BASELINE
    ]


def by_offered(change: Change, voice: Voice) -> list[tuple[str, str]]:
    """By what the posts can be grouped."""
    return [(str(one), said(voice, NAMES[one])) for one in change.groupings]


def _compared(change: Change, voice: Voice) -> str:
    if change.pair is None:
        return ""
    this, other = change.pair.span, change.pair.other_span
    return voice.gettext(
        "%(first)s to %(last)s beside %(then_first)s to %(then_last)s",
        first=voice.date(this.first),
        last=voice.date(this.last),
        then_first=voice.date(other.first),
        then_last=voice.date(other.last),
    )


def _effects(look: Look, voice: Voice) -> Rows | None:
    if look.change.tree is None:
        return None
    rows = [(name, said(voice, signed(look.standing, effect))) for name, effect in _named(look, voice)]
    total = said(voice, signed(look.standing, look.change.tree.change))
    return Rows(
        caption=voice.gettext("Why it changed"),
        head=(voice.gettext("Because of"), voice.gettext("Effect")),
        rows=[*rows, (voice.gettext("Together"), total)],
    )


def _named(look: Look, voice: Voice) -> list[tuple[str, float]]:
    assert look.change.tree is not None
    return [
        (said(voice, factor_words(look.change, look.standing, name)), effect)
        for name, effect in look.change.tree.effects.items()
    ]


def effects_chart(look: Look, voice: Voice) -> Chart | None:
    """What each factor did: a bar to the right adds, one to the left takes away."""
    table = _effects(look, voice)
    if table is None or not look.change.tree or not any(look.change.tree.effects.values()):
        return None
    named = _named(look, voice)
    values = [{"factor": name, "effect": effect} for name, effect in named]
    y: Spec = {"field": "factor", "type": "nominal", "sort": None, "title": None,
               "axis": {"grid": False, "labelLimit": 190, "ticks": False, "domain": False}}  # fmt: skip
    x: Spec = {"field": "effect", "type": "quantitative", "axis": amounts(voice)}
    bar: Spec = {"mark": {"type": "bar", "style": "bars"}, "encoding": {"x": x, "y": y}}
    spec = spec_of(data={"values": values}, layer=[bar]) | {
        "height": _BAR * len(values) + _AROUND,
        "padding": _PADDING,
    }
    gist = ended(said(voice, look.change_told[0]))
    return Chart(table.caption, gist, spec, tuple(table.head), tuple(tuple(row) for row in table.rows))


def _groups(look: Look, voice: Voice) -> Rows | None:
    tree = look.change.tree
    if tree is None or not tree.branches:
        return None
    _ = voice.gettext
    by = said(voice, NAMES[look.change.by])
    factors = [name for name in tree.effects if any(name in one.effects for one in tree.branches)]
    is_rate = look.standing.definition.shape in (Shape.RATE, Shape.GROWTH_RATE)
    counts = look.standing.definition.shape not in OF_CHANNELS and not is_rate
    shown, rest = tree.branches[:SHOWN], tree.branches[SHOWN:]
    head = [by, _("Before"), _("Now"), _("Did"), *(
        said(voice, factor_words(look.change, look.standing, name)) for name in factors if len(factors) > 1
    )]  # fmt: skip
    rows = [_group_row(look, one, factors, counts=counts, is_rate=is_rate, voice=voice) for one in shown]
    if rest:
        name = voice.ngettext("%(num)s more", "%(num)s more", len(rest))
        effects = [sum(one.effects.get(factor, 0.0) for one in rest) for factor in factors]
        together = [sum(effects), *(effects if len(factors) > 1 else ())]
        rows.append((name, "", "", *(said(voice, signed(look.standing, one)) for one in together)))
    caption = _(
        "%(metric)s by %(group)s", metric=said(voice, look.standing.definition.name), group=by.lower()
    )
    return Rows(caption=caption, head=head, rows=rows)


def _group_row(
    look: Look, one: Branch, factors: Sequence[Factor], *, counts: bool, is_rate: bool, voice: Voice
) -> tuple[str, ...]:
    words = look.change.names.get(one.key)
    name = said(voice, words) if words else str(one.key)
    cells = (one.before, one.after)
    told = [one.effect, *((one.effects.get(factor) for factor in factors) if len(factors) > 1 else ())]
    return (
        name,
        *(_cell(look.standing, cell, counts=counts, is_rate=is_rate, voice=voice) for cell in cells),
        *("–" if effect is None else said(voice, signed(look.standing, effect)) for effect in told),
    )  # fmt: skip


def _cell(standing: Standing, cell: Cell, *, counts: bool, is_rate: bool, voice: Voice) -> str:
    entry = standing.definition
    if is_rate:
        value = None if not cell.below else entry.factor * cell.value / cell.below
        return "–" if value is None else _amount(standing, value, voice)
    if counts and not cell.posts:
        return "–"
    value_told = _amount(standing, cell.value, voice)
    if not counts or entry.shape is Shape.POSTS:
        return value_told
    posts = round(cell.posts)
    return voice.ngettext("%(value)s of %(num)s post", "%(value)s of %(num)s posts", posts, value=value_told)


def _amount(standing: Standing, value: float, voice: Voice) -> str:
    unit = standing.definition.unit
    number = float(round(value)) if unit is Unit.COUNT else value
    return amount(number, unit, voice, standing.actual.passport.currency)


def _earlier(look: Look, voice: Voice) -> Rows | None:
    if look.among is None or not look.among.earlier:
        return None
    rows = [
        (_days(span, voice), _amount(look.standing, value, voice))
        for span, value in reversed([*look.among.earlier, (look.among.span, look.among.value)])
    ]
    return Rows(
        caption=voice.gettext("Own periods, each as far as this one is over"),
        head=(voice.gettext("Period"), said(voice, look.standing.definition.name)),
        rows=rows,
    )


def _industry(one: Beside, standing: Standing, voice: Voice) -> IndustryShown:
    row, currency = one.row, one.row.currency or standing.actual.passport.currency
    words = [word for word in (row.industry, row.segment, row.platform) if word]
    told = industry_told([one], standing)
    return IndustryShown(
        whom=", ".join(words) or voice.gettext("All"),
        source=row.source,
        day=one.source_date,
        link=row.link or "",
        stale=one.stale,
        numbers=measure_words(one.measure, standing.definition, currency or "", voice),
        own="" if one.own is None else amount(one.own, standing.definition.unit, voice, currency),
        said=ended(said(voice, told[0] if told else one.reason or "")),
        note=row.note,
    )


def measure_words(measure: Measure, entry: Definition, currency: str, voice: Voice) -> str:
    """The numbers of a benchmark, each with its name."""
    _ = voice.gettext
    named = (
        (_("value"), measure.value),
        (_("lower quartile"), measure.low),
        (_("median"), measure.median),
        (_("upper quartile"), measure.high),
    )
    return ", ".join(
        f"{name} {amount(value, entry.unit, voice, currency)}" for name, value in named if value is not None
    )


def _days(span: Span, voice: Voice) -> str:
    return voice.gettext("%(first)s to %(last)s", first=voice.date(span.first), last=voice.date(span.last))


def trend_chart(look: Look, voice: Voice) -> Chart | None:
    """Week by week, with the line of the trend."""
    run, past = look.run, look.past
    if run is None or past is None:
        return None
    weeks = [Span(run.span.first + timedelta(days=day), run.span.first + timedelta(days=day + 7))
             for day in range(0, run.span.days, 7)]  # fmt: skip
    points = [(week.last, value) for week in weeks if (value := past.value(week)) is not None]
    if len(points) < 2:
        return None
    metric = said(voice, look.standing.definition.name)
    slope, _low, _high = run.a_week
    values = sorted(value - slope * place for place, (_day, value) in enumerate(points))
    start = values[len(values) // 2]
    line = [(points[place][0], start + slope * place) for place in (0, len(points) - 1)]
    names = (metric, voice.gettext("Trend"))
    cuts = cuts_of(look.breaks, voice)
    data = [
        {
            "day": day.isoformat(),
            "value": value,
            "series": name,
            "part": part(day, cuts) if several is points else 0,
        }
        for name, several in zip(names, (points, line), strict=True)
        for day, value in several
    ]
    y: Spec = {"field": "value", "type": "quantitative", "axis": amounts(voice), "scale": {"zero": False}}
    encoding: Spec = {"x": days_axis(), "y": y, **series_of(names), **parted(cuts)}
    drawn = {"mark": "line", "encoding": encoding}
    spec = spec_of(data={"values": data}, layer=[drawn, *marks(cuts, days_axis(), voice)])
    title = voice.gettext("%(metric)s week by week", metric=metric)
    rows = tuple((voice.date(day), _amount(look.standing, value, voice)) for day, value in reversed(points))
    gist = with_cuts(ended(said(voice, look.trend_told[0])), cuts, voice)
    return Chart(title, gist, spec, (voice.gettext("Week until"), metric), rows)
