"""The sentences of a report: each follows from a stated rule and points at its figure."""

from collections.abc import Mapping, Sequence

from analytics.reports.figures import HEADLINES
from analytics.reports.targets import BAD, GOOD
from domain.pace import Status
from domain.report import BestPost, Cause, FigureLine, KpiLine, Proposal, Remark, Tone
from domain.sentence import Amount, Sentence, Unit, Value, Words

#: A change that at most this share of earlier periods reached is told as unusual.
UNUSUAL = 0.1
#: Smaller changes, in percent, are no news.
_SMALL = 0.5
#: Sentences about figures at most, the most unusual first.
_MOST = 6
#: Of what is not counted of posts, at most so many are told besides.
_MOST_BUSINESS = 4
#: What was paid, sold, answered and said; the first of them where changes are alike.
BUSINESS = (
    "order_revenue", "web_visits", "ad_spend", "share_of_voice", "nps", "csat", "mentions", "testimonials",
)  # fmt: skip
_TREND = 12
#: The best posts are told of where they brought at least this percentage.
_LARGE_SHARE = 30.0


def happened(
    figures: Sequence[FigureLine], kpis: Sequence[KpiLine], top: Sequence[BestPost], ranked_by: str
) -> list[Remark]:
    """What happened: posts, targets, figures with how unusual they are, trends, the share of the best."""
    by_key = {line.key: line for line in figures}
    posts = by_key.get("posts_published")
    remarks = [] if posts is None or posts.value is None else [_posts(posts)]
    remarks += _targets(kpis)
    told = [line for line in figures if line.key in HEADLINES or line.key == "follower_growth"]
    told = [line for line in told if line.value is not None and (line.value or line.before)]
    told.sort(key=_news, reverse=True)
    remarks += [_figure(line) for line in told[:_MOST]]
    remarks += [_trend(line) for line in told if line.slope is not None]
    if (share := _best(by_key.get(ranked_by), top)) is not None:
        remarks.append(share)
    business = [by_key[key] for key in BUSINESS if key in by_key and by_key[key].value is not None]
    business = [line for line in business if line.value or line.before]
    business.sort(key=lambda line: (line.key == "order_revenue", *_news(line)), reverse=True)
    remarks += [_figure(line) for line in business[:_MOST_BUSINESS]]
    empty = not told and not business and (posts is None or not posts.value)
    return [Remark("nothing", Sentence("report.nothing"))] if empty else remarks


def _news(line: FigureLine) -> tuple[float, float]:
    rarity = 1.0 if line.rarity is None else line.rarity
    return 1 - rarity, abs(line.change or 0.0)


def amount(line: FigureLine | KpiLine, value: float) -> Amount:
    """A value of a figure; counts are whole for people."""
    whole = float(round(value)) if line.unit is Unit.COUNT else value
    return Amount(whole, line.unit, line.currency)


def _posts(line: FigureLine) -> Remark:
    values: dict[str, Value] = {"count": int(line.value or 0), "before": int(line.before or 0)}
    return Remark("posts", Sentence("report.posts", values), f"figure-{line.key}")


def _targets(kpis: Sequence[KpiLine]) -> list[Remark]:
    states = [Status(line.status) for line in kpis]
    good, bad = sum(state in GOOD for state in states), sum(state in BAD for state in states)
    found = []
    if good:
        values: dict[str, Value] = {"good": good, "all": len(states)}
        found.append(Remark("targets", Sentence("report.kpis", values), "kpis", Tone.GOOD))
    if bad:
        found.append(
            Remark("targets", Sentence("report.kpis_bad", {"bad": bad, "all": len(states)}), "kpis", Tone.BAD)
        )
    return found


def _figure(line: FigureLine) -> Remark:
    assert line.value is not None
    about = f"figure-{line.key}"
    values: dict[str, Value] = {"figure": line.name, "value": amount(line, line.value)}
    if line.before is None:
        return Remark("figure", Sentence("report.first", values), about)
    change: Value
    if line.in_points:
        is_same, change = line.change is None and line.before == line.value, _points(line)
    elif line.change is None:
        is_same, change = line.before == line.value, amount(line, abs(line.value - line.before))
    else:
        is_same, change = abs(line.change) < _SMALL, Amount(round(abs(line.change), 1), Unit.PERCENT)
    if is_same:
        return Remark("figure", Sentence("report.same", values), about)
    values |= {"before": amount(line, line.before), "change": change, "how": _how(line)}
    return Remark("figure", Sentence(_way(line), values), about, _tone(line))


def _way(line: FigureLine) -> str:
    difference = (line.value or 0.0) - (line.before or 0.0)
    if line.in_points and abs(round(difference, 1)) < _SMALL / 10:
        return "report.same"
    return "report.rose" if difference > 0 else "report.fell"


