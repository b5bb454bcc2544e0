"""A workspace's own pictures, for those who are signed in."""

from typing import Annotated

from fastapi import APIRouter, Path, Response

from store import media
from web.auth import MaySee
from web.deps import Reading, Web

router = APIRouter()


@router.get("/media/{sha256}")
def picture(
    session: Reading, web: Web, me: MaySee, sha256: Annotated[str, Path(pattern="^[0-9a-f]{64}$")]
) -> Response:
    """A picture that was added here, whether or not a post shows it yet."""
    known = media.get(session, me.workspace.id, sha256)
    body = media.read(session, sha256, data_dir=web.context.data_dir)
    headers = {"Cache-Control": "private, max-age=31536000, immutable"}
    return Response(body, media_type=known.media_type, headers=headers)
