"""Sheets of posts: one comes in, is looked at before anything is written, and the queue goes out as one."""

from collections.abc import Iterator
from typing import Any

from fastapi import APIRouter, Request, Response
from fastapi.responses import StreamingResponse

from domain.errors import UsageError
from domain.post import PostState
from domain.sheet import Problem
from scheduler.exporting import Chosen, Separator, export_sheet
from scheduler.importing import Choices, Imported, import_sheet
from store import channels
from store.engine import reading
from web.auth import MayEdit, MaySee, Member
from web.deps import Web, WebContext, redirect, show, voice_of
from web.i18n import Voice
from web.i18n import marked as N_
from web.pages.queue import ALL
from web.parcels import parcels
from web.planning import AHEAD
from web.said import said
from web.sheet_forms import GivenSheet, SheetForm

router = APIRouter()

#: Rows, problems and notes that one page shows at most.
SHOWN = 200

#: How people call the columns.
COLUMNS = {
    "key": N_("Key"), "state": N_("State"), "channel": N_("Channel"), "date": N_("Date"), "time": N_("Time"),
    "zone": N_("Time zone"), "slot": N_("Slot"), "text": N_("Text"), "link": N_("Link"), "image": N_("Image"),
    "alt": N_("Image in words"), "campaign": N_("Campaign"), "tags": N_("Tags"), "language": N_("Language"),
    "priority": N_("Priority"), "earliest": N_("Earliest"), "latest": N_("Latest"),
}  # fmt: skip


@router.get("/queue/import")
def ask(request: Request, web: Web, me: MayEdit) -> Response:
    """A form for a file, or for rows that are pasted."""
    return _form(request, web, me, SheetForm())


@router.post("/queue/import")
def take(request: Request, web: Web, me: MayEdit, given: GivenSheet) -> Response:
    """Look at a sheet first; write it when the page that shows what would happen says so."""
    voice = voice_of(request)
    if not given.raw.strip():
        error = voice.gettext("Choose a CSV file, or paste its rows.")
        return _form(request, web, me, given, error=error)
    if given.is_too_large:
        return _form(request, web, me, given, error=voice.gettext("The file is too large: split it."))
    is_final = given.fields.get("act") == "import"
    choices = Choices(
        channel_id=_channel(web, me, given.fields.get("channel", "")),
        order=given.order,
        skip_bad=given.fields.get("skip_bad") == "on",
        dry_run=not is_final,
    )
    try:
        done = import_sheet(web.context, me.workspace.id, given.raw, choices=choices, actor=me.actor)
    except UsageError as error:
        return _form(request, web, me, given, error=said(voice, str(error)))
    if is_final and not done.refused:
        web.wake()
        return redirect(request, "/queue", notice=_outcome(done, voice))
    return _preview(request, given, done, voice)


def _channel(web: WebContext, me: Member, typed: str) -> int | None:
    with reading(web.context.engine) as session:
        rows = channels.listed(session, me.workspace.id)
    return next((row.id for row in rows if str(row.id) == typed), None)


def _outcome(done: Imported, voice: Voice) -> str:
    made = voice.ngettext(
        "%(num)s post is in the queue now.", "%(num)s posts are in the queue now.", len(done.lines)
    )
    if done.lines and not done.known:
        return made
    known = voice.ngettext(
        "%(num)s was there already from an earlier import.",
        "%(num)s were there already from an earlier import.",
        done.known,
    )
    return f"{made} {known}" if done.lines else known


def _form(request: Request, web: WebContext, me: Member, given: SheetForm, error: str = "") -> Response:
    with reading(web.context.engine) as session:
        rows = channels.listed(session, me.workspace.id)
    return show(
        request,
        "pages/queue_import.html",
        status=422 if error else 200,
        error=error,
        fields=given.fields,
        channels=[
            ("", voice_of(request).gettext("None: each row names its own")),
            *((row.id, row.name) for row in rows),
        ],
    )


def _preview(request: Request, given: SheetForm, done: Imported, voice: Voice) -> Response:
    def told(problems: Any) -> list[tuple[int, str, str]]:
        return [_told(one, voice) for one in problems[:SHOWN]]

    return show(
        request,
        "pages/queue_import_look.html",
        status=422 if done.refused else 200,
        done=done,
        lines=done.lines[:SHOWN],
        problems=told(done.problems),
        notes=told(done.notes),
        wrong_rows=len({one.row for one in done.problems}),
        packed=given.packed,
        fields=given.fields,
        shown=SHOWN,
    )


def _told(problem: Problem, voice: Voice) -> tuple[int, str, str]:
    column = voice.gettext(COLUMNS[problem.column]) if problem.column in COLUMNS else problem.column
    return problem.row, column, said(voice, problem.sentence)


@router.get("/queue/export.csv")
def export(  # noqa: PLR0917 - FastAPI passes them by name
    web: Web,
    me: MaySee,
    channel: str = "",
    state: str = "",
    campaign: str = "",
    separator: str = "",
) -> Response:
    """What the queue page shows with these filters, all of it, as a sheet."""
    chosen = Chosen(
        states=_states(state),
        channel_id=_channel(web, me, channel),
        campaign=campaign or None,
        before=None if state else web.context.clock() + AHEAD,
    )
    sign: Separator = ";" if separator == ";" else ","

    def pieces() -> Iterator[str]:
        with reading(web.context.engine) as session:
            yield from export_sheet(
                session, me.workspace.id, chosen, public_url=web.public_url, separator=sign
            )

    name = f"tabuh-{web.context.clock():%Y-%m-%d}.csv"
    headers = {"Content-Disposition": f'attachment; filename="{name}"'}
    return StreamingResponse(parcels(pieces()), media_type="text/csv", headers=headers)


def _states(state: str) -> tuple[PostState, ...]:
    if state == ALL:
        return ()
    if state in (*PostState,):
        return (PostState(state),)
    return (PostState.PUBLISHING, PostState.QUEUED, PostState.AWAITING_APPROVAL, PostState.DRAFT)
