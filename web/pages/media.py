"""A workspace's own pictures, for those who are signed in."""

from typing import Annotated

from fastapi import APIRouter, Path, Request, Response

from scheduler.media import StoredFiles
from store import media
from web.auth import MaySee
from web.deps import Reading, Web
from web.ranges import file_answer

router = APIRouter()


@router.get("/media/{sha256}")
def picture(
    request: Request,
    session: Reading,
    web: Web,
    me: MaySee,
    sha256: Annotated[str, Path(pattern="^[0-9a-f]{64}$")],
) -> Response:
    """A picture that was added here, whether or not a post shows it yet."""
    known = media.get(session, me.workspace.id, sha256)
    if known.is_video:
        files = StoredFiles(web.context.engine, web.context.http, web.context.data_dir)
        private = {"Cache-Control": "private, max-age=31536000, immutable"}
        return file_answer(files, known, header=request.headers.get("range"), headers=private)
    body = media.read(session, sha256, data_dir=web.context.data_dir)
    headers = {"Cache-Control": "private, max-age=31536000, immutable"}
    return Response(body, media_type=known.media_type, headers=headers)
