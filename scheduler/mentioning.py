"""Who mentions the workspace's own brand, asked of the platforms that tell their channels."""

from datetime import datetime, timedelta
from typing import Final

import structlog

from domain.errors import TabuhError, UsageError
from net.deadline import time_limit
from publishers.base import Publisher
from scheduler.context import Context
from scheduler.heeding import heed
from scheduler.renewing import in_good_standing
from scheduler.spending import charge_reads
from store import mentions, people
from store.engine import reading, writing
from store.tables import Brand, ChannelRow

log = structlog.get_logger()

#: How often a channel is asked.
EVERY: Final = timedelta(hours=1)
#: How often is looked which channels are to be asked.
LOOK_EVERY: Final = timedelta(minutes=5)
#: How far the first look goes back.
_REACH: Final = timedelta(days=29)
#: What was told before may show late; it is seen again, and counted once.
_OVERLAP: Final = timedelta(hours=6)
#: Everything that one look may take.
_LIMIT: Final = timedelta(seconds=60)


def tells(kind: type[Publisher]) -> bool:
    """Whether a platform tells its channels who mentions them, for nothing."""
    return kind.mentions is not Publisher.mentions and not kind.capabilities.prices


def look(context: Context) -> int:
    """Ask every channel whose turn it is; how many mentions were new."""
    with reading(context.engine) as session:
        found = mentions.channels(session)
    return sum(_turn(context, row, brand) for row, brand in found if _asked(context, row))


def _asked(context: Context, row: ChannelRow) -> bool:
    try:
        return tells(context.adapter(row.platform))
    except UsageError:
        return False


def _turn(context: Context, row: ChannelRow, brand: Brand) -> int:
    now = context.clock()
    quiet = row.quiet_until is not None and row.quiet_until > now
    if quiet or (row.mentions_at is not None and row.mentions_at > now - EVERY):
        return 0
    with writing(context.engine) as session:
        ours = mentions.claim(session, row.id, before=now - EVERY, now=now)
        session.commit()
    if not ours:
        return 0
    try:
        return _take_in(context, row, brand, now=now)
    except TabuhError as error:
        log.info("mentions_not_read", channel=row.id, platform=row.platform, reason=str(error))
        with writing(context.engine) as session:
            heed(session, row.id, error, now=context.clock())
            session.commit()
        return 0


def _take_in(context: Context, row: ChannelRow, brand: Brand, *, now: datetime) -> int:
    """Count what was said since the last look that came through, however long ago that is."""
    begun = row.mentions_since or now - _REACH
    since = begun if row.mentions_until is None else max(begun, row.mentions_until - _OVERLAP)
    with time_limit(_LIMIT):
        publisher = context.publisher(row)
        charge_reads(context, row, publisher, reads=1)
        _, told = in_good_standing(context, publisher, lambda known: known.mentions(since))
    if told is None:
        return 0
    found = [(one.at, one.mark) for one in told.found if one.at >= since]
    with writing(context.engine) as session:
        people.lock_workspace(session, row.workspace_id)
        new = mentions.add(session, row, brand, found, now=now)
        mentions.read_until(session, row.id, since=told.gap_until or begun, until=now)
        session.commit()
    return new
