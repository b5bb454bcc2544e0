"""`tabuh kpi`: targets, and how they stand."""

from datetime import date
from typing import TYPE_CHECKING, Annotated, Any

import typer

from cli.opening import opened
from cli.printing import Json, amount, show, table

if TYPE_CHECKING:
    from analytics.kpis import Standing
    from cli.opening import Opened
    from domain.kpi import Scope

app = typer.Typer(no_args_is_help=True, help="KPIs: a metric or rate over a scope and period, with a target.")

Which = Annotated[str, typer.Argument(metavar="KPI", help="Its name.")]
#: The languages that sentences are kept in; a terminal gets English.
_LANGUAGE = "en"


@app.command()
def add(
    context: typer.Context,
    name: Annotated[str, typer.Argument(help="How to call it.")],
    *,
    metric: Annotated[str, typer.Option(help="Such as visits or engagement_rate; see: tabuh stats metrics")],
    target: Annotated[str, typer.Option(help="5000 or 2.5% to reach; +20% or -10% to change a baseline by.")],
    at_most: Annotated[bool, typer.Option("--at-most", help="Stay below the target.")] = False,
    channel: Annotated[str | None, typer.Option(help="Only this channel.")] = None,
    route: Annotated[str | None, typer.Option(help="Only posts of this route.")] = None,
    feed: Annotated[str | None, typer.Option(help="Only posts from this feed.")] = None,
    every: Annotated[str, typer.Option(help="once, day, week, month or quarter.")] = "once",
    start: Annotated[str | None, typer.Option(metavar="DATE", help="First day; left out: today.")] = None,
    deadline: Annotated[str | None, typer.Option(metavar="DATE", help="Last day that counts.")] = None,
    baseline: Annotated[float | None, typer.Option(help="What a +20% starts from.")] = None,
    baseline_from: Annotated[
        str | None, typer.Option(metavar="DATE", help="First day from whose figures the baseline is taken.")
    ] = None,
    baseline_to: Annotated[
        str | None, typer.Option(metavar="DATE", help="Last day from whose figures the baseline is taken.")
    ] = None,
    zone: Annotated[str | None, typer.Option(help="IANA time zone of its days.")] = None,
    why: Annotated[str, typer.Option(help="What it is good for.")] = "",
    as_json: Json = False,
) -> None:
    """Set a target; it is refused with every reason when no figure could ever answer it."""
    from domain.definition import Direction
    from domain.kpi import NewKpi, parse_target
    from domain.period import day_at
    from domain.schedule import zone as known_zone
    from scheduler.kpis import add_kpi

    kind, value, direction = parse_target(target)
    with opened(context) as tabuh:
        where = zone or tabuh.workspace.zone
        new = NewKpi(
            name=name,
            metric=metric,
            target=value,
            target_kind=kind,
            scope=_scope(tabuh, channel, route, feed),
            baseline=baseline,
            baseline_from=_day(baseline_from),
            baseline_to=_day(baseline_to),
            every=_every(every),
            direction=Direction.DOWN if at_most else direction,
            starts_on=_day(start) or day_at(tabuh.context.clock(), known_zone(where)),
            deadline=_day(deadline),
            zone=where,
            owner_id=tabuh.owner.id,
            why=why,
        )
        add_kpi(tabuh.context, tabuh.workspace.id, new, actor=tabuh.actor)
        standing = _standing(tabuh, name.strip())
        show(document(standing), text(standing), as_json=as_json)


def _scope(tabuh: "Opened", channel: str | None, route: str | None, feed: str | None) -> "Scope":
    from domain.errors import UsageError
    from domain.kpi import Scope, ScopeKind
    from store import channels, feeds, routes
    from store.engine import reading

    if sum(part is not None for part in (channel, route, feed)) > 1:
        raise UsageError("A KPI looks at one channel, one route or one feed: name one of them.")
    with reading(tabuh.engine) as session:
        if channel is not None:
            return Scope(ScopeKind.CHANNEL, channels.named(session, tabuh.workspace.id, channel).id)
        if route is not None:
            return Scope(ScopeKind.ROUTE, routes.named(session, tabuh.workspace.id, route).id)
        if feed is not None:
            return Scope(ScopeKind.FEED, feeds.find(session, tabuh.workspace.id, feed).id)
    return Scope()


def _day(text: str | None) -> date | None:
    from domain.errors import UsageError

    try:
        return date.fromisoformat(text) if text is not None else None
    except ValueError:
        raise UsageError(f"Cannot read the day {text!r}. Write it as 2026-12-31.") from None


def _every(text: str) -> Any:
    from domain.errors import UsageError
    from domain.period import Every

    try:
        return Every(text)
    except ValueError:
        raise UsageError(f"Unknown period {text!r}. Known: {', '.join(Every)}.") from None


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
        standing = _standing(tabuh, kpi)
        show(document(standing), text(standing), as_json=as_json)


@app.command()
def close(context: typer.Context, kpi: Which, as_json: Json = False) -> None:
    """Evaluate a KPI no more; it and its readings stay."""
    from scheduler.kpis import close_kpi

    with opened(context) as tabuh:
        close_kpi(tabuh.context, tabuh.workspace.id, kpi, actor=tabuh.actor)
        show(document(_standing(tabuh, kpi)), f"Closed {kpi}.", as_json=as_json)


def _standing(tabuh: "Opened", name: str) -> "Standing":
    from analytics.kpis import evaluate
    from scheduler.measuring import supplies
    from store import kpis
    from store.engine import reading

    with reading(tabuh.engine) as session:
        able = supplies(tabuh.context, session, tabuh.workspace.id)
        return evaluate(
            session, kpis.named(session, tabuh.workspace.id, name), tabuh.context.clock(), supplies=able
        )


def document(standing: "Standing") -> dict[str, Any]:
    """A KPI as JSON tells it."""
    from cli.statistics import figure_document

    kpi = standing.kpi
    shown = (
        "id", "name", "metric", "formula_version", "scope", "target_kind", "target", "baseline",
        "baseline_from", "baseline_to", "period", "direction", "starts_on", "deadline", "zone", "why",
        "created_at", "closed_at",
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
