"""Fresh credentials before a call: one worker renews, all others wait for what it stored."""

import threading
from collections import defaultdict
from datetime import timedelta

from domain.errors import NotSent, OutcomeUnknown
from publishers.base import Publisher
from scheduler.context import Context
from store import channels
from store.engine import writing

#: How long a worker may take to renew; a second one waits at least that long.
RENEWAL_LEASE = timedelta(seconds=60)

_in_this_process: defaultdict[int, threading.Lock] = defaultdict(threading.Lock)


def renewed(context: Context, publisher: Publisher) -> Publisher:
    """The publisher with credentials that are good now; renewed ones are stored before they are used.

    Refresh tokens often work once: so only the holder of the channel's renewal claim asks.

    Raises:
        NotSent: another machine is renewing; try again in a moment.
        NeedsReconnect: the platform refuses to renew.
    """
    if not publisher.needs_refresh():
        return publisher
    with _in_this_process[publisher.channel.id]:
        with writing(context.engine) as session:
            row = channels.lock(session, publisher.channel.id)
            stored = context.publisher(row)
            if not stored.needs_refresh():
                return stored
            claim = channels.claim_renewal(session, row, now=context.clock(), lease=RENEWAL_LEASE)
            session.commit()
        if claim is None:
            raise NotSent(f"The credentials of channel {row.name} are being renewed.")
        try:
            fresh = stored.refresh()
        except OutcomeUnknown as error:
            raise NotSent(f"The credentials of channel {row.name} could not be renewed: {error}") from error
        if fresh is None:
            return stored
        with writing(context.engine) as session:
            sealed = context.seal.close(row.id, fresh.sealable())
            if not channels.store_renewed(session, row.id, claim, sealed):
                raise NotSent(f"The credentials of channel {row.name} were renewed elsewhere.")
            session.commit()
            return context.publisher(channels.lock(session, row.id))
