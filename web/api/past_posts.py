"""A channel's past posts from an export, so that its best hours are known from the first day."""

from datetime import datetime
from typing import Annotated, Literal

from fastapi import Request, Response
from pydantic import BaseModel, Field

from domain.errors import UsageError
from domain.sheet import MOST_BYTES
from scheduler.past_posts import PastChoices, PastFile, import_file
from store import channels
from store.engine import reading
from web import problems
from web.api.base import Body, Line, Repeatable, RowId, api_router
from web.auth import MayEdit
from web.deps import Web

router = api_router("slots")


class PastBody(Body):
    """A file of past posts."""

    #: The file's text.
    csv: Annotated[str, Field(max_length=MOST_BYTES)]
    #: Whose clock the times are by, where they name neither zone nor offset.
    zone: Line | None = None
    #: What comes first in 03/04/2026; null: as the file itself shows.
    dates: Literal["day-first", "month-first"] | None = None
    #: Columns that are not recognised, such as ``{"time": "Sent"}``.
    columns: Annotated[dict[str, str], Field(default_factory=dict, max_length=20)]
    #: Take the right rows also when others are wrong.
    skip_bad: bool = False
    #: Say what would happen, and do nothing.
    dry_run: bool = False


class FaultShown(BaseModel):
    """What is wrong with a row; row 1 holds the names of the columns."""

    row: int
    sentence: str


class PastShown(BaseModel):
    """What a file of past posts came to."""

    dry_run: bool
    #: Whose export it is; null: its columns are known by their names alone.
    export: str | None
    #: What was recognised: use → the file's own name of the column.
    columns: dict[str, str]
    #: Columns whose sum is the engagement.
    engagement: list[str]
    added: int
    #: Posts that an earlier import brought and whose counts have grown since.
    changed: int
    #: Posts that an earlier import brought, or the file tells twice.
    known: int
    #: Posts that Tabuh published itself: it measures them.
    own: int
    first: datetime | None
    last: datetime | None
    faults: list[FaultShown]
    #: Posts behind the learned week then.
    posts: int
    has_evidence: bool


class _Refused(UsageError):
    def __init__(self, found: PastFile) -> None:
        super().__init__(f"Nothing was imported: {len(found.past.faults)} of the rows need another look.")
        self.found = found


@router.post("/channels/{channel_id}/past-posts", status_code=201, response_model=PastShown)
def import_past_posts(  # noqa: PLR0917 - FastAPI passes them by name
    request: Request, body: PastBody, web: Web, me: MayEdit, channel_id: RowId, once: Repeatable
) -> Response:
    """Learn from past posts: all or none, with every fault; the same file adds nothing twice."""
    with reading(web.context.engine) as session:
        channels.get(session, me.workspace.id, channel_id)

    def make() -> PastShown:
        choices = PastChoices(
            zone=body.zone,
            order={"day-first": "day", "month-first": "month", None: None}[body.dates],
            named=body.columns,
            skip_bad=body.skip_bad,
            dry_run=body.dry_run,
        )
        raw = body.csv.encode("utf-8", "replace")
        found = import_file(web.context, me.workspace.id, channel_id, raw, choices=choices, actor=me.actor)
        if found.refused and not body.dry_run:
            raise _Refused(found)
        return _shown(found)

    try:
        return once.run(me, body, make)
    except _Refused as refusal:
        errors = [
            problems.FieldProblem(where=f"row {fault.row}", detail=fault.sentence)
            for fault in refusal.found.past.faults
        ]
        return problems.answer(request, 422, str(refusal), errors=errors)


def _shown(found: PastFile) -> PastShown:
    columns, done = found.past.columns, found.done
    return PastShown(
        dry_run=done.dry_run,
        export=columns.export or None,
        columns=dict(columns.by_use),
        engagement=list(columns.engagement),
        added=done.added,
        changed=done.changed,
        known=done.known,
        own=done.own,
        first=done.first,
        last=done.last,
        faults=[FaultShown(row=fault.row, sentence=fault.sentence) for fault in found.past.faults],
        posts=done.week.posts,
        has_evidence=done.week.has_evidence,
    )
