"""Lists of feeds, as readers exchange them: in and out."""

import random
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlmodel import Session

from domain.errors import UsageError
from domain.existing import parse_existing
from feeds.opml import Subscription, read_opml, write_opml
from scheduler.context import Context
from scheduler.feed_access import kind_of
from scheduler.finding import without_secrets
from scheduler.politeness import server_of
from store import entries, feeds
from store.changes import Actor, record
from store.engine import reading, writing
from store.feeds import MAX_URL
from store.tables import Feed
from store.wake import wake_workers

#: Feeds of a list are read for the first time within this time, by chance, so that they do not come at once.
_WITHIN = timedelta(minutes=1)
UNREAD = "its first look: it came with a list"


@dataclass(frozen=True, slots=True)
class Imported:
    """What became of a list, line by line."""

    title: str
    added: tuple[str, ...]
    #: Addresses that the workspace reads already.
    known: tuple[str, ...]
    #: Addresses that stand in the list more than once; each was added once at most.
    repeated: tuple[str, ...]
    #: What stands in the place of an address and is none, and why.
    refused: tuple[str, ...]


def import_list(
    context: Context, workspace_id: int, body: bytes, *, existing: str, actor: Actor, dry_run: bool = False
) -> Imported:
    """Add all feeds of an OPML file that are not there yet; each is read soon, and told of when it cannot be.

    Args:
        existing: which of the entries that each feed shows at its first look are posted.
        dry_run: say what would become of it, and store nothing.

    Raises:
        UsageError: the choice or the file cannot be read.
    """
    choice = str(parse_existing(existing))
    listed = read_opml(body)
    now = context.clock()
    added: dict[str, None] = {}
    known: list[str] = []
    repeated = list(listed.repeated)
    refused = [f"{text} (no web address)" for text in listed.refused]
    with writing(context.engine) as session:
        all_known = feeds.all_by_url(session, workspace_id)
        for one in listed.feeds:
            url, headers = without_secrets(one.url)
            there = all_known.get(url)
            if len(url) > MAX_URL or not server_of(url):
                refused.append(f"{url[:100]} (no address of a feed)")
            elif url in added:
                repeated.append(url)
            elif there is not None and there.removed_at is None:
                known.append(url)
            else:
                added[url] = None
                if not dry_run:
                    feed = there or Feed(workspace_id=workspace_id, url=url, existing=choice, created_at=now)
                    _fill(context, feed, one, headers, choice=choice, now=now)
                    session.add(feed)
        if dry_run or not added:
            session.rollback()
        else:
            _note(session, actor, workspace_id, listed.title, list(added), now=now)
            wake_workers(session)
            session.commit()
    return Imported(listed.title, tuple(added), tuple(known), tuple(repeated), tuple(refused))


def _fill(
    context: Context, feed: Feed, one: Subscription, headers: dict[str, str], *, choice: str, now: datetime
) -> None:
    """What the row of a listed feed says before its first look."""
    feed.title = feed.title or entries.storable(one.title)
    feed.site_url = feed.site_url or entries.storable(one.site_url)
    feed.existing, feed.host = choice, server_of(feed.url)
    # The first look is still to come, also of one that was removed: the choice is about what is strange then.
    feed.baseline_at = feed.body_hash = feed.etag = feed.last_modified = None
    feed.removed_at = feed.paused_at = feed.paused_reason = None
    feed.folders = [entries.storable(name) for name in one.folders] or None
    feed.credentials = context.seal.close(feed.id, headers) if headers else None
    feed.access = kind_of(headers)
    feed.next_at = now + _WITHIN * random.Random(feed.id).random()  # noqa: S311 - spreads the load
    feed.next_reason = UNREAD
    feed.claim += 1


def _note(
    session: Session, actor: Actor, workspace_id: int, title: str, added: Sequence[str], *, now: datetime
) -> None:
    record(
        session, actor, "added feeds of a list", subject="workspace", subject_id=workspace_id,
        workspace_id=workspace_id, now=now, after={"list": title, "feeds": len(added)},
    )  # fmt: skip


def export_list(context: Context, workspace_id: int, *, title: str) -> bytes:
    """All feeds of a workspace as OPML, in the folders that they came in; what opens them stays here."""
    with reading(context.engine) as session:
        found = feeds.listed(session, workspace_id)
        kept = [
            Subscription(feed.url, feed.title, feed.site_url, tuple(feed.folders or ())) for feed in found
        ]
    if not kept:
        raise UsageError("There are no feeds to export yet.")
    return write_opml(title, kept, now=context.clock())
