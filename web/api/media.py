"""Pictures for posts: added once, then named by their SHA-256."""

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
    """A picture that can go with posts of this workspace."""

    #: Of what is kept: hidden words such as the place are taken out, so it may differ from the file's own.
    sha256: str
    media_type: str
    #: Bytes.
    size: int
    #: Pixels.
    width: int
    height: int


@router.post("/media", status_code=201)
def add_media(
    web: Web,
    me: MayEdit,
    file: Annotated[UploadFile, File(description="JPEG, PNG, GIF or WebP; at most 20 MiB.")],
) -> MediaShown:
    """Keep a picture; the same picture is kept once, so that the call may be repeated."""
    body = file.file.read(commands.MAX_PICTURE + 1)
    return media_shown(commands.add(web.context, me.workspace.id, body, name=file.filename or ""))


def media_shown(one: Attachment) -> MediaShown:
    return MediaShown(
        sha256=one.sha256, media_type=one.media_type, size=one.size, width=one.width, height=one.height
    )
