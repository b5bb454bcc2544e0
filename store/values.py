"""Which published posts a question is about."""

from dataclasses import dataclass
from datetime import datetime

from domain.post import Sender
from domain.post_filters import Origin
from domain.rules import Kind

#: Among authors: no person, automation made the post.
AUTOMATION = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class PostScope:
    """Which published posts of a workspace are meant."""

    workspace_id: int
    channel_ids: frozenset[int]
    #: Channels among them whose posts Tabuh serves itself.
    local_ids: frozenset[int] = frozenset()
    route_id: int | None = None
    feed_id: int | None = None

    @property
    def whole_channels(self) -> bool:
        """Whether all posts of the channels are meant."""
        return self.route_id is None and self.feed_id is None


@dataclass(frozen=True, slots=True, kw_only=True)
class Filters:
    """Which published posts are listed: those that meet every condition; what is empty does not restrict.

    Within one condition any of its values will do: two tags mean posts with either.
    """

    channel_ids: frozenset[int] = frozenset()
    platforms: frozenset[str] = frozenset()
    route_ids: frozenset[int] = frozenset()
    feed_ids: frozenset[int] = frozenset()
    #: Persons who wrote them; `AUTOMATION`: nobody did.
    author_ids: frozenset[int] = frozenset()
    campaigns: frozenset[str] = frozenset()
    tags: frozenset[str] = frozenset()
    kinds: frozenset[Kind] = frozenset()
    #: Who put them on the platform.
    senders: frozenset[Sender] = frozenset()
    #: Only threads, of any kind.
    threads: bool = False
    #: As stated, such as ``id``, which ``id-ID`` is too; ``und``: not stated.
    languages: frozenset[str] = frozenset()
    origins: frozenset[Origin] = frozenset()
    #: Posts of any arm of these experiments.
    experiment_ids: frozenset[int] = frozenset()
    #: When they went out by the clocks of their channels: 0 is Monday; 0 to 23.
    weekdays: frozenset[int] = frozenset()
    hours: frozenset[int] = frozenset()
    #: Words in their text, in any case.
    text: str | None = None
    #: Published in [start, end), UTC.
    start: datetime | None = None
    end: datetime | None = None


def one_of(number: int | None) -> frozenset[int]:
    """The set of one number, as filters take it; None does not restrict."""
    return frozenset() if number is None else frozenset({number})


#: Every published post.
NO_FILTERS = Filters()
