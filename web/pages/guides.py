"""The KPI guide: its newest version, those before, who has read it, and who may without signing in."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Annotated, Any

from fastapi import APIRouter, HTTPException, Query, Request, Response
from sqlmodel import Session

from domain.errors import NotFound, UsageError
from domain.guide import Guide, GuideChange, thawed
from scheduler import guides as commands
from scheduler.guiding import as_frozen, as_of_now, renew
from scheduler.reports import USUAL
from store import guides
from store.engine import reading
from store.tables import GuideVersion
from web.api.base import RowId
from web.auth import MayEdit, MaySee, Member
from web.deps import Reading, Web, WebContext, redirect, show, voice_of
from web.i18n import LANGUAGES, Voice
from web.pages.reports import DAYS
from web.posted import Posted
from web.reports.guide import FORMATS, as_file, change_words, file_name, guide_paper
from web.said import said

router = APIRouter(include_in_schema=False)

#: Versions on one page of the list.
LISTED = 50


@router.get("/kpis/guide")
def newest(request: Request, web: Web, me: MaySee) -> Response:
    """The guide of now; a new version is frozen first where something changed."""
    renew(web.context, me.workspace.id)
    return _shown(request, web, me)


def _shown(
    request: Request, web: WebContext, me: Member, *, number: int | None = None, **more: Any
) -> Response:
    voice = voice_of(request)
    with reading(web.context.engine) as session:
        row = _row(session, me.workspace.id, number)
        if row is None:
            return show(request, "pages/guide.html", paper=None)
        guide = as_frozen(session, row) if number else as_of_now(web.context, session, me.workspace.id)
        receipts = commands.receipts(session, row)
        links = guides.links(session, me.workspace.id)
    values = {
        "status": 422 if more.get("error") else 200,
        "paper": guide_paper(guide, voice),
        "guide": guide,
        "frozen": number is not None,
        "formats": formats(voice),
        "receipts": receipts,
        "i_have_read": any(
            one.person_id == me.person.id and one.read_at is not None for one in receipts.readers
        ),
        "links": links,
        "languages": list(LANGUAGES.items()),
        "days": [(str(days), voice.ngettext("%(num)s day", "%(num)s days", days)) for days in DAYS],
        "name": "",
        "error": "",
        "made": "",
        "made_for": "",
    }
    return show(request, "pages/guide.html", **{**values, **more})


def _row(session: Session, workspace_id: int, number: int | None) -> GuideVersion | None:
    if number is None:
        return guides.last(session, workspace_id)
    return guides.version(session, workspace_id, number)


def formats(voice: Voice) -> list[tuple[str, str]]:
    """What the guide can be taken along as."""
    names = {"pdf": "PDF", "html": voice.gettext("HTML file"), "markdown": "Markdown", "json": "JSON"}
    return list(names.items())


@dataclass(frozen=True, slots=True)
class VersionShown:
    """One version in the list."""

    number: int
    at: datetime
    changes: list[str]
    read: int


@router.get("/kpis/guide/versions")
def versions(
    request: Request, web: Web, me: MaySee, before: Annotated[int | None, Query(ge=1, le=2**31 - 1)] = None
) -> Response:
    """All versions, newest first, each with what it changed."""
    renew(web.context, me.workspace.id)
    voice = voice_of(request)
    with reading(web.context.engine) as session:
        rows = guides.versions(session, me.workspace.id, limit=LISTED + 1, before=before)
        shown = [version_shown(session, row, voice, me.workspace.zone) for row in rows[:LISTED]]
    older = f"/kpis/guide/versions?before={shown[-1].number}" if len(rows) > LISTED else ""
    return show(request, "pages/guide_versions.html", rows=shown, older=older)


def version_shown(session: Session, row: GuideVersion, voice: Voice, zone: str) -> VersionShown:
    """A version in the reader's words."""
    changes: tuple[GuideChange, ...] = thawed(row.changes)
    read = sum(one.person_id is not None for one in guides.receipts(session, row.workspace_id, row.number))
    return VersionShown(row.number, row.at, [change_words(one, voice, zone) for one in changes], read)


@router.get("/kpis/guide/versions/{number}")
def one_version(request: Request, web: Web, me: MaySee, number: RowId) -> Response:
    """A version as it was frozen."""
    return _shown(request, web, me, number=number)


@router.get("/kpis/guide/file/{kind}")
def file(request: Request, web: Web, me: MaySee, kind: str) -> Response:
    """The guide of now as a file."""
    commands.current(web.context, me.workspace.id)
    with reading(web.context.engine) as session:
        guide = as_of_now(web.context, session, me.workspace.id)
    return as_download(guide, kind, voice_of(request))


@router.get("/kpis/guide/versions/{number}/file/{kind}")
def version_file(request: Request, session: Reading, me: MaySee, number: RowId, kind: str) -> Response:
    """A version as a file."""
    return as_download(
        as_frozen(session, guides.version(session, me.workspace.id, number)), kind, voice_of(request)
    )


def as_download(guide: Guide, kind: str, voice: Voice) -> Response:
    """The file with its name. 404 for an unknown format."""
    if kind not in FORMATS:
        raise HTTPException(404)
    return Response(
        as_file(guide, kind, voice),
        media_type=FORMATS[kind][0],
        headers={"Content-Disposition": f'attachment; filename="{file_name(guide, kind)}"'},
    )


@router.post("/kpis/guide/read")
def read(request: Request, web: Web, me: MaySee, form: Posted) -> Response:
    """Confirm that one has read a version."""
    text = form.get("number", "")
    if not (text.isascii() and text.isdecimal() and len(text) < 10):
        raise HTTPException(422)
    number = int(text)
    row, _ = commands.confirm(web.context, me.workspace.id, me.person.id, number=number, actor=me.actor)
    notice = voice_of(request).gettext("Noted: you have read version %(number)s.", number=row.number)
    with reading(web.context.engine) as session:
        newest = guides.last(session, me.workspace.id)
    is_newest = newest is not None and newest.number == row.number
    return redirect(request, "/kpis/guide" if is_newest else f"/kpis/guide/versions/{number}", notice=notice)


@router.post("/kpis/guide/links")
def share(request: Request, web: Web, me: MayEdit, form: Posted) -> Response:
    """Make a link; its address is shown once."""
    voice = voice_of(request)
    name, days, shows = form.get("name", ""), form.get("days", "30"), form.get("shows", "")
    language = form.get("language", "")
    try:
        link, address = commands.share(
            web.context,
            me.workspace.id,
            name=name,
            lasts=timedelta(days=int(days)) if days in map(str, DAYS) else USUAL,
            language=language if language in LANGUAGES else voice.language,
            number=int(shows) if shows.isascii() and shows.isdecimal() and len(shows) < 10 else None,
            actor=me.actor,
        )
    except UsageError as error:
        return _shown(request, web, me, name=name, error=said(voice, str(error)))
    except NotFound as error:
        raise HTTPException(404, str(error)) from error
    return _shown(request, web, me, made=address, made_for=link.name)


@router.post("/kpis/guide/links/{link_id}/revoke")
def revoke(request: Request, web: Web, me: MayEdit, link_id: RowId) -> Response:
    """End a link to the guide."""
    link = commands.revoke(web.context, me.workspace.id, link_id, actor=me.actor)
    sentence = voice_of(request).gettext("The link for %(name)s is closed.", name=link.name)
    return redirect(request, "/kpis/guide", notice=sentence)
