"""What an author wants to say, what a platform takes, and what it answers."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from datetime import date, datetime, timedelta
from enum import StrEnum
from typing import Any

from domain.media import Attachment, PictureRules, VideoRules, attachment_from
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
class Poll:
    """A question's answers; the question is the post's text."""

    options: tuple[str, ...]
    #: How long people may vote.
    minutes: int = 24 * 60
    #: Whether one person may choose several.
    multiple: bool = False


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
    #: For platforms that have one: a blog's headline, a video's name, a mail's subject.
    title: str | None = None
    #: What follows the text as replies to it, in order, where the platform has threads.
    thread: tuple[str, ...] = ()
    poll: Poll | None = None
    #: Written below the post by its own author, where the platform offers it.
    first_comment: str | None = None


#: Kept only where a post has them, so that rows from before they existed read the same.
_LATER = ("title", "thread", "poll", "first_comment")


def content_json(content: Content) -> dict[str, Any]:
    """The content as the JSON that a post row keeps."""
    whole = {**asdict(content), "media": [one.as_json() for one in content.media]}
    return {name: value for name, value in whole.items() if value or name not in _LATER}


def content_from(stored: Mapping[str, Any]) -> Content:
    """The content that `content_json` wrote."""
    card, poll = stored.get("card"), stored.get("poll")
    return Content(
        text=stored["text"],
        link=stored.get("link"),
        card=Card(**card) if card else None,
        language=stored.get("language"),
        media=tuple(map(attachment_from, stored.get("media") or ())),
        title=stored.get("title"),
        thread=tuple(stored.get("thread") or ()),
        poll=Poll(tuple(poll["options"]), poll["minutes"], poll["multiple"]) if poll else None,
        first_comment=stored.get("first_comment"),
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


class Proof(StrEnum):
    """How it was shown that an adapter does what the platform expects."""

    REAL_SERVER = "real_server"
    #: Requests are checked against the platform's own machine-readable description.
    OFFICIAL_CONTRACT = "official_contract"
    #: A server that others made to stand in for the platform's own.
    STAND_IN = "stand_in"
    #: Only against our own imitation of the platform, made from its documentation.
    FAKE = "fake"


@dataclass(frozen=True, slots=True)
class PollRules:
    """What a platform takes of polls."""

    #: Answers at most; at least two are always asked for.
    most: int
    #: Code points of one answer.
    max_option: int
    min_minutes: int = 5
    max_minutes: int = 7 * 24 * 60
    multiple: bool = False
    #: Whether pictures or a video may stand beside it.
    with_media: bool = False


class Call(StrEnum):
    """What is counted or paid for."""

    POST = "post"
    POST_WITH_LINK = "post_with_link"
    READ = "read"


@dataclass(frozen=True, slots=True)
class Budget:
    """So many calls in so much time, as the platform's documentation states."""

    call: Call
    most: int
    every: timedelta
    #: Whether all channels of this installation share it, as limits of an application do.
    shared: bool = False


@dataclass(frozen=True, slots=True)
class Price:
    """What the platform takes for one call, as published at a date."""

    call: Call
    #: Millionths of the currency's unit: 15,000 is $0.015.
    micros: int
    currency: str
    since: date


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
    #: Whether the text of a post can be changed after it is public.
    can_edit: bool = False
    #: None: the platform takes no pictures of a post's own.
    pictures: PictureRules | None = None
    #: Whether readers see the picture of a link's card as we give it.
    shows_pictures: bool = False
    #: None: no videos of a post's own.
    videos: VideoRules | None = None
    #: Whether nothing can be posted without a picture or video.
    needs_media: bool = False
    #: Code points of a title; None: posts have none here.
    max_title: int | None = None
    needs_title: bool = False
    #: Parts of a thread at most, the post itself included; 1: no threads.
    max_thread: int = 1
    #: None: no polls.
    polls: PollRules | None = None
    #: Whether it refuses a text that the channel has posted before.
    refuses_repeats: bool = False
    #: Whether a comment of our own can be put below the post.
    first_comment: bool = False
    budgets: tuple[Budget, ...] = ()
    prices: tuple[Price, ...] = ()
    proof: Proof = Proof.FAKE


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
    #: What a person should know though it went well, such as a first comment that was refused.
    note: str | None = None


@dataclass(frozen=True, slots=True)
class NativePost:
    """A post that the channel's owner has on the platform, whoever sent it; replies are none."""

    id: str
    url: str | None
    #: UTC.
    published_at: datetime
    #: As readers see it, without markup.
    text: str
    link: str | None = None


@dataclass(frozen=True, slots=True)
class Identity:
    """Who the credentials belong to, as the platform says after a harmless call."""

    name: str
    remote_id: str
    url: str | None = None
