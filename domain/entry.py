"""An entry of a feed, and what makes two entries the same."""

from dataclasses import dataclass, field
from datetime import datetime
from enum import IntEnum


class KeyKind(IntEnum):
    """What an entry key was made from; stored as a number."""

    #: The raw guid or id, byte for byte as the feed spells it.
    GUID = 1
    #: The guid without scheme and host, so that a move of the feed changes nothing.
    GUID_PATH = 2
    #: The canonical link.
    LINK = 3
    #: A fingerprint of title and text, and of the date where the entry has a guid or link as well.
    TEXT = 4
    #: The canonical link without its host, where the guid is no address: hosts come and go.
    LINK_PATH = 5
    #: Guid and link together, where neither alone tells entries apart.
    GUID_AND_LINK = 6


@dataclass(frozen=True, slots=True)
class EntryKey:
    """One identity of an entry within its feed."""

    kind: KeyKind
    #: 16 bytes, BLAKE2b of kind and value.
    key: bytes


@dataclass(frozen=True, slots=True)
class Enclosure:
    """A file that an entry carries."""

    url: str
    kind: str | None = None  #: media type, such as ``audio/mpeg``
    length: int | None = None  #: bytes, as the feed claims


@dataclass(frozen=True, slots=True)
class Entry:
    """One item of a feed, cleaned, with every time in UTC."""

    #: Raw, exactly as in the document; None when the feed gives none.
    guid: str | None
    #: Absolute and as given; None when the entry has none.
    link: str | None
    #: Plain text, entities resolved, one line; the beginning of the text when the entry has none.
    title: str
    #: Cleaned HTML, safe to show.
    summary_html: str = ""
    content_html: str = ""
    #: Plain text of the content, else of the summary.
    text: str = ""
    authors: tuple[str, ...] = ()
    categories: tuple[str, ...] = ()
    published_at: datetime | None = None
    updated_at: datetime | None = None
    language: str | None = None
    image_url: str | None = None
    enclosures: tuple[Enclosure, ...] = ()
    keys: tuple[EntryKey, ...] = ()
    #: 16 bytes over title, link and text: changes when the author edits.
    digest: bytes = field(default=b"", repr=False)
