"""The pages that bring tables in: what was recognised is shown, with every fault, before anything is kept."""

from collections.abc import Callable, Mapping
from typing import Any

from fastapi import APIRouter, Request, Response

from domain.amounts import Mark
from domain.errors import NotFound, UsageError
from domain.import_tables import TABLES
from domain.imports import Cell, ImportKind, Table
from domain.sheet import MOST_BYTES
from scheduler.imports import Imported, Wanted, import_table
from store import brands, channels
from store.engine import reading
from web.auth import MayEdit, Member
from web.deps import Web, WebContext, page_context, redirect, show, voice_of
from web.i18n import Voice
from web.posted import zone_options
from web.said import said
from web.sheet_forms import GivenSheet, SheetForm

router = APIRouter(include_in_schema=False)

#: Faults that one page shows at most.
SHOWN = 200
_MARKS: Mapping[str, Mark] = {"point": ".", "comma": ","}


@router.get("/business/import/{kind}")
def ask(request: Request, web: Web, me: MayEdit, kind: ImportKind) -> Response:
    """A form for a table of one kind."""
    return _form(request, web, me, TABLES[kind], SheetForm())


@router.post("/business/import/{kind}")
def take(request: Request, web: Web, me: MayEdit, kind: ImportKind, given: GivenSheet) -> Response:
    """Look at a file first; keep it when the page that shows what was recognised says so."""
    voice, table = voice_of(request), TABLES[kind]
    if not given.raw.strip():
        return _form(
            request, web, me, table, given, error=voice.gettext("Choose a CSV file, or paste its rows.")
        )
    if given.is_too_large:
        return _form(request, web, me, table, given, error=voice.gettext("The file is too large: split it."))
    is_final = given.fields.get("act") == "import"
    try:
        found = import_table(
            web.context, me.workspace.id, _wanted(kind, given, dry_run=not is_final), actor=me.actor
        )
    except (UsageError, NotFound) as error:
        return _form(request, web, me, table, given, error=said(voice, str(error)))
    if is_final and not found.refused:
        told = voice.ngettext("%(num)s row was kept.", "%(num)s rows were kept.", found.added + found.changed)
        return redirect(request, "/business#imports", notice=told)
    return _preview(request, table, given, found, voice)


def _wanted(kind: ImportKind, given: SheetForm, *, dry_run: bool) -> Wanted:
    from analytics.imports.reading import Choices

    fields, columns = given.fields, TABLES[kind].columns
    choices = Choices(
        named={one.use: head for one in columns if (head := fields.get(f"column-{one.use}", "").strip())},
        fixed={one.use: told for one in columns if (told := fields.get(f"fixed-{one.use}", "").strip())},
        zone=fields.get("zone") or None,
        order=given.order,
        decimals=_MARKS.get(fields.get("decimals", "")),
        minor_units=fields.get("minor_units") == "on",
    )
    channel = fields.get("channel", "")
    return Wanted(
        kind=kind, raw=given.raw, choices=choices, dry_run=dry_run, skip_bad=fields.get("skip_bad") == "on",
        name=fields.get("name", "")[:200],
        channel_id=int(channel) if channel.isascii() and channel.isdecimal() and len(channel) < 19 else None,
    )  # fmt: skip


def _form(
    request: Request, web: WebContext, me: Member, table: Table, given: SheetForm, *, error: str = ""
) -> Response:
    voice, now = voice_of(request), page_context(request).now
    with reading(web.context.engine) as session:
        known = [row.name for row in brands.listed(session, me.workspace.id)]
        mine = [(str(row.id), row.name) for row in channels.listed(session, me.workspace.id)]
    return show(
        request,
        "pages/business_import.html",
        status=422 if error else 200,
        table=table,
        name=said(voice, table.name),
        about=said(voice, table.about),
        error=error,
        fields=given.fields,
        packed=given.packed if given.raw and not given.is_too_large else "",
        columns=_columns(table, given, voice),
        fixed=[_fixed(one, voice, known) for one in table.columns if one.fixed],
        zones=[("", voice.gettext("The file says it")), *zone_options([me.workspace.zone], now=now)],
        has_money=any(one.cell is Cell.MONEY for one in table.columns),
        channels=[("", voice.gettext("None: for the whole workspace")), *mine]
        if table.kind is ImportKind.ADS
        else [],
        needed=[(said(voice, one.name), ", ".join(one.heads[:5])) for one in table.columns if one.needed],
    )


