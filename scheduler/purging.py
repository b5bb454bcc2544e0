"""Old texts of entries are removed; what makes an entry known again is kept for good."""

from datetime import timedelta
from typing import Final

from scheduler.context import Context
from store import entries, memories
from store.engine import writing

#: Entries in one transaction, so that nobody waits long for it.
_BATCH: Final = 500


def purge(context: Context, *, older_than: timedelta) -> int:
    """Remove the texts of entries first seen so long ago, except where a post may still be made of them.

    Keys, titles, links and dates stay, so that an entry that comes back is known.

    Returns:
        Of how many entries.
    """
    now = context.clock()
    purged = 0
    while True:
        with writing(context.engine) as session:
            done = entries.purge_texts(session, before=now - older_than, now=now, limit=_BATCH)
            memories.forget_followed(session, now=now)
            session.commit()
        purged += done
        if done < _BATCH:
            return purged
