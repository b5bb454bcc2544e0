"""What is found about a KPI's change, trend and own past, as sentences."""

from collections.abc import Sequence

from analytics.explaining.change import Change
from analytics.explaining.course import FEWEST_PERIODS, FEWEST_WEEKS, Among, Run
from analytics.explaining.tree import Factor
from analytics.history import Past
from analytics.kpis import Standing
from domain.definition import Shape
from domain.sentence import Amount, Sentence, Unit, Value, Words

#: From here on a trend is told from chance.
LEVEL = 0.05


def amount(standing: Standing, value: float, *, fine: bool = False) -> Amount:
    """In the figure's unit; counts are whole for people, effects of less than 10 with two digits."""
    unit = standing.definition.unit
    currency = standing.actual.passport.currency or ""
    if unit is Unit.COUNT and not (fine and abs(value) < 10):
        value = float(round(value))
    return Amount(value, unit, currency)


def signed(standing: Standing, value: float) -> Sentence:
    """With its sign: ``+12``, ``−3``."""
    size = amount(standing, abs(value), fine=True)
    return Sentence("signed.minus" if value < 0 else "signed.plus", {"amount": size})


def factor_words(change: Change, standing: Standing, factor: Factor) -> Sentence | Words:
    """What a factor is called."""
    if factor in change.chain:
        return change.chain[factor]
    is_rate = standing.definition.shape in (Shape.RATE, Shape.GROWTH_RATE)
    if is_rate and factor is Factor.RATE:
        return Sentence("factor.own_rate")
    if is_rate and factor is Factor.MIX:
        return Sentence("factor.mix_rate")
    return Sentence(f"factor.{factor}", {"metric": standing.definition.name})


def change_told(change: Change, standing: Standing) -> list[Sentence]:
    """What changed and mostly why, and how it was split; or why it cannot be."""
    if change.tree is None:
        return [change.reason or Sentence("absent.no_posts")]
    tree, metric = change.tree, standing.definition.name
    values: dict[str, Value] = {"metric": metric, "after": amount(standing, tree.after)}
    if not tree.effects or abs(tree.change) < 1e-9 * max(1.0, abs(tree.after)):
        return [Sentence("variance.same", values)]
    pushing = [name for name, effect in tree.effects.items() if effect * tree.change > 0]
    most = max(pushing or tree.effects, key=lambda name: abs(tree.effects[name]))
    values |= {
        "before": amount(standing, tree.before),
        "change": signed(standing, tree.change),
        "factor": factor_words(change, standing, most),
        "effect": signed(standing, tree.effects[most]),
    }
    return [Sentence("variance.said", values)]


def basis_told(change: Change) -> list[Sentence]:
    """By which rules the change was split."""
    if change.tree is None or change.pair is None:
        return []
    found = []
    if change.pair.is_part and change.pair.scale == 1:
        found.append(Sentence("variance.part"))
    if change.pair.scale != 1:
        found.append(Sentence("variance.scaled"))
    if Factor.OLDER in change.tree.effects:
        found.append(Sentence("variance.older"))
    method = "shapley" if "shapley" in change.tree.methods else "lmdi" if change.tree.methods else "adds"
    return [*found, Sentence(f"variance.{method}")]


def trend_told(run: Run | None, past: Past | None, standing: Standing) -> list[Sentence]:
    """Whether it rises or falls, by how much a week, and how sure that is."""
    if run is None:
        if past is None:
            return [Sentence("trend.none")]
        return [Sentence("trend.few", {"weeks": past.weeks, "needed": FEWEST_WEEKS})]
    slope, low, high = run.a_week
    key = "flat" if run.found.p > LEVEL or slope == 0 else "up" if slope > 0 else "down"
    values: dict[str, Value] = {
        "weeks": run.weeks,
        "slope": signed(standing, slope),
        "low": signed(standing, low),
        "high": signed(standing, high),
        "chance": _often(run.found.p),
        "p": _p(run.found.p),
    }
    return [
        Sentence(f"trend.{key}", values),
        Sentence("trend.weekdays" if run.by_weekday else "trend.weeks"),
    ]


def _often(p: float) -> Sentence:
    if p < 0.001:
        return Sentence("trend.p_tiny")
    if p < 0.01:
        return Sentence("trend.p_of_thousand", {"times": max(1, round(p * 1000))})
    return Sentence("trend.p_of_hundred", {"times": max(1, round(p * 100))})


def _p(p: float) -> Sentence:
    if p < 0.001:
        return Sentence("trend.p_below", {"p": _plain(0.001)})
    return Sentence("trend.p", {"p": _plain(p)})


def _plain(p: float) -> Words:
    text = f"{p:.3f}" if p < 0.1 else f"{p:.2f}"
    return Words(text, text.replace(".", ","))


def among_told(found: Among | None, standing: Standing) -> Sequence[Sentence]:
    """Where the period lies among the own earlier ones."""
    if found is None:
        return [Sentence("among.none")]
    if not found.is_enough:
        return [Sentence("among.few", {"count": len(found.earlier), "needed": FEWEST_PERIODS})]
    low, middle, high = found.quartiles
    values: dict[str, Value] = {
        "value": amount(standing, found.value),
        "days": found.days,
        "share": Amount(float(round(100 * found.share_below)), Unit.PERCENT),
        "count": len(found.earlier),
        "middle": amount(standing, middle),
        "low": amount(standing, low),
        "high": amount(standing, high),
    }
    told = [Sentence("among.said", values)]
    if found.days < standing.span.days:
        told.append(Sentence("among.part", {"days": found.days}))
    return told
