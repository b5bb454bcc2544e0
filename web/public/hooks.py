"""What hubs call: to ask whether we meant a subscription, and to tell of news (W3C WebSub)."""

from typing import Annotated

from anyio.to_thread import run_sync
from fastapi import APIRouter, Path, Request
from fastapi.responses import PlainTextResponse, Response

from domain.errors import NotFound
from feeds.websub import MAX_PUSH
from scheduler import hubs
from web.deps import Web, WebContext

router = APIRouter(prefix="/hooks/websub")

Token = Annotated[str, Path(pattern="^[0-9A-Za-z_-]{20,64}$")]
#: A hub is told nothing more: whoever guesses an address learns nothing from the answer.
_NOT_ASKED = 404


@router.get("/{token}")
def confirm(request: Request, web: Web, token: Token) -> Response:
    """Answer a hub's question with its own challenge, if we asked for what it names."""
    try:
        challenge = hubs.answer_intent(web.context, token, request.query_params)
    except NotFound:
        return PlainTextResponse("Nobody here asked for this.\n", status_code=_NOT_ASKED)
    return PlainTextResponse(challenge, headers={"Cache-Control": "no-store"})


@router.post("/{token}")
async def pushed(request: Request, web: Web, token: Token) -> Response:
    """A push makes the feed's next look come soon; what it holds is not believed."""
    body = await _body(request)
    signature = request.headers.get("x-hub-signature", "")
    found = await run_sync(_ring, web, token, body, signature)
    return Response(status_code=202 if found else _NOT_ASKED)


def _ring(web: WebContext, token: str, body: bytes | None, signature: str) -> bool:
    try:
        hubs.ring(web.context, token, body, signature)
    except NotFound:
        return False
    web.wake()
    return True


async def _body(request: Request) -> bytes | None:
    """The body; None when it is larger than is read."""
    body = b""
    async for piece in request.stream():
        body += piece
        if len(body) > MAX_PUSH:
            return None
    return body
