"""What is remembered of a feed's last document, and of links that were followed."""

from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta
from hashlib import blake2b
from typing import Final

from sqlalchemy import CursorResult, delete
from sqlmodel import Session, col, select

from store.tables import FeedMemory, FollowedLink
from store.upsert import insert_or_change

#: So long it is believed that a shortened link leads to where it led.
BELIEVED: Final = timedelta(days=30)


def memory_of(session: Session, feed_id: int) -> bytes | None:
    """What `keep` stored with the feed's entries; None when there is nothing."""
    return session.scalar(select(col(FeedMemory.memory)).where(col(FeedMemory.feed_id) == feed_id))


def keep(session: Session, feed_id: int, memory: bytes) -> None:
    """Remember a document in the transaction that stores its entries; never before it or apart from it."""
    if memory:
        insert_or_change(
            session,
            FeedMemory,
            {"feed_id": feed_id, "memory": memory},
            keys=["feed_id"],
            changes={"memory": memory},
        )
    else:
        forget(session, feed_id)


def forget(session: Session, feed_id: int) -> None:
    """Have the next document of a feed read whole."""
    session.connection().execute(delete(FeedMemory).where(col(FeedMemory.feed_id) == feed_id))


def followed(session: Session, urls: Iterable[str], *, now: datetime) -> dict[str, str]:
    """Where these addresses led not long ago; those of which nothing is known are left out."""
    by_key = {_key(url): url for url in urls}
    query = select(col(FollowedLink.key), col(FollowedLink.target)).where(
        col(FollowedLink.key).in_(by_key), col(FollowedLink.at) > now - BELIEVED
    )
    return {by_key[bytes(key)]: target for key, target in session.connection().execute(query)}


def keep_followed(session: Session, targets: Mapping[str, str], *, now: datetime) -> None:
    """Remember where addresses led."""
    for url, target in targets.items():
        changes = {"target": target, "at": now}
        row = {"key": _key(url), **changes}
        insert_or_change(session, FollowedLink, row, keys=["key"], changes=changes)


def forget_followed(session: Session, *, now: datetime) -> int:
    """Remove links that are believed no longer; how many."""
    ended = delete(FollowedLink).where(col(FollowedLink.at) <= now - BELIEVED)
    result = session.connection().execute(ended)
    assert isinstance(result, CursorResult)
    return result.rowcount


def _key(url: str) -> bytes:
    return blake2b(url.encode("utf-8", "surrogatepass"), digest_size=16).digest()
