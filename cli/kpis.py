"""`tabuh kpi`: targets, and how they stand."""

from typing import TYPE_CHECKING, Annotated, Any

import typer

from cli.opening import opened
from cli.printing import Json, amount, show, table

if TYPE_CHECKING:
    from analytics.kpis import Standing
    from cli.opening import Opened

app = typer.Typer(no_args_is_help=True, help="KPIs: a metric or rate over a scope and period, with a target.")

Which = Annotated[str, typer.Argument(metavar="KPI", help="Its name, or its number.")]
#: The languages that sentences are kept in; a terminal gets English.
_LANGUAGE = "en"


@app.command("list")
def list_kpis(
    context: typer.Context,
    closed: Annotated[bool, typer.Option("--closed", help="Also those that are closed.")] = False,
    as_json: Json = False,
) -> None:
    """All KPIs with their figures and pace."""
    from scheduler.kpis import standings
    from store.engine import reading

    with opened(context) as tabuh:
        with reading(tabuh.engine) as session:
            found = standings(tabuh.context, session, tabuh.workspace.id, closed=closed)
        drawn = table(
            ["KPI", "Metric", ">Actual", ">Target", ">By now", "Status", "Until"],
            (
                (
                    each.kpi.name,
                    each.definition.name.said(_LANGUAGE),
                    "–" if each.actual.value is None else amount(each.actual.value, each.definition.unit),
                    amount(each.target, each.definition.unit),
                    "" if each.expected is None else amount(each.expected, each.definition.unit),
                    "closed" if each.kpi.closed_at else each.status.replace("_", " "),
                    each.span.last,
                )
                for each in found
            ),
            empty="No KPIs yet. Set one: tabuh kpi add NAME --metric views --target 5000 --every month",
        )
        show([document(each) for each in found], drawn, as_json=as_json)


@app.command("show")
def show_kpi(context: typer.Context, kpi: Which, as_json: Json = False) -> None:
    """One KPI: its figure, its pace, its forecast, and where the number comes from."""
    with opened(context) as tabuh:
        standing = standing_of(tabuh, kpi)
        show(document(standing), text(standing), as_json=as_json)


@app.command()
def close(context: typer.Context, kpi: Which, as_json: Json = False) -> None:
    """Evaluate a KPI no more; it and its readings stay."""
    from scheduler.kpis import close_kpi

    with opened(context) as tabuh:
        close_kpi(tabuh.context, tabuh.workspace.id, kpi, actor=tabuh.actor)
        show(document(standing_of(tabuh, kpi)), f"Closed {kpi}.", as_json=as_json)


def standing_of(tabuh: "Opened", name: str) -> "Standing":
    """How the KPI of that name or number stands now. Raises `NotFound`."""
    from analytics.kpis import evaluate
    from scheduler.measuring import supplies
    from store import kpis
    from store.engine import reading

    with reading(tabuh.engine) as session:
        able = supplies(tabuh.context, session, tabuh.workspace.id)
        kpi = kpis.known_as(session, tabuh.workspace.id, name)
        return evaluate(session, kpi, tabuh.context.clock(), supplies=able)


def document(standing: "Standing") -> dict[str, Any]:
    """A KPI as JSON tells it."""
    from cli.statistics import figure_document

    kpi = standing.kpi
    shown = (
        "id", "name", "metric", "formula_version", "scope", "target_kind", "target", "baseline",
        "baseline_from", "baseline_to", "baseline_source", "period", "direction", "starts_on", "deadline",
        "zone",
        "goal", "goal_words", "audience", "cadence", "alert_rule", "warned", "version", "why", "created_at",
        "closed_at",
    )  # fmt: skip
    return {
        **{name: getattr(kpi, name) for name in shown},
        "scope_name": standing.scope_name,
        "period_start": standing.start,
        "period_end": standing.end,
        "actual": figure_document(standing.actual),
        "target_in_period": standing.target,
        "expected": standing.expected,
        "forecast": standing.forecast,
        "forecast_low": standing.prospect.low if standing.prospect else None,
        "forecast_high": standing.prospect.high if standing.prospect else None,
        "chance": standing.prospect.chance if standing.prospect else None,
        "status": standing.status,
    }


def text(standing: "Standing") -> str:
    """A KPI in sentences."""
    from domain.sentences import say

    lines = [standing.target_sentence, *standing.sentences]
    status = standing.status.replace("_", " ")
    return "\n".join([f"{standing.kpi.name}: {status}", *(f"  {say(line, _LANGUAGE)}" for line in lines)])
