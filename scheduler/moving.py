"""When to believe a feed that says it lives elsewhere: maintenance pages also answer with redirects."""

from dataclasses import asdict, dataclass, replace
from datetime import datetime, timedelta
from typing import Any, Final, Self
from urllib.parse import urldefrag, urlsplit

from sqlmodel import Session

from domain.errors import TabuhError
from feeds.fetch import Fetched
from net.client import may_share_secrets, shown
from scheduler.asking import look
from scheduler.context import Context
from scheduler.documents import read
from scheduler.politeness import server_of
from store import entries, feeds
from store.changes import AUTOMATION, record
from store.engine import reading
from store.feeds import MAX_URL
from store.tables import Feed

#: A new address is believed after so many polls, over so long a time.
_POLLS: Final = 3
_TIME: Final = timedelta(hours=48)


@dataclass(frozen=True, slots=True)
class Moved:
    """Where a feed says that it has gone."""

    url: str
    #: ISO 8601, UTC.
    since: str
    #: Polls in a row that said so.
    seen: int
    #: Said by the document (``itunes:new-feed-url``), not by a redirect.
    said: bool = False
    #: Whether what stands there has shown entries of this feed.
    shares: bool = True

    @classmethod
    def stored(cls, value: Any) -> Self | None:
        """What the feed's row keeps; None when it never said so."""
        return cls(**value) if value else None

    def as_json(self) -> dict[str, Any]:
        """For the feed's row."""
        return asdict(self)


def seen_again(
    before: Moved | None, target: str | None, *, url: str, now: datetime, said: bool = False
) -> Moved | None:
    """The note after a poll that read the feed and heard of ``target``; None when it stays where it is.

    Args:
        said: the document names it, and nobody has looked there yet.
    """
    if target is None or is_same_address(target, url):
        return None
    if before is None or before.url != target:
        return Moved(target, now.isoformat(), 1, said=said, shares=not said)
    return replace(before, seen=before.seen + 1, said=said, shares=before.shares or not said)


def is_believed(moved: Moved, *, url: str, now: datetime) -> bool:
    """Whether the feed's address is to be changed, provided that it shares entries.

    At once where only http became https on the same host; else after three polls over two days.
    """
    if is_upgrade(moved.url, url):
        return False  # back from https to http: followed each time, never for good
    if is_upgrade(url, moved.url):
        return True
    return moved.seen >= _POLLS and now - datetime.fromisoformat(moved.since) >= _TIME


def is_upgrade(old: str, new: str) -> bool:
    """Whether an address moved from http to https on the same host."""
    before, after = urlsplit(old), urlsplit(new)
    return (before.scheme, after.scheme) == ("http", "https") and before.hostname == after.hostname


def is_same_address(one: str, other: str) -> bool:
    """Whether two addresses are asked for alike."""
    return urldefrag(one).url == urldefrag(other).url


def moved_values(session: Session, row: Feed, url: str, *, now: datetime) -> dict[str, Any]:
    """The columns of a feed that has moved, and the note of it; what opened it stays with its origin.

    Empty where the new address cannot be taken: two rows cannot have one address.
    """
    if len(url) > MAX_URL or feeds.any_by_url(session, row.workspace_id, url) is not None:
        return {}
    kept = may_share_secrets(row.url, url)
    values: dict[str, Any] = {"url": url, "moved": None, "host": server_of(url)}
    if row.credentials is not None and not kept:
        values |= {"credentials": None, "access": None}
    record(
        session,
        AUTOMATION,
        "moved to a new address",
        subject="feed",
        subject_id=row.id,
        workspace_id=row.workspace_id,
        now=now,
        before={"url": row.url},
        after={"url": url, **({"password": "left behind"} if "credentials" in values else {})},
    )
    return values


def said_address(context: Context, row: Feed, target: str | None, *, now: datetime) -> Moved | None:
    """The note of an address that a document names; it is looked at before it is believed.

    Fetches that address once it is about to be believed.
    """
    target = shown(target) if target else None
    note = seen_again(Moved.stored(row.moved), target, url=row.url, now=now, said=True)
    if note is None or note.shares or not is_believed(note, url=row.url, now=now):
        return note
    return replace(note, shares=_shares_entries(context, row, note.url, now=now))


def _shares_entries(context: Context, row: Feed, url: str, *, now: datetime) -> bool:
    """Whether a feed at another address shows entries of this one."""
    other = Feed(id=row.id, workspace_id=row.workspace_id, url=url, existing="none", created_at=now)
    other.user_agent, other.plain_agent = row.user_agent, row.plain_agent
    if may_share_secrets(row.url, url):
        other.credentials = row.credentials
    try:
        answer = look(context, other, now=now)
        assert isinstance(answer, Fetched)  # nothing was conditional
        found = read(answer, now=now)
    except TabuhError:
        return False
    with reading(context.engine) as session:
        return bool(entries.recognise(session, row.id, [entry.keys for entry in found.entries]).rows)


def noted(session: Session, row: Feed, note: Moved | None, *, now: datetime) -> dict[str, Any]:
    """What a new address that is meant for good changes on the row."""
    if note is None:
        return {"moved": None}
    taken = {}
    if note.shares and is_believed(note, url=row.url, now=now):
        taken = moved_values(session, row, note.url, now=now)
    return taken or {"moved": note.as_json()}
