"""Files on posts: what is known of one, and what a platform takes."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any

#: Media types of pictures that can be kept and fitted.
PICTURES = frozenset({"image/jpeg", "image/png", "image/gif", "image/webp"})


@dataclass(frozen=True, slots=True)
class Attachment:
    """A file that goes with a post: one of our own, by what it holds, or a picture elsewhere, by address."""

    #: SHA-256 of the file's bytes, hex; empty for a picture elsewhere.
    sha256: str = ""
    #: Where a picture elsewhere is fetched when the post goes out.
    url: str | None = None
    #: Such as ``image/jpeg``; empty while unknown.
    media_type: str = ""
    #: Bytes; 0 while unknown.
    size: int = 0
    #: Pixels, as a viewer sees it; 0 while unknown.
    width: int = 0
    height: int = 0
    #: What it shows, for people who do not see it.
    alt: str = ""

    def as_json(self) -> dict[str, Any]:
        """What a post's row keeps."""
        return asdict(self)


def attachment_from(stored: Mapping[str, Any]) -> Attachment:
    """The attachment that `Attachment.as_json` wrote."""
    return Attachment(**stored)


@dataclass(frozen=True, slots=True)
class PictureRules:
    """What a platform takes of pictures."""

    #: Pictures on one post.
    most: int
    #: Bytes of one.
    max_bytes: int
    kinds: frozenset[str] = PICTURES
    #: Pixels of the longer side; None: no limit of its own.
    max_side: int | None = None
    #: Width by height; None: any.
    min_ratio: float | None = None
    max_ratio: float | None = None
    #: Code points of the text for people who do not see it; None: no limit; 0: the platform has none.
    max_alt: int | None = None


def media_path(attachment: Attachment) -> str:
    """Where one of our own files is served once a post with it goes out, below the public address."""
    return f"/m/{attachment.sha256}.{attachment.media_type.removeprefix('image/')}"
