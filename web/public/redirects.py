"""Short links, answered before all else: to the target that was stored, and nowhere else.

No part of a request reaches the target. What is looked up is looked up in the transaction that keeps the
click, so that a changed or removed target holds for every request that comes after the change.
"""

import re
from collections.abc import Mapping
from datetime import datetime
from typing import Final
from urllib.parse import quote, urlsplit

import structlog
from anyio.to_thread import run_sync
from sqlalchemy.exc import SQLAlchemyError
from starlette.responses import PlainTextResponse
from starlette.types import ASGIApp, Receive, Scope, Send

from domain.audience import Judged, asks_not_to_be_followed, judged, referrer_host
from domain.metrics import Audience
from domain.repeats import Repeats
from domain.targets import as_sent
from scheduler.following import Asked, Follower, look_up
from store import link_domains
from store.engine import reading
from web.deps import WebContext
from web.public.batches import Batches, Unwritten
from web.security import HALF_A_YEAR, HEADERS, PUBLIC_HEADERS, knows_host

log = structlog.get_logger()

PREFIX: Final = "/l/"
_CODE: Final = re.compile(r"[0-9A-Za-z-]{1,32}")
#: What a browser keeps as it is in a Location.
_KEPT: Final = ":/%#?=@[]!$&'()*+,;"
#: What a link domain serves besides links: the looks of the page that says that a link leads nowhere.
_LOOKS: Final = "/static/"
_NOWHERE: Final = "/l/-"
_LONGEST_AGENT: Final = 2_048
_LATER: Final = "The link cannot be looked up just now. Try again in a moment.\n"
_ROBOTS: Final = "User-agent: *\nDisallow: /\n"


class Redirects:
    """Answers requests for short links, and keeps all else off link domains."""

    def __init__(self, app: ASGIApp, *, web: WebContext, public: ASGIApp | None = None) -> None:
        """``public``: the public pages, where ``app`` is more than them."""
        self.app = app
        self.web = web
        self._public = public or app
        self._repeats = Repeats()
        engine = web.context.engine
        self._batches: Batches[Asked, str] = Batches(
            lambda: Follower(engine, country=web.country),
            # SQLite has one writer at a time. PostgreSQL takes clicks while others are made durable.
            writers=2 if engine.dialect.name == "postgresql" else 1,
        )
        self._headers = _fixed_headers(web)
        self._public_host = urlsplit(web.public_url).hostname

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        try:
            onward = await self._onward(scope, send)
        except SQLAlchemyError:  # it cannot even be read
            log.exception("redirect_failed")
            onward = PlainTextResponse(_LATER, 503, {"Retry-After": "5"})
        if onward is not None:
            await onward(scope, receive, send)

    async def _onward(self, scope: Scope, send: Send) -> ASGIApp | None:
        """Answer a short link; None: it was answered, else who answers in its place."""
        fields = {name.decode("latin-1").lower(): value.decode("latin-1") for name, value in scope["headers"]}
        path: str = scope["path"]
        domain = await self._domain(fields.get("host", ""))
        if domain is None and not path.startswith(PREFIX):
            return self.app
        code = path.removeprefix(PREFIX if path.startswith(PREFIX) else "/")
        if scope["method"] in ("GET", "HEAD") and _CODE.fullmatch(code):
            target = await self._target(self._asked(scope, fields, domain, code))
            if target:
                await self._send_on(target, send)
                return None
        return self.app if domain is None else self._no_link

    async def _domain(self, host: str) -> str | None:
        """The link domain that was asked; None: an address of the installation's own, or a strange one."""
        name = host_name(host)
        if not name or name == self._public_host:
            return None
        if self.web.allowed_hosts is not None and knows_host(self.web, host):
            return None

        def is_domain() -> bool:
            with reading(self.web.context.engine) as session:
                return link_domains.owner_of(session, name) is not None

        return name if await run_sync(is_domain) else None

    def _asked(self, scope: Scope, fields: Mapping[str, str], domain: str | None, code: str) -> Asked:
        at = self.web.context.clock()
        address = scope["client"][0] if scope.get("client") else ""
        agent = fields.get("user-agent", "")[:_LONGEST_AGENT]
        told = judged(scope["method"], fields)
        if told.audience is not Audience.BOT and address:
            told = self._by_address(told, address, agent, code, at)
        private = asks_not_to_be_followed(fields)
        return Asked(
            host=domain,
            code=code,
            at=at,
            judged=told,
            referrer=referrer_host(fields.get("referer")),
            address="" if private else address,
            agent=agent,
            is_told=not private and told.audience is not Audience.BOT,
        )

    def _by_address(self, told: Judged, address: str, agent: str, code: str, at: datetime) -> Judged:
        if self.web.data_centres.have(address):
            return Judged(Audience.BOT, "data_centre")
        too_fast = self._repeats.seen(address, agent, code, at)
        return Judged(Audience.BOT, too_fast) if too_fast else told

    async def _target(self, asked: Asked) -> str:
        """Where it leads; empty: nowhere. The click is on disk, unless the database took too long."""
        try:
            return await self._batches.put(asked)
        except Unwritten:
            return await run_sync(look_up, self.web.context.engine, asked)

    async def _send_on(self, target: str, send: Send) -> None:
        location = (b"location", quote(as_sent(target), safe=_KEPT).encode())
        await send({"type": "http.response.start", "status": 302, "headers": [location, *self._headers]})
        await send({"type": "http.response.body", "body": b""})

    async def _no_link(self, scope: Scope, receive: Receive, send: Send) -> None:
        """What a link domain has besides links."""
        if scope["path"] == "/robots.txt":
            await PlainTextResponse(_ROBOTS)(scope, receive, send)
        elif scope["path"].startswith(_LOOKS):
            await self._public(scope, receive, send)
        else:
            await self._public({**scope, "path": _NOWHERE, "raw_path": _NOWHERE.encode()}, receive, send)


def _fixed_headers(web: WebContext) -> list[tuple[bytes, bytes]]:
    fixed = {
        **HEADERS,
        **PUBLIC_HEADERS,
        # Asked anew each time, so that each click counts and a changed target holds at once.
        "Cache-Control": "no-store",
        "X-Robots-Tag": "noindex",
        "Content-Length": "0",
    }
    if web.public_url.startswith("https://"):
        fixed["Strict-Transport-Security"] = HALF_A_YEAR
    return [(name.lower().encode(), value.encode()) for name, value in fixed.items()]


def host_name(host: str) -> str:
    """The name in a Host header, without port and final dot; empty: none can be read."""
    try:
        return (urlsplit(f"//{host}").hostname or "").rstrip(".")
    except ValueError:
        return ""
