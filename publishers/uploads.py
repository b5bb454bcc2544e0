"""Sending a file in pieces, so that a video is never whole in memory."""

import io
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

from domain.media import Attachment
from publishers.base import Files

#: Bytes held at a time.
PIECE = 4 * 2**20
#: Bytes in a second that a line gives at least; an upload may take as long as that needs.
SLOWEST = 250_000
_START = timedelta(seconds=40)


def upload_deadline(size: int) -> timedelta:
    """How long one upload of so many bytes may take."""
    return _START + timedelta(seconds=size / SLOWEST)


def pieces(files: Files, attachment: Attachment, *, start: int = 0, size: int = PIECE) -> Iterator[bytes]:
    """The file from byte ``start`` to its end, in pieces of ``size`` bytes, the last one shorter.

    Raises:
        Rejected: it is not there any more.
    """
    while start < attachment.size:
        piece = files.part(attachment, start, min(size, attachment.size - start))
        if not piece:
            return
        yield piece
        start += len(piece)


class Body:
    """A file as the body of a request; it can be sent again from its beginning."""

    def __init__(self, files: Files, attachment: Attachment) -> None:
        self._files, self._attachment = files, attachment

    def __iter__(self) -> Iterator[bytes]:
        return pieces(self._files, self._attachment)


def opened(files: Files, attachment: Attachment) -> io.BufferedReader:
    """The file as one that is open for reading, for a form with several fields."""
    return io.BufferedReader(_Raw(files, attachment), buffer_size=PIECE)


class _Raw(io.RawIOBase):
    def __init__(self, files: Files, attachment: Attachment) -> None:
        self._files, self._attachment, self._at = files, attachment, 0

    def readable(self) -> bool:
        return True

    def seekable(self) -> bool:
        return True

    def seek(self, offset: int, whence: int = io.SEEK_SET) -> int:
        start = {io.SEEK_SET: 0, io.SEEK_CUR: self._at, io.SEEK_END: self._attachment.size}[whence]
        self._at = max(0, start + offset)
        return self._at

    def tell(self) -> int:
        return self._at

    def readinto(self, buffer: Any) -> int:
        wanted = min(len(buffer), max(0, self._attachment.size - self._at))
        piece = self._files.part(self._attachment, self._at, wanted) if wanted else b""
        buffer[: len(piece)] = piece
        self._at += len(piece)
        return len(piece)
