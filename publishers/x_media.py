"""Pictures and videos for X: begun, sent in pieces, closed, and worked on there until they may be used.

Sources: docs.x.com/x-api/media (initialize, append, finalize, status, metadata).
"""

import base64
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

import httpx

from domain.errors import NotSent, OutcomeUnknown, Rejected
from domain.media import Attachment, attachment_from
from publishers.base import Files, Progress
from publishers.http import Refusal, ask, harmless, json_object
from publishers.parts import remembered
from publishers.pictures import Picture
from publishers.uploads import pieces, upload_deadline

#: Bytes of one piece: 4 MB as base64, of the 5 MB that X takes.
PIECE = 3 * 2**20
#: X is asked so often, and at most so many seconds apart, whether a video is ready.
_LOOKS = 12
_LONGEST_PAUSE = 5.0

Signed = Callable[..., httpx.Request]


class Uploads:
    """The files of one post, on their way to X.

    What is there already is kept in the handle: an upload that was cut goes on at its last piece.
    """

    def __init__(
        self,
        http: httpx.Client,
        signed: Signed,
        *,
        files: Files,
        fit: Callable[[Attachment], Picture],
        refused: Refusal,
    ) -> None:
        self._http, self._signed, self._files = http, signed, files
        self._fit, self._refused = fit, refused

    def ids(self, media: Sequence[Mapping[str, Any]], progress: Progress) -> list[str]:
        """X's ids of all files, in order.

        Raises:
            NotSent: X is still working on one, or could not be reached; the next try goes on from here.
        """
        done: list[str] = list((progress.handle or {}).get("media_ids", ()))
        for stored in media[len(done) :]:
            attachment = attachment_from(stored)
            done.append(self._sent(attachment, progress))
            remembered(progress, media_ids=done, upload=None)
        return done

    def _sent(self, attachment: Attachment, progress: Progress) -> str:
        begun = (progress.handle or {}).get("upload")
        if begun:
            try:
                return self._rest(attachment, begun, progress)
            except Rejected:
                pass  # X forgets an upload after a day: begin again
        return self._rest(attachment, None, progress)

    def _rest(self, attachment: Attachment, begun: Mapping[str, Any] | None, progress: Progress) -> str:
        size, kind, content = self._content(attachment)
        if begun is None:
            said = {"media_type": kind, "total_bytes": size, "media_category": _category(kind)}
            number = _id(self._post("/2/media/upload/initialize", said))
            begun = {"id": number, "pieces": 0}
            remembered(progress, upload=begun)
        number = str(begun["id"])
        for index, piece in enumerate(content(begun["pieces"] * PIECE), start=begun["pieces"]):
            said = {"media": base64.b64encode(piece).decode(), "segment_index": index}
            self._post(f"/2/media/upload/{number}/append", said, size=len(piece))
            remembered(progress, upload={"id": number, "pieces": index + 1})
        finished = self._post(f"/2/media/upload/{number}/finalize", None)
        self._wait(number, finished)
        if attachment.alt:
            words = {"alt_text": {"text": attachment.alt}}
            self._post("/2/media/metadata", {"id": number, "metadata": words})
        return number

    def _content(self, attachment: Attachment) -> tuple[int, str, Callable[[int], Iterator[bytes]]]:
        """How many bytes, of what kind, and a way to read them from a byte on."""
        if attachment.is_video:
            return (
                attachment.size,
                attachment.media_type,
                lambda start: pieces(self._files, attachment, start=start, size=PIECE),
            )
        picture = self._fit(attachment)
        body = picture.body
        return (
            len(body),
            picture.kind,
            lambda start: (body[at : at + PIECE] for at in range(start, len(body), PIECE)),
        )

    def _wait(self, number: str, answer: Mapping[str, Any]) -> None:
        for _ in range(_LOOKS):
            work = (answer.get("data") or {}).get("processing_info") or {}
            state = work.get("state", "succeeded")
            if state == "succeeded":
                return
            if state == "failed":
                why = (work.get("error") or {}).get("message") or "it gives no reason"
                raise Rejected(f"X cannot use the file: {why}.")
            time.sleep(min(float(work.get("check_after_secs") or 1), _LONGEST_PAUSE))
            request = self._signed("GET", "/2/media/upload", params={"media_id": number, "command": "STATUS"})
            answer = json_object(ask(self._http, request, refused=self._refused))
        raise NotSent("X is still working on the file.")

    def _post(self, path: str, body: Mapping[str, Any] | None, *, size: int = 0) -> dict[str, Any]:
        request = self._signed("POST", path, json=body) if body is not None else self._signed("POST", path)
        answer = harmless(self._http, request, refused=self._refused, deadline=upload_deadline(size))
        return json_object(answer) if answer.content else {}


def _id(answer: Mapping[str, Any]) -> str:
    number = (answer.get("data") or {}).get("id")
    if not number:
        raise OutcomeUnknown("X took an upload and did not say which one it is.")
    return str(number)


def _category(kind: str) -> str:
    if kind == "image/gif":
        return "tweet_gif"
    return "tweet_image" if kind.startswith("image/") else "tweet_video"
