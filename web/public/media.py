"""Pictures and videos of posts: for readers of page channels, and for receivers of webhooks."""

from typing import Annotated

from fastapi import APIRouter, HTTPException, Path, Request
from fastapi.responses import Response

from domain.errors import NotFound
from domain.media import ENDINGS
from scheduler.media import StoredFiles
from store import media
from web.deps import Reading, Web
from web.ranges import file_answer

router = APIRouter()

_FOR_EVER = "public, max-age=31536000, immutable"


@router.api_route("/m/{sha256}.{kind}", methods=["GET", "HEAD"])
def picture(
    request: Request,
    session: Reading,
    web: Web,
    sha256: Annotated[str, Path(pattern="^[0-9a-f]{64}$")],
    kind: Annotated[str, Path(pattern="^(jpeg|png|gif|webp|mp4|mov|webm)$")],
) -> Response:
    """One picture or video; only those of posts that went out, or are going out now."""
    found = media.public_file(session, sha256)
    if found is None or ENDINGS[found.media_type] != kind:
        raise HTTPException(404)
    tag = f'"{sha256}"'
    headers = {"ETag": tag, "Cache-Control": _FOR_EVER, "Cross-Origin-Resource-Policy": "cross-origin"}
    if tag in request.headers.get("if-none-match", ""):
        return Response(status_code=304, headers=headers)
    if found.is_video:
        files = StoredFiles(web.context.engine, web.context.http, web.context.data_dir)
        return file_answer(
            files, found, header=request.headers.get("range"), headers=headers, body=request.method == "GET"
        )
    try:
        body = media.read(session, sha256, data_dir=web.context.data_dir)
    except NotFound as exc:
        raise HTTPException(404) from exc
    return Response(body, media_type=found.media_type, headers=headers)
