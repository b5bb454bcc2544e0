"""Business figures, the tables that they are made of, and bringing them in."""

from datetime import datetime, timedelta
from typing import Annotated, Any, Literal

from fastapi import Depends, Query, Request, Response
from pydantic import BaseModel, Field

from domain.amounts import Mark
from domain.errors import UsageError
from domain.import_tables import TABLES
from domain.imports import Cell, ImportKind
from domain.person import Permission
from domain.sheet import MOST_BYTES
from scheduler import business as commands
from scheduler.cohorts import cohort_table
from scheduler.imports import Imported, Wanted, import_table, undo
from store import brought, buyers
from store.tables import ImportedFile
from web import problems
from web.api.base import Body, Line, Listing, Pages, Repeatable, RowId, api_router
from web.api.past_posts import FaultShown
from web.api.shapes import FigureWithPassport, figure_shown, in_pages
from web.auth import MayEdit, MaySee, Needs
from web.deps import Reading, Web

router = api_router("business")


class StockShown(BaseModel):
    """How much of one kind was brought in."""

    kind: ImportKind
    rows: int
    #: When the newest of it happened, and when the last of it was brought in.
    until: datetime | None
    read_at: datetime | None
    sources: list[str]


class CohortShown(BaseModel):
    """Customers whose first order lies in one month."""

    #: Such as ``2026-03``.
    month: str
    customers: int
    #: Margin for each customer until the end of month 0, 1, 2 … after the first.
    by_month: list[float]


class ValueShown(Body):
    """With what a customer's value is computed."""

    #: Percent of revenue that stays, and percent by which a year discounts.
    margin: Annotated[float, Field(gt=0, le=100, allow_inf_nan=False)] = 100.0
    discount: Annotated[float, Field(ge=0, le=100, allow_inf_nan=False)] = 0.0
    #: How far ahead is looked.
    years: Annotated[float, Field(gt=0, le=20, allow_inf_nan=False)] = 1.0


class BusinessShown(BaseModel):
    """All business figures over the last days."""

    start: datetime
    end: datetime
    figures: list[FigureWithPassport]
    brought_in: list[StockShown]
    #: Of the cohorts.
    currency: str
    cohorts: list[CohortShown]
    value: ValueShown


class ColumnShown(BaseModel):
    """One thing that a row of a table may say."""

    use: str
    name: str
    cell: Cell
    needed: bool
    #: May be said once for the whole file.
    fixed: bool
    #: Heads that mean it; compared without case and signs.
    heads: list[str]


class TableShown(BaseModel):
    """One kind of table that can be brought in."""

    kind: ImportKind
    name: str
    about: str
    columns: list[ColumnShown]


class ImportBody(Body):
    """A table to bring in."""

    #: The file's text.
    csv: Annotated[str, Field(max_length=MOST_BYTES)]
    #: What you call it.
    name: Annotated[str, Field(max_length=200, pattern=r"^[^\x00-\x1f\x7f]*$")] = ""
    #: Whose clock the times are by, where they name neither zone nor offset.
    zone: Line | None = None
    dates: Literal["day-first", "month-first"] | None = None
    decimals: Literal["point", "comma"] | None = None
    #: Amounts count cents, or what the currency has.
    minor_units: bool = False
    #: Columns that are not recognised, such as ``{"spend": "Cost"}``.
    columns: Annotated[dict[str, str], Field(default_factory=dict, max_length=30)]
    #: What is said once for the whole file, such as ``{"currency": "USD"}``.
    fixed: Annotated[dict[str, Line], Field(default_factory=dict, max_length=30)]
    #: The channel that advertisements are counted for.
    channel_id: RowId | None = None
    #: Take the right rows also when others are wrong.
    skip_bad: bool = False
    #: Say what would happen, and do nothing.
    dry_run: bool = False


class BroughtInShown(BaseModel):
    """What a table came to."""

    #: Null: nothing was kept.
    id: RowId | None
    kind: ImportKind
    dry_run: bool
    #: Whose export it is; null: its columns are known by their names alone.
    export: str | None
    columns: dict[str, str]
    unused: list[str]
    added: int
    #: Rows that told anew what an earlier import told.
    changed: int
    known: int
    merged: int
    totals: int
    first: datetime | None
    last: datetime | None
    faults: list[FaultShown]


class FileShown(BaseModel):
    """One import."""

    id: RowId
    kind: ImportKind
    name: str
    source: str
    added: int
    changed: int
    first_at: datetime | None
    last_at: datetime | None
    choices: dict[str, Any]
    created_at: datetime
    undone_at: datetime | None


