"""What happens to a database that is an older copy of itself: it opens held, and doubles nothing.

Between the backup and now, a lost time may have published posts that the copy still has in its
queue. So they become uncertain and are settled as any uncertain post is; and what the feeds
published meanwhile is shown to a person before it is posted.
"""

import threading
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from sqlalchemy import Engine
from sqlmodel import Session

from domain.content import DeliveryClass
from domain.errors import UsageError
from publishers.base import Publisher
from scheduler.publishing import unknown
from store import installation
from store.changes import AUTOMATION, record
from store.engine import reading, sqlite_file, writing

Adapters = Callable[[str], type[Publisher]]


@dataclass(frozen=True, slots=True)
class Held:
    """What was held back, and why."""

    #: When the copy was made or the database last lived (UTC); None: nobody knows.
    since: datetime | None
    posts: int
    feeds: int

    def __str__(self) -> str:
        when = f"of {self.since:%Y-%m-%d %H:%M} UTC" if self.since else "of unknown age"
        return (
            f"This database is a copy {when}: {_count(self.posts, 'post')} that may have gone out since "
            f"then {'is' if self.posts == 1 else 'are'} held as uncertain, and {_count(self.feeds, 'feed')} "
            "will ask before posting. `tabuh post list --state uncertain` shows the posts."
        )


def _count(number: int, thing: str) -> str:
    return f"{number} {thing}" if number == 1 else f"{number} {thing}s"


def hold_if_older_copy(
    engine: Engine, adapters: Adapters, *, beat_file: Path | None, now: datetime
) -> Held | None:
    """Hold a database that is a restored backup, or older than the beat written beside it.

    Args:
        beat_file: beside the SQLite file; None: there is none to compare with.

    Returns:
        What was held; None: this database is the newest there is.
    """
    outside = read_beat(beat_file)  # before the row, which a running daemon writes first
    with reading(engine) as session:
        since = _older_since(session, outside)
    if since is None:
        return None
    # The clock may run behind that of the lost time: then too this copy is the newest from here on.
    lived = max(now, installation.instant_of(outside or 0))
    return hold(engine, adapters, since=since, now=now, lived=lived)


def _older_since(session: Session, outside: int | None) -> datetime | None:
    made = installation.fact(session, installation.BACKUP_MADE)
    if made is not None:
        return datetime.fromtimestamp(made, UTC)
    last = installation.fact(session, installation.BEAT)
    if outside is not None and last is not None and outside > last:
        return installation.instant_of(last)
    return None


def hold(
    engine: Engine,
    adapters: Adapters,
    *,
    since: datetime | None,
    now: datetime,
    lived: datetime | None = None,
) -> Held:
    """Turn what a lost time may have published into uncertain posts, and make the feeds ask.

    ``lived`` is the beat that this database has from here on; ``now``, if not said.
    """
    with writing(engine) as session:
        platforms = installation.platforms_in_use(session)
        posts = sum(_hold_platform(session, platform, adapters, now=now) for platform in platforms)
        feeds = installation.ask_before_posting(session)
        held = Held(since, posts, feeds)
        installation.forget_fact(session, installation.BACKUP_MADE)
        installation.beat(session, now=lived or now)
        record(
            session, AUTOMATION, "held a restored copy", subject="installation", subject_id=0,
            workspace_id=None, now=now,
            after={"since": since.isoformat() if since else None, "posts": posts, "feeds": feeds},
        )  # fmt: skip
        session.commit()
    return held


def _hold_platform(session: Session, platform: str, adapters: Adapters, *, now: datetime) -> int:
    """As each platform's delivery class allows: send again by key, look, or ask a person."""
    try:
        capabilities = adapters(platform).capabilities
    except UsageError:  # its package is no longer installed
        return installation.doubt_due_posts(session, platform, now=now, next_at=None, reason=_ASK)
    if capabilities.delivery in (DeliveryClass.LOCAL, DeliveryClass.NATIVE_KEY):
        # Whoever works on it sends it again, unless its key may have expired since its hour.
        return installation.doubt_due_posts(session, platform, now=now, next_at=now, reason=_AGAIN)
    values = unknown(_MAYBE, delivery=capabilities.delivery, now=now)
    if capabilities.delivery is DeliveryClass.LIST_AND_MATCH:
        installation.look_before_sending(session, platform, now=now)
    return installation.doubt_due_posts(
        session, platform, now=now, next_at=values["next_at"], reason=values["reason"]
    )


_MAYBE = "A backup was restored, and this post may have gone out after it was made."
_AGAIN = f"{_MAYBE} Its key tells: a second call changes nothing where it exists."
_ASK = f"{_MAYBE} Look on the platform, then mark it published or queue it again."


def beat_file_of(engine: Engine) -> Path | None:
    """The file beside a SQLite database that tells how new it is; None on PostgreSQL or in memory."""
    file = sqlite_file(engine)
    return file.with_name(f"{file.name}.beat") if file is not None else None


def beat(engine: Engine, beat_file: Path | None, *, now: datetime) -> None:
    """Note that this installation lives: in the database first, then beside it."""
    with writing(engine) as session:
        written = installation.beat(session, now=now)
        session.commit()
    note_beside(beat_file, written)


def note_beside(beat_file: Path | None, written: int) -> None:
    """Write a committed beat beside the database, unless a later one stands there."""
    if beat_file is None:
        return
    with _one_writer:
        if written > (read_beat(beat_file) or 0):
            fresh = beat_file.with_name(beat_file.name + ".new")
            fresh.write_text(f"{written}\n")
            fresh.replace(beat_file)


#: The clockwork and the publishing worker both write beats.
_one_writer = threading.Lock()


def read_beat(beat_file: Path | None) -> int | None:
    """What the file beside the database says, in milliseconds since 1970; None: nothing."""
    try:
        return int(beat_file.read_text()) if beat_file is not None else None
    except (OSError, ValueError):
        return None
