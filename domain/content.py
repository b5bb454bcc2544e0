"""What an author wants to say, what a platform takes, and what it answers."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any

from domain.media import Attachment, PictureRules, attachment_from
from domain.metrics import Metric

#: The exact body for one platform, JSON only; frozen before the first attempt.
Payload = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Card:
    """The preview of a link: what the linked page says of itself."""

    title: str = ""
    description: str = ""
    image_url: str | None = None
    image_alt: str = ""


@dataclass(frozen=True, slots=True)
class Content:
    """One post before any platform's rules."""

    text: str
    #: Absolute; already shortened or tagged when the route says so.
    link: str | None = None
    card: Card | None = None
    #: BCP 47, such as ``id``; None when unknown.
    language: str | None = None
    #: In the order in which they are shown.
    media: tuple[Attachment, ...] = ()


def content_json(content: Content) -> dict[str, Any]:
    """The content as the JSON that a post row keeps."""
    return {**asdict(content), "media": [one.as_json() for one in content.media]}


def content_from(stored: Mapping[str, Any]) -> Content:
    """The content that `content_json` wrote."""
    card = stored.get("card")
    return Content(
        text=stored["text"],
        link=stored.get("link"),
        card=Card(**card) if card else None,
        language=stored.get("language"),
        media=tuple(map(attachment_from, stored.get("media") or ())),
    )


class DeliveryClass(StrEnum):
    """How a lost answer is settled on a platform."""

    #: A second call with the same key changes nothing.
    NATIVE_KEY = "native_key"
    #: A container or upload can be asked how far it got.
    TWO_PHASE = "two_phase"
    #: Our own recent posts can be listed and compared.
    LIST_AND_MATCH = "list_and_match"
    #: Nobody can be asked: a person decides.
    AT_MOST_ONCE = "at_most_once"
    #: Published by our own database: there is no call whose answer could be lost.
    LOCAL = "local"


class Counting(StrEnum):
    """The unit in which a platform counts text."""

    GRAPHEMES = "graphemes"
    CODE_POINTS = "code_points"
    UTF16 = "utf16"
    BYTES = "bytes"


@dataclass(frozen=True, slots=True)
class Capabilities:
    """What a platform can do, so that nothing else needs to know its name."""

    delivery: DeliveryClass
    #: None: no limit of its own.
    max_characters: int | None = None
    counting: Counting = Counting.GRAPHEMES
    #: How long a native key makes a second call harmless; None: for ever.
    key_ttl: timedelta | None = None
    #: Metrics of a remote post that the platform supplies; a metric not named here is absent.
    post_metrics: frozenset[Metric] = frozenset()
    #: Metrics of the channel itself, such as followers.
    channel_metrics: frozenset[Metric] = frozenset()
    can_delete: bool = False
    #: None: the platform takes no pictures of a post's own.
    pictures: PictureRules | None = None
    #: Whether readers see the picture of a link's card as we give it.
    shows_pictures: bool = False


@dataclass(frozen=True, slots=True)
class Channel:
    """A channel as its publisher sees it; holds no secret."""

    id: int
    platform: str
    name: str
    #: Lower case, for addresses.
    slug: str
    #: What a person told us when connecting, such as the server's address; no secrets.
    settings: Mapping[str, Any] = field(default_factory=dict)
    #: Where this installation's public pages are reached, without a slash at the end.
    public_url: str = ""


@dataclass(frozen=True, slots=True)
class RemotePost:
    """What a platform created."""

    id: str
    url: str | None
    published_at: datetime


@dataclass(frozen=True, slots=True)
class Identity:
    """Who the credentials belong to, as the platform says after a harmless call."""

    name: str
    remote_id: str
    url: str | None = None
