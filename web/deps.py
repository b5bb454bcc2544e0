"""What every handler may ask for: the web context, a database session, and a page in the reader's words."""

import json
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import TYPE_CHECKING, Annotated, Any, get_args
from urllib.parse import quote, unquote, urlsplit

from fastapi import Depends, Request
from fastapi.responses import HTMLResponse, RedirectResponse, Response
from sqlmodel import Session

from domain.networks import Networks, shipped
from scheduler.context import Context
from store import alerts, engine
from web.i18n import Voice, negotiate
from web.render import Notice, PageContext, Theme, render

if TYPE_CHECKING:
    from web.auth import Member

LANGUAGE_COOKIE = "tabuh_language"
THEME_COOKIE = "tabuh_theme"
NOTICE_COOKIE = "tabuh_notice"
YEAR = 365 * 24 * 3600


@dataclass(frozen=True, kw_only=True)
class WebContext:
    """What the two applications work with, put together once by the command line."""

    context: Context
    #: Where signed-in people reach the pages, without a slash at the end.
    private_url: str
    #: Names that the signed-in application answers to besides the loopback's and those of its own two
    #: addresses; None: any name. A page elsewhere that points its own name at 127.0.0.1 is refused so.
    allowed_hosts: frozenset[str] | None = frozenset()
    #: Tells the worker that something became due.
    wake: Callable[[], None] = lambda: None
    #: Networks of data centres, from which programs ask.
    data_centres: Networks = field(default_factory=shipped)
    #: The country of an address; None: no file of countries is configured.
    country: Callable[[str], str | None] | None = None
    #: Asks whether the scheduler stands still; pages do so, since nothing else would tell.
    ask: Callable[[], None] = lambda: None
    #: False while the program starts or drains: /readyz says so.
    is_ready: Callable[[], bool] = lambda: True

    @property
    def public_url(self) -> str:
        """Where readers reach the public pages, without a slash at the end."""
        return self.context.public_url

    @property
    def secure(self) -> bool:
        """Whether the private pages are reached by https, so that cookies can demand it."""
        return self.private_url.startswith("https://")

    @property
    def session_cookie(self) -> str:
        """Bound to this host by its prefix on https; elsewhere told apart by port, since cookies are not."""
        if self.secure:
            return "__Host-tabuh"
        return f"tabuh_{urlsplit(self.private_url).port or 80}"


def web_of(request: Request) -> WebContext:
    """The web context of the application that answers this request."""
    web = request.app.state.web
    assert isinstance(web, WebContext)
    return web


def _reading(request: Request) -> Iterator[Session]:
    with engine.reading(web_of(request).context.engine) as session:
        yield session


#: A session that only reads; it is closed before the answer is sent.
Reading = Annotated[Session, Depends(_reading, scope="function")]
Web = Annotated[WebContext, Depends(web_of)]


def voice_of(request: Request) -> Voice:
    """How this request's reader is spoken to; ``_ = voice_of(request).gettext`` in a handler."""
    return page_context(request).voice


def page_context(request: Request, **changes: Any) -> PageContext:
    """What pages know about the reader of this request; ``changes`` hold for the rest of the request."""
    known: PageContext | None = getattr(request.state, "page_context", None)
    if known is None or changes:
        known = request.state.page_context = replace(known or _page_context(request), **changes)
    return known


def _page_context(request: Request) -> PageContext:
    member: Member | None = getattr(request.state, "member", None)
    person = member.person if member else None
    cookies = request.cookies
    return PageContext(
        now=web_of(request).context.clock(),
        language=negotiate(
            cookie=cookies.get(LANGUAGE_COOKIE),
            person=person.language if person else None,
            accept=request.headers.get("accept-language"),
        ),
        theme=_theme(cookies.get(THEME_COOKIE)) or _theme(person.theme if person else None) or "auto",
        zone=member.workspace.zone if member else "UTC",
        path=own_path(request),
        person=person.name if person else None,
        workspace=member.workspace.name if member else None,
        simulated=member.workspace.simulated if member else False,
        paused=(member.workspace.paused_reason or "") if member and member.workspace.paused_at else None,
        notices=_notices(cookies.get(NOTICE_COOKIE)),
    )


def _theme(wish: str | None) -> Theme | None:
    return next((theme for theme in get_args(Theme) if theme == wish), None)


def own_path(request: Request) -> str:
    """Path and query of this request, as an address to come back to."""
    query = request.scope["query_string"].decode("latin-1")
    return safe_path(quote(request.scope["path"]) + (f"?{query}" if query else ""))


def show(request: Request, template: str, *, status: int = 200, **values: Any) -> HTMLResponse:
    """The answer to a page request; templates get ``me`` (the member, or None) besides the values."""
    member = values.setdefault("me", getattr(request.state, "member", None))
    context = page_context(request)
    if member is not None and status < 500:
        context = replace(context, alerts=_unseen(web_of(request), member.workspace.id, context.now))
    answer = HTMLResponse(render(template, context=context, **values), status_code=status)
    if context.notices:
        answer.delete_cookie(NOTICE_COOKIE)
    return answer


def _unseen(web: WebContext, workspace_id: int, now: datetime) -> int:
    """Open alerts that nobody has seen, after a look whether anybody works at all."""
    web.ask()
    with engine.glancing(web.context.engine) as session:
        return alerts.unseen(session, workspace_id, now=now)


def redirect(request: Request, to: str, *, notice: str = "", kind: str = "good") -> Response:
    """Send the browser to a page of ours after a form; ``notice`` is shown there, once."""
    answer = RedirectResponse(safe_path(to), status_code=303)
    if notice:
        packed = quote(json.dumps([kind, notice[:300]]))
        answer.set_cookie(
            NOTICE_COOKIE, packed, max_age=120, httponly=True, samesite="lax", secure=web_of(request).secure
        )
    return answer


def _notices(packed: str | None) -> tuple[Notice, ...]:
    match _unpacked(packed):
        case [("good" | "note" | "warn" | "bad") as kind, str(text)]:
            return (Notice(text, kind),)
    return ()


def _unpacked(packed: str | None) -> object:
    try:
        return json.loads(unquote(packed or ""))
    except ValueError:
        return None


#: One slash first, and no second one; no backslash, which browsers read as a slash; nothing that they strip.
_OWN_PATH = re.compile(r"/(?![/\\])[^\\\x00-\x20\x7f]*")


def safe_path(path: str) -> str:
    """The path when it leads to this server, else ``/``: nobody is sent elsewhere by a crafted link."""
    return path if _OWN_PATH.fullmatch(path) else "/"
