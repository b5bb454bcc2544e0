"""Fresh credentials before a call: one worker renews, all others wait for what it stored."""

import threading
from collections import defaultdict
from collections.abc import Callable
from datetime import timedelta
from typing import TypeVar

from domain.errors import NeedsReconnect, NotSent, OutcomeUnknown, TabuhError
from publishers.base import BaseCredentials, Publisher
from scheduler.context import Context
from store import channels
from store.engine import writing
from store.tables import ChannelRow

#: How long a worker may take to renew; a second one waits at least that long.
RENEWAL_LEASE = timedelta(seconds=60)

_in_this_process: defaultdict[int, threading.Lock] = defaultdict(threading.Lock)


def renewed(context: Context, publisher: Publisher, *, refused: bool = False) -> Publisher:
    """The publisher with credentials that are good now; renewed ones are stored before they are used.

    Refresh tokens often work once: so only the holder of the channel's renewal claim asks.

    Args:
        refused: the platform has just refused the publisher's credentials, though they looked good.

    Raises:
        NotSent: another machine is renewing, or nobody can be asked; try again in a moment.
        NeedsReconnect: the platform refuses to renew.
    """
    if not refused and not publisher.needs_refresh():
        return publisher
    with _in_this_process[publisher.channel.id]:
        with writing(context.engine) as session:
            row = channels.lock(session, publisher.channel.id)
            stored = context.publisher(row)
            is_other = stored.credentials != publisher.credentials
            if not stored.needs_refresh() and (is_other or not refused):
                return stored
            claim = channels.claim_renewal(session, row, now=context.clock(), lease=RENEWAL_LEASE)
            session.commit()
        if claim is None:
            raise NotSent(f"The credentials of channel {row.name} are being renewed.")
        return _renewed(context, stored, row, claim, refused=refused)


def _renewed(context: Context, stored: Publisher, row: ChannelRow, claim: int, *, refused: bool) -> Publisher:
    """Ask for fresh credentials and store them; the claim ends with the answer, or with its lease."""
    try:
        fresh = stored.refresh()
    except TabuhError as error:
        _keep(context, row, claim, None)
        if not isinstance(error, OutcomeUnknown):
            raise
        raise NotSent(f"The credentials of channel {row.name} could not be renewed: {error}") from error
    if not _keep(context, row, claim, fresh):
        raise NotSent(f"The credentials of channel {row.name} were renewed elsewhere.")
    if fresh is None and refused:
        raise NotSent(f"The credentials of channel {row.name} could not be renewed now.")
    with writing(context.engine) as session:
        return context.publisher(channels.lock(session, row.id))


def _keep(context: Context, row: ChannelRow, claim: int, fresh: BaseCredentials | None) -> bool:
    """Commit what a renewal gave, if the right to renew is still ours."""
    sealed, ends = None, None
    if fresh is not None:
        sealed = context.seal.close(row.id, fresh.sealable())
        ends = context.publisher_with(row, fresh).access_ends()
    with writing(context.engine) as session:
        kept = channels.end_renewal(session, row.id, claim, sealed, access_until=ends)
        session.commit()
    return kept


Answer = TypeVar("Answer")


def in_good_standing(
    context: Context, publisher: Publisher, call: Callable[[Publisher], Answer]
) -> tuple[Publisher, Answer]:
    """What ``call`` answers with credentials that are good now, and the publisher that made it.

    A refusal may mean only that the access token ended early: where it can be renewed, it is, once, and the
    call, which did nothing, is made again.

    Raises: as `renewed`, and what ``call`` raises.
    """
    publisher = renewed(context, publisher)
    try:
        return publisher, call(publisher)
    except NeedsReconnect:
        if not publisher.renewable():
            raise
        publisher = renewed(context, publisher, refused=True)
        return publisher, call(publisher)
