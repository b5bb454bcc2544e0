"""Pictures and videos for LinkedIn: announced, put where it says, and worked on until they can be shown.

Sources, below learn.microsoft.com/linkedin/marketing/community-management/shares: images-api, videos-api.
"""

import time
from collections.abc import Mapping, Sequence
from datetime import timedelta
from typing import TYPE_CHECKING, Any

import httpx

from domain.errors import NotSent, OutcomeUnknown, Rejected
from domain.media import Attachment, attachment_from
from publishers.base import Progress
from publishers.http import UPLOAD_DEADLINE, harmless, json_object
from publishers.images import fetch_image
from publishers.parts import remembered
from publishers.uploads import upload_deadline

if TYPE_CHECKING:
    from publishers.linkedin_rest import LinkedInPublisher

#: A video is asked for so often, so many seconds apart.
_LOOKS = 12
_EVERY = 3.0
_THUMBNAIL_BYTES = 4 * 10**6
_THUMBNAIL_DEADLINE = timedelta(seconds=10)


def files_sent(
    publisher: "LinkedInPublisher", media: Sequence[Mapping[str, Any]], progress: Progress
) -> list[str]:
    """LinkedIn's names of all files, in order; those of an earlier try are used again."""
    done: list[str] = list((progress.handle or {}).get("files", ()))
    for stored in media[len(done) :]:
        attachment = attachment_from(stored)
        if attachment.is_video:
            done.append(_video(publisher, attachment, progress))
        else:
            picture = publisher.picture(attachment)
            done.append(_image(publisher, picture.body, picture.kind))
        remembered(progress, files=done, upload=None)
    return done


def thumbnail(publisher: "LinkedInPublisher", url: str | None, progress: Progress) -> str | None:
    """LinkedIn's name of a card's picture; None when there is none to be had."""
    kept = (progress.handle or {}).get("thumbnail")
    if kept or not url:
        return str(kept) if kept else None
    image = fetch_image(publisher.http, url, max_bytes=_THUMBNAIL_BYTES, deadline=_THUMBNAIL_DEADLINE)
    if image is None or image.kind == "image/webp":
        return None
    name = _image(publisher, image.body, image.kind)
    remembered(progress, thumbnail=name)
    return name


def _image(publisher: "LinkedInPublisher", body: bytes, kind: str) -> str:
    value = _begun(publisher, "images", {"owner": publisher.author()})
    _put(publisher, value.get("uploadUrl"), body, kind)
    return _named(value.get("image"))


def _video(publisher: "LinkedInPublisher", attachment: Attachment, progress: Progress) -> str:
    begun = dict((progress.handle or {}).get("upload") or {})
    if begun:
        try:
            return _rest(publisher, attachment, begun, progress)
        except Rejected:
            pass  # its addresses end after a day: begin again
    asked = {
        "owner": publisher.author(),
        "fileSizeBytes": attachment.size,
        "uploadCaptions": False,
        "uploadThumbnail": False,
    }
    value = _begun(publisher, "videos", asked)
    steps = [[one["uploadUrl"], one["firstByte"], one["lastByte"]] for one in value["uploadInstructions"]]
    begun = {
        "video": _named(value.get("video")),
        "token": value.get("uploadToken", ""),
        "steps": steps,
        "parts": [],
    }
    remembered(progress, upload=begun)
    return _rest(publisher, attachment, begun, progress)


def _rest(
    publisher: "LinkedInPublisher", attachment: Attachment, begun: dict[str, Any], progress: Progress
) -> str:
    for url, first, last in begun["steps"][len(begun["parts"]) :]:
        piece = publisher.files.part(attachment, first, last - first + 1)
        answer = _put(publisher, url, piece, "application/octet-stream")
        begun["parts"] = [*begun["parts"], answer.headers.get("etag", "").strip('"')]
        remembered(progress, upload=begun)
    finish = {
        "finalizeUploadRequest": {
            "video": begun["video"],
            "uploadToken": begun["token"],
            "uploadedPartIds": begun["parts"],
        }
    }
    request = publisher.called("POST", "videos", params={"action": "finalizeUpload"}, json=finish)
    harmless(publisher.http, request, refused=publisher.refused)
    for _ in range(_LOOKS):
        state = str(publisher.asked(f"videos/{publisher.escaped(begun['video'])}").get("status"))
        if state == "AVAILABLE":
            return str(begun["video"])
        if state == "PROCESSING_FAILED":
            raise Rejected("LinkedIn cannot use the video. Convert it to an MP4 of another make.")
        time.sleep(_EVERY)
    raise NotSent("LinkedIn is still working on the video.")


def _begun(publisher: "LinkedInPublisher", kind: str, asked: Mapping[str, Any]) -> dict[str, Any]:
    request = publisher.called(
        "POST", kind, params={"action": "initializeUpload"}, json={"initializeUploadRequest": asked}
    )
    value = json_object(harmless(publisher.http, request, refused=publisher.refused)).get("value")
    if not isinstance(value, dict):
        raise NotSent("LinkedIn did not say where a file goes.")
    return value


def _put(publisher: "LinkedInPublisher", url: Any, body: bytes, kind: str) -> httpx.Response:
    address = httpx.URL(str(url))
    if address.scheme != "https" or not address.host.endswith(".linkedin.com"):
        raise Rejected("LinkedIn names an address for a file that is not its own.")
    request = publisher.signed("PUT", str(address), content=body, headers={"Content-Type": kind})
    deadline = max(UPLOAD_DEADLINE, upload_deadline(len(body)))
    return harmless(publisher.http, request, refused=publisher.refused, deadline=deadline)


def _named(urn: Any) -> str:
    if not isinstance(urn, str) or not urn.startswith("urn:li:"):
        raise OutcomeUnknown("LinkedIn took a file and did not say which one it is.")
    return urn
