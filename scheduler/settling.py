"""Writing down how published posts stand, so that lists and sums over many of them are quick."""

from datetime import timedelta

import structlog

from scheduler.context import Context
from store.engine import writing

log = structlog.get_logger()

#: How often it is looked whether there is something to write.
SETTLE_EVERY = timedelta(seconds=30)


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
