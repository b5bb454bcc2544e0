"""The KPI guide at a secret address: read without signing in, taken along, and confirmed with a name."""

from datetime import timedelta
from urllib.parse import urlsplit

from fastapi import APIRouter, HTTPException, Request
from fastapi.responses import Response
from sqlmodel import Session

from domain.errors import NotFound, UsageError
from domain.guide import Guide
from scheduler.guides import confirm_by_link
from scheduler.guiding import as_frozen
from store import budgets, guides, people, secret_links
from store.engine import reading, writing
from store.tables import GuideLink, GuideVersion
from web.deps import LANGUAGE_COOKIE, Reading, Web, WebContext, page_context, show, voice_of
from web.i18n import LANGUAGES
from web.i18n import marked as N_
from web.pages.guides import as_download, formats
from web.posted import Posted
from web.reports.guide import guide_paper
from web.said import said

router = APIRouter()

#: Forms that may be sent to one link in `WINDOW`.
FORMS, WINDOW = 30, timedelta(hours=1)
_TOO_MANY = N_("Too many tries from here. Wait an hour and open the link again.")


@router.api_route("/guide/{token}", methods=["GET", "HEAD"])
def read(request: Request, web: Web, session: Reading, token: str) -> Response:
    """The guide in the language of its link; looking confirms nothing."""
    link, row = _found(request, web, session, token)
    with writing(web.context.engine) as noting:
        secret_links.note_opened(noting, GuideLink, link.id, now=web.context.clock())
        noting.commit()
    return _shown(request, web, link, as_frozen(session, row), token)


@router.get("/guide/{token}/{kind}")
def file(request: Request, web: Web, session: Reading, token: str, kind: str) -> Response:
    """The guide as a file."""
    _, row = _found(request, web, session, token)
    return _quiet(web, as_download(as_frozen(session, row), kind, voice_of(request)))


@router.post("/guide/{token}/read")
def confirm(request: Request, web: Web, token: str, form: Posted) -> Response:
    """Take the name of a reader who has read it; nothing else is kept."""
    with reading(web.context.engine) as session:
        link, _ = _found(request, web, session, token)
    _limit(web, f"guide:{link.id}")
    text, error = form.get("number", ""), ""
    number = int(text) if text.isascii() and text.isdecimal() and len(text) < 10 else 0
    try:
        confirm_by_link(web.context, token, form.get("name", ""), number=number)
    except UsageError as refusal:
        error = str(refusal)
    except NotFound as missing:
        raise HTTPException(404, str(missing)) from missing
    with reading(web.context.engine) as session:
        link, row = _found(request, web, session, token)
        guide = as_frozen(session, row)
    name = form.get("name", "") if error else ""
    return _shown(request, web, link, guide, token, name=name, error=error, done=not error)


def _found(request: Request, web: WebContext, session: Session, token: str) -> tuple[GuideLink, GuideVersion]:
    try:
        link, row = guides.by_token(session, token, now=web.context.clock())
    except NotFound as exc:
        raise HTTPException(404, str(exc)) from exc
    workspace = people.workspace(session, link.workspace_id)
    chosen = request.cookies.get(LANGUAGE_COOKIE, "")
    language = chosen if chosen in LANGUAGES else link.language
    page_context(request, language=language, zone=workspace.zone, simulated=workspace.simulated)
    return link, row


def _limit(web: WebContext, key: str) -> None:
    with writing(web.context.engine) as session:
        is_free = budgets.take(session, key, allowed=FORMS, window=WINDOW, now=web.context.clock())
        session.commit()
    if not is_free:
        raise HTTPException(429, _TOO_MANY)


def _shown(
    request: Request, web: WebContext, link: GuideLink, guide: Guide, token: str, *, name: str = "",
    error: str = "", done: bool = False,
) -> Response:  # fmt: skip
    voice = voice_of(request)
    answer = show(
        request,
        "public/guide.html",
        status=422 if error else 200,
        paper=guide_paper(guide, voice),
        guide=guide,
        link=link,
        token=token,
        formats=formats(voice),
        name=name,
        error=said(voice, error) if error else "",
        done=done,
    )
    return _quiet(web, answer)


def _quiet(web: WebContext, answer: Response) -> Response:
    """With headers that keep the address from search engines, caches and other sites."""
    answer.headers["X-Robots-Tag"] = "noindex, nofollow"
    answer.headers["Cache-Control"] = "private, no-store"
    answer.headers["Referrer-Policy"] = "no-referrer" if _says_its_site(web) else "same-origin"
    return answer


def _says_its_site(web: WebContext) -> bool:
    """Whether browsers tell of forms that they come from our own page also without a referrer.

    They do (Sec-Fetch-Site) where the connection is secure or local; elsewhere a page without any referrer
    would send its form as if from nowhere, and it would be refused.
    """
    parts = urlsplit(web.public_url)
    return parts.scheme == "https" or parts.hostname in ("127.0.0.1", "localhost", "::1")
