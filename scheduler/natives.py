"""Posts that were written on the platform itself: found there, and measured like any other."""

from datetime import datetime, timedelta
from typing import Final

import structlog

from domain.content import NativePost
from domain.errors import TabuhError, UsageError
from domain.metrics import CHECKPOINTS
from net.deadline import time_limit
from publishers.base import Publisher
from scheduler.context import Context
from scheduler.heeding import heed
from scheduler.renewing import in_good_standing
from scheduler.spending import charge_reads
from store import channels, natives
from store.changes import Actor, record
from store.engine import reading, writing
from store.tables import ChannelRow

log = structlog.get_logger()

#: How often a channel is asked; where asking costs money, once a day.
EVERY: Final = timedelta(hours=1)
EVERY_PAID: Final = timedelta(days=1)
#: How often is looked which channels are to be asked.
LOOK_EVERY: Final = timedelta(minutes=5)
#: Posts older than this are measured no more, so they are not taken in.
_REACH: Final = CHECKPOINTS[-1]
#: Posts may show in a list later than they were made.
_OVERLAP: Final = timedelta(hours=6)
#: Everything that one look may take.
_LIMIT: Final = timedelta(seconds=60)
#: Posts taken in at one look; the newest first.
_MOST: Final = 400


def lists(kind: type[Publisher]) -> bool:
    """Whether a platform can be asked for all posts of a channel."""
    return kind.native_posts is not Publisher.native_posts


def includes(context: Context, row: ChannelRow) -> bool:
    """Whether native posts of a channel are measured: as a person chose, else where asking is free."""
    try:
        kind = context.adapter(row.platform)
    except UsageError:
        return False
    if not lists(kind):
        return False
    return not kind.capabilities.prices if row.native_posts is None else row.native_posts


def look(context: Context) -> int:
    """Ask every channel whose turn it is; how many posts were taken in."""
    with reading(context.engine) as session:
        rows = natives.channels(session)
    return sum(_turn(context, row) for row in rows if includes(context, row))


def _turn(context: Context, row: ChannelRow) -> int:
    now = context.clock()
    paid = bool(context.adapter(row.platform).capabilities.prices)
    every = EVERY_PAID if paid else EVERY
    if (row.quiet_until is not None and row.quiet_until > now) or (
        row.native_at is not None and row.native_at > now - every
    ):
        return 0
    with writing(context.engine) as session:
        ours = natives.claim(session, row.id, before=now - every, now=now)
        session.commit()
    if not ours:
        return 0
    try:
        return take_in(context, row, since=_since(row, now))
    except TabuhError as error:
        log.info("native_posts_not_read", channel=row.id, platform=row.platform, reason=str(error))
        with writing(context.engine) as session:
            heed(session, row.id, error, now=context.clock())
            session.commit()
        return 0


def _since(row: ChannelRow, now: datetime) -> datetime:
    oldest = now - _REACH
    return oldest if row.native_at is None else max(oldest, row.native_at - _OVERLAP)


def take_in(context: Context, row: ChannelRow, *, since: datetime) -> int:
    """Take in the posts of a channel that it has from elsewhere; how many were new.

    What may be a post of ours whose call has not ended is left for the next look.

    Raises:
        PublishError: the platform cannot be asked now.
        NotSent: a budget, or a cap of the month, is used up.
    """
    with time_limit(_LIMIT):
        publisher = context.publisher(row)
        charge_reads(context, row, publisher, reads=1)
        publisher, listed = in_good_standing(context, publisher, lambda known: known.native_posts(since))
    now = context.clock()
    found = [one for one in listed or () if since <= one.published_at <= now]
    if not found:
        return 0
    with writing(context.engine) as session:
        channels.lock(session, row.id)  # two looks at once add no post twice
        until = natives.unsettled_since(session, row.id)
        new = _new(session_known=natives.known(
            session, row.id, {one.id for one in found}, {one.url for one in found if one.url}
        ), found=found, until=until)  # fmt: skip
        added = natives.add(session, row, new, now=now)
        session.commit()
    return added


def _new(*, session_known: set[str], found: list[NativePost], until: datetime | None) -> list[NativePost]:
    by_id = {
        one.id: one
        for one in found
        if one.id not in session_known
        and one.url not in session_known
        and (until is None or one.published_at < until)
    }
    newest = sorted(by_id.values(), key=lambda one: one.published_at, reverse=True)
    return newest[:_MOST]


def choose(context: Context, workspace_id: int, name: str, on: bool, *, actor: Actor) -> ChannelRow:
    """Measure native posts of a channel, or take in no more of them; those taken in stay.

    Raises:
        NotFound: there is no such channel.
        UsageError: its platform cannot be asked for them.
    """
    now = context.clock()
    with writing(context.engine) as session:
        row = channels.lock(session, channels.named(session, workspace_id, name).id)
        kind = context.adapter(row.platform)
        if on and not lists(kind):
            raise UsageError(f"{kind.title} cannot be asked for posts that were written there.")
        before, row.native_posts = includes(context, row), on
        if on and not before:
            row.native_at = None  # what was written meanwhile is taken in too
        session.add(row)
        record(
            session, actor, "chose whether posts written on the platform are measured", subject="channel",
            subject_id=row.id, workspace_id=workspace_id, now=now,
            before={"native_posts": before}, after={"native_posts": on},
        )  # fmt: skip
        session.commit()
        session.refresh(row)
        session.expunge(row)
    return row
