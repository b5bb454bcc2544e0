"""A post's own file as something that an upload reads piece by piece, so that it is never whole in memory."""

import io
from typing import Any

from domain.media import Attachment
from publishers.base import Files

#: Bytes read from the store at a time.
_PIECE = 2**20


class _Parts(io.RawIOBase):
    def __init__(self, files: Files, attachment: Attachment) -> None:
        self._files = files
        self._attachment = attachment
        self._at = 0

    def readable(self) -> bool:
        return True

    def seekable(self) -> bool:
        return True

    def seek(self, offset: int, whence: int = io.SEEK_SET) -> int:
        base = {io.SEEK_SET: 0, io.SEEK_CUR: self._at, io.SEEK_END: self._attachment.size}[whence]
        self._at = max(0, base + offset)
        return self._at

    def readinto(self, buffer: Any, /) -> int:
        piece = self._files.part(self._attachment, self._at, len(buffer))
        buffer[: len(piece)] = piece
        self._at += len(piece)
        return len(piece)


def stream(files: Files, attachment: Attachment) -> io.BufferedReader:
    """The file from its start; reading raises what `Files.part` raises."""
    return io.BufferedReader(_Parts(files, attachment), buffer_size=_PIECE)
