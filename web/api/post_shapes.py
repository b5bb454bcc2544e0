"""What the API tells of a post, and what it takes to write and change one."""

from datetime import datetime
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, BaseModel, Field

from domain.content import content_from
from domain.extras import (
    LONGEST_ANSWER,
    LONGEST_TITLE,
    MOST_ANSWERS,
    MOST_PARTS,
    USUAL_MINUTES,
    Extras,
    extras,
    extras_json,
)
from domain.money import Money
from domain.post import PlacedBy, PostState
from scheduler.media import LONGEST_ALT
from scheduler.posts import AT_ONCE, NEXT_SLOT
from store.tables import Attempt, Change, Post
from web.api.base import Body, RowId
from web.auth import Member
from web.post_words import Act, acts_on
from web.posted import LONGEST_TEXT, clean

Text = Annotated[str, AfterValidator(clean), Field(max_length=LONGEST_TEXT)]
Tags = Annotated[list[Annotated[str, AfterValidator(clean), Field(max_length=40)]], Field(max_length=20)]
Link = Annotated[str, Field(max_length=2048, pattern=r"^https?://[^\s\x00-\x1f]+$")]
#: ``next-slot``, ``now``, ``draft``, or a time with its zone or offset, as the command line takes it.
When = Annotated[
    str,
    AfterValidator(clean),
    Field(
        min_length=1,
        max_length=100,
        description="`next-slot`, `now`, `draft`, or a time with its zone: `2026-12-01 09:00 Asia/Jakarta`, "
        "`2026-12-01T09:00+07:00`, `2026-12-01 09:00 channel`.",
        examples=[NEXT_SLOT, AT_ONCE, "2026-12-01 09:00 Asia/Jakarta"],
    ),
]


class PictureShown(BaseModel):
    """A picture of a post."""

    sha256: str
    #: Where a picture elsewhere is fetched when the post goes out.
    url: str | None
    media_type: str
    size: int
    width: int
    height: int
    alt: str


Priority = Literal["low", "normal", "high", "urgent"]


class PollBody(Body):
    """A question's answers; the question is the post's text."""

    options: Annotated[list[Annotated[str, AfterValidator(clean), Field(max_length=LONGEST_ANSWER)]],
                       Field(min_length=1, max_length=MOST_ANSWERS)]  # fmt: skip
    minutes: Annotated[int, Field(ge=1, le=60 * 24 * 366)] = USUAL_MINUTES
    multiple: bool = False


class MoneyShown(BaseModel):
    """An amount in millionths of the currency's unit: 15000 is 0.015."""

    micros: int
    currency: str


def money_shown(money: Money | None) -> MoneyShown | None:
    return None if money is None else MoneyShown(micros=money.micros, currency=money.currency)


class PostShown(BaseModel):
    """One content on one channel."""

    id: RowId
    channel_id: RowId
    story_id: RowId
    route_id: RowId | None
    entry_id: RowId | None
    state: PostState
    #: Why it is in this state.
    reason: str | None
    #: Since when it is, as far as was written down.
    since: datetime
    text: str
    link: str | None
    language: str | None
    media: list[PictureShown]
    title: str | None
    #: What follows the text as replies to it, in order.
    thread: list[str]
    poll: PollBody | None
    first_comment: str | None
    #: The hour that was meant: as an instant, and as wall time in a zone.
    planned_at: datetime | None
    planned_wall: str | None
    planned_zone: str | None
    placed_by: PlacedBy
    #: How much more than others a good slot is worth to it: 0 is usual, each step doubles.
    priority: int
    #: Automation places it not before this, and before that.
    earliest_at: datetime | None
    latest_at: datetime | None
    #: When the machine looks at it next; null: a person has to act, or nothing is left to do.
    next_at: datetime | None
    tries: int
    late_reason: str | None
    remote_id: str | None
    remote_url: str | None
    published_at: datetime | None
    created_at: datetime
    edited_at: datetime | None
    #: Seen to be gone from its platform, and seen to read otherwise there than was sent.
    deleted_at: datetime | None
    changed_there_at: datetime | None
    campaign: str | None
    tags: list[str]
    #: It is not queued without an approval.
    needs_approval: bool
    #: The evergreen that it is a cycle of.
    evergreen_id: RowId | None
    evergreen_cycle: int | None
    #: What publishing it will cost; null: nothing, or not told here.
    price: MoneyShown | None
    #: What the caller can do with it now.
    acts: list[Act]


class AttemptShown(BaseModel):
    """One publish call."""

    started_at: datetime
    finished_at: datetime | None
    #: Null: the call runs, or its worker died.
    outcome: str | None
    detail: str | None
    remote_id: str | None
    remote_url: str | None


class ChangeShown(BaseModel):
    """Who did what."""

    at: datetime
    actor: str
    person_id: RowId | None
    what: str


