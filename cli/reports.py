"""`tabuh report`: what happened in a week, month or quarter, written, planned and shared."""

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import date, timedelta
from typing import TYPE_CHECKING, Annotated, Any

import typer

from cli.opening import opened
from cli.papers import Language, Out, check_language, hand_out, kind_of
from cli.printing import Json, say, show, table, when

if TYPE_CHECKING:
    from pathlib import Path

    from store.tables import ReportPlan, ReportRow

app = typer.Typer(no_args_is_help=True, help="Reports: a week, month or quarter, written once and frozen.")

Which = Annotated[int, typer.Argument(metavar="REPORT", help="Its number; see: tabuh report list")]
Period = Annotated[str, typer.Argument(metavar="PERIOD", help="week, month or quarter.")]


@app.command()
def make(
    context: typer.Context,
    every: Period,
    *,
    day: Annotated[
        str | None,
        typer.Option(metavar="DATE", help="A day of the period; left out: the last one that is over."),
    ] = None,
    language: Language = "en",
    as_json: Json = False,
) -> None:
    """Write a report now, keep it, and print it."""
    from domain.report import rhythm
    from scheduler.reports import ask_for, write_now

    with opened(context) as tabuh:
        where, asked = tabuh.workspace.id, rhythm(every)
        row = ask_for(tabuh.context, where, every=asked, day=_day(day), actor=tabuh.actor, by_worker=False)
        with chapters_bar() as tell:
            row = write_now(tabuh.context, row, told=tell)
        _print(row, "json" if as_json else "md", language)
        if not as_json:
            say(f"Kept as report {row.id}.")


@app.command("show")
def show_report(
    context: typer.Context,
    report: Which,
    *,
    language: Language = "en",
    as_: Annotated[str, typer.Option("--format", "--as", help="md, json, html, pdf or csv.")] = "md",
    out: Out = None,
    as_json: Json = False,
) -> None:
    """Print a report as it was frozen, in either language, or write it to a file."""
    from store import reports
    from store.engine import reading

    with opened(context) as tabuh:
        with reading(tabuh.engine) as session:
            row = reports.get(session, tabuh.workspace.id, report)
        _print(row, "json" if as_json else as_, language, out)


def _print(row: "ReportRow", name: str, language: str, out: "Path | None" = None) -> None:
    from scheduler.reports import opened as read
    from web.i18n import Voice
    from web.reports.files import FORMATS, as_file

    kind = kind_of(name, FORMATS, out=out)
    check_language(language)
    report = read(row)
    hand_out(as_file(report, kind, Voice(language, report.zone)), kind, out)


@app.command("list")
def list_reports(
    context: typer.Context,
    *,
    limit: Annotated[int, typer.Option(min=1, max=500, help="Newest first, at most so many.")] = 20,
    as_json: Json = False,
) -> None:
    """The reports there are, newest first."""
    from store import reports
    from store.engine import reading

    with opened(context) as tabuh:
        with reading(tabuh.engine) as session:
            rows = [_told(row) for row in reports.listed(session, tabuh.workspace.id, limit=limit)]
        drawn = table(
            ["Report", "About", "From", "To", "State"],
            ((row["id"], row["every"], row["first"], row["last"], row["state"]) for row in rows),
            empty="No report was written yet. Write one: tabuh report make week",
        )
        show(rows, drawn, as_json=as_json)


def _told(row: "ReportRow") -> dict[str, Any]:
    return {
        "id": row.id,
        "every": row.every,
        "first": row.first_day,
        "last": row.last_day,
        "state": row.state,
        "reason": row.reason,
        "made_at": row.made_at,
        "plan_id": row.plan_id,
    }


@app.command()
def plan(
    context: typer.Context,
    every: Period,
    *,
    hour: Annotated[int, typer.Option(help="Full hour of the day after the period, 0 to 23.")] = 7,
    language: Language = "en",
    to: Annotated[
        list[str] | None, typer.Option(metavar="ADDRESS", help="Mail it there; repeatable.")
    ] = None,
    as_json: Json = False,
) -> None:
    """Let a report be written after each week, month or quarter, and mailed."""
    from domain.report import rhythm
    from scheduler.reports import add_plan

    with opened(context) as tabuh:
        row = add_plan(
            tabuh.context,
            tabuh.workspace.id,
            every=rhythm(every),
            hour=hour,
            language=language,
            recipients=to or [],
            actor=tabuh.actor,
        )
        told = _plan(row)
        coming = when(row.next_at, tabuh.workspace.zone)
        text = f"Plan {row.id}: a report after each {row.every}, next on {coming}."
        show(told, text, as_json=as_json)