def _fixed(column: Any, voice: Voice, known: list[str]) -> dict[str, Any]:
    """A field for what is said once for the whole file, with choices where there are few."""
    options = {
        "survey": [("csat", "CSAT (1–5)"), ("nps", "NPS (0–10)")],
        "fees": [("yes", voice.gettext("yes")), ("no", voice.gettext("no"))],
        "brand": [(name, name) for name in known],
        "tool": [("ga4", "Google Analytics"), ("plausible", "Plausible"), ("matomo", "Matomo"),
                 ("other", voice.gettext("another"))],
    }.get(column.use)  # fmt: skip
    return {
        "use": f"fixed-{column.use}",
        "label": said(voice, column.name),
        "options": [("", voice.gettext("The file says it")), *options] if options else None,
        "is_currency": column.cell is Cell.CURRENCY,
    }


def _columns(table: Table, given: SheetForm, voice: Voice) -> list[dict[str, Any]]:
    """What each use is found in, with the file's columns to choose from."""
    from analytics.imports.reading import Choices, heads_of, recognised

    heads = heads_of(table.kind, given.raw) if given.raw and len(given.raw) <= MOST_BYTES else []
    found = recognised(table.kind, heads, Choices())
    auto = voice.gettext("As recognised: %(head)s")
    return [
        {
            "use": f"column-{one.use}",
            "label": said(voice, one.name),
            "value": given.fields.get(f"column-{one.use}", ""),
            "options": [
                ("", auto % {"head": found[one.use]} if one.use in found else voice.gettext("None")),
                *((head, head) for head in heads),
            ],
        }
        for one in (table.columns if heads else ())
    ]


def _preview(request: Request, table: Table, given: SheetForm, found: Imported, voice: Voice) -> Response:
    read = found.read
    carried = {
        name: value for name, value in given.fields.items() if name not in ("act", "pasted", "skip_bad")
    }
    uses = [one for one in table.columns if any(one.use in line.values for line in read.lines[:50])]
    return show(
        request,
        "pages/business_import_look.html",
        status=422 if found.refused else 200,
        table=table,
        name=said(voice, table.name),
        found=found,
        export=read.export.name if read.export else "",
        confirmed=read.export.confirmed if read.export else True,
        looked_up=read.export.looked_up if read.export else None,
        recognised=[(said(voice, table.column(use).name), head) for use, head in read.columns.items()],
        unused=", ".join(read.unused),
        faults=[(fault.row, said(voice, fault.sentence)) for fault in found.faults[:SHOWN]],
        wrong=found.wrong_rows,
        beyond=max(0, len(found.faults) - SHOWN),
        shown=SHOWN,
        heads=[voice.gettext("Row"), *(said(voice, one.name) for one in uses)],
        lines=[
            [str(line.row), *(_cell(line.values.get(one.use), one.cell, voice) for one in uses)]
            for line in read.lines[:50]
        ],
        packed=given.packed,
        carried=carried,
        skips=given.fields.get("skip_bad") == "on",
        columns=_columns(table, given, voice),
    )


def _cell(value: Any, cell: Cell, voice: Voice) -> str:
    if value is None:
        return "–"
    written: dict[Cell, Callable[[Any], str]] = {
        Cell.MONEY: lambda micros: voice.number(micros / 1_000_000, 2),
        Cell.COUNT: voice.number,
        Cell.SCORE: voice.number,
        Cell.DAY: voice.date,
        Cell.FLAG: lambda yes: voice.gettext("yes") if yes else voice.gettext("no"),
        Cell.TIME: lambda at: f"{at:%Y-%m-%d %H:%M} UTC",
    }
    return written.get(cell, str)(value)[:80]
