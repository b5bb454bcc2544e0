"""What a video file says of itself: kind, size, length, and where it was taken; read from its own boxes.

Sources: ISO/IEC 14496-12 (boxes of MP4 and MOV); Apple's QuickTime File Format (udta, meta, keys).
The film itself is never decoded, and never in memory.
"""

import struct
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import BinaryIO, Final

from domain.errors import UsageError
from publishers.webm import read_webm

#: Boxes of one file that are looked at, and how deep they lie: hostile files have more.
_MOST_BOXES: Final = 20_000
_DEEPEST: Final = 8
#: Bytes of one box that is read whole.
_LARGEST_READ: Final = 2**20
_CONTAINERS: Final = frozenset({b"moov", b"trak", b"mdia", b"udta", b"meta", b"ilst", b"mvex"})
#: Boxes that tell a place, or may.
_PLACES: Final = frozenset({b"\xa9xyz", b"loci", b"XMP_", b"gps "})
_XMP: Final = bytes.fromhex("be7acfcb97a942e89c71999491e3afac")
_EBML: Final = b"\x1a\x45\xdf\xa3"
_FIRST: Final = frozenset({b"ftyp", b"moov", b"mdat", b"wide", b"free", b"skip", b"pnot"})
_UNREADABLE: Final = "This file is no video that can be read. Give an MP4, MOV or WebM file."


@dataclass(slots=True)
class Film:
    """What is known of a video."""

    #: Media type.
    kind: str
    #: Pixels, as a viewer sees it.
    width: int = 0
    height: int = 0
    #: Milliseconds; 0: the file does not say.
    duration_ms: int = 0
    #: Where bytes tell the place, as (offset, length): to be overwritten with zeros.
    places: list[tuple[int, int]] = field(default_factory=list)
    #: Headers of such boxes: their four-letter name, to be made ``free``.
    names: list[int] = field(default_factory=list)


def probe(file: BinaryIO, size: int) -> Film:
    """What the first bytes and the boxes of a file say.

    Args:
        file: can be read and sought.
        size: its bytes.

    Raises:
        UsageError: it is no MP4, MOV or WebM, holds no moving picture, or is broken.
    """
    file.seek(0)
    head = file.read(12)
    try:
        if head[:4] == _EBML:
            film = Film("video/webm", *read_webm(file, size))
        elif head[4:8] in _FIRST:
            film = _Boxes(file, size).film()
        else:
            raise UsageError(_UNREADABLE)
    except (struct.error, ValueError, IndexError, OverflowError) as exc:
        raise UsageError(_UNREADABLE) from exc
    if not (0 < film.width <= 32_768 and 0 < film.height <= 32_768):
        raise UsageError("This file holds no moving picture. Give a video.")
    return film


def without_places(file: BinaryIO, film: Film) -> None:
    """Overwrite in place, in a file of our own, what tells where the film was taken."""
    for offset, length in film.places:
        file.seek(offset)
        for written in range(0, length, _LARGEST_READ):
            file.write(bytes(min(length - written, _LARGEST_READ)))
    for offset in film.names:
        file.seek(offset)
        file.write(b"free")


@dataclass(slots=True)
class _Box:
    name: bytes
    #: Of the box, of what is in it, and of its end.
    start: int
    body: int
    end: int

    @property
    def size(self) -> int:
        return self.end - self.body