def _plan(row: "ReportPlan") -> dict[str, Any]:
    return {
        "id": row.id,
        "every": row.every,
        "hour": row.hour,
        "language": row.language,
        "recipients": row.recipients,
        "next_at": row.next_at,
    }


@app.command()
def plans(context: typer.Context, as_json: Json = False) -> None:
    """The reports that come by themselves."""
    from store import reports
    from store.engine import reading

    with opened(context) as tabuh:
        with reading(tabuh.engine) as session:
            rows = [_plan(row) for row in reports.plans(session, tabuh.workspace.id)]
        zone = tabuh.workspace.zone
        drawn = table(
            ["Plan", "After each", "Next", "Language", "To"],
            (
                (row["id"], row["every"], when(row["next_at"], zone), row["language"],
                 ", ".join(row["recipients"]) or "nobody")
                for row in rows
            ),
            empty="No report comes by itself. Plan one: tabuh report plan week",
        )  # fmt: skip
        show(rows, drawn, as_json=as_json)


@app.command()
def stop(
    context: typer.Context,
    plan_id: Annotated[int, typer.Argument(metavar="PLAN", help="Its number; see: tabuh report plans")],
    as_json: Json = False,
) -> None:
    """Let a plan write no more reports; those that were written stay."""
    from scheduler.reports import stop_plan

    with opened(context) as tabuh:
        row = stop_plan(tabuh.context, tabuh.workspace.id, plan_id, actor=tabuh.actor)
        show(_plan(row), f"Plan {row.id} was stopped.", as_json=as_json)


@app.command()
def share(
    context: typer.Context,
    report: Which,
    name: Annotated[str, typer.Argument(help="Whom it is for.")],
    *,
    days: Annotated[int, typer.Option(help="How long the link is open, 1 to 365.")] = 30,
    language: Language = "en",
    as_json: Json = False,
) -> None:
    """Make a secret address at which a report is read without signing in; it is shown once."""
    from scheduler.reports import share as make_link

    with opened(context) as tabuh:
        row, address = make_link(
            tabuh.context,
            tabuh.workspace.id,
            report,
            name=name,
            lasts=timedelta(days=days),
            language=language,
            actor=tabuh.actor,
        )
        told = {"id": row.id, "report_id": row.report_id, "name": row.name, "expires_at": row.expires_at,
                "address": address}  # fmt: skip
        until = when(row.expires_at, tabuh.workspace.zone)
        ends = f"Open until {until}. To end it: tabuh report revoke {row.report_id} {row.id}"
        show(told, address, ends, as_json=as_json)


@app.command()
def links(context: typer.Context, report: Which, as_json: Json = False) -> None:
    """The links to a report, without their secret addresses, and how often each was opened."""
    from store import reports
    from store.engine import reading

    with opened(context) as tabuh:
        with reading(tabuh.engine) as session:
            reports.get(session, tabuh.workspace.id, report)
            found = reports.links(session, tabuh.workspace.id, report)
        rows = [
            {"id": row.id, "name": row.name, "expires_at": row.expires_at, "opened": row.opened,
             "opened_at": row.opened_at}
            for row in found
        ]  # fmt: skip
        zone = tabuh.workspace.zone
        drawn = table(
            ["Link", "For", "Open until", "Opened"],
            ((row.id, row.name, when(row.expires_at, zone), row.opened) for row in found),
            empty="This report has no link.",
        )
        show(rows, drawn, as_json=as_json)


@app.command()
def revoke(
    context: typer.Context,
    report: Which,
    link: Annotated[int, typer.Argument(metavar="LINK", help="Its number; see: tabuh report links REPORT")],
    as_json: Json = False,
) -> None:
    """End a link to a report."""
    from scheduler.reports import revoke as end

    with opened(context) as tabuh:
        row = end(tabuh.context, tabuh.workspace.id, report, link, actor=tabuh.actor)
        show({"id": row.id, "report_id": row.report_id}, f"Link {row.id} was ended.", as_json=as_json)


@contextmanager
def chapters_bar() -> Iterator[Callable[[int], object]]:
    """A bar on a terminal that grows with the chapters; nothing elsewhere."""
    if not sys.stderr.isatty():
        yield lambda _: None
        return
    from rich.console import Console
    from rich.progress import Progress

    from analytics.reports.making import CHAPTERS

    with Progress(console=Console(stderr=True), transient=True) as progress:
        bar = progress.add_task("Writing the report", total=CHAPTERS)
        yield lambda done: progress.update(bar, completed=done)


def _day(text: str | None) -> date | None:
    from domain.errors import UsageError

    try:
        return date.fromisoformat(text) if text is not None else None
    except ValueError:
        raise UsageError(f"Cannot read the day {text!r}. Write it as 2026-12-31.") from None
