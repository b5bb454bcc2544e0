"""`tabuh kpi variance`: why a KPI changed, its trend and its own past."""

from enum import StrEnum
from typing import TYPE_CHECKING, Annotated

import typer

from cli.opening import opened
from cli.printing import Json, show, table

if TYPE_CHECKING:
    from rich.table import Table

    from analytics.explaining.looking import Look
    from cli.opening import Opened


class Against(StrEnum):
    """With what a period is compared."""

    BEFORE = "before"
    YEAR = "year"
    BASELINE = "baseline"


class By(StrEnum):
    """By what posts are grouped."""

    CHANNEL = "channel"
    PLATFORM = "platform"
    KIND = "kind"
    SLOT = "slot"
    CAMPAIGN = "campaign"
    ROUTE = "route"


def variance(
    context: typer.Context,
    kpi: Annotated[str, typer.Argument(metavar="KPI", help="Its name, or its number.")],
    against: Annotated[
        Against, typer.Option(help="The period before, the same of last year, or the baseline.")
    ] = Against.BEFORE,
    by: Annotated[By, typer.Option(help="By what posts are grouped.")] = By.CHANNEL,
    as_json: Json = False,
) -> None:
    """Why a KPI's figure changed: number of posts, mix and rate; its trend; where it lies in its own past.

    The effects add up to the change exactly.
    """
    from scheduler.kpi_why import document

    with opened(context) as tabuh:
        found = _look(tabuh, kpi, against, by)
        show(document(found), *texts(found), as_json=as_json)


def _look(tabuh: "Opened", name: str, against: Against, by: By) -> "Look":
    from analytics.explaining import looking, periods
    from cli.kpis import standing_of
    from domain import breakdown
    from scheduler.measuring import supplies
    from store.engine import reading

    standing = standing_of(tabuh, name)
    with reading(tabuh.engine) as session:
        able = supplies(tabuh.context, session, tabuh.workspace.id)
        return looking.look(
            session, standing, against=periods.Against(against), by=breakdown.By(by), supplies=able
        )


def texts(look: "Look") -> "list[str | Table]":
    """The effects and groups as tables, the rest in sentences."""
    from analytics.explaining.told import factor_words, signed
    from domain.breakdown import NAMES
    from domain.sentence import Sentence
    from domain.sentences import say

    def plain(value: float) -> str:
        return say(signed(look.standing, value))

    parts: list[str | Table] = [" ".join(say(one) for one in look.change_told)]
    tree = look.change.tree
    if tree is not None:
        named = []
        for name, effect in tree.effects.items():
            words = factor_words(look.change, look.standing, name)
            named.append((say(words) if isinstance(words, Sentence) else words.en, plain(effect)))
        parts += ["\n", table(["Because of", ">Effect"], named, empty="")]
    if tree is not None and tree.branches:
        rows = [
            (look.change.names[one.key].en if one.key in look.change.names else one.key, plain(one.effect))
            for one in tree.branches
        ]
        parts += ["\n", table([NAMES[look.change.by].en, ">Did"], rows, empty="")]
    for sentences in filter(None, (look.trend_told, look.among_told, look.industry_told)):
        parts += ["\n", " ".join(say(one) for one in sentences)]
    return parts
