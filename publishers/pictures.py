"""Fitting a picture to what a platform takes: size, shape, format, weight; nothing hidden goes along."""

import io
import warnings
from collections.abc import Iterator
from dataclasses import dataclass

from PIL import Image, ImageOps, UnidentifiedImageError

from domain.errors import UsageError
from domain.media import PICTURES, PictureRules

#: Pixels of a picture that is opened at all: 50 megapixels need 200 MB while they are worked on.
MAX_PIXELS = 50_000_000
_QUALITIES = (90, 82, 74, 66, 58, 50)
#: When no quality suffices, each further round has sides of this share.
_SMALLER = 0.8
_SMALLEST = 64
_FORMATS = {"JPEG": "image/jpeg", "PNG": "image/png", "GIF": "image/gif", "WEBP": "image/webp"}
_UNREADABLE = "This file is no picture that can be read. Give a JPEG, PNG, GIF or WebP file."


@dataclass(frozen=True, slots=True)
class Picture:
    """A picture ready to be sent, or to be kept."""

    body: bytes
    #: Media type.
    kind: str
    #: Pixels, as a viewer sees it.
    width: int
    height: int


def cleaned(body: bytes) -> Picture:
    """The picture, upright and without place, camera or other hidden words; untouched where it has none.

    Raises:
        UsageError: it is no picture, a broken one, or one of more than `MAX_PIXELS`.
    """
    image = _opened(body)
    kind = _FORMATS[str(image.format)]
    if _is_moving(image) or not _hides_something(image):
        return Picture(body, kind, *image.size)
    upright = _upright(image)
    if kind == "image/jpeg":
        body = _written(upright, "JPEG", quality=95, optimize=True)
    else:
        body = _written(upright, "WEBP" if kind == "image/webp" else "PNG")
        kind = "image/webp" if kind == "image/webp" else "image/png"
    return Picture(body, kind, *upright.size)


def fitted(body: bytes, rules: PictureRules) -> Picture:
    """The picture within the rules, turned upright, without place, camera or other hidden words.

    What fits as it is stays as it is. A picture too wide or too tall for the platform gets margins; nothing
    of it is cut off. A moving one that does not fit becomes its first frame. The same bytes give the same.

    Raises:
        UsageError: it cannot be read, or made small enough.
    """
    image = _opened(body)
    kind = _FORMATS[str(image.format)]
    as_it_is = kind in rules.kinds and len(body) <= rules.max_bytes and _has_size(image, rules)
    if as_it_is and (_is_moving(image) or not _hides_something(image)):
        return Picture(body, kind, *image.size)
    return _encoded(_shaped(_upright(image), rules), rules)


def _is_moving(image: Image.Image) -> bool:
    return getattr(image, "n_frames", 1) > 1


def _hides_something(image: Image.Image) -> bool:
    words = {"xmp", "XML:com.adobe.xmp", "photoshop", "comment", "exif", "Comment", "Raw profile type exif"}
    return bool(image.getexif()) or not words.isdisjoint(image.info) or bool(getattr(image, "text", None))


def _opened(body: bytes) -> Image.Image:
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("error", Image.DecompressionBombWarning)
            image = Image.open(io.BytesIO(body), formats=tuple(_FORMATS))
            if image.width * image.height > MAX_PIXELS:
                raise UsageError(
                    f"The picture has {image.width} by {image.height} pixels: give one of at most "
                    f"{MAX_PIXELS // 1_000_000} million."
                )
            image.load()
    except UsageError:
        raise
    except (UnidentifiedImageError, Image.DecompressionBombError, Image.DecompressionBombWarning) as exc:
        raise UsageError(_UNREADABLE) from exc
    except (OSError, ValueError, SyntaxError, EOFError, IndexError, OverflowError, MemoryError) as exc:
        raise UsageError(_UNREADABLE) from exc
    return image


def _upright(image: Image.Image) -> Image.Image:
    turned = ImageOps.exif_transpose(image)
    has_alpha = turned.mode in ("RGBA", "LA", "PA") or "transparency" in turned.info
    return turned.convert("RGBA" if has_alpha else "RGB")


def _has_size(image: Image.Image, rules: PictureRules) -> bool:
    ratio = image.width / image.height
    return (
        (rules.max_side is None or max(image.size) <= rules.max_side)
        and (rules.min_ratio is None or ratio >= rules.min_ratio)
        and (rules.max_ratio is None or ratio <= rules.max_ratio)
    )


def _shaped(image: Image.Image, rules: PictureRules) -> Image.Image:
    """With margins where the shape asks for them, and small enough."""
    width, height = image.size
    if rules.min_ratio is not None and width / height < rules.min_ratio:
        width = -int(-height * rules.min_ratio // 1)
    elif rules.max_ratio is not None and width / height > rules.max_ratio:
        height = -int(-width / rules.max_ratio // 1)
    if (width, height) != image.size:
        paper = Image.new(image.mode, (width, height), (255,) * len(image.getbands()))
        paper.paste(image, ((width - image.width) // 2, (height - image.height) // 2))
        paper.info = image.info
        image = paper
    if rules.max_side is not None and max(image.size) > rules.max_side:
        return _scaled(image, rules.max_side / max(image.size))
    return image


def _scaled(image: Image.Image, share: float) -> Image.Image:
    size = (max(1, round(image.width * share)), max(1, round(image.height * share)))
    return image.resize(size, Image.Resampling.LANCZOS)


def _encoded(image: Image.Image, rules: PictureRules) -> Picture:
    while True:
        for kind, body in _encodings(image, rules.kinds):
            if len(body) <= rules.max_bytes:
                return Picture(body, kind, *image.size)
        if max(image.size) * _SMALLER < _SMALLEST:
            raise UsageError(f"The picture cannot be made smaller than {rules.max_bytes:,} bytes.")
        image = _scaled(image, _SMALLER)


def _encodings(image: Image.Image, kinds: frozenset[str]) -> Iterator[tuple[str, bytes]]:
    """Ever lighter files of the same picture: lossless for what is see-through or has few colours."""
    see_through = image.mode == "RGBA" and image.getchannel("A").getextrema() != (255, 255)
    few_colours = image.convert("RGB").getcolors(256) is not None
    if "image/png" in kinds and (see_through or few_colours or "image/jpeg" not in kinds):
        yield "image/png", _written(image, "PNG", optimize=True)
    if "image/jpeg" not in kinds:
        return
    on_white = image
    if image.mode == "RGBA":
        on_white = Image.new("RGB", image.size, (255, 255, 255))
        on_white.paste(image, mask=image.getchannel("A"))
        on_white.info = image.info
    for quality in _QUALITIES:
        yield "image/jpeg", _written(on_white, "JPEG", quality=quality, optimize=True, progressive=True)


def _written(image: Image.Image, form: str, **options: object) -> bytes:
    out = io.BytesIO()
    # The colour profile stays: without it the colours of many phones look pale.
    image.save(out, form, exif=b"", icc_profile=image.info.get("icc_profile"), **options)
    return out.getvalue()


assert set(_FORMATS.values()) == PICTURES
