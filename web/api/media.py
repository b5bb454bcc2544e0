"""Pictures and videos for posts: added once, then named by their SHA-256."""

from typing import Annotated

from fastapi import File, UploadFile
from pydantic import BaseModel

from domain.media import Attachment
from scheduler import media as commands
from web.api.base import api_router
from web.auth import MayEdit
from web.deps import Web

router = api_router("media")


class MediaShown(BaseModel):
    """A picture or video that can go with posts of this workspace."""

    #: Of what is kept: hidden words such as the place are taken out, so it may differ from the file's own.
    sha256: str
    media_type: str
    #: Bytes.
    size: int
    #: Pixels.
    width: int
    height: int
    #: Of a video; 0 for pictures, and where it does not say.
    duration_ms: int


@router.post("/media", status_code=201)
def add_media(
    web: Web,
    me: MayEdit,
    file: Annotated[
        UploadFile, File(description="JPEG, PNG, GIF or WebP of at most 20 MiB; MP4, MOV or WebM.")
    ],
) -> MediaShown:
    """Keep a picture or a video; the same one is kept once, so that the call may be repeated."""
    kept = commands.add_file(web.context, me.workspace.id, file.file, name=file.filename or "")
    return media_shown(kept)


def media_shown(one: Attachment) -> MediaShown:
    return MediaShown(
        sha256=one.sha256,
        media_type=one.media_type,
        size=one.size,
        width=one.width,
        height=one.height,
        duration_ms=one.duration_ms,
    )
