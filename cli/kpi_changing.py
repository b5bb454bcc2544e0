"""`tabuh kpi edit`, `history` and `comment`: what is asked for from now on, and what people say about it."""

from dataclasses import replace
from typing import TYPE_CHECKING, Annotated, Any

import typer

from cli import kpi_options as options
from cli.kpis import Which, standing_of
from cli.kpis import document as kpi_document
from cli.kpis import text as kpi_text
from cli.opening import opened
from cli.printing import Json, show, table, when

if TYPE_CHECKING:
    from cli.opening import Opened
    from domain.kpi import NewKpi

Words = Annotated[str | None, typer.Option()]


def edit(
    context: typer.Context,
    kpi: Which,
    *,
    because: Annotated[str, typer.Option(help="Why; needed where target, baseline or deadline change.")] = "",
    name: Annotated[str | None, typer.Option(help="A new name.")] = None,
    target: options.Target = None,
    at_most: Annotated[
        bool | None, typer.Option("--at-most/--at-least", help="Stay below the target, or reach it.")
    ] = None,
    deadline: Annotated[
        str | None, typer.Option(metavar="DATE", help="Last day that counts; none: it goes on.")
    ] = None,
    baseline: options.Baseline = None,
    baseline_from: options.BaselineFrom = None,
    baseline_to: options.BaselineTo = None,
    baseline_source: Annotated[str | None, typer.Option(help="Where the baseline comes from.")] = None,
    why: Annotated[str | None, typer.Option(help="What it is good for.")] = None,
    goal: Annotated[str | None, typer.Option(help="A goal's key, or your own words.")] = None,
    audience: Annotated[str | None, typer.Option(help="Whom it is about.")] = None,
    owner: Annotated[str | None, typer.Option(help="Who answers for it.")] = None,
    cadence: Annotated[str | None, typer.Option(help="daily, weekly, monthly or quarterly.")] = None,
    alert: Annotated[
        str | None, typer.Option(help="off, at_risk, off_track, reached or every_change.")
    ] = None,
    as_json: Json = False,
) -> None:
    """Change what a KPI asks for from now on; periods that are over stay as they were judged."""
    typed = {key: value for key, value in locals().items() if key not in ("context", "kpi", "as_json")}
    from scheduler.kpi_changes import change_kpi

    with opened(context) as tabuh:
        row = standing_of(tabuh, kpi).kpi
        new = _changed(tabuh, row, typed)
        change_kpi(tabuh.context, tabuh.workspace.id, row.id, new, because=because, actor=tabuh.actor)
        standing = standing_of(tabuh, new.name.strip())
        show(kpi_document(standing), kpi_text(standing), as_json=as_json)


def _changed(tabuh: "Opened", row: Any, typed: dict[str, Any]) -> "NewKpi":
    """What was asked for, with what was typed in its place."""
    from analytics.kpis import asked
    from domain.definition import Direction
    from domain.kpi import TargetKind, parse_target

    new, changes = asked(row), {}
    for field in ("name", "why", "audience", "cadence", "baseline", "baseline_source"):
        if typed[field] is not None:
            changes[field] = typed[field]
    if typed["target"] is not None:
        kind, value, direction = parse_target(typed["target"])
        changes |= {"target": value, "target_kind": kind}
        if kind is TargetKind.RELATIVE:
            changes["direction"] = direction
    if typed["at_most"] is not None:
        changes["direction"] = Direction.DOWN if typed["at_most"] else Direction.UP
    if typed["deadline"] is not None:
        changes["deadline"] = None if typed["deadline"] == "none" else options.day(typed["deadline"])
    if typed["goal"] is not None:
        changes["goal"], changes["goal_words"] = options.goal_of(typed["goal"])
    if typed["owner"] is not None:
        changes["owner_id"] = options.owner_of(tabuh, typed["owner"])
    if typed["alert"] is not None:
        changes["alert_rule"] = options.alert_of(typed["alert"])
    for field in ("baseline_from", "baseline_to"):
        if typed[field] is not None:
            changes[field] = options.day(typed[field])
            changes.setdefault("baseline", None)
    return replace(new, **changes)


def history(context: typer.Context, kpi: Which, as_json: Json = False) -> None:
    """How a KPI was changed: when, by whom, what and why."""
    from store import kpis, people
    from store.engine import reading

    with opened(context) as tabuh, reading(tabuh.engine) as session:
        row = kpis.named(session, tabuh.workspace.id, kpi)
        found = kpis.versions(session, row.id)
        names = people.names(session, [one.person_id for one in found if one.person_id is not None])
        drawn = table(
            [">Version", "When", "Who", "What", "Why"],
            (
                (
                    one.version,
                    when(one.at, row.zone),
                    names.get(one.person_id or 0, ""),
                    ", ".join(f"{name}: {old} -> {new}" for name, (old, new) in one.changed.items()),
                    one.because,
                )
                for one in found
            ),
            empty="It was never changed.",
        )
        shown = [
            {
                "version": one.version,
                "at": one.at,
                "person": names.get(one.person_id or 0),
                "because": one.because,
                "changed": one.changed,
            }
            for one in found
        ]
        show(shown, drawn, as_json=as_json)


def comment(
    context: typer.Context,
    kpi: Which,
    text: Annotated[str, typer.Argument(help="What to say; left out: what was said so far.")] = "",
    as_json: Json = False,
) -> None:
    """Say something about a KPI, or read what was said."""
    from scheduler.kpi_changes import comment_kpi
    from store import kpis, people
    from store.engine import reading

    with opened(context) as tabuh:
        row = standing_of(tabuh, kpi).kpi
        if text:
            comment_kpi(tabuh.context, tabuh.workspace.id, row.id, text, actor=tabuh.actor)
        with reading(tabuh.engine) as session:
            found = kpis.comments(session, row.id)
            names = people.names(session, [one.person_id for one in found if one.person_id is not None])
        said = [{"at": one.at, "person": names.get(one.person_id or 0), "text": one.text} for one in found]
        lines = [
            f"{when(one.at, row.zone)}  {names.get(one.person_id or 0, '')}: {one.text}" for one in found
        ]
        show(said, "\n".join(lines) or "Nobody said anything yet.", as_json=as_json)
