"""Writing down how published posts stand, so that lists and sums over many of them are quick."""

import time
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


@dataclass(slots=True)
class Pace:
    """How many posts go into a transaction: as many as take about `AIM`, so that others can write between.

    SQLite has one writer at a time, and who waits looks again ten times a second: after a transaction that
    took long there is a gap in which they come in. On PostgreSQL nobody waits.
    """

    AIM: Final = 0.1
    _GAP: Final = 0.12
    _LEAST: Final = 16
    _MOST: Final = 4096

    has_gaps: bool = True
    count: int = 64

    def took(self, seconds: float, posts: int) -> None:
        """Learn from a transaction, and leave the gap behind one that was long."""
        if self.has_gaps and posts and seconds > self.AIM / 4:
            time.sleep(min(seconds, self._GAP))
        if posts == self.count or seconds > self.AIM:
            fitting = self.count * self.AIM / max(seconds, 1e-3)
            self.count = int(min(max(fitting, self.count / 4, self._LEAST), self.count * 2, self._MOST))


def settle(context: Context) -> None:
    """Give every channel its standings and sums, and write down posts that have changed since.

    In short transactions: readings, clicks and whatever else goes on meanwhile. Several machines may do it
    at once; where nothing is written yet, figures come from readings.
    """
    from store import packing

    with writing(context.engine) as session:
        waiting = packing.unbuilt(session)
        session.commit()
    pace = _pace(context.engine)
    for channel_id in waiting:
        build(context, channel_id, pace)
    is_more = True
    while is_more:
        asked = pace.count
        with writing(context.engine) as session:
            session.connection()  # the turn to write has come
            started = time.monotonic()
            count = packing.pack(session, limit=asked)
            session.commit()
        pace.took(time.monotonic() - started, count)
        is_more = count == asked


def _pace(engine: Engine) -> Pace:
    return Pace(has_gaps=engine.dialect.name == "sqlite")


def build(context: Context, channel_id: int, pace: Pace | None = None) -> None:
    """Give all posts of a channel their standings, in short transactions."""
    from store import packing

    pace, after, is_done = pace or _pace(context.engine), None, False
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
