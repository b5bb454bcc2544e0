"""A report at a secret address, until its link ends: read as it was frozen, and taken along as a file."""

from typing import Annotated

from fastapi import APIRouter, HTTPException, Path, Request
from fastapi.responses import Response
from sqlmodel import Session

from domain.errors import NotFound
from scheduler.reports import opened
from store import people, reports
from store.engine import writing
from store.tables import ReportLink, ReportRow
from web.deps import LANGUAGE_COOKIE, Reading, Web, WebContext, page_context, show, voice_of
from web.drawing import ChartStore
from web.i18n import LANGUAGES
from web.pages.reports import as_download, drawn, formats
from web.reports.paper import paper

router = APIRouter()

#: The charts of reports that were opened last; nobody guesses the digest of what they do not see.
STORE = ChartStore("/report/charts")

Token = Annotated[str, Path(pattern="^[0-9A-Za-z_-]{20,64}$")]
_QUIET = {"X-Robots-Tag": "noindex", "Referrer-Policy": "no-referrer", "Cache-Control": "private, no-cache"}


@router.get("/report/charts/{digest}.svg")
def picture(digest: str) -> Response:
    """One chart of a report."""
    found = STORE.svg(digest)
    if found is None:
        raise HTTPException(404)
    return Response(found, media_type="image/svg+xml", headers={"Cache-Control": "private, max-age=86400"})


@router.api_route("/report/{token}", methods=["GET", "HEAD"])
def read(request: Request, web: Web, session: Reading, token: Token) -> Response:
    """The report in the language of its link."""
    link, row = _found(request, web, session, token)
    voice = voice_of(request)
    told = paper(opened(row), voice)
    _note(web, link)
    answer = show(
        request,
        "public/report.html",
        paper=told,
        drawn=drawn(told, STORE),
        link=link,
        token=token,
        formats=formats(voice),
    )
    answer.headers.update(_QUIET)
    return answer


@router.get("/report/{token}/{kind}")
def file(request: Request, web: Web, session: Reading, token: Token, kind: str) -> Response:
    """The report as a file."""
    _, row = _found(request, web, session, token)
    answer = as_download(opened(row), kind, voice_of(request))
    answer.headers.update(_QUIET)
    return answer


def _found(request: Request, web: WebContext, session: Session, token: str) -> tuple[ReportLink, ReportRow]:
    try:
        link, row = reports.by_token(session, token, now=web.context.clock())
    except NotFound as exc:
        raise HTTPException(404, str(exc)) from exc
    workspace = people.workspace(session, link.workspace_id)
    chosen = request.cookies.get(LANGUAGE_COOKIE, "")
    language = chosen if chosen in LANGUAGES else link.language
    page_context(request, language=language, zone=row.zone, simulated=workspace.simulated)
    return link, row


def _note(web: WebContext, link: ReportLink) -> None:
    with writing(web.context.engine) as session:
        reports.note_opened(session, link.id, now=web.context.clock())
        session.commit()
