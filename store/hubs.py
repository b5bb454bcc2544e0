"""Questions and changes about subscriptions at WebSub hubs."""

from collections.abc import Iterable
from datetime import datetime

from sqlmodel import Session, col, select

from store.tables import Feed, HubSubscription


def of_feed(session: Session, feed_id: int) -> HubSubscription | None:
    """The feed's subscription; None when it names no hub, or hubs are not asked."""
    return session.scalars(select(HubSubscription).where(col(HubSubscription.feed_id) == feed_id)).first()


def of_feeds(session: Session, feed_ids: Iterable[int]) -> dict[int, HubSubscription]:
    """The subscriptions of these feeds, by feed."""
    query = select(HubSubscription).where(col(HubSubscription.feed_id).in_(set(feed_ids)))
    return {row.feed_id: row for row in session.scalars(query)}


def by_token(session: Session, token: str, *, locked: bool) -> HubSubscription | None:
    """The subscription behind a callback's address; None when there is none.

    Args:
        locked: hold it against others. Whoever changes its feed, too, takes that first, as a poll does.
    """
    query = select(HubSubscription).where(col(HubSubscription.token) == token)
    if locked:
        query = query.with_for_update().execution_options(populate_existing=True)
    return session.scalars(query).first()


def wake_feed(session: Session, feed_id: int, *, at: datetime, reason: str) -> bool:
    """Let a feed be looked at by ``at``; a poll that is under way loses its claim, and the news is not lost.

    Returns:
        False when it is paused, removed, or due by then anyway.
    """
    query = (
        select(Feed)
        .where(col(Feed.id) == feed_id, col(Feed.next_at) > at)
        .with_for_update()
        .execution_options(populate_existing=True)
    )
    feed = session.scalars(query).first()
    if feed is None:
        return False
    feed.next_at, feed.next_reason = at, reason
    feed.claim += 1
    session.add(feed)
    return True


def let_go(session: Session, row: HubSubscription, *, now: datetime) -> None:
    """Ask the hub to tell us no more."""
    row.wanted, row.next_at, row.failures = "unsubscribe", now, 0
    row.claim += 1
    session.add(row)
