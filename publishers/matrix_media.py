"""Pictures and videos of a Matrix message: uploaded to the server, then shown by an event of their own.

Sources: spec.matrix.org/v1.15/client-server-api (content repository, m.image, m.video).
"""

from typing import Any

from domain.errors import NotSent
from domain.media import Attachment
from publishers.base import Files
from publishers.http import UPLOAD_DEADLINE
from publishers.matrix_session import MatrixSession
from publishers.pictures import Picture
from publishers.uploads import Body, upload_deadline


def upload_picture(session: MatrixSession, attachment: Attachment, picture: Picture, number: int) -> Any:
    """Upload a picture; the content of the event that shows it."""
    name = f"picture-{number}.{picture.kind.rpartition('/')[2]}"

    def request() -> dict[str, Any]:
        return {"content": picture.body, "headers": {"Content-Type": picture.kind}}

    made = session.do(f"/_matrix/media/v3/upload?filename={name}", make=request, deadline=UPLOAD_DEADLINE)
    info = {"w": picture.width, "h": picture.height, "mimetype": picture.kind, "size": len(picture.body)}
    return _shown("m.image", name, made, attachment, info)


def upload_video(session: MatrixSession, attachment: Attachment, files: Files, number: int) -> Any:
    """Upload a video, of which one piece at a time is held; the content of the event that shows it."""
    name = f"video-{number}.{attachment.media_type.rpartition('/')[2]}"

    def request() -> dict[str, Any]:
        size = str(attachment.size)  # else it would go in chunks, which servers refuse
        return {
            "content": Body(files, attachment),
            "headers": {"Content-Type": attachment.media_type, "Content-Length": size},
        }

    deadline = upload_deadline(attachment.size)
    made = session.do(f"/_matrix/media/v3/upload?filename={name}", make=request, deadline=deadline)
    about = {"w": attachment.width, "h": attachment.height, "duration": attachment.duration_ms}
    known: dict[str, Any] = {label: value for label, value in about.items() if value}
    info = {**known, "mimetype": attachment.media_type, "size": attachment.size}
    return _shown("m.video", name, made, attachment, info)


def _shown(
    kind: str, name: str, made: dict[str, Any], attachment: Attachment, info: dict[str, Any]
) -> dict[str, Any]:
    if not isinstance(made.get("content_uri"), str):
        raise NotSent("The server took a file and did not say where it is.")
    return {
        "msgtype": kind,
        # A body that is not the file's name is what people read below it, or in its place.
        "body": attachment.alt or name,
        "filename": name,
        "url": made["content_uri"],
        "info": info,
        "m.mentions": {},
    }
