"""`tabuh benchmark`: what others reach, from files."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from cli.opening import opened
from cli.printing import Json, show, table
from cli.slots import Column, Dates, File, file_bytes, named_columns, order_of, refuse

if TYPE_CHECKING:
    from scheduler.benchmarks import Known

app = typer.Typer(no_args_is_help=True, help="Benchmarks of the industry, with source and date.")


@app.command("import")
def bring(
    context: typer.Context,
    file: File,
    *,
    dates: Dates = None,
    column: Column = None,
    platform: Annotated[str | None, typer.Option(help="Where the file does not say it.")] = None,
    industry: Annotated[str | None, typer.Option(help="Whose numbers they are.")] = None,
    segment: Annotated[str | None, typer.Option(help="Of which part of the industry.")] = None,
    source: Annotated[str | None, typer.Option(help="Who published them.")] = None,
    source_date: Annotated[
        str | None, typer.Option("--source-date", help="When, such as 2026-01-31.")
    ] = None,
    skip_bad: Annotated[
        bool, typer.Option("--skip-bad", help="Take the right rows also when others are wrong.")
    ] = False,
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Say what would happen, and do nothing.")
    ] = False,
    as_json: Json = False,
) -> None:
    """Bring benchmarks in; the same file adds nothing. Undo it with: tabuh import undo NUMBER."""
    from analytics.imports.reading import Choices
    from cli.imports import document, told
    from domain.imports import ImportKind
    from scheduler.imports import Wanted, import_table

    said = {
        "platform": platform, "industry": industry, "segment": segment, "source": source, "day": source_date,
    }  # fmt: skip
    choices = Choices(
        named=named_columns(column or []),
        fixed={use: value for use, value in said.items() if value},
        order=order_of(dates),
    )
    raw = file_bytes(file)
    with opened(context) as tabuh:
        wanted = Wanted(
            kind=ImportKind.BENCHMARKS, raw=raw, name=file.name, choices=choices, skip_bad=skip_bad,
            dry_run=dry_run,
        )  # fmt: skip
        found = import_table(tabuh.context, tabuh.workspace.id, wanted, actor=tabuh.actor)
        if found.refused:
            refuse(found.faults, "Nothing was imported", as_json=as_json)
        show(document(found), *told(found), as_json=as_json)


@app.command("list")
def list_benchmarks(
    context: typer.Context,
    metric: Annotated[str | None, typer.Option(help="Only of this key, such as er_impr.")] = None,
    as_json: Json = False,
) -> None:
    """All benchmarks with their numbers, source and date; those older than 18 months are stale."""
    from scheduler.benchmarks import known
    from store.engine import reading

    with opened(context) as tabuh:
        with reading(tabuh.engine) as session:
            found = known(session, tabuh.workspace.id, metric=metric, now=tabuh.context.clock())
        drawn = table(
            ["Number", "Metric", "Whose", "Numbers", "Source", "Date"],
            (
                (
                    one.row.id,
                    one.row.metric + (f" a {one.row.period}" if one.row.period else ""),
                    ", ".join(filter(None, (one.row.industry, one.row.segment, one.row.platform))) or "all",
                    _numbers(one),
                    one.row.source,
                    f"{one.source_date}{' (stale)' if one.stale else ''}",
                )
                for one in found
            ),
            empty="No benchmarks yet. A file to fill in: tabuh benchmark template",
        )
        show([_document(one) for one in found], drawn, as_json=as_json)


@app.command()
def remove(
    context: typer.Context,
    number: Annotated[int, typer.Argument(metavar="NUMBER", help="From: tabuh benchmark list")],
    as_json: Json = False,
) -> None:
    """Remove one benchmark."""
    from scheduler.benchmarks import remove as taken

    with opened(context) as tabuh:
        row = taken(tabuh.context, tabuh.workspace.id, number, actor=tabuh.actor)
        show({"id": number, "metric": row.metric}, f"Removed {row.metric} of {row.source}.", as_json=as_json)


@app.command()
def template(
    out: Annotated[Path | None, typer.Option("--out", help="Write it into this file.")] = None,
    as_json: Json = False,
) -> None:
    """A file to fill in, with an example of each kind of row."""
    from cli.printing import show, write
    from domain.benchmark_table import TEMPLATE

    if out is not None:
        out.write_text(TEMPLATE, encoding="utf-8")
        show({"file": str(out)}, f"Wrote {out}.", as_json=as_json)
    elif as_json:
        show({"csv": TEMPLATE}, "", as_json=True)
    else:
        write(TEMPLATE)


def _numbers(one: "Known") -> str:
    named = (("", one.row.value), ("q1 ", one.row.low), ("median ", one.row.median), ("q3 ", one.row.high))
    told = ", ".join(f"{name}{value:g}" for name, value in named if value is not None)
    return f"{told} {one.row.currency}".rstrip()


def _document(one: "Known") -> dict[str, Any]:
    shown = (
        "id", "metric", "platform", "industry", "segment", "period", "value", "low", "median", "high",
        "currency", "source", "link", "note", "read_at",
    )  # fmt: skip
    return {
        **{name: getattr(one.row, name) for name in shown},
        "unit": one.entry.unit if one.entry else None,
        "source_date": one.source_date,
        "stale": one.stale,
        "import_id": one.row.file_id,
    }
