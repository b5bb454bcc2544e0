"""Which picture stands for an entry."""

import re
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Final

from feeds.clean import resolve
from feeds.tags import tags

#: Pages that load their pictures late keep a placeholder (``data:``) in ``src``.
_SOURCES: Final = ("src", "data-src", "data-lazy-src", "data-original")
_IMAGE_FILE: Final = re.compile(r"\.(?:jpe?g|png|gif|webp|avif)(?:$|[?#])", re.IGNORECASE)
#: Hosts and paths of counting pixels, smileys and share buttons.
_NOT_A_PICTURE: Final = re.compile(
    r"(?:feeds\.feedburner\.com/~|feedsportal\.com|doubleclick\.net|/pixel[./]|pixel\.wp\.com|stats\.wp\.com"
    r"|b\.gif$|/count(?:er)?[./]|/track(?:er|ing)?[./?]|medium\.com/_/stat|feedblitz\.com|/smilies/|/emoji/|gravatar\.com|avatars\d*\.githubusercontent\.com)",
    re.IGNORECASE,
)
#: Images smaller than this on a side are icons or counters, pixels.
_SMALLEST: Final = 32


def choose(entry: Mapping[str, Any], markup: str, *, base: str | None) -> str | None:
    """The address of the best picture that feedparser's entry names; None when there is none.

    Order: media:content (default first, then the largest), media:thumbnail, an enclosure that is an image,
    the entry's own itunes:image, the first real ``<img>`` of the content.
    """
    candidates = [
        *_media_content(entry.get("media_content") or ()),
        *(item.get("url") for item in entry.get("media_thumbnail") or ()),
        *_enclosures(entry.get("links") or ()),
        (entry.get("image") or {}).get("href"),
    ]
    absolute = (resolve(url, base=base) for url in candidates)
    return next((url for url in absolute if url and is_picture(url)), None) or first_image(markup, base=base)


def is_picture(url: str) -> bool:
    """Whether an address is not known to be a counting pixel, a smiley or a share button."""
    return not _NOT_A_PICTURE.search(url)


def first_image(markup: str, *, base: str | None) -> str | None:
    """The first ``<img>`` that is neither tiny nor a counting pixel."""
    for tag in tags(markup, ("img",)):
        given = tag.attributes
        url = next((url for name in _SOURCES if (url := resolve(given.get(name), base=base))), None)
        sides = (given.get("width", ""), given.get("height", ""))
        if url and is_picture(url) and not any(_is_tiny(side) for side in sides):
            return url
    return None


def _media_content(items: Iterable[Mapping[str, Any]]) -> Sequence[str]:
    """Addresses of what is an image: by medium, by type, or by its file name when neither is given."""
    images = [item for item in items if item.get("url") and _is_image(item)]
    images.sort(key=lambda item: (item.get("isdefault") != "true", -_area(item)))
    return [str(item["url"]) for item in images]


def _enclosures(links: Iterable[Mapping[str, Any]]) -> Sequence[str]:
    return [
        str(link["href"])
        for link in links
        if link.get("rel") == "enclosure" and link.get("href") and _is_image(link)
    ]


def _is_image(item: Mapping[str, Any]) -> bool:
    medium, kind = item.get("medium"), item.get("type")
    if medium or kind:
        return medium == "image" or str(kind or "").lower().startswith("image/")
    return bool(_IMAGE_FILE.search(str(item.get("url") or item.get("href"))))


def _area(item: Mapping[str, Any]) -> int:
    width, height = (_number(item.get(side)) for side in ("width", "height"))
    return width * height or width or height


def _number(text: object) -> int:
    match = re.match(r"\d{1,6}", str(text or "").strip())
    return int(match[0]) if match else 0


def _is_tiny(side: str) -> bool:
    return side.strip()[:1].isdigit() and not side.strip().endswith("%") and _number(side) < _SMALLEST
