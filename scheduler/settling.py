"""Writing down how published posts stand, so that lists and sums over many of them are quick."""

import time
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Final

import structlog
from sqlalchemy import Engine

from scheduler.context import Context
from store.engine import reading, writing

log = structlog.get_logger()

#: How often it is looked whether there is something to write.
SETTLE_EVERY = timedelta(seconds=30)
#: How often clicks that wait are added to the sums of their posts.
ADD_UP_EVERY = timedelta(seconds=5)
#: Posts in a transaction at most.
_MOST: Final = 4096
#: Posts that are compared with those around them in a transaction: it reads those around all of them.
_COMPARED: Final = 512


@dataclass(slots=True)
class Pace:
    """How many posts go into a transaction: as many as take about `aim` seconds, so that others can write.

    Each transaction also writes anew what its posts share with others: few cost almost as much as a thousand.
    """

    aim: float
    #: Posts: at least so many, whatever they take, and so many at first.
    least: int
    count: int
    #: Seconds left to others after a transaction that took long.
    gap: float

    @classmethod
    def of(cls, engine: Engine) -> "Pace":
        """SQLite has one writer at a time, and who waits looks again ten times a second: the gap lets it in.

        On PostgreSQL only who writes of the same posts and sums waits, and comes next.
        """
        if engine.dialect.name == "postgresql":
            return cls(aim=1.0, least=512, count=1024, gap=0.0)
        return cls(aim=0.1, least=16, count=64, gap=0.12)

    def leave(self, seconds: float) -> None:
        """Leave the gap behind a transaction that was long."""
        if self.gap and seconds > self.aim / 4:
            # Who waits for SQLite looks again after less than half of what it has waited.
            time.sleep(min(seconds / 2, self.gap))

    def took(self, seconds: float, posts: int) -> None:
        """Learn from a transaction, and leave the gap behind one that was long."""
        if posts:
            self.leave(seconds)
        if posts == self.count or seconds > self.aim:
            fitting = self.count * self.aim / max(seconds, 1e-3)
            self.count = int(min(max(fitting, self.count / 4, self.least), self.count * 2, _MOST))


def settle(context: Context) -> None:
    """Give every channel its standings and sums, and write down posts that have changed since.

    In short transactions: readings, clicks and whatever else goes on meanwhile. Several machines may do it
    at once; where nothing is written yet, figures come from readings.
    """
    from store import packing

    with writing(context.engine) as session:
        waiting = packing.unbuilt(session)
        session.commit()
    pace = Pace.of(context.engine)
    for channel_id in waiting:
        build(context, channel_id, pace)
    is_more, written = True, dict[int, set[int]]()
    while is_more:
        asked = pace.count
        with writing(context.engine) as session:
            session.connection()  # the turn to write has come
            started = time.monotonic()
            count = packing.pack(session, limit=asked, later=written)
            session.commit()
        pace.took(time.monotonic() - started, count)
        is_more = count == asked
    for channel_id, post_ids in written.items():
        _compare(context, channel_id, sorted(post_ids), pace)


def _compare(context: Context, channel_id: int, post_ids: Sequence[int], pace: Pace) -> None:
    """Write how posts that changed, and those around them, stand at equal age.

    Lists are sorted by it, and nothing else is: a process that dies before leaves posts where they were,
    until one of those around them is looked at.
    """
    from store import standing_around

    for start in range(0, len(post_ids), _COMPARED):
        with writing(context.engine) as session:
            session.connection()
            started = time.monotonic()
            standing_around.refresh(session, channel_id, post_ids[start : start + _COMPARED])
            session.commit()
        pace.leave(time.monotonic() - started)


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
