"""Google's resumable upload: a session that says how much it has, and what became of it.

Sources: developers.google.com/youtube/v3/guides/using_resumable_upload_protocol.
"""

from collections.abc import Callable
from typing import Any

import httpx

from domain.errors import OutcomeUnknown, PublishError, Rejected
from domain.media import Attachment
from publishers.base import Files
from publishers.http import ask, json_object, send_once
from publishers.uploads import upload_deadline

#: Bytes of one piece; Google asks for a multiple of 256 KiB.
PIECE = 8 * 2**20


class Incomplete(PublishError):
    """The session waits for more."""

    def __init__(self, received: int) -> None:
        super().__init__(f"The upload stands at byte {received}.")
        self.received = received


class Forgotten(Rejected):
    """The session has ended, or never was."""


Signed = Callable[..., httpx.Request]
Refusal = Callable[[httpx.Response], PublishError]


class Session:
    """One upload of one file, by the address that Google gave for it."""

    def __init__(
        self, http: httpx.Client, signed: Signed, address: str, *, size: int, refused: Refusal
    ) -> None:
        self._http, self._signed, self._address = http, signed, address
        self._size, self._refused = size, refused

    def received(self) -> int | dict[str, Any]:
        """How many bytes are there; what the file became when all of them are.

        Raises:
            Forgotten: the session has ended.
            NotSent: it cannot be asked now.
        """
        request = self._put(b"", f"bytes */{self._size}")
        try:
            return json_object(ask(self._http, request, refused=self._meaning))
        except Incomplete as more:
            return more.received

    def send(
        self, files: Files, attachment: Attachment, *, start: int, before_last: Callable[[], None]
    ) -> dict[str, Any]:
        """Send the rest, and tell what the file became.

        Args:
            before_last: called before the piece that completes the file, and with it the post.
        """
        while True:
            piece = files.part(attachment, start, min(PIECE, self._size - start))
            end = start + len(piece)
            if not piece:
                raise OutcomeUnknown("The upload is whole, and Google does not say what became of it.")
            if end >= self._size:
                before_last()
            request = self._put(piece, f"bytes {start}-{end - 1}/{self._size}")
            try:
                answer = send_once(
                    self._http, request, refused=self._meaning, deadline=upload_deadline(len(piece))
                )
            except Incomplete as more:
                if more.received <= start:
                    raise OutcomeUnknown("Google does not take the file.") from more
                start = more.received
                continue
            return json_object(answer)

    def _put(self, body: bytes, span: str) -> httpx.Request:
        return self._signed("PUT", self._address, content=body, headers={"Content-Range": span})

    def _meaning(self, response: httpx.Response) -> PublishError:
        if response.status_code == 308:
            span = response.headers.get("range", "")
            last = span.rpartition("-")[2]
            return Incomplete(int(last) + 1 if last.isdecimal() else 0)
        if response.status_code in (404, 410):
            return Forgotten("Google no longer knows this upload.")
        return self._refused(response)


def session_address(answer: httpx.Response) -> str:
    """Where a session just begun is reached.

    Raises:
        OutcomeUnknown: the answer names no address of Google's.
    """
    address = answer.headers.get("location", "")
    url = httpx.URL(address) if address else None
    if url is None or url.scheme != "https" or not url.host.endswith(".googleapis.com"):
        raise OutcomeUnknown("Google began an upload and did not say where.")
    return str(address)
