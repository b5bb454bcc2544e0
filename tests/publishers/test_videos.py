"""What video files say of themselves, and the place taken out of them."""

import io

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.errors import UsageError
from publishers.videos import Film, probe, without_places
from tests.films import box, film, handler, webm

PLACE = b"-06.1754+106.8272/"


def read(body: bytes) -> Film:
    return probe(io.BytesIO(body), len(body))


@pytest.mark.parametrize(
    ("body", "kind", "size", "length"),
    [
        (film(), "video/mp4", (1080, 1920), 12_500),
        (film(version=1), "video/mp4", (1080, 1920), 12_500),
        (film(brand=b"qt  "), "video/quicktime", (1080, 1920), 12_500),
        (film(1080, 1920, turned=True), "video/mp4", (1080, 1920), 12_500),
        (webm(), "video/webm", (640, 360), 3_250),
    ],
)
def test_a_video_says_its_kind_its_size_as_seen_and_its_length(
    body: bytes, kind: str, size: tuple[int, int], length: int
) -> None:
    found = read(body)

    assert (found.kind, (found.width, found.height), found.duration_ms) == (kind, size, length)
    assert (found.places, found.names) == ([], [])


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"hello",
        b"\x89PNG\r\n\x1a\n" + bytes(50),
        b"\x1a\x45\xdf\xa3",
        film()[:60],
        box(b"ftyp", b"isom", bytes(4)),
        box(b"ftyp", b"isom", bytes(4)) + box(b"moov", box(b"trak", box(b"mdia", handler(b"soun")))),
        box(b"ftyp", b"isom", bytes(4)) + box(b"free") * 30_000,
        box(b"ftyp", b"isom", bytes(4)) + b"\x7f\xff\xff\xffmoov",
        webm().replace(b"webm", b"mkv\0"),
    ],
)
def test_what_is_no_video_is_refused_in_a_sentence(body: bytes) -> None:
    with pytest.raises(UsageError, match=r"\.$"):
        read(body)


@given(st.data())
def test_no_broken_file_breaks_the_reader(data: st.DataObject) -> None:
    body = bytearray(data.draw(st.sampled_from([film(place=PLACE), webm()])))
    for _ in range(data.draw(st.integers(1, 6))):
        body[data.draw(st.integers(0, len(body) - 1))] = data.draw(st.integers(0, 255))
    del body[data.draw(st.integers(1, len(body))) :]
    try:
        found = read(bytes(body))
    except UsageError:
        return
    assert found.width > 0
    assert found.duration_ms >= 0
    copy = io.BytesIO(body)
    without_places(copy, found)
    assert len(copy.getvalue()) == len(body)


def test_the_place_is_taken_out_and_nothing_else_moves() -> None:
    body = film(place=PLACE)
    assert body.count(PLACE) == 4
    copy, found = io.BytesIO(body), read(body)

    without_places(copy, found)

    after = copy.getvalue()
    assert PLACE not in after
    assert len(after) == len(body)
    assert b"Maker" in after
    again = read(after)
    assert (again.width, again.height, again.duration_ms) == (found.width, found.height, found.duration_ms)
    assert after.endswith(b"\x5a" * 1000)
