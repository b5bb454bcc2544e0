"""Where platforms send people back to when the public pages have an address of their own."""

from fastapi import APIRouter, Request
from fastapi.responses import RedirectResponse, Response

from scheduler.connecting import CALLBACK
from web.deps import Web

router = APIRouter()


@router.get(CALLBACK)
def pass_on(request: Request, web: Web) -> Response:
    """On to the server that knows who began; nothing is looked at here."""
    query = request.scope["query_string"].decode("latin-1")
    answer = RedirectResponse(f"{web.private_url}{CALLBACK}?{query}", status_code=303)
    answer.headers["Cache-Control"] = "no-store"
    answer.headers["Referrer-Policy"] = "no-referrer"
    return answer
