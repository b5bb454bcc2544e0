"""Writing down how published posts stand, so that lists and sums over many of them are quick."""

import time
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Final

import structlog
from sqlalchemy import Engine

from scheduler.context import Context
from store import turns
from store.engine import reading, sqlite_file, writing

if TYPE_CHECKING:
    from store.unwritten import Waiting

log = structlog.get_logger()

#: How often it is looked whether there is something to write.
SETTLE_EVERY = timedelta(seconds=30)
#: How often clicks that wait are added to the sums of their posts.
ADD_UP_EVERY = timedelta(seconds=5)
#: Seconds after which others are let into SQLite though none is seen to wait: not everything is Tabuh.
_UNSEEN: Final = 1.0
#: Posts in a transaction at most.
_MOST: Final = 4096


@dataclass(slots=True)
class Pace:
    """How many posts go into a transaction: as many as take about `aim` seconds, so that others can write.

    Each transaction also writes anew what its posts share with others: few cost almost as much as a thousand.
    """

    #: SQLite's file; None: there is none.
    file: Path | None
    aim: float
    #: Posts: at least so many, whatever they take, and so many at first.
    least: int
    count: int
    #: When others were let in last.
    _left: float = field(default_factory=time.monotonic)

    @classmethod
    def of(cls, engine: Engine) -> "Pace":
        """SQLite has one writer at a time; on PostgreSQL only who writes of the same posts and sums waits."""
        if engine.dialect.name == "postgresql":
            return cls(None, aim=1.0, least=512, count=1024)
        return cls(sqlite_file(engine), aim=0.1, least=16, count=256)

    def leave(self) -> None:
        """Let in who waits for SQLite, behind a transaction; now and then also who cannot be seen to wait."""
        if self.file is None:
            return
        if turns.anyone_waits(self.file):
            turns.let_in(self.file)
        elif time.monotonic() - self._left > _UNSEEN:
            time.sleep(turns.LONGEST)
        else:
            return
        self._left = time.monotonic()

    def took(self, seconds: float, posts: int) -> None:
        """Learn from a transaction."""
        if posts >= self.count // 2 or seconds > self.aim:
            fitting = posts * self.aim / max(seconds, 1e-3)
            self.count = int(min(max(fitting, self.count / 4, self.least), self.count * 2, _MOST))


def settle(context: Context) -> None:
    """Give every channel its standings and sums, and write down posts that have changed since.

    In short transactions: readings, clicks and whatever else goes on meanwhile. Several machines may do it
    at once; where nothing is written yet, figures come from readings.
    """
    from store import packing, uncompared, unwritten

    with writing(context.engine) as session:
        waiting = packing.unbuilt(session)
        session.commit()
    pace = Pace.of(context.engine)
    for channel_id in waiting:
        build(context, channel_id, pace)
    is_more = True
    while is_more:
        with reading(context.engine) as session:
            changed = unwritten.waiting(session)
        written = _write(context, changed, pace)
        is_more = len(changed.ids) == unwritten.ROUND and written > 0
    with reading(context.engine) as session:
        concerned = uncompared.channels(session)
    for channel_id in concerned:
        _compare(context, channel_id, pace)


def _write(context: Context, changed: "Waiting", pace: Pace) -> int:
    """Write the columns of posts that changed; how many."""
    from store import packing

    written = 0
    for post_ids in changed.steps(lambda: pace.count):
        with writing(context.engine) as session:
            session.connection()  # the turn to write has come
            started = time.monotonic()
            count = packing.pack_some(session, post_ids)
            session.commit()
        pace.took(time.monotonic() - started, count)
        pace.leave()
        written += count
    return written


def _compare(context: Context, channel_id: int, pace: Pace) -> None:
    """Write how posts of a channel that changed, and those around them, stand at equal age.

    It is read first, while others write, and then written in a moment.
    """
    from store import standing_around, uncompared
    from store.part_writing import lock_channel

    while True:
        with reading(context.engine) as session:
            noted = uncompared.of_channel(session, channel_id, limit=_MOST)
            if not noted.rows:
                return
            found = standing_around.compared(session, channel_id, noted)
        with writing(context.engine) as session:
            lock_channel(session, channel_id)
            if not standing_around.put(session, channel_id, found):  # columns were written meanwhile
                standing_around.refresh(session, channel_id, noted)
            session.commit()
        pace.leave()


def build(context: Context, channel_id: int, pace: Pace | None = None) -> None:
    """Give all posts of a channel their standings, in short transactions."""
    from store import packing

    pace, after, is_done = pace or Pace.of(context.engine), None, False
    while not is_done:
        with writing(context.engine) as session:
            session.connection()
            started = time.monotonic()
            built = packing.build(session, channel_id, limit=pace.count, after=after)
            session.commit()
        pace.took(time.monotonic() - started, built.posts)
        pace.leave()
        is_done = not built.posts and after is None
        after = built.until
    log.debug("standings_built", channel_id=channel_id)


def add_up(engine: Engine) -> None:
    """Add the clicks that wait to the standings and sums of their posts, on however many machines at once."""
    from store import adding_up, unsummed

    count = unsummed.AT_ONCE
    while count == unsummed.AT_ONCE:
        with reading(engine) as session:
            if not unsummed.any_wait(session):
                return
        with writing(engine) as session:
            count = adding_up.add_up(session)
            session.commit()
