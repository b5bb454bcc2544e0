"""Pictures are fitted to what a platform takes, and nothing hidden goes along."""

import contextlib
import io

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image

from domain.errors import UsageError
from domain.media import PictureRules
from publishers.pictures import cleaned, fitted
from tests.pictures import located, picture

ANY = PictureRules(most=4, max_bytes=10**7)


def opened(body: bytes) -> Image.Image:
    return Image.open(io.BytesIO(body))


def test_what_fits_stays_as_it_is() -> None:
    body = picture()

    assert fitted(body, ANY).body == body
    assert cleaned(body).body == body


@pytest.mark.parametrize("made", [cleaned(located()), fitted(located(), ANY)], ids=["kept", "sent"])
def test_a_photo_is_turned_upright_and_loses_its_place_and_camera(made: object) -> None:
    body = getattr(made, "body")  # noqa: B009

    image = opened(body)
    assert image.size == (40, 60)
    assert not image.getexif()
    assert b"SECRET" not in body


def test_hidden_words_of_a_png_go() -> None:
    from PIL.PngImagePlugin import PngInfo

    words = PngInfo()
    words.add_text("Comment", "SECRET PLACE")
    body = picture(form="PNG", pnginfo=words)

    assert b"SECRET" in body
    assert b"SECRET" not in cleaned(body).body


sizes = st.integers(1, 900)


@settings(max_examples=60, deadline=None)
@given(
    sizes,
    sizes,
    st.sampled_from(["JPEG", "PNG", "GIF", "WEBP"]),
    st.builds(
        PictureRules,
        most=st.just(4),
        max_bytes=st.sampled_from([30_000, 200_000, 10**7]),
        kinds=st.sampled_from([frozenset({"image/jpeg"}), frozenset({"image/jpeg", "image/png"})]),
        max_side=st.sampled_from([None, 100, 640]),
        min_ratio=st.sampled_from([None, 0.8]),
        max_ratio=st.sampled_from([None, 1.91]),
    ),
)
def test_whatever_comes_is_within_the_rules(width: int, height: int, form: str, rules: PictureRules) -> None:
    made = fitted(picture(width, height, form=form, noisy=True), rules)

    image = opened(made.body)
    assert image.size == (made.width, made.height)
    assert made.kind in rules.kinds
    assert len(made.body) <= rules.max_bytes
    assert rules.max_side is None or max(image.size) <= rules.max_side
    # A pixel of rounding is allowed where a side is small.
    assert rules.min_ratio is None or (made.width + 1) / made.height >= rules.min_ratio
    assert rules.max_ratio is None or made.width / (made.height + 1) <= rules.max_ratio


def test_margins_are_added_and_nothing_is_cut_off() -> None:
    made = fitted(picture(400, 100), PictureRules(most=1, max_bytes=10**7, max_ratio=2.0))

    image = opened(made.body).convert("RGB")
    assert image.size == (400, 200)
    assert image.getpixel((200, 5)) == (255, 255, 255)
    assert image.getpixel((200, 100))[0] > 180  # type: ignore[index]


def test_what_is_see_through_gets_white_where_the_platform_takes_no_png() -> None:
    out = io.BytesIO()
    Image.new("RGBA", (50, 50), (255, 0, 0, 0)).save(out, "PNG")

    made = fitted(out.getvalue(), PictureRules(most=1, max_bytes=10**6, kinds=frozenset({"image/jpeg"})))

    assert opened(made.body).getpixel((20, 20)) == (255, 255, 255)


def test_a_moving_picture_stays_moving_where_it_fits() -> None:
    frames = [Image.new("RGB", (40, 40), (shade, 0, 0)) for shade in (0, 90, 180)]
    out = io.BytesIO()
    frames[0].save(out, "GIF", save_all=True, append_images=frames[1:])

    assert fitted(out.getvalue(), ANY).body == out.getvalue()
    still = fitted(out.getvalue(), PictureRules(most=1, max_bytes=10**6, kinds=frozenset({"image/jpeg"})))
    assert still.kind == "image/jpeg"


def test_the_same_bytes_give_the_same_bytes() -> None:
    rules = PictureRules(most=1, max_bytes=40_000, max_side=300)
    body = picture(900, 700, noisy=True)

    assert fitted(body, rules) == fitted(body, rules)


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"GIF8",
        b"%PDF-1.4",
        picture()[:200],
        b"<svg xmlns='http://www.w3.org/2000/svg'/>",
        b"\x89PNG\r\n\x1a\n1",
    ],
)
def test_what_is_no_picture_is_refused_in_words(body: bytes) -> None:
    with pytest.raises(UsageError, match="no picture that can be read"):
        cleaned(body)


def test_a_picture_that_would_fill_the_memory_is_refused_before_it_is_opened() -> None:
    out = io.BytesIO()
    Image.new("1", (20_000, 20_000)).save(out, "PNG")

    with pytest.raises(UsageError, match=r"pixels|no picture"):
        fitted(out.getvalue(), ANY)


@settings(max_examples=150, deadline=None)
@given(st.binary(max_size=300), st.integers(0, 600), st.sampled_from(["JPEG", "PNG", "GIF", "WEBP"]))
def test_damage_never_breaks_the_program(noise: bytes, at: int, form: str) -> None:
    whole = picture(form=form)
    damaged = whole[:at] + noise + whole[at + len(noise) :]

    with contextlib.suppress(UsageError):
        assert fitted(damaged, ANY).kind in ANY.kinds
