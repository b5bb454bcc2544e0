"""The page of a page channel, and the page of each post on it."""

from typing import Annotated, Any

from fastapi import APIRouter, HTTPException, Path, Query, Request
from fastapi.responses import Response

from domain.errors import NotFound
from store import pages
from store.tables import ChannelRow, Workspace
from web.deps import LANGUAGE_COOKIE, Reading, Web, WebContext, page_context, show
from web.i18n import negotiate
from web.public import counting
from web.public.shown import shown

router = APIRouter()

#: Posts on one page.
PAGE_LENGTH = 20

Slug = Annotated[str, Path(pattern="^[a-z0-9][a-z0-9_-]{0,79}$")]
Key = Annotated[str, Path(pattern="^[0-9A-Za-z_-]{1,64}$")]


@router.api_route("/p/{slug}", methods=["GET", "HEAD"])
def page(
    request: Request,
    session: Reading,
    web: Web,
    slug: Slug,
    before: Annotated[str, Query(pattern="^[0-9A-Za-z_-]{0,64}$")] = "",
) -> Response:
    """Posts, newest first; ``?before=KEY`` goes on after that post."""
    channel, workspace = pages.page_channel(session, slug)
    start = pages.page_post(session, channel.id, before) if before else None
    rows = pages.page_posts(session, channel.id, before=start, limit=PAGE_LENGTH + 1)
    on_page = rows[:PAGE_LENGTH]
    answer = _show(
        request,
        web,
        channel,
        workspace,
        "public/page.html",
        posts=shown(web, on_page),
        older=on_page[-1].remote_id if len(rows) > PAGE_LENGTH else "",
        first=start is None,
    )
    answer.background = counting.page_shown(request, web, channel.id, [post.id for post in on_page])
    return answer


@router.api_route("/p/{slug}/{key}", methods=["GET", "HEAD"])
def post(request: Request, session: Reading, web: Web, slug: Slug, key: Key) -> Response:
    """One post; 410 when it was taken down."""
    channel, workspace = pages.page_channel(session, slug)
    try:
        row = pages.page_post(session, channel.id, key)
    except NotFound as exc:
        raise HTTPException(404) from exc
    if row.deleted_at is not None:
        return _show(request, web, channel, workspace, "public/gone.html", status=410)
    [one] = shown(web, [row])
    answer = _show(request, web, channel, workspace, "public/post.html", post=one)
    answer.background = counting.post_shown(request, web, channel.id, row.id)
    return answer


def _show(
    request: Request,
    web: WebContext,
    channel: ChannelRow,
    workspace: Workspace,
    template: str,
    *,
    status: int = 200,
    **values: Any,
) -> Response:
    language = negotiate(
        cookie=request.cookies.get(LANGUAGE_COOKIE),
        person=channel.language,
        accept=request.headers.get("accept-language"),
    )
    page_context(request, language=language, zone=channel.zone, simulated=workspace.simulated)
    address = f"/p/{channel.slug}"
    site = {
        "title": channel.name,
        "description": "",
        "address": address,
        "root": web.public_url,
        "atom_url": f"{address}/feed.atom",
        "json_url": f"{address}/feed.json",
    }
    answer = show(
        request,
        template,
        status=status,
        site=site,
        base=f"{web.public_url}{address}",
        **values,
    )
    answer.headers["Vary"] = "Accept-Language, Cookie"
    return answer