class PostDetail(PostShown):
    """A post with every attempt to publish it, and who changed it."""

    #: Why automation put it into its slot, in English; null: it did not, or nobody wrote down why.
    placed_because: str | None
    #: The same as numbers: value, rank among the free slots, what barred better ones.
    placement: dict[str, Any] | None
    #: Sentences about what to look at before it goes out: texts that repeat, an hour that breaks a rule.
    warnings: list[str]
    attempts: list[AttemptShown]
    changes: list[ChangeShown]


class ExtrasBody(Body):
    """What goes with a text besides its link and its files."""

    title: Annotated[str, AfterValidator(clean), Field(max_length=LONGEST_TITLE)] | None = None
    #: What follows the text as replies to it, in order.
    thread: Annotated[list[Text], Field(max_length=MOST_PARTS - 1)] = Field(default_factory=list)
    poll: PollBody | None = None
    first_comment: Text | None = None

    def extras(self) -> Extras:
        """As posts keep them."""
        return extras(
            title=self.title,
            thread=self.thread,
            answers=self.poll.options if self.poll else (),
            minutes=self.poll.minutes if self.poll else None,
            multiple=bool(self.poll and self.poll.multiple),
            first_comment=self.first_comment,
        )


class PictureGiven(Body):
    """A picture that was added before, and what it shows."""

    sha256: Annotated[str, Field(pattern="^[0-9a-f]{64}$")]
    alt: Annotated[str, AfterValidator(clean), Field(max_length=LONGEST_ALT)] = ""


class NewPost(ExtrasBody):
    """A post to write."""

    channel_id: RowId
    text: Text = ""
    link: Link | None = None
    language: Annotated[str, Field(pattern="^[A-Za-z]{2,3}(-[A-Za-z0-9]{1,8})*$", max_length=35)] | None = (
        None
    )
    media: Annotated[list[PictureGiven], Field(max_length=20, default_factory=list)]
    when: When = NEXT_SLOT
    #: Who gets the good slots; absent: normal.
    priority: Priority | None = None
    #: Automation places it not before this, and before that; written as ``when``, with a zone.
    earliest: When | None = None
    latest: When | None = None
    #: It also tags the link for the statistics of its site.
    campaign: Annotated[str, AfterValidator(clean), Field(max_length=80)] | None = None
    tags: Tags = Field(default_factory=list)


class Wishes(Body):
    """What a post asks of its slot; what is absent stays, `none` clears a time."""

    priority: Priority | None = None
    earliest: When | None = None
    latest: When | None = None


class PostWritten(PostShown):
    """A post that was just written."""

    #: Sentences about what to look at before it goes out; they stop nothing.
    warnings: list[str]


class Preview(ExtrasBody):
    """A text to look at."""

    channel_id: RowId
    text: Text = ""
    link: Link | None = None
    #: An hour to look at, too; null: none.
    when: When | None = None


class PartShown(BaseModel):
    """One part of a thread."""

    text: str
    length: int
    over: int


class PreviewShown(BaseModel):
    """What the channel's publisher would send."""

    text: str
    #: The link, where it does not stand in the text.
    link: str
    length: int
    limit: int | None
    #: By how much it is too long; it would be shortened as ``text`` shows.
    over: int
    #: Sentences about what to look at: texts that repeat, an hour that breaks a rule; they stop nothing.
    warnings: list[str]
    problems: list[str]
    #: Each part of a thread as it would be sent, with its length; a single post is one part.
    parts: list[PartShown]


class Edit(ExtrasBody):
    """A new text; and other pictures, a thread and so on, where any are named."""

    text: Text
    #: Null: it keeps those it has.
    media: Annotated[list[PictureGiven], Field(max_length=20)] | None = None


class RemoteEdit(Body):
    """New texts of a published post."""

    text: Text
    #: As many parts as it has; null: they stay.
    thread: Annotated[list[Text], Field(max_length=MOST_PARTS - 1)] | None = None


class LabelBody(Body):
    """Campaign and tags; what is not named stays, empty takes it away."""

    campaign: Annotated[str, AfterValidator(clean), Field(max_length=80)] | None = None
    tags: Tags | None = None


class Move(Body):
    """A new hour."""

    when: When


class Skip(Body):
    """Why it shall not go out."""

    reason: Annotated[str, AfterValidator(clean), Field(max_length=500)] = ""


class Found(Body):
    """Where it was seen on the platform."""

    url: Link | None = None


def shown(post: Post, me: Member, since: datetime, *, price: Money | None = None) -> PostShown:
    """A post as the API tells it to this caller."""
    return PostShown.model_validate(
        {
            **post.model_dump(),
            "text": post.content["text"],
            "link": post.content.get("link"),
            "language": post.content.get("language"),
            "media": post.content.get("media") or [],
            **extras_json(content_from(post.content)),
            "tags": post.tags or [],
            "since": since,
            "price": money_shown(price),
            "acts": acts_on(post, me),
        }
    )


def attempt_shown(row: Attempt) -> AttemptShown:
    return AttemptShown.model_validate(row.model_dump())


def change_shown(row: Change) -> ChangeShown:
    return ChangeShown.model_validate(row.model_dump())
