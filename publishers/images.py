"""Pictures from outside, fetched for an upload: bounded, and judged by their bytes, not by their word."""

from dataclasses import dataclass
from datetime import timedelta

import httpx

from domain.errors import FetchError, UsageError
from domain.media import PictureRules
from net.client import read

#: First bytes of the kinds that every platform shows.
_KINDS = ((b"\x89PNG\r\n\x1a\n", "image/png"), (b"\xff\xd8\xff", "image/jpeg"), (b"GIF8", "image/gif"))


#: Bytes of a picture that is fetched to be made smaller.
_LARGEST = 12 * 2**20


@dataclass(frozen=True, slots=True)
class Image:
    """A picture and its media type."""

    body: bytes
    kind: str


def fetch_image(http: httpx.Client, url: str, *, max_bytes: int, deadline: timedelta) -> Image | None:
    """The picture at an address; None when there is none to be had within the bounds."""
    try:
        answer = read(http, url, deadline=deadline, max_bytes=max_bytes, headers={"Accept": "image/*"})
    except FetchError:
        return None
    kind = kind_of(answer.body)
    return Image(answer.body, kind) if answer.status == 200 and kind else None


def fetch_thumbnail(
    http: httpx.Client, url: str, rules: PictureRules, *, deadline: timedelta
) -> Image | None:
    """The picture at an address, made smaller where the rules ask for it; None as `fetch_image`."""
    image = fetch_image(http, url, max_bytes=_LARGEST, deadline=deadline)
    if image is None or (image.kind in rules.kinds and len(image.body) <= rules.max_bytes):
        return image
    from publishers.pictures import fitted

    try:
        small = fitted(image.body, rules)
    except UsageError:
        return None
    return Image(small.body, small.kind)


def kind_of(body: bytes) -> str | None:
    """The media type that the first bytes tell; None when they are no PNG, JPEG, GIF or WebP."""
    if body[:4] == b"RIFF" and body[8:12] == b"WEBP":
        return "image/webp"
    return next((kind for magic, kind in _KINDS if body.startswith(magic)), None)
