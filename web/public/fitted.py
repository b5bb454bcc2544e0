"""Pictures of posts as one platform takes them, for platforms that fetch files themselves."""

from dataclasses import replace
from typing import Annotated

from fastapi import APIRouter, HTTPException, Path, Request
from fastapi.responses import Response

from domain.errors import NotFound, UsageError
from publishers.pictures import fitted
from publishers.registry import BUILT_IN, adapter
from store import media
from web.deps import Reading, Web

router = APIRouter()

_JPEG = "image/jpeg"
_FOR_EVER = "public, max-age=31536000, immutable"


@router.api_route("/m/{sha256}/{platform}.jpeg", methods=["GET", "HEAD"])
def fitted_picture(
    request: Request,
    session: Reading,
    web: Web,
    sha256: Annotated[str, Path(pattern="^[0-9a-f]{64}$")],
    platform: Annotated[str, Path(pattern="^[a-z_]{1,40}$")],
) -> Response:
    """One picture within the platform's limits, as JPEG; only of posts that went out, or are about to."""
    rules = adapter(platform).capabilities.pictures if platform in BUILT_IN else None
    found = media.public_file(session, sha256)
    if rules is None or _JPEG not in rules.kinds or found is None or found.is_video:
        raise HTTPException(404)
    tag = f'"{sha256}-{platform}"'
    headers = {"ETag": tag, "Cache-Control": _FOR_EVER, "Cross-Origin-Resource-Policy": "cross-origin"}
    if tag in request.headers.get("if-none-match", ""):
        return Response(status_code=304, headers=headers)
    try:
        body = media.read(session, sha256, data_dir=web.context.data_dir)
        picture = fitted(body, replace(rules, kinds=frozenset({_JPEG})))
    except (NotFound, UsageError) as exc:
        raise HTTPException(404) from exc
    return Response(picture.body, media_type=picture.kind, headers=headers)
