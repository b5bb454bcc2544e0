"""Content codings undone step by step, so that a compressed bomb never becomes a large object."""

import zlib
from collections.abc import Callable, Iterable, Iterator, Mapping
from importlib import import_module
from typing import Any, Final

from net.room import grown

#: Input handed to a decoder at once; the output of one step is bounded by what is left of the cap.
_STEP: Final = 64 * 1024
#: So many gzip members or zstd frames are read of one body; each takes a little time, however small.
_MOST_PIECES: Final = 1000
_GZIP_MAGIC: Final = b"\x1f\x8b"
_ZSTD_MAGIC: Final = b"\x28\xb5\x2f\xfd"
#: Largest window of a zstd body, as a power of two: 8 MiB, as RFC 9659 has it for HTTP.
_ZSTD_WINDOW: Final = 23
#: What a feed or a page starts with, when its header says br and it is not.
_TEXT: Final = (b"<", b"{", b"[", b"\xef\xbb\xbf")


class CapReached(Exception):
    """The decoded body is larger than the cap."""


class BrokenCoding(Exception):
    """The body does not fit the coding that its header names; the text says which."""


def decode(chunks: Iterable[bytes], coding: str, *, max_bytes: int) -> bytes:
    """Join ``chunks`` and undo their content coding.

    A body that is not what its header says is taken for what it is, where its first bytes tell: such servers
    exist.

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
    body = _join(chunks, max_bytes)
    if not names or not body:
        return body
    undo = _CODINGS.get(names[0]) if len(names) == 1 else None
    if undo is None:
        raise BrokenCoding(f"in the coding {coding!r}, which was not asked for")
    return undo(body, max_bytes)


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
    for _ in range(_MOST_PIECES):
        decoder = zlib.decompressobj(window)
        rest = _one_member(decoder, rest, output, max_bytes)
        if window < zlib.MAX_WBITS + 16 or bytes(rest[:2]) != _GZIP_MAGIC:
            return bytes(output)  # what follows a finished stream is padding
    raise BrokenCoding(f"compressed in more than {_MOST_PIECES} pieces")


def _unbrotli(body: bytes, max_bytes: int) -> bytes:
    if is_gzip(body):
        return inflate(body, max_bytes=max_bytes)
    output = bytearray()
    try:
        for piece in _brotli_pieces(body):
            _add(output, piece, max_bytes)
    except BrokenCoding:
        if body.lstrip().startswith(_TEXT):
            return body
        raise
    return bytes(output)


def _brotli_pieces(body: bytes) -> Iterator[bytes]:
    decoder, steps = _brotli.Decompressor(), _steps(body)
    while not decoder.is_finished():
        is_hungry = decoder.can_accept_more_data()
        step = next(steps, b"") if is_hungry else b""
        try:
            piece = decoder.process(step, output_buffer_limit=_STEP)
        except _brotli.error as exc:
            raise BrokenCoding("compressed and damaged") from exc
        if is_hungry and not step and not piece:
            raise BrokenCoding("compressed, and it breaks off in the middle")
        yield piece


def _unzstd(body: bytes, max_bytes: int) -> bytes:
    if not body.startswith(_ZSTD_MAGIC):
        return inflate(body, max_bytes=max_bytes)
    output, rest = bytearray(), memoryview(body)
    try:
        for _ in range(_MOST_PIECES):
            rest = _one_frame(rest, output, max_bytes)
            if bytes(rest[:4]) != _ZSTD_MAGIC:
                return bytes(output)  # what follows the last frame is padding
    except _zstd.ZstdError as exc:
        raise BrokenCoding(f"compressed and damaged ({exc})") from exc
    raise BrokenCoding(f"compressed in more than {_MOST_PIECES} pieces")


def _one_frame(body: memoryview, output: bytearray, max_bytes: int) -> memoryview:
    """Add one zstd frame to ``output``; returns what follows it."""
    decoder = _zstd.ZstdDecompressor(options={_zstd.DecompressionParameter.window_log_max: _ZSTD_WINDOW})
    steps = _steps(body)
    read = 0
    while not decoder.eof:
        step = next(steps, b"") if decoder.needs_input else b""
        if not step and decoder.needs_input:
            raise BrokenCoding("compressed, and it breaks off in the middle")
        read += len(step)
        _add(output, decoder.decompress(step, _STEP), max_bytes)
    return body[read - len(decoder.unused_data) :]


def _steps(body: bytes | memoryview) -> Iterator[bytes]:
    return (bytes(body[start : start + _STEP]) for start in range(0, len(body), _STEP))


def _add(output: bytearray, piece: bytes, max_bytes: int) -> None:
    output += piece
    _check(output, max_bytes)


def _check(output: bytearray, max_bytes: int) -> None:
    if len(output) > max_bytes:
        raise CapReached
    grown(len(output))


def _join(chunks: Iterable[bytes], max_bytes: int) -> bytes:
    body = bytearray()
    for chunk in chunks:
        body += chunk
        _check(body, max_bytes)
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
            # No more at once than a step, so that it is noticed as it grows.
            _add(output, decoder.decompress(pending, min(16 * _STEP, max_bytes + 1 - len(output))), max_bytes)
    except zlib.error as exc:
        raise BrokenCoding(f"compressed and damaged ({exc})") from exc
    return rest[position - len(decoder.unused_data) :]


def _optional(*names: str) -> Any:
    """The first of these modules that is installed, else None."""
    for name in names:
        try:
            return import_module(name)
        except ImportError:
            continue
    return None


_brotli: Final = _optional("brotli")
_zstd: Final = _optional("compression.zstd", "backports.zstd")
_CODINGS: Final[Mapping[str, Callable[[bytes, int], bytes]]] = {
    **dict.fromkeys(("gzip", "x-gzip", "deflate"), lambda body, cap: inflate(body, max_bytes=cap)),
    **({"br": _unbrotli} if _brotli else {}),
    **({"zstd": _unzstd} if _zstd else {}),
}
#: ``Accept-Encoding`` of this installation: what there is a decoder for.
ACCEPTED: Final = ", ".join(name for name in _CODINGS if name != "x-gzip")
