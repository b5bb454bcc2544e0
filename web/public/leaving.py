"""Where a reader of a newsletter leaves: a page with one button, the one click of mail programs (RFC 8058).

Looking leaves nothing: programs follow the links of mails before people do.
"""

from datetime import timedelta
from typing import Annotated

from fastapi import APIRouter, HTTPException, Path, Request
from fastapi.responses import Response

from domain.errors import NotFound
from scheduler.leaving import leave, reader_of
from store import budgets
from store.engine import writing
from web.deps import LANGUAGE_COOKIE, Web, WebContext, page_context, show
from web.i18n import marked as N_
from web.i18n import negotiate

router = APIRouter(prefix="/u")

#: Wrong addresses that one caller may try, in `WINDOW`.
MISSES, WINDOW = 60, timedelta(hours=1)
_NOBODY = N_("This link names no reader, or one who has left already.")
_TOO_MANY = N_("Too many tries from here. Wait an hour and open the link again.")

Number = Annotated[int, Path(ge=1, lt=2**63)]
Token = Annotated[str, Path(pattern="^[0-9A-Za-z_-]{24}$")]


@router.api_route("/{channel_id}/{token}", methods=["GET", "HEAD"])
def ask(request: Request, web: Web, channel_id: Number, token: Token) -> Response:
    """The question, with its button."""
    try:
        channel = reader_of(web.context, channel_id, token)
    except NotFound as missing:
        _limit(request, web)
        raise HTTPException(404, _NOBODY) from missing
    return _shown(request, name=channel.name, language=channel.language, done=False)


@router.post("/{channel_id}/{token}")
def go(request: Request, web: Web, channel_id: Number, token: Token) -> Response:
    """Leave; what was sent along is not read, and who has left already hears the same."""
    try:
        channel = reader_of(web.context, channel_id, token)
    except NotFound:
        _limit(request, web)
        return _shown(request, name="", language=None, done=True)
    leave(web.context, channel_id, token)
    return _shown(request, name=channel.name, language=channel.language, done=True)


def _limit(request: Request, web: WebContext) -> None:
    caller = request.client.host if request.client else "nobody"
    with writing(web.context.engine) as session:
        key = f"leaving-miss:{caller}"[:120]
        is_free = budgets.take(session, key, allowed=MISSES, window=WINDOW, now=web.context.clock())
        session.commit()
    if not is_free:
        raise HTTPException(429, _TOO_MANY)


def _shown(request: Request, *, name: str, language: str | None, done: bool) -> Response:
    spoken = request.headers.get("accept-language") or language
    chosen = negotiate(cookie=request.cookies.get(LANGUAGE_COOKIE), person=None, accept=spoken)
    page_context(request, language=chosen)
    answer = show(request, "public/leave.html", name=name, done=done)
    answer.headers["Cache-Control"] = "no-store"
    answer.headers["X-Robots-Tag"] = "noindex, nofollow"
    answer.headers["Referrer-Policy"] = "same-origin"
    return answer
