"""`tabuh import`: what happened elsewhere, from files."""

from collections.abc import Callable
from typing import TYPE_CHECKING, Annotated, Any, Literal

import typer

from cli.opening import opened
from cli.printing import Json, count, show, table, when
from cli.slots import Column, Dates, File, Zone, file_bytes, named_columns, order_of, refuse

if TYPE_CHECKING:
    from scheduler.imports import Imported

app = typer.Typer(no_args_is_help=True, help="Bring in spend, orders, answers and the like from CSV files.")

Number = Annotated[int, typer.Argument(metavar="IMPORT", help="Its number, from: tabuh import list")]


def _verb(name: str) -> Callable[..., None]:
    def bring(
        context: typer.Context,
        file: File,
        *,
        zone: Zone = None,
        dates: Dates = None,
        decimals: Annotated[
            Literal["point", "comma"] | None,
            typer.Option(help="What stands before the decimals. Left out: as the file shows."),
        ] = None,
        minor_units: Annotated[
            bool, typer.Option("--minor-units", help="Amounts count cents, or what the currency has.")
        ] = False,
        column: Column = None,
        currency: Annotated[str | None, typer.Option(help="Of amounts that name none, such as USD.")] = None,
        platform: Annotated[str | None, typer.Option(help="Where the file does not say it.")] = None,
        channel: Annotated[
            str | None, typer.Option(help="Count advertisements for this channel too.")
        ] = None,
        fees: Annotated[
            bool | None,
            typer.Option("--with-fees/--without-fees", help="Whether spend holds taxes and fees."),
        ] = None,
        survey: Annotated[Literal["csat", "nps"] | None, typer.Option(help="Kind of the answers.")] = None,
        brand: Annotated[str | None, typer.Option(help="Whose mentions these are.")] = None,
        source: Annotated[str | None, typer.Option(help="Where they were counted or said.")] = None,
        query: Annotated[str | None, typer.Option(help="What was searched for.")] = None,
        tool: Annotated[str | None, typer.Option(help="ga4, plausible, matomo or other.")] = None,
        skip_bad: Annotated[
            bool, typer.Option("--skip-bad", help="Take the right rows also when others are wrong.")
        ] = False,
        dry_run: Annotated[
            bool, typer.Option("--dry-run", help="Say what would happen, and do nothing.")
        ] = False,
        as_json: Json = False,
    ) -> None:
        from analytics.imports.reading import Choices
        from domain.imports import ImportKind
        from scheduler.imports import Wanted, import_table

        said = {
            "currency": currency, "platform": platform, "survey": survey, "brand": brand, "source": source,
            "query": query, "tool": tool, "fees": None if fees is None else "yes" if fees else "no",
        }  # fmt: skip
        choices = Choices(
            named=named_columns(column or []),
            fixed={use: value for use, value in said.items() if value},
            zone=zone,
            order=order_of(dates),
            decimals={"point": ".", "comma": ",", None: None}[decimals],
            minor_units=minor_units,
        )
        raw = file_bytes(file)
        with opened(context) as tabuh:
            wanted = Wanted(
                kind=ImportKind(name), raw=raw, name=file.name, choices=choices, skip_bad=skip_bad,
                dry_run=dry_run,
                channel_id=_channel(tabuh, channel),
            )  # fmt: skip
            found = import_table(tabuh.context, tabuh.workspace.id, wanted, actor=tabuh.actor)
            if found.refused:
                refuse(found.faults, "Nothing was imported", as_json=as_json)
            show(document(found), *told(found), as_json=as_json)

    return bring


def _channel(tabuh: Any, name: str | None) -> int | None:
    from store import channels
    from store.engine import reading

    if name is None:
        return None
    with reading(tabuh.engine) as session:
        return channels.named(session, tabuh.workspace.id, name).id


def _verbs() -> None:
    from domain.import_tables import TABLES

    for kind, known in TABLES.items():
        app.command(str(kind), help=f"{known.name.en}. {known.about.en}")(_verb(str(kind)))


_verbs()


