"""Answering with a file in pieces, whole or the part that was asked for (RFC 9110, section 14)."""

import re
from collections.abc import Iterator, Mapping

from fastapi.responses import Response, StreamingResponse

from domain.media import Attachment
from publishers.uploads import PIECE, pieces
from scheduler.media import StoredFiles

_RANGE = re.compile(r"bytes=(\d{0,15})-(\d{0,15})")


def asked_for(header: str | None, size: int) -> tuple[int, int] | None:
    """The first byte and the one behind the last that a Range header asks for; None: the whole file.

    Several parts, and what cannot be read, mean the whole file too.

    Raises:
        ValueError: the file has no such part.
    """
    found = _RANGE.fullmatch((header or "").strip().lower())
    if found is None or found.groups() == ("", ""):
        return None
    first, last = found.groups()
    if not first:
        start, stop = max(0, size - int(last)), size
    else:
        start, stop = int(first), min(size, int(last) + 1 if last else size)
    if start >= stop:
        if first and last and int(last) < int(first):
            return None
        raise ValueError("no such part")
    return start, stop


def file_answer(
    files: StoredFiles, one: Attachment, *, header: str | None, headers: Mapping[str, str], body: bool = True
) -> Response:
    """The file, or the part of it that the Range header asks for; never whole in memory.

    Args:
        body: False for HEAD.
    """
    told = {**headers, "Accept-Ranges": "bytes"}
    try:
        part = asked_for(header, one.size)
    except ValueError:
        return Response(status_code=416, headers={**told, "Content-Range": f"bytes */{one.size}"})
    start, stop = part or (0, one.size)
    if part is not None:
        told["Content-Range"] = f"bytes {start}-{stop - 1}/{one.size}"
    told["Content-Length"] = str(stop - start)
    status = 206 if part is not None else 200
    sent = _bounded(files, one, start, stop) if body else iter(())
    return StreamingResponse(sent, status_code=status, headers=told, media_type=one.media_type)


def _bounded(files: StoredFiles, one: Attachment, start: int, stop: int) -> Iterator[bytes]:
    left = stop - start
    for piece in pieces(files, one, start=start, size=min(left, PIECE)):
        yield piece[:left]
        left -= len(piece)
        if left <= 0:
            return