class _Boxes:
    """Walks the boxes of an MP4 or MOV file."""

    def __init__(self, file: BinaryIO, size: int) -> None:
        self._file, self._size, self._seen = file, size, 0
        self._found = Film("video/quicktime")
        self._track: tuple[int, int] = (0, 0)
        #: Numbers of the ``keys`` that tell a place; the items of ``ilst`` are called by them.
        self._place_keys: set[int] = set()

    def film(self) -> Film:
        """The whole file's."""
        self._walk(0, self._size, inside=(), depth=0)
        return self._found

    def _walk(self, start: int, end: int, *, inside: tuple[bytes, ...], depth: int) -> None:
        for box in self._boxes(start, end):
            self._look(box, inside)
            if box.name in _CONTAINERS and depth < _DEEPEST:
                self._walk(self._first_inside(box), box.end, inside=(*inside, box.name), depth=depth + 1)

    def _boxes(self, start: int, end: int) -> Iterator[_Box]:
        while start + 8 <= end:
            self._seen += 1
            if self._seen > _MOST_BOXES:
                raise ValueError("too many boxes")
            length, name = struct.unpack(">I4s", self._read(start, 8))
            body = start + 8
            if length == 1:
                length, body = struct.unpack(">Q", self._read(body, 8))[0], start + 16
            stop = end if length == 0 else start + length
            if stop < body or stop > end:
                if name == b"mdat":  # the file is cut off, but what it says of itself was read
                    return
                if start + 8 == end or not any(name):  # padding at the end of a QuickTime list
                    return
                raise ValueError("a box is longer than what it lies in")
            yield _Box(name, start, body, stop)
            start = stop

    def _first_inside(self, box: _Box) -> int:
        """Where the boxes in a box begin: ``meta`` has four bytes before them in MP4, none in QuickTime."""
        if box.name != b"meta" or box.size < 8:
            return box.body
        return box.body if self._read(box.body + 4, 4) == b"hdlr" else box.body + 4

    def _look(self, box: _Box, inside: tuple[bytes, ...]) -> None:
        match box.name:
            case b"ftyp" if not inside:
                brand = self._read(box.body, 4)
                self._found.kind = "video/quicktime" if brand == b"qt  " else "video/mp4"
            case b"mvhd" if inside == (b"moov",):
                self._found.duration_ms = self._duration(box)
            case b"mehd" if inside == (b"moov", b"mvex") and not self._found.duration_ms:
                self._found.duration_ms = 0  # counted in a scale that fragments may change: not known
            case b"trak":
                self._track = (0, 0)
            case b"tkhd":
                self._track = self._size_of(box)
            case b"hdlr" if inside[-1:] == (b"mdia",) and self._read(box.body + 8, 4) == b"vide":
                width, height = self._track
                if width * height > self._found.width * self._found.height:
                    self._found.width, self._found.height = width, height
            case b"keys":
                self._place_keys = set(self._keys_of_places(box))
            case name if name in _PLACES or self._is_xmp(box):
                self._found.places.append((box.body, box.size))
                self._found.names.append(box.start + 4)
            case name if inside[-1:] == (b"ilst",) and int.from_bytes(name) in self._place_keys:
                # An item holds a box ``data``: its header of 16 bytes stays, so that players still read it.
                self._found.places.append((box.body + 16, max(0, box.size - 16)))

    def _is_xmp(self, box: _Box) -> bool:
        return box.name == b"uuid" and box.size >= 16 and self._read(box.body, 16) == _XMP

    def _duration(self, box: _Box) -> int:
        version = self._read(box.body, 1)[0]
        if version == 1:
            scale, length = struct.unpack(">IQ", self._read(box.body + 20, 12))
            unknown = 2**64 - 1
        else:
            scale, length = struct.unpack(">II", self._read(box.body + 12, 8))
            unknown = 2**32 - 1
        return 0 if not scale or length == unknown else round(length * 1000 / scale)

    def _size_of(self, box: _Box) -> tuple[int, int]:
        """Width and height of a track, turned as its matrix says."""
        version = self._read(box.body, 1)[0]
        matrix = box.body + (52 if version == 1 else 40)
        a, b, _, c, d = struct.unpack(">iiiii", self._read(matrix, 20))
        width, height = (value >> 16 for value in struct.unpack(">II", self._read(matrix + 36, 8)))
        return (height, width) if not a and not d and b and c else (width, height)

    def _keys_of_places(self, box: _Box) -> Iterator[int]:
        (count,) = struct.unpack(">I", self._read(box.body + 4, 4))
        at = box.body + 8
        for number in range(1, min(count, 1000) + 1):
            (length,) = struct.unpack(">I", self._read(at, 4))
            if length < 8 or at + length > box.end:
                return
            if b"location" in self._read(at + 8, min(length - 8, 400)).lower():
                yield number
            at += length

    def _read(self, start: int, size: int) -> bytes:
        self._file.seek(start)
        found = self._file.read(size)
        if len(found) < size:
            raise ValueError("the file ends too early")
        return found