def _points(line: FigureLine) -> Sentence:
    """The difference of two shares or scores, which no percentage of a percentage tells."""
    difference = abs((line.value or 0.0) - (line.before or 0.0))
    return Sentence("report.points", {"points": Amount(round(difference, 1), Unit.RATIO)})


def _tone(line: FigureLine) -> Tone:
    """Only what is unusual is good or bad news."""
    if line.better is None or line.rarity is None or line.rarity > UNUSUAL:
        return Tone.PLAIN
    return Tone.GOOD if line.better else Tone.BAD


def _how(line: FigureLine) -> Sentence:
    if line.rarity is None or not line.periods:
        return Sentence("report.how_unknown")
    if line.rarity > UNUSUAL:
        return Sentence("report.how_usual")
    times = round(line.rarity * line.periods)
    if not times:
        return Sentence("report.how_never", {"periods": line.periods})
    return Sentence("report.how_rare", {"times": times, "periods": line.periods})


def _trend(line: FigureLine) -> Remark:
    assert line.slope is not None
    slope = line.slope[0]
    values: dict[str, Value] = {"figure": line.name, "periods": _TREND, "slope": amount(line, abs(slope))}
    key = "report.trend_up" if slope > 0 else "report.trend_down"
    return Remark("trend", Sentence(key, values), f"figure-{line.key}")


def _best(line: FigureLine | None, top: Sequence[BestPost]) -> Remark | None:
    if line is None or not line.value or not top:
        return None
    share = 100 * sum(post.value for post in top) / line.value
    if not _LARGE_SHARE <= share <= 100:
        return None
    values: dict[str, Value] = {
        "count": len(top),
        "share": Amount(float(round(share)), Unit.PERCENT),
        "figure": line.name,
    }
    return Remark("best", Sentence("report.top_share", values), "posts")


def why(causes: Sequence[Cause]) -> list[Remark]:
    """Which factor moved a figure most."""
    found = []
    for cause in causes:
        largest = max(cause.parts, key=lambda part: abs(part.effect))
        change, effect = (round(one) for one in (cause.after - cause.before, largest.effect))
        sign = "report.effect_more" if effect >= 0 else "report.effect_less"
        values: dict[str, Value] = {
            "figure": cause.name,
            "group": cause.group,
            "change": Amount(float(abs(change))),
            "factor": Words(largest.name.en.lower(), largest.name.id.lower()),
            "effect": Sentence(sign, {"effect": Amount(float(abs(effect)))}),
        }
        rule = "report.cause_rose" if change >= 0 else "report.cause_fell"
        found.append(Remark("cause", Sentence(rule, values), "causes"))
    return found


def needed(waiting: Mapping[str, int], broken: Sequence[str], kpis: Sequence[KpiLine]) -> list[Remark]:
    """What a person has to look at.

    Args:
        waiting: posts by ``uncertain``, ``failed`` and ``approval``.
        broken: names of channels that have to be connected again.
        kpis: as they stood.
    """
    found = [
        Remark(f"need_{what}", Sentence(f"report.need_{what}", {"count": count}), "needed", Tone.BAD)
        for what, count in waiting.items()
        if count
    ]
    found += [
        Remark("need_reconnect", Sentence("report.need_reconnect", {"channel": name}), "needed", Tone.BAD)
        for name in broken
    ]
    for line in kpis:
        if Status(line.status) in BAD:
            values: dict[str, Value] = {"kpi": line.name, "status": Sentence(f"status.{line.status}")}
            found.append(Remark("need_kpi", Sentence("report.need_kpi", values), f"kpi-{line.id}", Tone.BAD))
    return found or [Remark("need_nothing", Sentence("report.need_nothing"), "needed", Tone.GOOD)]


def proposed(found: Sequence[Proposal], figures: Sequence[FigureLine]) -> list[Sentence]:
    """The proposals in words."""
    by_key = {line.key: line for line in figures}
    return [
        Sentence(
            "report.proposal",
            {
                "figure": one.name,
                "even": amount(by_key[one.key], one.even),
                "bold": amount(by_key[one.key], one.bold),
            },
        )
        for one in found
    ]


def learned(kpis: Sequence[KpiLine]) -> list[Remark]:
    """Targets whose period ended, met or missed."""
    found = []
    for line in kpis:
        met = line.status == Status.REACHED
        if line.actual is None or not (met or line.status == Status.MISSED):
            continue
        values: dict[str, Value] = {
            "kpi": line.name,
            "actual": amount(line, line.actual),
            "target": amount(line, line.target),
        }
        rule = "learned_met" if met else "learned_missed"
        tone = Tone.GOOD if met else Tone.BAD
        found.append(Remark(rule, Sentence(f"report.{rule}", values), f"kpi-{line.id}", tone))
        found += [Remark("learned_why", why, f"kpi-{line.id}") for why in line.why]
    return found
