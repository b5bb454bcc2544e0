"""Pictures of posts: for readers of page channels, and for receivers of webhooks."""

from typing import Annotated

from fastapi import APIRouter, HTTPException, Path, Request
from fastapi.responses import Response

from domain.errors import NotFound
from store import media
from web.deps import Reading, Web

router = APIRouter()

_FOR_EVER = "public, max-age=31536000, immutable"


@router.api_route("/m/{sha256}.{kind}", methods=["GET", "HEAD"])
def picture(
    request: Request,
    session: Reading,
    web: Web,
    sha256: Annotated[str, Path(pattern="^[0-9a-f]{64}$")],
    kind: Annotated[str, Path(pattern="^(jpeg|png|gif|webp)$")],
) -> Response:
    """One picture; only those of posts that went out, or are going out now."""
    media_type = media.public_type(session, sha256)
    if media_type != f"image/{kind}":
        raise HTTPException(404)
    tag = f'"{sha256}"'
    headers = {"ETag": tag, "Cache-Control": _FOR_EVER, "Cross-Origin-Resource-Policy": "cross-origin"}
    if tag in request.headers.get("if-none-match", ""):
        return Response(status_code=304, headers=headers)
    try:
        body = media.read(session, sha256, data_dir=web.context.data_dir)
    except NotFound as exc:
        raise HTTPException(404) from exc
    return Response(body, media_type=media_type, headers=headers)
