"""`tabuh business`: figures of what was brought in, and how fresh they are."""

from datetime import timedelta
from typing import TYPE_CHECKING, Annotated, Any

import typer

from cli.opening import opened
from cli.printing import Json, amount, show, table, when

if TYPE_CHECKING:
    from domain.figure import Figure

app = typer.Typer(no_args_is_help=True, help="Spend, orders, customers, scores and mentions.")

_LANGUAGE = "en"


@app.command("show")
def show_business(
    context: typer.Context,
    days: Annotated[int, typer.Option(min=1, max=3_660, help="How many days back.")] = 30,
    as_json: Json = False,
) -> None:
    """Every business figure with its interval, and until when each kind is known."""
    from cli.statistics import figure_document
    from scheduler.business import figures, stocks
    from store.engine import reading

    with opened(context) as tabuh:
        now, zone = tabuh.context.clock(), tabuh.workspace.zone
        with reading(tabuh.engine) as session:
            found = figures(session, tabuh.workspace.id, start=now - timedelta(days=days), end=now, now=now)
            there = stocks(session, tabuh.workspace.id)
        every = [one for several in found.values() for one in several]
        drawn = table(
            ["Figure", ">Value", ">95 % interval", "Of", "Why not"],
            ((_name(one), _value(one), _interval(one), _of(one), _why(one)) for one in every),
            empty="None.",
        )
        kinds = table(
            ["Brought in", ">Rows", "Until", "Last import", "From"],
            (
                (one.kind, f"{one.rows:,}", when(one.until, zone)[:10], when(one.read_at, zone),
                 ", ".join(one.sources))
                for one in there
            ),
            empty="",
        )  # fmt: skip
        document = {
            "days": days,
            "figures": {one.key: figure_document(one) for one in every},
            "brought_in": [
                {"kind": one.kind, "rows": one.rows, "until": one.until, "read_at": one.read_at,
                 "sources": list(one.sources)}
                for one in there
            ],
        }  # fmt: skip
        show(document, drawn, "\n", kinds, as_json=as_json)


@app.command()
def value(
    context: typer.Context,
    *,
    margin: Annotated[float, typer.Option(help="Percent of revenue that stays.")] = 100.0,
    discount: Annotated[float, typer.Option(help="Percent by which a year discounts.")] = 0.0,
    years: Annotated[float, typer.Option(help="How far ahead is looked.")] = 1.0,
    as_json: Json = False,
) -> None:
    """Choose with what a customer's lifetime value is computed."""
    from scheduler.business import choose_value

    with opened(context) as tabuh:
        row = choose_value(
            tabuh.context, tabuh.workspace.id, margin=margin, discount=discount, years=years,
            actor=tabuh.actor,
        )  # fmt: skip
        document = {"margin": row.margin, "discount": row.discount, "years": row.years}
        told = (
            f"A customer's value counts {margin:g}% margin, {discount:g}% discount a year, {years:g} years."
        )
        show(document, told, as_json=as_json)


@app.command()
def cohorts(context: typer.Context, as_json: Json = False) -> None:
    """What customers brought, by the month of their first order and the months since."""
    from scheduler.cohorts import cohort_table
    from store.engine import reading

    with opened(context) as tabuh:
        with reading(tabuh.engine) as session:
            currency, found = cohort_table(session, tabuh.workspace.id, now=tabuh.context.clock())
        drawn = table(
            ["First order", ">Customers", f"Margin for each after month 0, 1, 2 … ({currency})"],
            (
                (one.month, one.customers, "  ".join(f"{value:,.2f}" for value in one.by_month))
                for one in found
            ),
            empty="No orders that name their customers yet: tabuh import orders FILE",
        )
        document: dict[str, Any] = {"currency": currency, "cohorts": list(found)}
        show(document, drawn, as_json=as_json)


def _name(figure: "Figure") -> str:
    from domain.catalogue import CATALOGUE

    return CATALOGUE[figure.key].name.said(_LANGUAGE)


def _value(figure: "Figure") -> str:
    from domain.catalogue import CATALOGUE

    if figure.value is None:
        return "–"
    text = amount(figure.value, CATALOGUE[figure.key].unit)
    return f"{text} {figure.passport.currency}" if figure.passport.currency else text


def _interval(figure: "Figure") -> str:
    from domain.catalogue import CATALOGUE

    if figure.interval is None:
        return ""
    unit = CATALOGUE[figure.key].unit
    return " to ".join(amount(one, unit) for one in figure.interval)


def _of(figure: "Figure") -> str:
    from domain.catalogue import CATALOGUE
    from domain.sentence import Sentence
    from domain.sentences import say

    if figure.value is None:
        return ""
    covered = figure.passport.coverage
    values = {"measured": covered.measured, "in_scope": covered.in_scope}
    return say(Sentence(f"coverage.{CATALOGUE[figure.key].covers}", dict(values)), _LANGUAGE)


def _why(figure: "Figure") -> str:
    from domain.sentences import say

    return say(figure.reason, _LANGUAGE) if figure.reason else ""
