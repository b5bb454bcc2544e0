"""What is said where a short link leads nowhere; those that lead somewhere are answered before
(`web.public.redirects`)."""

from fastapi import APIRouter, HTTPException
from fastapi.responses import PlainTextResponse, Response

from web.i18n import marked as N_

router = APIRouter()


@router.api_route("/l/{code}", methods=["GET", "HEAD"])
def nowhere(code: str) -> Response:  # noqa: ARG001 - whatever it is, no link has it
    """No link has this code."""
    raise HTTPException(404, N_("This link leads nowhere. It may be mistyped."))


@router.api_route("/robots.txt", methods=["GET", "HEAD"])
def robots() -> Response:
    """Pages may be indexed; short links and what lies behind the sign-in may not."""
    return PlainTextResponse("User-agent: *\nAllow: /p/\nAllow: /static/\nDisallow: /\n")
