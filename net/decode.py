"""Content codings undone step by step, so that a compressed bomb never becomes a large object."""

import zlib
from collections.abc import Iterable

#: Input handed to zlib at once; the output of one step is bounded by what is left of the cap.
_STEP = 64 * 1024
_GZIP_MAGIC = b"\x1f\x8b"


class CapReached(Exception):
    """The decoded body is larger than the cap."""


class BrokenCoding(Exception):
    """The body does not fit the coding that its header names; the text says which."""


def decode(chunks: Iterable[bytes], coding: str, *, max_bytes: int) -> bytes:
    """Join ``chunks`` and undo their content coding.

    A body whose header says gzip but which is not compressed is taken as it is: such servers exist.

    Args:
        chunks: the raw body as it arrives.
        coding: the raw ``Content-Encoding`` header; empty for none.
        max_bytes: cap on the decoded body, and on the raw one.

    Raises:
        CapReached: more than ``max_bytes``.
        BrokenCoding: an unknown coding, or a compressed body that is damaged or breaks off.
    """
    names = [name for name in (part.strip().lower() for part in coding.split(",")) if name]
    names = [name for name in names if name != "identity"]
    if not names:
        return _join(chunks, max_bytes)
    if len(names) > 1 or names[0] not in ("gzip", "x-gzip", "deflate"):
        raise BrokenCoding(f"in the coding {coding!r}, which was not asked for")
    return inflate(_join(chunks, max_bytes), max_bytes=max_bytes)


def is_gzip(body: bytes) -> bool:
    """Whether a body starts like a gzip file."""
    return body.startswith(_GZIP_MAGIC)


def inflate(body: bytes, *, max_bytes: int) -> bytes:
    """Decompress a gzip, zlib or raw deflate body; one that is none of these comes back as it is.

    Raises:
        CapReached: more than ``max_bytes`` come out.
        BrokenCoding: it starts as gzip and is damaged or breaks off.
    """
    window = _window(body)
    if window is None:
        return body
    output = bytearray()
    rest = memoryview(body)
    while rest:
        decoder = zlib.decompressobj(window)
        rest = _one_member(decoder, rest, output, max_bytes)
        if window < zlib.MAX_WBITS + 16 or bytes(rest[:2]) != _GZIP_MAGIC:
            break  # what follows a finished stream is padding
    return bytes(output)


def _join(chunks: Iterable[bytes], max_bytes: int) -> bytes:
    body = bytearray()
    for chunk in chunks:
        body += chunk
        if len(body) > max_bytes:
            raise CapReached
    return bytes(body)


def _window(body: bytes) -> int | None:
    """zlib's ``wbits`` for a body; None when it is not compressed."""
    if body.startswith(_GZIP_MAGIC):
        return zlib.MAX_WBITS + 16
    if len(body) >= 2 and body[0] & 0x0F == 8 and int.from_bytes(body[:2], "big") % 31 == 0:
        return zlib.MAX_WBITS
    try:
        zlib.decompressobj(-zlib.MAX_WBITS).decompress(body[:_STEP], 1)
    except zlib.error:
        return None
    return None if body.lstrip()[:1] in (b"<", b"{", b"") else -zlib.MAX_WBITS


def _one_member(
    decoder: "zlib._Decompress", rest: memoryview, output: bytearray, max_bytes: int
) -> memoryview:
    position = 0
    try:
        while not decoder.eof:
            pending = decoder.unconsumed_tail
            if not pending:
                pending = bytes(rest[position : position + _STEP])
                position += len(pending)
                if not pending:
                    raise BrokenCoding("compressed, and it breaks off in the middle")
            output += decoder.decompress(pending, max_bytes + 1 - len(output))
            if len(output) > max_bytes:
                raise CapReached
    except zlib.error as exc:
        raise BrokenCoding(f"compressed and damaged ({exc})") from exc
    return rest[position - len(decoder.unused_data) :]
