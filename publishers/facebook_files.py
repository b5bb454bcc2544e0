"""Files for a Facebook page: pictures that nobody sees until a post shows them, and videos in pieces.

Sources: developers.facebook.com/docs/graph-api/reference/page/photos,
developers.facebook.com/docs/video-api/guides/publishing (start, transfer, finish).
"""

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from domain.errors import OutcomeUnknown, Rejected
from domain.media import Attachment, attachment_from
from publishers.base import Progress
from publishers.http import UPLOAD_DEADLINE, harmless, json_object
from publishers.meta_errors import refused
from publishers.meta_graph import node_id
from publishers.parts import remembered
from publishers.uploads import upload_deadline

if TYPE_CHECKING:
    from publishers.platforms.facebook import Facebook

#: Where videos go.
VIDEO_HOST = "https://graph-video.facebook.com"
#: Bytes sent at most in one piece, whatever Facebook asks for.
_PIECE = 8 * 2**20


def photo_ids(page: "Facebook", media: Sequence[Mapping[str, Any]], progress: Progress) -> list[str]:
    """Facebook's ids of the pictures; those of an earlier try are used again.

    A picture that no post shows goes away there by itself.
    """
    done: list[str] = list((progress.handle or {}).get("photos", ()))
    for stored in media[len(done) :]:
        attachment = attachment_from(stored)
        picture = page.picture(attachment)
        fields = {"published": "false", "alt_text_custom": attachment.alt or None}
        request = page.called(
            "POST",
            f"{page.page()}/photos",
            upload={"source": (f"picture.{picture.kind.removeprefix('image/')}", picture.body, picture.kind)},
            **fields,
        )
        answer = harmless(page.http, request, refused=refused, deadline=UPLOAD_DEADLINE)
        done.append(node_id(json_object(answer), title=page.title))
        remembered(progress, photos=done)
    return done


def video_sent(page: "Facebook", stored: Mapping[str, Any], progress: Progress) -> tuple[str, str]:
    """The id of a video whose bytes are all there, and of its upload; nobody sees it yet.

    An upload that was cut goes on where Facebook says that it stands.
    """
    attachment = attachment_from(stored)
    begun = (progress.handle or {}).get("video")
    if begun:
        try:
            return _rest(page, attachment, dict(begun), progress)
        except Rejected:
            pass  # Facebook forgets an upload after a day: begin again
    answer = _call(page, upload_phase="start", file_size=str(attachment.size))
    if not answer.get("upload_session_id") or not answer.get("video_id"):
        raise OutcomeUnknown("Facebook began an upload and did not say which one it is.")
    begun = {
        "upload": str(answer["upload_session_id"]),
        "id": str(answer["video_id"]),
        "start": int(answer.get("start_offset") or 0),
        "end": int(answer.get("end_offset") or 0),
    }
    remembered(progress, video=begun)
    return _rest(page, attachment, begun, progress)


def _rest(
    page: "Facebook", attachment: Attachment, begun: dict[str, Any], progress: Progress
) -> tuple[str, str]:
    while begun["start"] < begun["end"]:
        size = min(begun["end"] - begun["start"], _PIECE)
        piece = page.files.part(attachment, begun["start"], size)
        answer = _call(
            page,
            upload={"video_file_chunk": ("piece", piece, "application/octet-stream")},
            upload_phase="transfer",
            upload_session_id=begun["upload"],
            start_offset=str(begun["start"]),
        )
        begun |= {"start": int(answer["start_offset"]), "end": int(answer["end_offset"])}
        remembered(progress, video=begun)
    return begun["id"], begun["upload"]


def _call(page: "Facebook", *, upload: Mapping[str, Any] | None = None, **fields: str) -> dict[str, Any]:
    request = page.called("POST", f"{page.page()}/videos", host=VIDEO_HOST, upload=upload, **fields)
    answer = harmless(page.http, request, refused=refused, deadline=upload_deadline(_PIECE))
    return json_object(answer)
