"""`tabuh conversion`: orders and other successes on sites, told by hand or by a sheet."""

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from cli.opening import Opened, opened
from cli.printing import Json, count, say, show, table, when

if TYPE_CHECKING:
    from scheduler.conversions import Imported
    from store.tables import Conversion

app = typer.Typer(no_args_is_help=True, help="Conversions: orders and other successes on your sites.")

Site = Annotated[str | None, typer.Option(help="The site. Left out: the only one.")]
Key = Annotated[
    str, typer.Option(help="The same key twice is one conversion. Left out: made from the order.")
]
When = Annotated[str, typer.Option("--at", help="When, such as 2026-11-24T09:30:00+07:00. Left out: now.")]
Value = Annotated[str, typer.Option(help="In units of the currency: 125000 or 12.50.")]
Currency = Annotated[str, typer.Option(help="Its three letters, such as IDR.")]
#: Wrong rows that are shown at most; --json has them all.
_SHOWN = 50


@app.command()
def add(
    context: typer.Context,
    name: Annotated[str, typer.Argument(help="What it was, such as order.")],
    *,
    site: Site = None,
    key: Key = "",
    order: Annotated[str, typer.Option(help="The order's number.")] = "",
    value: Value = "",
    currency: Currency = "",
    at: When = "",
    click: Annotated[str, typer.Option(help="What tabuh('click') of the script gave.")] = "",
    visitor: Annotated[str, typer.Option(help="What tabuh('visitor') of the script gave.")] = "",
    as_json: Json = False,
) -> None:
    """Tell of one conversion; the same one twice counts once."""
    from scheduler.conversions import Told, read_time, tell

    with opened(context) as tabuh:
        told = Told(
            key=key, name=name, at=read_time(at) if at else None, value=value, currency=currency, order=order,
            click=click, visitor=visitor,
        )  # fmt: skip
        row, is_new = tell(tabuh.context, tabuh.workspace.id, _site(tabuh, site), told, actor=tabuh.actor)
        said = f"Kept as conversion {row.id}." if is_new else f"This is conversion {row.id}, told before."
        show({**_document(row), "new": is_new}, said, as_json=as_json)


@app.command()
def refund(
    context: typer.Context,
    what: Annotated[
        str, typer.Argument(metavar="ORDER", help="The order's number, or the conversion's key.")
    ],
    *,
    key: Annotated[str, typer.Option(help="The same key twice is one refund.")],
    site: Site = None,
    value: Annotated[str, typer.Option(help="How much. Left out: all that is left.")] = "",
    currency: Currency = "",
    at: When = "",
    as_json: Json = False,
) -> None:
    """Tell what was given back of a conversion, in whole or in part."""
    from scheduler.conversions import Told, read_time, tell

    with opened(context) as tabuh:
        told = Told(
            key=key, at=read_time(at) if at else None, value=value, currency=currency, refund_of=what
        )  # fmt: skip
        row, is_new = tell(tabuh.context, tabuh.workspace.id, _site(tabuh, site), told, actor=tabuh.actor)
        said = f"Kept: {_money(row)}." if is_new else "This refund was told before."
        show({**_document(row), "new": is_new}, said, as_json=as_json)


@app.command("list")
def list_conversions(
    context: typer.Context,
    *,
    site: Site = None,
    limit: Annotated[int, typer.Option(min=1, max=10_000, help="At most so many.")] = 50,
    as_json: Json = False,
) -> None:
    """Conversions and refunds, those that arrived last first."""
    from store import conversions
    from store.engine import reading

    with opened(context) as tabuh:
        chosen = _site(tabuh, site) if site else None
        with reading(tabuh.engine) as session:
            found = conversions.listed(session, tabuh.workspace.id, site_id=chosen, limit=limit)
        zone = tabuh.workspace.zone
        rows = [
            (when(row.at, zone), row.name if row.refund_of is None else f"refund of {row.name}",
             row.order_ref or row.key, _money(row), row.source, "yes" if row.visit_id else "no")
            for row in found
        ]  # fmt: skip
        drawn = table(
            ["When", "What", "Order or key", ">Value", "Told by", "Visit known"],
            rows,
            empty="No conversion yet. The script, your server, or `tabuh conversion add` tells of them.",
        )
        show([_document(row) for row in found], drawn, as_json=as_json)


@app.command("import")
def import_conversions(
    context: typer.Context,
    file: Annotated[Path, typer.Argument(help="A CSV file; - reads standard input.", allow_dash=True)],
    *,
    site: Site = None,
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Say what would happen, and do nothing.")
    ] = False,
    as_json: Json = False,
) -> None:
    """Take the rows of a sheet; all or none, and the same sheet twice counts nothing twice.

    Columns, in any order: key, name, time, value, currency, order, click, visitor, refund_of.
    """
    from domain.errors import TabuhError
    from scheduler.conversions import import_sheet

    try:
        raw = sys.stdin.buffer.read() if str(file) == "-" else file.read_bytes()
    except OSError as exc:
        raise TabuhError(f"{file} cannot be read: {exc.strerror}.") from exc
    with opened(context) as tabuh:
        done = import_sheet(
            tabuh.context, tabuh.workspace.id, _site(tabuh, site), raw, dry_run=dry_run, actor=tabuh.actor
        )
        wrong = [f"line {one.line}: {one.sentence}" for one in done.wrong[:_SHOWN]]
        show(document_of(done), *wrong, *([_summary(done)] if not done.wrong else []), as_json=as_json)
    if done.wrong:
        say(f"error: Nothing was imported: {count(len(done.wrong), 'row is', 'rows are')} wrong.")
        raise typer.Exit(2)


def document_of(done: "Imported") -> dict[str, Any]:
    """What became of a sheet, for programs."""
    return {
        "rows": done.rows,
        "new": done.new,
        "known": done.known,
        "refunds": done.refunds,
        "kept": done.kept,
        "wrong": [{"line": one.line, "sentence": one.sentence} for one in done.wrong],
    }


def _summary(done: "Imported") -> str:
    begun = "Imported" if done.kept else "Nothing was kept. It would be"
    return (
        f"{begun}: {count(done.new, 'new row')}, of which {count(done.refunds, 'refund')}; "
        f"{done.known:,} known before."
    )


def _site(tabuh: Opened, name: str | None) -> int:
    from domain.errors import UsageError
    from store import sites
    from store.engine import reading

    with reading(tabuh.engine) as session:
        if name is not None:
            return sites.named(session, tabuh.workspace.id, name).id
        found = sites.listed(session, tabuh.workspace.id)
    if len(found) != 1:
        raise UsageError(
            "Name the site: --site NAME." if found else "Set up a site first: tabuh site add NAME HOST"
        )
    return found[0].id


def _money(row: "Conversion") -> str:
    from domain.currencies import written

    return "" if row.minor is None else f"{written(row.minor, row.currency or '')} {row.currency}"


def _document(row: "Conversion") -> dict[str, Any]:
    names = ("id", "site_id", "key", "name", "is_key", "at", "arrived_at", "minor", "currency", "source",
             "visit_id", "click_id", "post_id", "channel_id", "route_id")  # fmt: skip
    back = None if row.refund_of is None else str(row.refund_of)
    return {**{name: getattr(row, name) for name in names}, "order": row.order_ref, "refund_of": back}
