"""How programs say which published posts they mean."""

from datetime import datetime
from typing import Annotated, Literal

from pydantic import AwareDatetime, BaseModel, Field, StringConstraints

from analytics.views import origins_of, senders_of
from domain.errors import UsageError
from domain.post import Sender
from domain.post_columns import BY_TIME
from domain.post_filters import LONGEST_SEARCH, THREAD
from domain.rules import Kind
from store.values import Filters, one_of
from web.api.base import RowId

Word = Annotated[str, StringConstraints(min_length=1, max_length=80, pattern=r"^[^\x00-\x1f\x7f]+$")]
Search = Annotated[
    str, StringConstraints(min_length=1, max_length=LONGEST_SEARCH, pattern=r"^[^\x00-\x1f\x7f]+$")
]
TypeOfPost = Literal["text", "image", "video", "link", "poll", "thread"]


class PostQuery(BaseModel):
    """Which published posts, and in which order; what is left out does not restrict."""

    platform: Word | None = None
    channel_id: RowId | None = None
    route_id: RowId | None = None
    feed_id: RowId | None = None
    #: The person who wrote it.
    author_id: RowId | None = None
    campaign: Word | None = None
    tag: Word | None = None
    kind: TypeOfPost | None = None
    #: When it went out by the clocks of its channel; 0 is Monday.
    weekday: Annotated[int, Field(ge=0, le=6)] | None = None
    hour: Annotated[int, Field(ge=0, le=23)] | None = None
    #: As stated on the post, such as ``id``; ``und``: not stated.
    language: Word | None = None
    origin: Literal["route", "person", "evergreen", "ours", "native"] | None = None
    #: Posts of any arm of this experiment.
    experiment_id: RowId | None = None
    #: Only posts sent from here, or only those written on the platform itself.
    sender: Sender | None = None
    #: Words in its text, in any case.
    text: Search | None = None
    #: Published at this time or later, and before that one; with an offset or Z.
    start: AwareDatetime | None = None
    end: AwareDatetime | None = None
    #: ``published``, another column of the list, or the key of a metric or rate that one post can have.
    sort: Annotated[str, Field(max_length=40)] = BY_TIME
    descending: bool = True
    limit: Annotated[int, Field(ge=1, le=200)] = 50
    cursor: Annotated[str | None, Field(max_length=1000)] = None

    def filters(self) -> Filters:
        """The same, as the store takes it."""
        return Filters(
            platforms=frozenset({self.platform} if self.platform else ()),
            channel_ids=one_of(self.channel_id),
            route_ids=one_of(self.route_id),
            feed_ids=one_of(self.feed_id),
            author_ids=one_of(self.author_id),
            campaigns=frozenset({self.campaign} if self.campaign else ()),
            tags=frozenset({self.tag} if self.tag else ()),
            kinds=frozenset() if self.kind in (None, THREAD) else frozenset({Kind(self.kind)}),
            threads=self.kind == THREAD,
            weekdays=one_of(self.weekday),
            hours=one_of(self.hour),
            languages=frozenset({self.language} if self.language else ()),
            origins=origins_of(self.origin),
            senders=senders_of(self.origin) or frozenset({self.sender} if self.sender else ()),
            experiment_ids=one_of(self.experiment_id),
            text=self.text,
            start=self.start,
            end=self.end,
        )


def check_order(start: datetime | None, end: datetime | None) -> None:
    """Check the bounds of a period. Raises `UsageError`: no times of ours, or the wrong way round."""
    for at in filter(None, (start, end)):
        if not 1970 < at.year < 2200:
            raise UsageError("Name times between 1971 and 2199.")
    if start is not None and end is not None and end <= start:
        raise UsageError("The end must lie after the start.")
