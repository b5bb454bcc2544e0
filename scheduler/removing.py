"""A feed ends, or goes on under another address that a person knows."""

from domain.errors import NotAFeed, UsageError
from domain.post import Fate
from scheduler.context import Context
from scheduler.feed_access import kind_of
from scheduler.finding import find_feed
from scheduler.politeness import server_of
from store import feeds, hubs, ledger, routes
from store.changes import Actor, record
from store.engine import reading, writing
from store.tables import Feed

#: What becomes of entries that waited for a word when their feed was removed.
REMOVED = "its feed was removed"


def remove_feed(context: Context, workspace_id: int, feed_id: int, *, actor: Actor) -> Feed:
    """Read a feed no more and take it off all routes and lists.

    Its posts stay as they are, queued ones too; its entries stay known, so that none is posted again should
    the feed be added once more. Entries that waited for a choice are skipped.
    """
    now = context.clock()
    with writing(context.engine) as session:
        [feed] = feeds.lock(session, workspace_id, [feed_id])
        reading_it = routes.reading(session, feed.id)
        for route in reading_it:
            for row in ledger.held_entries(session, route_id=route.id, feed_id=feed.id):
                ledger.write(
                    session, entry_id=row.id, route_id=route.id, now=now, fate=Fate.SKIPPED, reason=REMOVED
                )
        subscription = hubs.of_feed(session, feed.id)
        if subscription is not None and subscription.wanted == "subscribe":
            hubs.let_go(session, subscription, now=now)
        feeds.remove(session, feed, now=now)
        after = {"url": feed.url, "routes": [route.name for route in reading_it]}
        record(
            session, actor, "removed", subject="feed", subject_id=feed.id, workspace_id=workspace_id, now=now,
            after=after,
        )  # fmt: skip
        session.commit()
        return feed


def move_feed(context: Context, workspace_id: int, feed_id: int, url: str, *, actor: Actor) -> Feed:
    """Read a feed at another address from now on; entries that it showed at the old one stay known.

    Raises:
        FetchError: there is no feed.
        UsageError: it is one of the workspace's feeds already.
    """
    now = context.clock()
    with reading(context.engine) as session:
        feeds.get(session, workspace_id, feed_id)
    found = find_feed(context, url, now=now)
    if not found.ordered:
        raise NotAFeed(f"{found.url} shows no entries: check that it is the right feed.", url=found.url)
    with writing(context.engine) as session:
        [feed] = feeds.lock(session, workspace_id, [feed_id])
        other = feeds.any_by_url(session, workspace_id, found.url)
        if other is not None and other.id != feed.id:
            raise UsageError(f"{found.url} is one of your feeds already. `tabuh feed list` shows them all.")
        before = {"url": feed.url}
        feed.url, feed.host, feed.moved = found.url, server_of(found.url), None
        feed.credentials = context.seal.close(feed.id, found.headers) if found.headers else None
        feed.access = kind_of(found.headers)
        feed.etag = feed.last_modified = feed.body_hash = feed.gone_since = None
        feed.failures, feed.last_error = 0, None
        feeds.wake(session, feed, now=now, reason="asked for by hand")
        record(
            session, actor, "moved to a new address", subject="feed", subject_id=feed.id,
            workspace_id=workspace_id, now=now, before=before, after={"url": feed.url},
        )  # fmt: skip
        session.commit()
        return feed
