"""How the API tells of routes, their rules, and what they would have posted."""

from dataclasses import asdict
from datetime import date, datetime
from typing import Annotated, Any, Literal

from pydantic import BaseModel, Field

from domain.filters import MAX_GROUPS, MAX_RULES, Effect, How, Need, groups_json
from domain.filters import Field as Asked
from domain.post import Fate
from domain.route import MAX_WORDS
from domain.spread import MAX_CAP, MAX_GAP
from domain.wording import MAX_MAPPED, MAX_TAGS
from scheduler.replaying import MAX_DAYS, Replay
from scheduler.rules import MAX_FRAME, Rules
from scheduler.templating import DEFAULT_TEMPLATE
from store.routes import RouteLine
from web.api.base import Body, Line, RowId
from web.api.feed_shapes import WouldPost
from web.api.shapes import BalanceShown, ExistingChoice, NamedRow, Text, balance_shown

Word = Annotated[str, Field(max_length=200, pattern=r"^[^\x00]*$")]
Words = Annotated[list[Word], Field(max_length=MAX_WORDS)]
Utm = Annotated[dict[Word, Word], Field(max_length=6)]
Timing = Literal["next_slot", "at_once"]
Late = Literal["send", "skip", "ask"]
Cap = Annotated[int, Field(ge=1, le=MAX_CAP)]
Frame = Annotated[str, Field(max_length=MAX_FRAME, pattern=r"^[^\x00]*$")]


class RuleShown(Body):
    """One comparison, such as ``title has python``."""

    field: Asked
    how: How
    #: Such as ``python``; ``7 days`` (age), ``200`` or ``50 words`` (length), ``en, unknown`` (language).
    value: Annotated[str, Field(min_length=1, max_length=500, pattern=r"^[^\x00]*$")]


class GroupShown(Body):
    """Rules that are asked together: ``only`` entries that meet them pass, or ``never`` those."""

    act: Effect
    need: Need = Need.ANY
    rules: Annotated[list[RuleShown], Field(min_length=1, max_length=MAX_RULES)]


class TagsShown(Body):
    """How categories become hashtags."""

    #: Category → hashtag in its place; empty: none.
    instead: Annotated[dict[Word, Word], Field(max_length=MAX_MAPPED)] = Field(default_factory=dict)
    #: Hashtags of every post.
    always: Annotated[list[Word], Field(max_length=MAX_TAGS)] = Field(default_factory=list)
    #: Of one post.
    most: Annotated[int, Field(ge=0, le=MAX_TAGS)] = 10


class RoutePictureShown(Body):
    """Which picture a post shows."""

    source: Literal["entry", "content", "none"] = "entry"
    #: Pixels; pictures that are known to be narrower are left out.
    least_width: Annotated[int, Field(ge=1, le=10_000)] | None = None
    #: The picture of entries that have none.
    fallback: Annotated[str, Field(max_length=2048)] | None = None
    #: Its words where the feed gives none; a template.
    alt: Frame = ""


class RouteShown(BalanceShown):
    """A route, its rules, and what became of its entries."""

    id: RowId
    name: str
    channel: NamedRow
    feeds: list[NamedRow]
    template: str
    include: list[str]
    exclude: list[str]
    filters: list[GroupShown]
    prefix: str
    suffix: str
    tags: TagsShown
    picture: RoutePictureShown
    utm: dict[str, str]
    shorten: bool
    timing: Timing
    #: Most posts of one poll, and in one day of the channel's zone; null: any number.
    per_run: int | None
    per_day: int | None
    #: At least between two posts.
    gap_minutes: int
    newest_first: bool
    needs_approval: bool
    #: What happens to a post that a down-time made late.
    late: Late
    #: When what its caps hold is looked at again; null: nothing waits.
    next_at: datetime | None
    paused_at: datetime | None
    removed_at: datetime | None
    created_at: datetime


