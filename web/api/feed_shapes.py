"""How the API tells of feeds and their entries."""

from datetime import datetime
from typing import Annotated, Literal, Self

from pydantic import BaseModel, Field, SecretStr, StringConstraints, model_validator

from domain.post import Fate
from scheduler.feed_access import Access
from scheduler.previewing import PreviewLine
from store.feeds import EntryLine, FeedLine, Health
from web.api.base import Body, RowId
from web.api.shapes import Address, ExistingChoice, ReleaseChoice, Text

Minutes = Annotated[int, Field(ge=1, le=44_640)]


class FeedShown(BaseModel):
    """A feed with its counts; secrets that open it are never shown."""

    id: RowId
    url: str
    title: str
    site_url: str | None
    health: Health
    #: What was chosen for the entries that existed when it was added.
    existing: str
    #: A person must say which of the entries that wait are posted: resume it with a choice.
    ask: bool
    #: Why it asks; null: it does not, or a backup was restored.
    asks_because: str | None
    interval_minutes: int | None
    next_at: datetime | None
    next_reason: str
    failures: int
    last_polled_at: datetime | None
    last_success_at: datetime | None
    last_status: int | None
    last_error: str | None
    paused_at: datetime | None
    paused_reason: str | None
    created_at: datetime
    entries: int
    #: Entries that wait for a person, without a post.
    held: int
    routes: int
    newest_at: datetime | None
    #: What opens it: ``basic``, ``bearer``, ``header`` or ``cookie``; the secret is never shown.
    access: str | None
    #: In place of our own.
    user_agent: str | None
    #: Of the list that it came with.
    folders: list[str] | None


class FateShown(BaseModel):
    """What became of an entry on one route."""

    route_id: RowId
    route: str
    fate: Fate
    reason: str
    post_id: RowId | None


class EntryShown(BaseModel):
    """An entry with its fates."""

    id: RowId
    guid: str | None
    link: str | None
    title: str
    published_at: datetime | None
    first_seen_at: datetime
    #: ``existing``, ``chosen`` or ``new``.
    origin: str
    edits: int
    fates: list[FateShown]


class WouldPost(BaseModel):
    """What would be posted, before any platform's limits."""

    text: str
    link: str | None


class PreviewedEntry(BaseModel):
    """An entry and what would become of it."""

    title: str
    link: str | None
    published_at: datetime | None
    #: ``queued``, ``held``, ``filtered``, ``duplicate`` or ``failed``.
    fate: Fate
    reason: str
    would_post: WouldPost | None
    #: When it would go out, if all that are shown came now; null: it would not, or there is no slot for it.
    at: datetime | None = None
    #: The same by the rules that hold now, where they differ.
    before: "PreviewedEntry | None" = None


class FeedPreview(BaseModel):
    """What a feed shows; nothing was stored."""

    url: str
    title: str
    site_url: str | None
    #: The web page that named the feed, when that was the address given.
    found_on: str | None
    #: Other feeds that the page names.
    others: list[str]
    #: Newest first.
    entries: list[PreviewedEntry]


class FeedAccess(Body):
    """What opens a feed that is not public; it is sealed, and never shown again."""

    kind: Literal["basic", "bearer", "header", "cookie"]
    #: The user of ``basic``, or the name of the header.
    name: Annotated[str, StringConstraints(max_length=500)] = ""
    secret: SecretStr

    def as_access(self) -> Access:
        """As the commands take it. Raises `UsageError` when it cannot stand in a header."""
        access = Access(self.kind, self.secret.get_secret_value(), self.name.strip())
        access.headers()
        return access


class FeedAddress(Body):
    """A feed, or a web page that names one."""

    url: Address
    access: FeedAccess | None = None


class FeedMove(Body):
    """The new address of a feed, or of a web page that names it."""

    url: Address


class NewFeed(FeedAddress):
    """A feed to add."""

    #: Must be given when the feed shows entries already.
    existing: ExistingChoice | None = None
    #: Left out: as often as the feed suggests.
    interval_minutes: Minutes | None = None


class FeedSettings(Body):
    """What to change; what is left out stays as it is."""

    #: Null: as often as the feed and its server suggest.
    interval_minutes: Minutes | None = None
    #: Null: it is public.
    access: FeedAccess | None = None
    #: Null: our own.
    user_agent: Annotated[str, StringConstraints(max_length=300)] | None = None

    @model_validator(mode="after")
    def _something(self) -> Self:
        if not self.model_fields_set:
            raise ValueError("name what to change: interval_minutes, access or user_agent")
        return self


class FeedPause(Body):
    """Why it is paused, for people."""

    reason: Text = ""


class FeedResume(Body):
    """Which of the entries that wait are posted; must be given when there are any."""

    existing: ReleaseChoice | None = None


class FeedRelease(Body):
    """Which of the entries that wait are posted; the others are skipped."""

    existing: ReleaseChoice = "all"


class FeedResumed(BaseModel):
    """What came of it."""

    posts_made: int


def feed_shown(line: FeedLine) -> FeedShown:
    """A feed as the API tells it."""
    feed = line.feed
    minutes = feed.interval_override // 60 if feed.interval_override else None
    counts = {
        "health": line.health,
        "interval_minutes": minutes,
        "entries": line.entries,
        "held": line.held,
        "routes": line.routes,
        "newest_at": line.newest_at,
    }
    return FeedShown.model_validate({**feed.model_dump(exclude={"credentials"}), **counts})


def entry_shown(line: EntryLine) -> EntryShown:
    """An entry as the API tells it."""
    fates = [
        FateShown(
            route_id=fate.route_id,
            route=fate.route_name,
            fate=fate.fate,
            reason=fate.reason,
            post_id=fate.post_id,
        )
        for fate in line.fates
    ]
    row = line.entry
    return EntryShown(
        id=row.id,
        guid=row.guid,
        link=row.link,
        title=row.title,
        published_at=row.published_at,
        first_seen_at=row.first_seen_at,
        origin=row.origin,
        edits=row.edits,
        fates=fates,
    )


def previewed(line: PreviewLine) -> PreviewedEntry:
    """An entry of a preview as the API tells it."""
    content = line.content
    return PreviewedEntry(
        title=line.entry.title,
        link=line.entry.link,
        published_at=line.entry.published_at,
        fate=line.fate,
        reason=line.reason,
        would_post=WouldPost(text=content.text, link=content.link) if content else None,
        at=line.at,
        before=previewed(line.before) if line.before else None,
    )
