"""The script for pages of the workspace's sites, and what it tells; see decision 0044."""

import re
from contextlib import nullcontext
from functools import lru_cache
from urllib.parse import urlsplit

from fastapi import APIRouter, Request
from fastapi.responses import PlainTextResponse, Response
from starlette.requests import ClientDisconnect

from domain.audience import asks_not_to_be_followed, judged
from domain.callers import Callers
from domain.errors import UsageError
from domain.metrics import Audience
from domain.web_message import LARGEST, Message, read_message
from scheduler.tracking import Heard, Outcome, take
from web.deps import Web, WebContext
from web.public.batches import Batches, Unwritten
from web.render import STATIC

router = APIRouter()

#: Calls of one address at once, and in each second after; a busy office shares one address.
BURST, PER_SECOND = 120, 10
#: Seconds that a message waits for the database; no reader waits for it.
PATIENCE = 20.0
#: Browsers ask for the script again after this many seconds.
_KEPT = 3_600
_LONGEST_AGENT = 2_048
_STRING = re.compile(r'("[^"]*")')
_SPARE = re.compile(r"\s*([^\w\s$])\s*")


class Ear:
    """Hears what scripts tell, and writes it in batches; one for each application."""

    def __init__(self, web: WebContext) -> None:
        self.callers = Callers(burst=BURST, per_second=PER_SECOND)
        self.batches: Batches[Heard, Outcome] = Batches(
            lambda: nullcontext(lambda heard: take(web.context.engine, heard)), patience=PATIENCE
        )


@router.api_route("/t.js", methods=["GET", "HEAD"])
def script() -> Response:
    """The script; the same for every site."""
    return Response(
        served_script(),
        media_type="text/javascript; charset=utf-8",
        headers={
            "Cache-Control": f"public, max-age={_KEPT}",
            # Pages of other origins load it, also those that ask for isolation.
            "Cross-Origin-Resource-Policy": "cross-origin",
            "Access-Control-Allow-Origin": "*",
        },
    )


@lru_cache
def served_script() -> bytes:
    """The script without comments and spare spaces, as its own first lines allow."""
    lines = (line.strip() for line in (STATIC / "js" / "t.js").read_text("utf-8").splitlines())
    code = " ".join(line for line in lines if not line.startswith("//"))
    parts = _STRING.split(code)
    return "".join(part if part[:1] == '"' else _SPARE.sub(r"\1", part) for part in parts).encode()


@router.post("/t/1")
async def tell(request: Request, web: Web) -> Response:
    """One message of the script. 204: it is on disk. 202: it waits in memory for the database."""
    origin = request.headers.get("origin", "")
    at, address = web.context.clock(), request.client.host if request.client else ""
    ear = _ear(request, web)
    if not ear.callers.may(address, at):
        return _answer(429, origin, "Too many messages came from here.")
    raw = await _body(request)
    if raw is None:
        return _answer(413, origin, f"A message has at most {LARGEST:,} bytes.")
    try:
        message = read_message(raw)
    except UsageError as error:
        return _answer(422, origin, str(error))
    heard = _heard(request, web, message, _host(origin))
    try:
        outcome = await ear.batches.put(heard)
    except Unwritten:
        return _answer(202, origin, allowed=False)
    return _answer(int(outcome), origin, allowed=outcome in (Outcome.KEPT, Outcome.REFUSED))


def _ear(request: Request, web: WebContext) -> Ear:
    state = request.app.state
    if not hasattr(state, "ear"):
        state.ear = Ear(web)
    found = state.ear
    assert isinstance(found, Ear)
    return found


async def _body(request: Request) -> bytes | None:
    """The body; None when it is larger than any message."""
    body = b""
    try:
        async for piece in request.stream():
            body += piece
            if len(body) > LARGEST:
                return None
    except ClientDisconnect:
        return b""
    return body


def _heard(request: Request, web: WebContext, message: Message, host: str) -> Heard:
    fields = {name: value for name, value in request.headers.items() if name != "sec-fetch-mode"}
    address = request.client.host if request.client else ""
    audience = judged("GET", fields).audience
    if audience is not Audience.BOT and address and web.data_centres.have(address):
        audience = Audience.BOT
    return Heard(
        message=message,
        host=host,
        at=web.context.clock(),
        address=address,
        agent=fields.get("user-agent", "")[:_LONGEST_AGENT],
        audience=audience,
        unfollowed=message.unfollowed or asks_not_to_be_followed(fields),
    )


def _host(origin: str) -> str:
    """The host that a page says it is on; browsers do not let pages lie."""
    try:
        return (urlsplit(origin).hostname or "").rstrip(".")
    except ValueError:
        return ""


def _answer(status: int, origin: str, text: str = "", *, allowed: bool = False) -> Response:
    headers = {"Cache-Control": "no-store", "Vary": "Origin", "X-Robots-Tag": "noindex"}
    if allowed:  # only pages on the site's own hosts may read the answer
        headers["Access-Control-Allow-Origin"] = origin
    if status == 204:
        return Response(status_code=204, headers=headers)
    return PlainTextResponse(f"{text}\n" if text else "", status_code=status, headers=headers)
