"""Pictures for tests, made here."""

import io
from hashlib import sha256
from typing import Any

import numpy
from PIL import Image

from domain.errors import Rejected
from domain.media import Attachment


def picture(
    width: int = 60, height: int = 40, *, form: str = "JPEG", noisy: bool = False, **options: Any
) -> bytes:
    """A file with a plain picture, or one of noise, which no format makes small."""
    if noisy:
        pixels = numpy.random.default_rng(1).integers(0, 255, (height, width, 3), dtype="uint8")
        image = Image.fromarray(pixels)
    else:
        image = Image.new("RGB", (width, height), (200, 40, 10))
    out = io.BytesIO()
    image.save(out, form, **options)
    return out.getvalue()


def located(width: int = 60, height: int = 40) -> bytes:
    """A photo that lies on its side, with its place and camera in hidden words."""
    exif = Image.Exif()
    exif[0x0112] = 6  # turn by a quarter
    exif[0x010F] = "SECRET CAMERA"
    exif[0x8825] = {1: "S", 2: (6.0, 10.0, 30.0), 3: "E", 4: (106.0, 49.0, 0.0)}
    return picture(width, height, exif=exif)


class Folder:
    """Files of posts, for adapters."""

    def __init__(self, *bodies: bytes) -> None:
        self.bodies = {sha256(body).hexdigest(): body for body in bodies}

    def read(self, attachment: Attachment) -> bytes:
        """The whole file."""
        try:
            return self.bodies[attachment.sha256]
        except KeyError:
            raise Rejected("The file of this post is not there any more: add it again.") from None

    def part(self, attachment: Attachment, start: int, size: int) -> bytes:
        return self.read(attachment)[start : start + size]

    def attachments(self, *alts: str) -> tuple[Attachment, ...]:
        """All files, in order, with these descriptions."""
        texts = [*alts, *[""] * len(self.bodies)]
        return tuple(
            Attachment(sha256=name, media_type="image/jpeg", size=len(body), width=60, height=40, alt=alt)
            for (name, body), alt in zip(self.bodies.items(), texts, strict=False)
        )