class RuleFields(Body):
    """What a route does with an entry."""

    #: Text with variables such as ``{{ title }}`` and ``{{ link }}``.
    #: Empty: the channel's own.
    template: Text = DEFAULT_TEMPLATE
    #: An entry must hold one of these; none given: all pass.
    include: Words = Field(default_factory=list)
    exclude: Words = Field(default_factory=list)
    filters: Annotated[list[GroupShown], Field(max_length=MAX_GROUPS)] = Field(default_factory=list)
    #: Before and after the template's text.
    prefix: Frame = ""
    suffix: Frame = ""
    tags: TagsShown = Field(default_factory=TagsShown)
    picture: RoutePictureShown = Field(default_factory=RoutePictureShown)
    #: Such as ``{"source": "{{ platform }}"}``.
    utm: Utm = Field(default_factory=dict)
    #: Only where the public address is one that strangers can open.
    shorten: bool = True
    timing: Timing = "next_slot"
    #: Most posts of one poll, and in one day of the channel's zone; null: any number. The others wait.
    per_run: Cap | None = None
    per_day: Cap | None = None
    #: At least between two posts of the route.
    gap_minutes: Annotated[int, Field(ge=0, le=MAX_GAP)] = 0
    #: What goes out first when not all can: the newest, or the oldest.
    newest_first: bool = False
    needs_approval: bool = False
    late: Late = "send"


class Trial(RuleFields):
    """Rules to try on stored entries."""

    feed_ids: Annotated[list[RowId], Field(min_length=1, max_length=200)]
    channel_id: RowId


class NewRoute(Trial):
    """A route to add."""

    name: Line
    #: Which stored entries are posted now; null: what was chosen when each feed was added.
    existing: ExistingChoice | None = None


class RouteChange(RuleFields):
    """What shall change; absent stays as it is."""

    name: Line = ""


class RouteCopy(Body):
    """A route like another one."""

    name: Line
    #: Null: the same channel.
    channel_id: RowId | None = None


class PastDays(Trial):
    """Rules to try on the entries of the last days."""

    days: Annotated[int, Field(ge=1, le=MAX_DAYS)] = 30


class OneMoreFeed(Body):
    """A feed for a route to read besides its others."""

    feed_id: RowId
    existing: ExistingChoice | None = None


class PostsMade(BaseModel):
    """What came of it."""

    posts_made: int


class ReplayedEntry(BaseModel):
    """An entry and what would have become of it."""

    title: str
    link: str | None
    #: When it would have been found.
    came_at: datetime
    fate: Fate
    reason: str
    #: When it would have gone out, or will; null: not yet, or not at all.
    at: datetime | None
    #: A cap held it back, if only for a time.
    was_held: bool
    would_post: WouldPost | None


class ReplayShown(BaseModel):
    """The last days under a route's rules; nothing was written."""

    since: datetime
    until: datetime
    #: Whose days count.
    zone: str
    seen: int
    #: How many entries had each fate; they add up to ``seen``.
    fates: dict[Fate, int]
    #: How many a cap held back, those that went out later included.
    held_back: int
    longest_wait_minutes: int | None
    #: There were more entries; the oldest were left out.
    cut: bool
    #: Posts by day.
    days: dict[date, int]
    entries: list[ReplayedEntry]


def replayed(past: Replay) -> ReplayShown:
    """A replay as the API tells it."""
    wait = past.longest_wait
    return ReplayShown(
        since=past.since,
        until=past.until,
        zone=past.zone,
        seen=len(past.lines),
        fates=past.fates,
        held_back=past.held_back,
        longest_wait_minutes=round(wait.total_seconds() / 60) if wait is not None else None,
        cut=past.cut,
        days=past.days,
        entries=[
            ReplayedEntry(
                title=line.entry.title,
                link=line.entry.link,
                came_at=line.came_at,
                fate=line.fate,
                reason=line.reason,
                at=line.at,
                was_held=line.was_held,
                would_post=WouldPost(text=line.content.text, link=line.content.link)
                if line.content
                else None,
            )
            for line in past.lines
        ],
    )


def route_shown(line: RouteLine) -> RouteShown:
    """A route as the API tells it."""
    rules = Rules.of(line.route)
    values: dict[str, Any] = line.route.model_dump() | rules.columns()
    values |= {
        "filters": groups_json(rules.filters),
        "prefix": rules.prefix,
        "suffix": rules.suffix,
        "tags": asdict(rules.tags),
        "picture": asdict(rules.picture),
        "gap_minutes": rules.pace.gap_minutes,
    }
    return RouteShown.model_validate(
        {
            **values,
            **balance_shown(line.balance).model_dump(),
            "channel": NamedRow(id=line.channel.id, name=line.channel.name),
            "feeds": [NamedRow(id=feed.id, name=feed.title or feed.url) for feed in line.feeds],
        }
    )
