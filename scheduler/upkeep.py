"""The daily look after a channel: do its credentials still work, and how many follow it."""

from datetime import timedelta

import structlog

from domain.errors import NeedsReconnect, RateLimited, TabuhError
from net.deadline import time_limit
from publishers.base import Measured
from scheduler.channels import TEST_EVERY, test
from scheduler.context import Context
from scheduler.heeding import heed
from scheduler.learning import relearn
from scheduler.renewing import in_good_standing
from scheduler.spending import charge_reads
from store import channels, measuring
from store.due import finish
from store.engine import reading, writing
from store.measuring import Taken
from store.tables import ChannelRow

log = structlog.get_logger()

#: Everything that one look after a channel may take.
LOOK_LIMIT = timedelta(seconds=60)
#: When a channel whose platform could not be reached is looked after again.
AGAIN = timedelta(hours=1)


def look_after(context: Context, row: ChannelRow) -> None:
    """Test a claimed channel's credentials and append its numbers, such as its followers.

    A channel whose credentials are refused needs to be connected again; one that had lost its
    connection and answers works again. What its hours are worth is learned first. A paused channel is
    looked after all the same.
    """
    now = context.clock()
    relearn(context, row)
    try:
        with time_limit(LOOK_LIMIT):
            charge_reads(context, row, context.publisher(row), reads=2)
            test(context, row.workspace_id, row.name)
            numbers = _numbers(context, row)
    except TabuhError as error:
        _after(context, row, error)
        return
    taken = [Taken(one.metric, one.value, one.source) for one in numbers if one.value is not None]
    with writing(context.engine) as session:
        measuring.append_of_channel(session, row.id, read_at=now, taken=taken)
        if finish(session, row, next_at=now + TEST_EVERY):
            session.commit()


def _numbers(context: Context, row: ChannelRow) -> list[Measured]:
    with reading(context.engine) as session:
        fresh = channels.get(session, row.workspace_id, row.id)
    _, numbers = in_good_standing(context, context.publisher(fresh), lambda known: known.channel_metrics())
    return numbers


def _after(context: Context, row: ChannelRow, error: TabuhError) -> None:
    """A refusal is the owner's to mend and tried daily; anything else is tried again soon."""
    now = context.clock()
    log.warning("channel_not_looked_after", channel=row.id, platform=row.platform, reason=str(error))
    with writing(context.engine) as session:
        heed(session, row.id, error, now=now)
        next_at = now + AGAIN
        match error:
            case NeedsReconnect():
                next_at = now + TEST_EVERY
            case RateLimited():
                next_at = now + max(error.retry_after, AGAIN)
        if finish(session, row, next_at=next_at):
            session.commit()
