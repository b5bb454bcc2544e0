"""What a route puts around an entry's words: hashtags of its categories, and a picture with its words."""

import re
import unicodedata
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass, field
from typing import Any, Final
from urllib.parse import urlsplit

from domain.errors import UsageError
from domain.words import folded, in_word

#: Most hashtags of one post, and most categories that a route names.
MAX_TAGS: Final = 30
MAX_MAPPED: Final = 200
#: Where a picture may come from.
SOURCES: Final = ("entry", "content", "none")
#: Widest least width that may be asked for, in pixels.
MAX_WIDTH: Final = 10_000


@dataclass(frozen=True, slots=True)
class Tags:
    """How categories become hashtags."""

    #: Category → hashtag in its place; empty: none.
    instead: Mapping[str, str] = field(default_factory=dict)
    #: Hashtags of every post, first.
    always: tuple[str, ...] = ()
    #: Of one post, those of every post included.
    most: int = 10

    def checked(self) -> "Tags":
        """The tags as they can be stored. Raises `UsageError`."""
        if not 0 <= self.most <= MAX_TAGS:
            raise UsageError(f"A post has between 0 and {MAX_TAGS} hashtags; {self.most} is not.")
        if len(self.instead) > MAX_MAPPED or len(self.always) > MAX_TAGS:
            raise UsageError(f"A route names at most {MAX_MAPPED} categories and {MAX_TAGS} hashtags.")
        instead = {" ".join(name.split()): _tag(tag) for name, tag in self.instead.items() if name.split()}
        return Tags(instead, tuple(dict.fromkeys(filter(None, map(_tag, self.always)))), self.most)

    def of(self, categories: Iterable[str], *, said: str = "") -> list[str]:
        """The hashtags of an entry, each once in any letter case, without those that ``said`` holds."""
        instead = {folded(name): tag for name, tag in self.instead.items()}
        found = [*self.always, *(instead.get(folded(name), hashtag(name)) for name in categories)]
        fresh = {folded(tag): tag for tag in reversed(found) if tag}
        there = hashtags_in(said)
        ordered = dict.fromkeys(folded(tag) for tag in found if tag)
        return [fresh[key] for key in ordered if key not in there][: self.most]


@dataclass(frozen=True, slots=True)
class Picture:
    """Which picture a post shows."""

    #: ``entry``: the one that the feed gives it; ``content``: the first in its text; ``none``.
    source: str = "entry"
    #: A picture that the feed says to be narrower, in pixels, is not used; None: any.
    least_width: int | None = None
    #: Shown where the entry has none.
    fallback: str | None = None
    #: A template of the words for those who cannot see it, where the feed gives none.
    alt: str = ""

    def checked(self) -> "Picture":
        """The rule as it can be stored. Raises `UsageError`."""
        if self.source not in SOURCES:
            raise UsageError(f"Unknown picture {self.source!r}. Known: {', '.join(SOURCES)}.")
        if self.least_width is not None and not 1 <= self.least_width <= MAX_WIDTH:
            raise UsageError(
                f"The least width is between 1 and {MAX_WIDTH} pixels; {self.least_width} is not."
            )
        fallback = (self.fallback or "").strip() or None
        if fallback is not None and not _is_web(fallback):
            raise UsageError(
                f"The picture {fallback[:60]!r} cannot be shown: write an address with http:// or https://."
            )
        return Picture(self.source, self.least_width, fallback, self.alt.strip())


def _is_web(address: str) -> bool:
    try:
        parts = urlsplit(address)
    except ValueError:
        return False
    return parts.scheme in ("http", "https") and bool(parts.hostname) and len(address) <= 2048


def hashtag(category: str) -> str:
    """A category as one hashtag such as ``#WebDev``; empty when no platform would take it as one."""
    spaced = "".join(
        character if in_word(character) else " "
        for character in unicodedata.normalize("NFC", category)
        if character not in "'’\u00ad\u200b\u200c\u200d"
    )
    words = spaced.split()
    joined = "".join(words if len(words) == 1 else (word[:1].upper() + word[1:] for word in words))
    return f"#{joined}" if any(character.isalpha() for character in joined) else ""


def hashtags_in(text: str) -> frozenset[str]:
    """The hashtags that stand in a text, folded."""
    found = set()
    for match in re.finditer(r"(?<![\w&/])[#\uff03]", text):
        end = match.end()
        while end < len(text) and in_word(text[end]):
            end += 1
        found.add("#" + folded(text[match.end() : end]))
    return frozenset(found)


def _tag(text: str) -> str:
    """A hashtag as somebody typed it, with or without its sign."""
    tag = hashtag(text.strip().lstrip("#\uff03"))
    if text.strip() and not tag:
        raise UsageError(f"{text.strip()[:40]!r} is no hashtag: it needs a letter, such as #news.")
    if len(tag) > 100:
        raise UsageError(f"The hashtag {tag[:30]}… is longer than 100 characters: shorten it.")
    return tag


def tags_from(stored: Mapping[str, Any] | None) -> Tags:
    """The tags that `wording_json` wrote; None: categories as they are."""
    if stored is None:
        return Tags()
    # Sorted, since not every database keeps the order of names.
    return Tags(dict(sorted(stored["instead"].items())), tuple(stored["always"]), stored["most"])


def picture_from(stored: Mapping[str, Any] | None) -> Picture:
    """The rule that `wording_json` wrote; None: the entry's own picture."""
    return Picture(**stored) if stored is not None else Picture()


def wording_json(value: Tags | Picture) -> dict[str, Any] | None:
    """As a route's row keeps it; None: as it is where nothing was said."""
    if value == type(value)():
        return None
    kept = asdict(value)
    return kept | {"always": list(value.always)} if isinstance(value, Tags) else kept
