"""A feed that was removed comes back; what it showed stays known, so that none of it is posted again."""

from collections.abc import Sequence
from datetime import datetime

from sqlmodel import Session

from domain.entry import Entry
from scheduler.arriving import first_look
from store import entries, feeds, ledger
from store.tables import Feed

#: Columns that the feed keeps from its first life.
_KEPT = frozenset({"id", "workspace_id", "url", "claim", "created_at"})


def revive(session: Session, old: Feed, new: Feed, shown: Sequence[Entry], *, now: datetime) -> None:
    """Let a removed feed live again with the values of a new one, and with its entries as they were chosen.

    Entries of which a route has decided before keep their fates: a choice is about the others.

    Args:
        old: the removed row.
        shown: what the feed shows now, oldest first.
    """
    for name in Feed.model_fields:
        if name not in _KEPT:
            setattr(old, name, getattr(new, name))
    old.claim += 1
    session.add(old)
    fresh = first_look(shown, old.existing, zone_name=feeds.zone_of(session, old))
    known = entries.recognise(session, old.id, [entry.keys for entry in shown]).rows
    open_ones = ledger.unhandled(session, [old.id])
    rows = entries.by_ids(session, known.values())
    for place, row_id in known.items():
        if row_id in open_ones:
            rows[row_id].origin = fresh[place].origin
            session.add(rows[row_id])
    strangers = [one for place, one in enumerate(fresh) if place not in known]
    entries.add(
        session, old, [one.entry for one in strangers], origins=[one.origin for one in strangers], now=now
    )
