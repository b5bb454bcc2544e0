"""The queue as a sheet: in row by row, all or none, and out as CSV."""

from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import Annotated, Literal

from fastapi import Query, Request, Response
from fastapi.responses import StreamingResponse
from pydantic import BaseModel, Field

from domain.errors import UsageError
from domain.post import PostState
from domain.sheet import MOST_BYTES, Problem
from domain.sheet_times import DayOrder
from scheduler.exporting import Chosen, export_sheet
from scheduler.importing import Choices, Imported, import_sheet
from store import channels
from store.engine import reading
from web import problems
from web.api.base import Body, Repeatable, RowId, api_router
from web.auth import MayEdit, MaySee
from web.deps import Web
from web.parcels import parcels

router = api_router("queue")

_ORDER: dict[str, DayOrder] = {"day-first": "day", "month-first": "month"}


class SheetBody(Body):
    """A sheet of posts."""

    #: The file's text; ``tabuh queue import --help`` names the columns.
    csv: Annotated[str, Field(max_length=MOST_BYTES)]
    #: Where rows go that name no channel.
    channel_id: RowId | None = None
    #: What comes first in 03/04/2026; null: as the sheet itself shows.
    dates: Literal["day-first", "month-first"] | None = None
    #: Take the right rows also when others are wrong.
    skip_bad: bool = False
    #: Say what would happen, and do nothing.
    dry_run: bool = False


class CellProblem(BaseModel):
    """What is wrong with a cell, or should be known of it."""

    row: int
    #: Empty: the row as a whole.
    column: str
    sentence: str


class RowShown(BaseModel):
    """One post that a row became, or would become."""

    row: int
    #: Null in a dry run.
    id: RowId | None
    channel_id: RowId
    state: PostState
    planned_at: datetime | None
    planned_wall: str | None
    planned_zone: str | None


class ImportShown(BaseModel):
    """What a sheet came to."""

    dry_run: bool
    added: int
    #: Posts that an earlier import of the same rows made.
    known: int
    #: Rows that went out already, or shall not, as their state says.
    left_out: int
    problems: list[CellProblem]
    notes: list[CellProblem]
    posts: list[RowShown]


class _Refused(UsageError):
    def __init__(self, done: Imported) -> None:
        rows = len({one.row for one in done.problems})
        super().__init__(f"Nothing was imported: {rows} of the rows need another look.")
        self.done = done


@router.post("/queue/import", status_code=201, response_model=ImportShown)
def import_queue(request: Request, body: SheetBody, web: Web, me: MayEdit, once: Repeatable) -> Response:
    """Queue the rows of a sheet: all or none; a row that is wrong is named with its cell.

    The same rows make nothing twice, whatever key the call has.
    """
    with reading(web.context.engine) as session:
        if body.channel_id is not None:
            channels.get(session, me.workspace.id, body.channel_id)

    def make() -> ImportShown:
        choices = Choices(
            channel_id=body.channel_id, order=_ORDER.get(body.dates or ""), skip_bad=body.skip_bad,
            dry_run=body.dry_run,
        )  # fmt: skip
        raw = body.csv.encode("utf-8", "replace")
        done = import_sheet(web.context, me.workspace.id, raw, choices=choices, actor=me.actor)
        if done.refused and not body.dry_run:
            raise _Refused(done)
        web.wake()
        return _shown(done)

    try:
        return once.run(me, body, make)
    except _Refused as refusal:
        errors = [
            problems.FieldProblem(where=f"row {one.row}.{one.column}".rstrip("."), detail=one.sentence)
            for one in refusal.done.problems
        ]
        return problems.answer(request, 422, str(refusal), errors=errors)


def _shown(done: Imported) -> ImportShown:
    def told(found: Sequence[Problem]) -> list[CellProblem]:
        return [CellProblem(row=one.row, column=one.column, sentence=one.sentence) for one in found]

    return ImportShown(
        dry_run=done.dry_run,
        added=len(done.lines),
        known=done.known,
        left_out=done.left_out,
        problems=told(done.problems),
        notes=told(done.notes),
        posts=[
            RowShown(
                row=line.row,
                id=None if done.dry_run else line.post.id,
                channel_id=line.channel.id,
                state=PostState(line.post.state),
                planned_at=line.post.planned_at,
                planned_wall=line.post.planned_wall,
                planned_zone=line.post.planned_zone,
            )
            for line in done.lines
        ],
    )


@router.get("/queue/export", response_class=StreamingResponse, responses={200: {"content": {"text/csv": {}}}})
def export_queue(  # noqa: PLR0917 - FastAPI passes them by name
    web: Web,
    me: MaySee,
    state: Annotated[list[PostState] | None, Query()] = None,
    channel_id: RowId | None = None,
    campaign: Annotated[str | None, Query(max_length=80)] = None,
    separator: Literal[",", ";"] = ",",
) -> Response:
    """Posts as CSV, which `POST /queue/import` reads again; no state named: all."""
    chosen = Chosen(states=state or (), channel_id=channel_id, campaign=campaign)

    def pieces() -> Iterator[str]:
        with reading(web.context.engine) as session:
            yield from export_sheet(
                session, me.workspace.id, chosen, public_url=web.public_url, separator=separator
            )

    return StreamingResponse(parcels(pieces()), media_type="text/csv")
