"""What surrounds every answer: headers, refusal of foreign hosts and cross-site forms, and the last catch."""

import secrets
from collections.abc import Mapping
from ipaddress import ip_address
from urllib.parse import urlsplit

import structlog
from anyio.to_thread import run_sync
from starlette.datastructures import Headers, MutableHeaders
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from web import problems
from web.deps import WebContext
from web.i18n import marked as N_
from web.render import CONTENT_SECURITY_POLICY

log = structlog.get_logger()

SAFE_METHODS = frozenset({"GET", "HEAD", "OPTIONS"})
#: How long browsers remember to come by https only.
HALF_A_YEAR = "max-age=15768000"
#: What other servers, mail programs and pages of own sites call; they send no cookie, and the token in the
#: address, or the site's list of hosts, says that they may.
HOOKS = ("/hooks/", "/u/", "/t/")
#: Bytes of a request.
LARGEST_BODY = 2 * 1024 * 1024
#: Where pictures and sheets are sent, and videos on top of it: the paths' beginning and end.
LARGEST_UPLOAD = 64 * 1024 * 1024
_UPLOADS = (
    ("/posts/", "/new"),
    ("/posts/", "/edit"),
    ("/queue/", "/import"),
    ("/api/v1/", "/media"),
    ("/api/v1/queue/", "import"),
    ("/api/v1/conversions/", "import"),
    ("/sites/", "/import"),
)
_OTHER_HOST = N_(
    "Tabuh does not answer to this name. Open its own address, or add the name to TABUH_ALLOWED_HOSTS."
)
_OTHER_SITE = N_(
    "This was sent from another site, so nothing was done. Open the page here and send it again."
)

#: Both applications send these; an answer that sets one of them itself keeps its own.
HEADERS: Mapping[str, str] = {
    "Content-Security-Policy": CONTENT_SECURITY_POLICY,
    "X-Content-Type-Options": "nosniff",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=(), payment=(), usb=()",
}
PRIVATE_HEADERS: Mapping[str, str] = {
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Cache-Control": "no-store",
}
PUBLIC_HEADERS: Mapping[str, str] = {
    # A site that is linked to sees which host its readers came from, and no more.
    "Referrer-Policy": "strict-origin-when-cross-origin",
    "Cache-Control": "no-cache",
}


class Guard:
    """The outermost middleware of both applications."""

    def __init__(self, app: ASGIApp, *, web: WebContext, public: bool) -> None:
        self.app = app
        self.web = web
        self.public = public
        self.headers = {**HEADERS, **(PUBLIC_HEADERS if public else PRIVATE_HEADERS)}
        address = web.public_url if public else web.private_url
        if address.startswith("https://"):
            self.headers["Strict-Transport-Security"] = HALF_A_YEAR

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        started = False
        state = scope.setdefault("state", {})

        async def send_guarded(message: Message) -> None:
            nonlocal started
            if message["type"] == "http.response.start":
                started = True
                headers = MutableHeaders(scope=message)
                for name, value in self.headers.items():
                    headers.setdefault(name, value)
                if "session_cookie" in state:
                    headers.append("Set-Cookie", state["session_cookie"])
            await send(message)

        try:
            refusal = self._refusal(scope)
            if refusal is None:
                is_hook = self.public and scope["path"].startswith(HOOKS)
                counted = receive if is_hook else _counted(receive, most=self._largest(scope))
                await self.app(scope, counted, send_guarded)
            else:
                answer = await run_sync(problems.answer, Request(scope, receive), *refusal)
                await answer(scope, receive, send_guarded)
        except Exception:
            # The page names the reference, the log has the traceback under it.
            reference = secrets.token_hex(4)
            log.exception("request_failed", reference=reference, method=scope["method"], path=scope["path"])
            if started:
                raise
            broken = await run_sync(problems.broken, Request(scope, receive), reference)
            await broken(scope, receive, send_guarded)

    def _refusal(self, scope: Scope) -> tuple[int, str] | None:
        headers = Headers(scope=scope)
        if not self.public and not knows_host(self.web, headers.get("host", "")):
            return 421, _OTHER_HOST
        if self.public and scope["path"].startswith(HOOKS):
            return None
        if scope["method"] not in SAFE_METHODS and not is_same_origin(self.web, headers):
            return 403, _OTHER_SITE
        size = headers.get("content-length", "")
        if size.isdecimal() and int(size[:20]) > self._largest(scope):
            return 413, ""
        return None

    def _largest(self, scope: Scope) -> int:
        path = scope["path"]
        uploads = not self.public and any(
            path.startswith(start) and path.endswith(end) for start, end in _UPLOADS
        )
        return LARGEST_UPLOAD + self.web.context.max_video if uploads else LARGEST_BODY


def _counted(receive: Receive, *, most: int) -> Receive:
    """The body of whoever did not say how large it is; refused once it is too large."""
    received = 0

    async def receive_counted() -> Message:
        nonlocal received
        message = await receive()
        received += len(message.get("body", b""))
        if received > most:
            raise HTTPException(413)
        return message

    return receive_counted


def knows_host(web: WebContext, host: str) -> bool:
    """Whether a Host header names this server, against names elsewhere that are pointed at the loopback."""
    if web.allowed_hosts is None:
        return True
    name = _name(host)
    if name is None:
        return False
    own = {_name(urlsplit(url).netloc) for url in (web.private_url, web.public_url)}
    return name in own or name in web.allowed_hosts or _is_loopback(name)


def _name(host: str) -> str | None:
    try:
        return urlsplit(f"//{host}").hostname
    except ValueError:
        return None


def _is_loopback(name: str) -> bool:
    try:
        return ip_address(name).is_loopback
    except ValueError:
        return name == "localhost"


def is_same_origin(web: WebContext, headers: Headers) -> bool:
    """Whether a request that changes something was sent by our own page, or by no page at all.

    Browsers say so in Sec-Fetch-Site where the connection is secure or local, else in Origin.
    A bearer token is no cookie: no foreign page can make a browser send one.
    """
    if headers.get("authorization", "").lower().startswith("bearer "):
        return True
    site = headers.get("sec-fetch-site")
    if site is not None:
        return site in ("same-origin", "none")
    origin = headers.get("origin", "")
    own = {f"http://{headers.get('host')}", f"https://{headers.get('host')}"}
    return origin in own | {_origin(web.private_url), _origin(web.public_url)}


def _origin(url: str) -> str:
    parts = urlsplit(url)
    return f"{parts.scheme}://{parts.netloc}"