def document(found: "Imported") -> dict[str, Any]:
    """What a file came to, as JSON tells it."""
    return {
        "id": found.file_id,
        "kind": found.kind,
        "dry_run": found.dry_run,
        "export": found.read.export.name if found.read.export else None,
        "columns": dict(found.read.columns),
        "unused": list(found.read.unused),
        "added": found.added,
        "changed": found.changed,
        "known": found.known,
        "merged": found.merged,
        "totals": found.read.totals,
        "first": found.first,
        "last": found.last,
        "faults": [{"row": one.row, "sentence": one.sentence} for one in found.faults],
    }


def told(found: "Imported") -> list[str]:
    columns = ", ".join(f"{use} is {head!r}" for use, head in found.read.columns.items())
    would = "would be " if found.dry_run else ""
    parts = [f"{count(found.added, 'row')} {would}added"]
    if found.changed:
        parts.append(f"{found.changed:,} told anew")
    if found.known:
        parts.append(f"{found.known:,} known already")
    if found.merged:
        parts.append(f"{found.merged:,} added to another row of the same thing")
    if found.read.totals:
        parts.append(f"{count(found.read.totals, 'row')} without anything of its own passed over")
    if found.faults:
        parts.append(f"{count(found.wrong_rows, 'wrong row')} left out")
    undo = f" Undo it: tabuh import undo {found.file_id}" if found.file_id else ""
    export = found.read.export.name if found.read.export else "a sheet"
    return [f"Read as {export}: {columns}.", f"{'; '.join(parts)}.{undo}"]


@app.command("list")
def list_imports(context: typer.Context, as_json: Json = False) -> None:
    """What was brought in, newest first."""
    from store import brought
    from store.engine import reading

    with opened(context) as tabuh:
        with reading(tabuh.engine) as session:
            rows = brought.files(session, tabuh.workspace.id)
        zone = tabuh.workspace.zone
        drawn = table(
            ["Import", "Kind", "File", "Export", ">Added", ">Anew", "From", "To", "When", "State"],
            (
                (row.id, row.kind, row.name, row.source, row.added, row.changed,
                 when(row.first_at, zone)[:10], when(row.last_at, zone)[:10], when(row.created_at, zone),
                 "undone" if row.undone_at else "")
                for row in rows
            ),
            empty="Nothing was imported yet. Such as: tabuh import ads FILE --dry-run",
        )  # fmt: skip
        show([import_document(row) for row in rows], drawn, as_json=as_json)


def import_document(row: Any) -> dict[str, Any]:
    """An import as JSON tells it."""
    names = ("id", "kind", "name", "source", "added", "changed", "first_at", "last_at", "choices",
             "created_at", "undone_at")  # fmt: skip
    return {name: getattr(row, name) for name in names}


@app.command()
def undo(context: typer.Context, number: Number, as_json: Json = False) -> None:
    """Take back all that a file brought; what it had replaced holds again."""
    from scheduler.imports import undo as take_back

    with opened(context) as tabuh:
        row, taken = take_back(tabuh.context, tabuh.workspace.id, number, actor=tabuh.actor)
        show(
            {**import_document(row), "taken_back": taken},
            f"Took back {count(taken, 'row')} of {row.name or row.kind}.",
            as_json=as_json,
        )


@app.command()
def kinds(as_json: Json = False) -> None:
    """What can be brought in, and which columns each kind knows."""
    from domain.import_tables import TABLES

    rows: list[dict[str, Any]] = [
        {
            "kind": kind,
            "name": known.name.en,
            "about": known.about.en,
            "columns": [
                {"use": one.use, "needed": one.needed, "option": one.fixed, "heads": list(one.heads)}
                for one in known.columns
            ],
        }
        for kind, known in TABLES.items()
    ]
    drawn = table(
        ["Kind", "Column", "Needed", "Heads"],
        (
            (kind if place == 0 else "", one.use, "yes" if one.needed else "", ", ".join(one.heads))
            for kind, known in TABLES.items()
            for place, one in enumerate(known.columns)
        ),
        empty="None.",
    )
    show(rows, drawn, as_json=as_json)
