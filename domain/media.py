"""Files on posts: what is known of one, and what a platform takes."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any

#: Media types of pictures that can be kept and fitted.
PICTURES = frozenset({"image/jpeg", "image/png", "image/gif", "image/webp"})
#: Media types of videos that can be kept; they are sent as they are.
VIDEOS = frozenset({"video/mp4", "video/quicktime", "video/webm"})

#: How files of these kinds end in addresses.
ENDINGS = {kind: kind.removeprefix("image/") for kind in PICTURES} | {
    "video/mp4": "mp4",
    "video/quicktime": "mov",
    "video/webm": "webm",
}


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
    #: Of a video, in milliseconds; 0 while unknown, and for pictures.
    duration_ms: int = 0

    @property
    def is_video(self) -> bool:
        """Whether it is a moving picture with sound rather than a picture."""
        return self.media_type in VIDEOS

    def as_json(self) -> dict[str, Any]:
        """What a post's row keeps."""
        return {name: value for name, value in asdict(self).items() if value or name != "duration_ms"}


def attachment_from(stored: Mapping[str, Any]) -> Attachment:
    """The attachment that `Attachment.as_json` wrote."""
    return Attachment(**stored)


@dataclass(frozen=True, slots=True)
class VideoRules:
    """What a platform takes of videos."""

    #: Videos on one post.
    most: int
    #: Bytes of one.
    max_bytes: int
    #: Seconds of one; None: no limit of its own.
    max_seconds: float | None = None
    min_seconds: float = 0
    kinds: frozenset[str] = frozenset({"video/mp4"})
    #: Width by height; None: any.
    min_ratio: float | None = None
    max_ratio: float | None = None
    #: Code points of the text for people who do not see it; 0: the platform has none.
    max_alt: int | None = 0
    #: Whether pictures may stand beside it.
    with_pictures: bool = False


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
    return f"/m/{attachment.sha256}.{ENDINGS[attachment.media_type]}"
