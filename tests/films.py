"""Videos for tests, made here box by box: they say what a player asks for, and hold no film."""

import struct


def box(name: bytes, *inside: bytes) -> bytes:
    """One box of an MP4 or MOV file."""
    body = b"".join(inside)
    return struct.pack(">I4s", len(body) + 8, name) + body


def film(
    width: int = 1080,
    height: int = 1920,
    *,
    seconds: float = 12.5,
    brand: bytes = b"isom",
    turned: bool = False,
    place: bytes = b"",
    film_bytes: int = 1000,
    version: int = 0,
) -> bytes:
    """An MP4 file; ``turned`` lies on its side, ``place`` is said in every place that phones use."""
    long = version == 1
    scale, length = 600, round(seconds * 600)
    times = struct.pack(">QQIQ" if long else ">IIII", 0, 0, scale, length)
    mvhd = box(b"mvhd", bytes([version, 0, 0, 0]), times, bytes(80))
    matrix = (
        (0, 65536, 0, -65536, 0, 0, 0, 0, 1 << 30) if turned else (65536, 0, 0, 0, 65536, 0, 0, 0, 1 << 30)
    )
    sides = (height, width) if turned else (width, height)
    head = bytes(32 if long else 20) + bytes(16)
    tkhd = box(
        b"tkhd",
        bytes([version, 0, 0, 0]),
        head,
        struct.pack(">9i", *matrix),
        struct.pack(">II", *(side << 16 for side in sides)),
    )
    sound = box(b"trak", box(b"tkhd", bytes(4 + 20 + 16 + 36 + 8)), box(b"mdia", handler(b"soun")))
    track = box(b"trak", tkhd, box(b"mdia", handler(b"vide")))
    return b"".join(
        [
            box(b"ftyp", brand, bytes(4)),
            box(b"moov", mvhd, sound, track, *(said_places(place) if place else ())),
            box(b"mdat", b"\x5a" * film_bytes),
        ]
    )


def handler(kind: bytes) -> bytes:
    """What a track holds: ``vide`` or ``soun``."""
    return box(b"hdlr", bytes(8), kind, bytes(13))


def said_places(place: bytes) -> list[bytes]:
    """The place as Android, 3GPP, iPhones and editors write it."""
    key = box(b"mdta", b"com.apple.quicktime.location.ISO6709")
    other = box(b"mdta", b"com.apple.quicktime.make")
    keys = box(b"keys", bytes(4), struct.pack(">I", 2), other, key)
    item = box(b"data", struct.pack(">II", 1, 0), place)
    make = box(b"data", struct.pack(">II", 1, 0), b"Maker")
    ilst = box(b"ilst", box(struct.pack(">I", 1), make), box(struct.pack(">I", 2), item))
    return [
        box(
            b"udta", box(b"\xa9xyz", struct.pack(">HH", len(place), 0), place), box(b"loci", bytes(6), place)
        ),
        box(b"meta", box(b"hdlr", bytes(8), b"mdta", bytes(13)), keys, ilst),
        box(b"uuid", bytes.fromhex("be7acfcb97a942e89c71999491e3afac"), b"<xmp>" + place + b"</xmp>"),
    ]


def element(name: int, body: bytes) -> bytes:
    """One element of a WebM file."""
    return name.to_bytes((name.bit_length() + 7) // 8) + (len(body) | 1 << 56).to_bytes(8) + body


def webm(width: int = 640, height: int = 360, *, seconds: float = 3.25) -> bytes:
    """A WebM file."""
    info = element(
        0x1549A966,
        element(0x2AD7B1, (1_000_000).to_bytes(3)) + element(0x4489, struct.pack(">d", seconds * 1000)),
    )
    sides = element(0xB0, width.to_bytes(2)) + element(0xBA, height.to_bytes(2))
    tracks = element(0x1654AE6B, element(0xAE, element(0x83, b"\x01") + element(0xE0, sides)))
    head = element(0x1A45DFA3, element(0x4282, b"webm"))
    return head + element(0x18538067, info + tracks + element(0x1F43B675, bytes(500)))
