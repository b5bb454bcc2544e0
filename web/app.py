"""The two applications: signed-in pages with the API, and public pages.

Each can have an address of its own, or both share one.
"""

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from functools import cache

import anyio.to_thread
from fastapi import APIRouter, FastAPI
from starlette.exceptions import HTTPException
from starlette.middleware.gzip import GZipMiddleware
from starlette.responses import PlainTextResponse, Response
from starlette.routing import BaseRoute
from starlette.staticfiles import StaticFiles
from starlette.types import ASGIApp, Receive, Scope, Send

import web.api
import web.pages
import web.public
from store import people
from store.engine import reading
from web import problems
from web.api.base import describe
from web.deps import Web, WebContext
from web.public.redirects import Redirects
from web.render import STATIC, STATIC_URL
from web.security import Guard

#: Synchronous handlers share the interpreter: more threads than this only fight over it.
THREADS = 4
#: What readers ask for, where both applications have one address.
PUBLIC_PREFIXES = (
    "/p/",
    "/l/",
    "/m/",
    "/c/",
    "/r/",
    "/s/",
    "/report/",
    "/guide/",
    "/u/",
    "/hooks/",
    "/robots.txt",
    "/.well-known/",
    "/t.js",
    "/t/",
)


def create_app(ctx: WebContext) -> FastAPI:
    """Signed-in pages and the API."""
    app = _application(ctx, public=False, title="Tabuh", openapi_url="/api/v1/openapi.json")
    app.router.routes.extend(_private_routes())
    describe(app)
    return app


def create_public_app(ctx: WebContext) -> FastAPI:
    """What readers see: pages of page channels, their feeds, and short links. Sets no cookie."""
    app = _public_pages(ctx)
    app.add_middleware(Redirects, web=ctx)  # before all else: the shortest way
    return app


def _public_pages(ctx: WebContext) -> FastAPI:
    app = _application(ctx, public=True, title="Tabuh, public pages", openapi_url=None)
    app.router.routes.extend(_public_routes())
    return app


@cache
def _private_routes() -> Sequence[BaseRoute]:
    """One for all applications of the process: what a route asks for is worked out at its first request."""
    gathered = APIRouter()
    for router in web.pages.ROUTERS:
        gathered.include_router(router, include_in_schema=False)
    for router in web.api.ROUTERS:
        gathered.include_router(router)
    return tuple(gathered.routes)


@cache
def _public_routes() -> Sequence[BaseRoute]:
    gathered = APIRouter()
    for router in web.public.ROUTERS:
        gathered.include_router(router)
    return tuple(gathered.routes)


def combined(ctx: WebContext) -> ASGIApp:
    """Both applications behind one address."""
    private, public = create_app(ctx), _public_pages(ctx)

    async def either(scope: Scope, receive: Receive, send: Send) -> None:
        is_public = scope["type"] == "http" and scope["path"].startswith(PUBLIC_PREFIXES)
        await (public if is_public else private)(scope, receive, send)

    return Redirects(either, web=ctx, public=public)


def _application(ctx: WebContext, *, public: bool, title: str, openapi_url: str | None) -> FastAPI:
    app = FastAPI(
        title=title,
        openapi_url=openapi_url,
        docs_url=None,
        redoc_url=None,
        redirect_slashes=False,
        lifespan=_lifespan,
    )
    app.state.web = ctx
    app.state.public = public
    app.add_middleware(_Zip, minimum_size=800)
    app.add_middleware(Guard, web=ctx, public=public)  # added last: outermost
    app.mount(STATIC_URL, _Static(directory=STATIC), name="static")
    app.include_router(health, include_in_schema=False)
    problems.install(app)
    return app


@asynccontextmanager
async def _lifespan(_app: FastAPI) -> AsyncIterator[None]:
    anyio.to_thread.current_default_thread_limiter().total_tokens = THREADS
    yield


class _Zip(GZipMiddleware):
    """Leaves files of posts as they are: they are small already, and parts of them may be asked for."""

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http" and scope["path"].startswith(("/m/", "/media/")):
            await self.app(scope, receive, send)
        else:
            await super().__call__(scope, receive, send)


class _Static(StaticFiles):
    """Our own files; with the hash in the address that `web.render.static` adds, they never change."""

    async def get_response(self, path: str, scope: Scope) -> Response:
        answer = await super().get_response(path, scope)
        hashed = scope["query_string"].startswith(b"v=")
        answer.headers["Cache-Control"] = "public, max-age=31536000, immutable" if hashed else "no-cache"
        return answer


health = APIRouter()


@health.get("/healthz")
def is_alive() -> Response:
    """The process answers; for whoever restarts it otherwise."""
    return PlainTextResponse("alive\n")


@health.get("/readyz")
def is_ready(ctx: Web) -> Response:
    """The database answers and was set up, and the program neither starts nor drains; else 503."""
    if not ctx.is_ready():
        raise HTTPException(503, "Tabuh is starting or stopping.")
    with reading(ctx.context.engine) as session:
        if not people.has_people(session):
            raise HTTPException(503, "Tabuh was not set up yet. Run `tabuh up`.")
    return PlainTextResponse("ready\n")
