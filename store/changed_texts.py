"""How published posts read on their platforms, where that is another text than was sent."""

from datetime import datetime

from sqlalchemy import delete, update
from sqlmodel import Session, col

from store.tables import ChangedText, Post
from store.upsert import insert_or_change

#: Longest text that is kept, in characters; longer articles are cut.
LONGEST = 100_000


def note(session: Session, post_id: int, *, sent: str, there: str, now: datetime) -> None:
    """Keep the text there as it was read now; the first time at which it differed stays."""
    text = {"sent": _kept(sent), "there": _kept(there), "read_at": now}
    insert_or_change(session, ChangedText, {"post_id": post_id, **text}, keys=["post_id"], changes=text)
    mine = update(Post).where(col(Post.id) == post_id, col(Post.changed_there_at).is_(None))
    session.connection().execute(mine.values(changed_there_at=now))


def _kept(text: str) -> str:
    """PostgreSQL takes no NUL."""
    return text.replace("\x00", "")[:LONGEST]


def forget(session: Session, post_id: int) -> None:
    """Note that the text there is the one that was sent."""
    connection = session.connection()
    connection.execute(delete(ChangedText).where(col(ChangedText.post_id) == post_id))
    connection.execute(update(Post).where(col(Post.id) == post_id).values(changed_there_at=None))


def of(session: Session, post: Post) -> ChangedText | None:
    """How the post reads there; None: as it was sent, or nobody kept it."""
    return session.get(ChangedText, post.id) if post.changed_there_at is not None else None
