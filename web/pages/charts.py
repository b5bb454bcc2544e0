"""The pictures of the charts that pages place; only signed-in people get them."""

from typing import Literal

from fastapi import APIRouter, Depends, HTTPException, Request, Response

from domain.person import Permission
from web.auth import MaySee, Needs
from web.deps import Reading, Web, page_context, voice_of
from web.downloads import MAKERS, Wanted
from web.drawing import ChartStore, Ground
from web.drawing import picture as drawn_picture

router = APIRouter(include_in_schema=False)

#: The charts of the pages shown last, of all workspaces: nobody guesses the digest of what they do not see.
STORE = ChartStore()


@router.get("/charts/{digest}.svg", dependencies=[Depends(Needs(Permission.SEE))])
def picture(digest: str) -> Response:
    """One picture. Its address is the digest of what it draws, so it never changes."""
    drawn = STORE.svg(digest)
    if drawn is None:
        raise HTTPException(404)
    return Response(
        drawn,
        media_type="image/svg+xml",
        headers={"Cache-Control": "private, max-age=31536000, immutable"},
    )


_TYPES = {"svg": "image/svg+xml", "png": "image/png"}


@router.get("/charts/{name}/picture.{kind}")
def download(  # noqa: PLR0917 - FastAPI passes them by name
    request: Request,
    web: Web,
    session: Reading,
    me: MaySee,
    name: str,
    kind: Literal["svg", "png"],
    theme: Ground = "light",
) -> Response:
    """A chart to be kept, made anew from the parameters that it has on its page."""
    voice = voice_of(request)
    wanted = Wanted(web, session, me, voice, page_context(request).now, request.query_params)
    chart = MAKERS[name](wanted) if name in MAKERS else None
    if chart is None:
        raise HTTPException(404)
    body = drawn_picture(chart, kind, theme=theme, language=voice.language)
    headers = {
        "Content-Disposition": f'attachment; filename="tabuh-{name}.{kind}"',
        "Cache-Control": "private, no-store",
    }
    return Response(body, media_type=_TYPES[kind], headers=headers)
