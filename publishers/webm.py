"""What a WebM file says of itself, in the elements before its first cluster.

Sources: RFC 8794 (EBML), RFC 9559 (Matroska), section 5.
"""

import struct
from collections.abc import Iterator
from typing import BinaryIO, Final

_SEGMENT, _INFO, _TRACKS, _ENTRY, _VIDEO = 0x18538067, 0x1549A966, 0x1654AE6B, 0xAE, 0xE0
_DOC_TYPE, _SCALE, _DURATION, _CLUSTER = 0x4282, 0x2AD7B1, 0x4489, 0x1F43B675
_WIDTH, _HEIGHT, _SHOWN_WIDTH, _SHOWN_HEIGHT = 0xB0, 0xBA, 0x54B0, 0x54BA
_INSIDE: Final = frozenset({0x1A45DFA3, _SEGMENT, _INFO, _TRACKS, _ENTRY, _VIDEO})
_NUMBERS: Final = frozenset({_SCALE, _WIDTH, _HEIGHT, _SHOWN_WIDTH, _SHOWN_HEIGHT})
_MOST_ELEMENTS: Final = 5_000


def read_webm(file: BinaryIO, size: int) -> tuple[int, int, int]:
    """Width and height in pixels, and length in milliseconds; 0 where the file does not say.

    Raises:
        ValueError: it is no WebM, or broken.
    """
    found: dict[int, float] = {}
    kind = b""
    for name, body in _elements(file, size):
        if name == _DOC_TYPE:
            kind = body.rstrip(b"\0")
        elif name == _DURATION:
            found[name] = struct.unpack(">f" if len(body) == 4 else ">d", body)[0]
        elif name in _NUMBERS:
            found.setdefault(name, int.from_bytes(body))
    if kind != b"webm":
        raise ValueError("not a WebM")
    width = found.get(_SHOWN_WIDTH) or found.get(_WIDTH, 0)
    height = found.get(_SHOWN_HEIGHT) or found.get(_HEIGHT, 0)
    length = found.get(_DURATION, 0) * found.get(_SCALE, 1_000_000) / 1_000_000
    return int(width), int(height), round(length) if 0 <= length < 1e12 else 0


def _elements(file: BinaryIO, size: int) -> Iterator[tuple[int, bytes]]:
    """The elements that may matter, in order, those inside others included; up to the first cluster."""
    at = 0
    for _ in range(_MOST_ELEMENTS):
        if at + 2 > size:
            return
        file.seek(at)
        name, used = _number(file.read(4), keep_mark=True)
        file.seek(at + used)
        length, more = _number(file.read(8), keep_mark=False)
        body = at + used + more
        if name == _CLUSTER:
            return
        if name in _INSIDE:
            at = body
            continue
        if length > size - body:
            raise ValueError("an element is longer than the file")
        if length <= 64:
            file.seek(body)
            yield name, file.read(length)
        at = body + length
    raise ValueError("too many elements")


def _number(raw: bytes, *, keep_mark: bool) -> tuple[int, int]:
    """A number of variable length, and how many bytes it took."""
    if not raw or not raw[0]:
        raise ValueError("broken element")
    length = 9 - raw[0].bit_length()
    if len(raw) < length:
        raise ValueError("broken element")
    value = int.from_bytes(raw[:length])
    return (value if keep_mark else value & ~(1 << 7 * length)), length
