"""Short links: to the target that was stored, and nowhere else."""

from typing import Annotated

from fastapi import APIRouter, HTTPException, Path, Request
from fastapi.responses import PlainTextResponse, RedirectResponse, Response

from store import links
from web.deps import Reading, Web
from web.i18n import marked as N_
from web.public import counting
from web.public.shown import is_web_address

router = APIRouter()


@router.api_route("/l/{code}", methods=["GET", "HEAD"])
def follow(
    request: Request,
    session: Reading,
    web: Web,
    code: Annotated[str, Path(pattern="^[0-9A-Za-z]{1,32}$")],
) -> Response:
    """Send the reader on. No parameter of this request reaches the target."""
    link = links.by_code(session, code)
    if link is None or not is_web_address(link.target):
        raise HTTPException(404, N_("This link leads nowhere. It may be mistyped."))
    answer = RedirectResponse(link.target, status_code=302)
    # Asked anew each time, so that each click counts and a changed target holds at once.
    answer.headers["Cache-Control"] = "no-store"
    answer.headers["X-Robots-Tag"] = "noindex"
    answer.background = counting.link_followed(request, web, link)
    return answer


@router.api_route("/robots.txt", methods=["GET", "HEAD"])
def robots() -> Response:
    """Pages may be indexed; short links and what lies behind the sign-in may not."""
    return PlainTextResponse("User-agent: *\nAllow: /p/\nAllow: /static/\nDisallow: /\n")
