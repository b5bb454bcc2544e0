"""The page of metrics, made from the catalogue and from what the adapters declare.

python -m tests.docs.metrics_page    writes it anew
"""

from collections.abc import Iterable, Sequence
from datetime import timedelta

from domain.breaks import Break
from domain.catalogue import CATALOGUE
from domain.content import DeliveryClass
from domain.definition import OF_LINKS, OF_PAGES, OWN_SOURCE, Definition, Shape
from domain.metrics import CHECKPOINTS, Metric
from publishers.metric_sources import Source, breaks, sources
from publishers.registry import BUILT_IN, adapter
from tests.docs.markdown import DOCS

FILE = DOCS / "reference" / "metrics.md"

_ADDS_UP = {
    Shape.FLOW: "yes",
    Shape.POSTS: "yes",
    Shape.GROWTH: "yes",
    Shape.UNIQUE: "never",
    Shape.LARGEST: "never",
    Shape.MEAN: "no: every post weighs the same",
    Shape.GROWTH_RATE: "no",
    Shape.STOCK: "over channels, not over time",
    Shape.RATE: "no: both parts are summed first",
}


#: Braces are filled in.
_PAGE = """\
# Metrics and rates

Made from `domain/catalogue.py` and from what the adapters declare; `tabuh stats metrics` says the same.
A figure that a platform does not supply is absent, never 0, and a KPI that needs it is refused.

## Counts

{counts}

## Rates

A rate whose denominator is missing or 0 is undefined. Rates with other denominators have other keys and are
never mixed. The version is raised when a formula changes its meaning; figures of two versions
are not compared.

{rates}

## Who supplies what

Clicks are counted by Tabuh on every platform, at its own short links; so everywhere but on the page they
need a public `TABUH_PUBLIC_URL`. *own* means counted by Tabuh itself.

{supplies}

## Fields

Where each number comes from. Without a date the platform has given it since before Tabuh reads it, and still
gives it. Metrics that are counted from lists, such as the reactions in a Matrix room, have no field.

{fields}

## Breaks

On these days a number changed its meaning. Growth across such a day is not known and counts as none; figures
whose time holds one carry the note, and charts are cut there.

{breaks}

## When a post is measured

At these ages: {ages}.

A machine that was down reads once when it is back; ages that it missed stay empty.
Posts are compared at equal age.
"""


def text() -> str:
    """The whole page."""
    counts = [entry for entry in CATALOGUE.values() if entry.denominator is None]
    rates = [entry for entry in CATALOGUE.values() if entry.denominator is not None]
    return _PAGE.format(
        counts=_table(["key", "name", "Indonesian", "what it counts", "adds up"], map(_count, counts)),
        rates=_table(["key", "name", "Indonesian", "formula", "version"], map(_rate, rates)),
        supplies=_table(["metric", *BUILT_IN], map(_supply, Metric)),
        fields=_table(
            ["platform", "metric", "field", "given", "called there", "note"], map(_field, _mapped())
        ),
        breaks=_table(["day", "platform", "metric", "what"], map(_break, breaks(BUILT_IN))),
        ages=", ".join(_age(age) for age in CHECKPOINTS),
    )


def _mapped() -> Iterable[Source]:
    return (one for one in sources(BUILT_IN) if one.field not in (None, OWN_SOURCE))


def _field(one: Source) -> Sequence[str]:
    since = f"from {one.since}" if one.since else ""
    until = f"until {one.until}" if one.until else ""
    given = " ".join(filter(None, (since, until)))
    return (one.platform, f"`{one.metric}`", f"`{one.field}`", given, one.word, one.note)


def _break(one: Break) -> Sequence[str]:
    return (str(one.on), one.platform, f"`{one.metric}`", one.what.en)


def _count(entry: Definition) -> Sequence[str]:
    return (f"`{entry.key}`", entry.name.en, entry.name.id, entry.definition.en, _ADDS_UP[entry.shape])


def _rate(entry: Definition) -> Sequence[str]:
    return (f"`{entry.key}`", entry.name.en, entry.name.id, entry.formula, str(entry.version))


def _supply(metric: Metric) -> Sequence[str]:
    return (f"`{metric}`", *(_supplied(name, metric) for name in BUILT_IN))


def _supplied(platform: str, metric: Metric) -> str:
    able = adapter(platform).capabilities
    local = able.delivery is DeliveryClass.LOCAL
    if metric in OF_LINKS or (local and metric in OF_PAGES):
        return "own"
    return "yes" if metric in able.post_metrics | able.channel_metrics else "–"


def _age(age: timedelta) -> str:
    for unit, length in (("d", timedelta(days=1)), ("h", timedelta(hours=1))):
        if age > length or (unit == "h" and age == length):
            return f"{age // length} {unit}"
    return f"{age // timedelta(minutes=1)} min"


def _table(head: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    lines = [head, ["---"] * len(head), *rows]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)


if __name__ == "__main__":
    FILE.write_text(text(), encoding="utf-8")
