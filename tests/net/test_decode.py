"""Content codings: undone within a cap, and bodies that are not what their header says."""

import gzip
import random
import tracemalloc
import zlib
from typing import Any

import pytest

from net.decode import ACCEPTED, BrokenCoding, CapReached, decode

MIB = 2**20
TEXT = b"<rss>" + b"hello " * 9999


def packed(coding: str, body: bytes) -> bytes:
    """The body in a coding; skips where this installation cannot make it."""
    match coding:
        case "gzip":
            return gzip.compress(body)
        case "deflate":
            return zlib.compress(body)
        case "br":
            brotli: Any = pytest.importorskip("brotli")
            return bytes(brotli.compress(body, quality=5))
        case _:
            zstd: Any = pytest.importorskip("backports.zstd")
            return bytes(zstd.compress(body))


CODINGS = pytest.mark.parametrize("coding", ["gzip", "deflate", "br", "zstd"])


@CODINGS
def test_a_coding_is_asked_for_and_undone(coding: str) -> None:
    noise = random.Random(1).randbytes(300_000)

    for body in (TEXT, noise, b"x"):
        assert decode([packed(coding, body)], coding, max_bytes=MIB) == body
        assert decode(chunks(packed(coding, body)), coding.upper(), max_bytes=MIB) == body
    assert coding in ACCEPTED.split(", ")


def chunks(body: bytes) -> list[bytes]:
    return [body[start : start + 999] for start in range(0, len(body), 999)]


@CODINGS
def test_a_bomb_never_becomes_a_large_object(coding: str) -> None:
    bomb = packed(coding, bytes(120 * MIB))
    tracemalloc.start()
    try:
        with pytest.raises(CapReached):
            decode([bomb], coding, max_bytes=4 * MIB)
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()

    assert peak < 12 * MIB


@CODINGS
def test_the_cap_is_exact(coding: str) -> None:
    body = packed(coding, bytes(MIB))

    assert len(decode([body], coding, max_bytes=MIB)) == MIB
    with pytest.raises(CapReached):
        decode([body], coding, max_bytes=MIB - 1)


@CODINGS
def test_a_body_that_breaks_off_is_no_body(coding: str) -> None:
    whole = packed(coding, random.Random(1).randbytes(200_000))

    for cut in (len(whole) // 2, len(whole) - 1):
        with pytest.raises(BrokenCoding, match="breaks off"):
            decode([whole[:cut]], coding, max_bytes=MIB)


@CODINGS
def test_a_damaged_body_is_no_body(coding: str) -> None:
    whole = packed(coding, TEXT)

    with pytest.raises(BrokenCoding, match=r"damaged|breaks off"):
        decode([whole[:20] + b"\xff" * 40 + whole[60:]], coding, max_bytes=MIB)


@CODINGS
def test_a_header_that_lies_is_not_believed(coding: str) -> None:
    packed(coding, b"")
    for body in (TEXT, b"  \n<rss/>", b'{"version": 1}', b"\xef\xbb\xbf<rss/>"):
        assert decode([body], coding, max_bytes=MIB) == body
    assert decode([gzip.compress(TEXT)], coding, max_bytes=MIB) == TEXT
    assert decode([], coding, max_bytes=MIB) == b""


def test_zstd_frames_may_follow_each_other_and_be_padded() -> None:
    two = packed("zstd", b"one ") + packed("zstd", b"two") + bytes(50)

    assert decode([two], "zstd", max_bytes=MIB) == b"one two"


def test_a_zstd_window_larger_than_http_allows_is_refused() -> None:
    zstd: Any = pytest.importorskip("backports.zstd")
    options = {zstd.CompressionParameter.window_log: 27, zstd.CompressionParameter.compression_level: 1}
    compressor = zstd.ZstdCompressor(options=options)  # without the length, a frame keeps its window
    frame = compressor.compress(bytes(MIB)) + compressor.flush()

    with pytest.raises(BrokenCoding, match="damaged"):
        decode([frame], "zstd", max_bytes=4 * MIB)


@pytest.mark.parametrize("coding", ["gzip", "zstd"])
def test_a_body_in_a_million_pieces_is_refused(coding: str) -> None:
    with pytest.raises(BrokenCoding, match="1000 pieces"):
        decode([packed(coding, b"") * 20_000], coding, max_bytes=MIB)


@pytest.mark.parametrize("coding", ["compress", "gzip, br", "exi", "sdch"])
def test_what_was_not_asked_for_is_named(coding: str) -> None:
    with pytest.raises(BrokenCoding, match=f"'{coding}', which was not asked for"):
        decode([b"x"], coding, max_bytes=MIB)


def test_no_coding_at_all_is_the_body_itself() -> None:
    for coding in ("", "identity", " , "):
        assert decode([b"a", b"b"], coding, max_bytes=2) == b"ab"
    with pytest.raises(CapReached):
        decode([b"a", b"b"], "", max_bytes=1)