@router.get("/business")
def get_business(
    web: Web, session: Reading, me: MaySee, days: Annotated[int, Query(ge=1, le=3_660)] = 30
) -> BusinessShown:
    """Every business figure with its interval and passport, and how fresh what it stands on is."""
    end = web.context.clock() + timedelta(microseconds=1)
    start = end - timedelta(days=days)
    found = commands.figures(session, me.workspace.id, start=start, end=end, now=web.context.clock())
    currency, cohorts = cohort_table(session, me.workspace.id, now=web.context.clock())
    chosen = buyers.choice(session, me.workspace.id)
    return BusinessShown(
        start=start,
        end=end,
        figures=[figure_shown(one) for several in found.values() for one in several],
        brought_in=[
            StockShown(
                kind=one.kind, rows=one.rows, until=one.until, read_at=one.read_at, sources=list(one.sources)
            )
            for one in commands.stocks(session, me.workspace.id)
        ],
        currency=currency,
        cohorts=[
            CohortShown(month=one.month, customers=one.customers, by_month=list(one.by_month))
            for one in cohorts
        ],
        value=ValueShown(margin=chosen.margin, discount=chosen.discount, years=chosen.years),
    )


@router.put("/business/value")
def put_value(body: ValueShown, web: Web, me: MayEdit) -> ValueShown:
    """Choose with what a customer's lifetime value is computed."""
    row = commands.choose_value(
        web.context,
        me.workspace.id,
        margin=body.margin,
        discount=body.discount,
        years=body.years,
        actor=me.actor,
    )
    return ValueShown(margin=row.margin, discount=row.discount, years=row.years)


@router.get("/imports/kinds", dependencies=[Depends(Needs(Permission.SEE))])
def get_kinds() -> list[TableShown]:
    """What can be brought in, and which columns each kind knows."""
    return [
        TableShown(
            kind=kind,
            name=table.name.en,
            about=table.about.en,
            columns=[
                ColumnShown(
                    use=one.use, name=one.name.en, cell=one.cell, needed=one.needed, fixed=one.fixed,
                    heads=list(one.heads),
                )
                for one in table.columns
            ],
        )
        for kind, table in TABLES.items()
    ]  # fmt: skip


@router.get("/imports")
def get_imports(session: Reading, me: MaySee, pages: Pages) -> Listing[FileShown]:
    """What was imported, newest first."""
    return in_pages(pages, brought.files(session, me.workspace.id), _file)


class _Refused(UsageError):
    def __init__(self, found: Imported) -> None:
        super().__init__(f"Nothing was imported: {found.wrong_rows} of the rows need another look.")
        self.found = found


@router.post("/imports/{kind}", status_code=201, response_model=BroughtInShown)
def post_import(  # noqa: PLR0917 - FastAPI passes them by name
    request: Request, body: ImportBody, web: Web, me: MayEdit, kind: ImportKind, once: Repeatable
) -> Response:
    """Bring a table in: all or none, with every fault; the same file adds nothing twice."""

    def make() -> BroughtInShown:
        found = import_table(web.context, me.workspace.id, _wanted(kind, body), actor=me.actor)
        if found.refused and not body.dry_run:
            raise _Refused(found)
        return _shown(found)

    try:
        return once.run(me, body, make)
    except _Refused as refusal:
        errors = [
            problems.FieldProblem(where=f"row {fault.row}", detail=fault.sentence)
            for fault in refusal.found.faults
        ]
        return problems.answer(request, 422, str(refusal), errors=errors)


@router.post("/imports/{import_id}/undo")
def post_undo(web: Web, me: MayEdit, import_id: RowId) -> FileShown:
    """Take back all that a file brought; what it had replaced holds again."""
    row, _taken = undo(web.context, me.workspace.id, import_id, actor=me.actor)
    return _file(row)


def _wanted(kind: ImportKind, body: ImportBody) -> Wanted:
    from analytics.imports.reading import Choices

    marks: dict[str | None, Mark | None] = {"point": ".", "comma": ",", None: None}
    choices = Choices(
        named=body.columns,
        fixed=body.fixed,
        zone=body.zone,
        order={"day-first": "day", "month-first": "month", None: None}[body.dates],
        decimals=marks[body.decimals],
        minor_units=body.minor_units,
    )
    return Wanted(
        kind=kind, raw=body.csv.encode("utf-8", "replace"), name=body.name, choices=choices,
        channel_id=body.channel_id, skip_bad=body.skip_bad, dry_run=body.dry_run,
    )  # fmt: skip


def _shown(found: Imported) -> BroughtInShown:
    read = found.read
    return BroughtInShown(
        id=found.file_id, kind=found.kind, dry_run=found.dry_run,
        export=read.export.name if read.export else None, columns=dict(read.columns),
        unused=list(read.unused),
        added=found.added, changed=found.changed, known=found.known, merged=found.merged, totals=read.totals,
        first=found.first, last=found.last,
        faults=[FaultShown(row=fault.row, sentence=fault.sentence) for fault in found.faults],
    )  # fmt: skip


def _file(row: ImportedFile) -> FileShown:
    return FileShown.model_validate(row.model_dump(exclude={"workspace_id"}))
