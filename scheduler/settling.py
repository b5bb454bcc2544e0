"""Writing down how published posts stand, so that lists and sums over many of them are quick."""

from datetime import timedelta

import structlog
from sqlalchemy import Engine

from scheduler.context import Context
from store.engine import reading, writing

log = structlog.get_logger()

#: How often it is looked whether there is something to write.
SETTLE_EVERY = timedelta(seconds=30)
#: How often clicks that wait are added to the sums of their posts.
ADD_UP_EVERY = timedelta(seconds=5)


def settle(context: Context) -> None:
    """Give every channel its standings and sums, and write down posts that have changed since.

    In short transactions: readings, clicks and whatever else goes on meanwhile. Several machines may do it
    at once; where nothing is written yet, figures come from readings.
    """
    from store import packing

    with writing(context.engine) as session:
        waiting = packing.unbuilt(session)
        session.commit()
    for channel_id in waiting:
        count = 1
        while count:
            with writing(context.engine) as session:
                count = packing.build(session, channel_id)
                session.commit()
        log.debug("standings_built", channel_id=channel_id)
    count = packing.AT_ONCE
    while count == packing.AT_ONCE:
        with writing(context.engine) as session:
            count = packing.pack(session)
            session.commit()


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
