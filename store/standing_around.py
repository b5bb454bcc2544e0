"""Writing anew how posts whose columns changed, and those around them, stand at equal age."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from sqlalchemy import select
from sqlmodel import Session, col

from store import equal_age, uncompared
from store.chunks import chunks
from store.columns import USUAL, Numbers
from store.part_writing import opened_parts, save_columns, stamped
from store.tables import Standing, StandingChannel
from store.uncompared import Noted


@dataclass(frozen=True, slots=True)
class Compared:
    """How some posts of a channel stand."""

    noted: Noted
    #: The channel's stamp before anything of this was read; None: its standings are not complete.
    stamp: int | None
    #: Part → the places of posts there, and how each stands (0 to 100, NaN: not known).
    values: dict[int, tuple[Numbers, Numbers]]


def compared(session: Session, channel_id: int, noted: Noted) -> Compared:
    """How these posts, and those around them, stand; nothing is written.

    Those that wait to be written anyway are left to that.
    """
    stamp = _stamp(session, channel_id)
    found = equal_age.around(session, channel_id, noted.post_ids)
    by_part: dict[int, list[tuple[int, float]]] = {}
    for chunk in chunks(sorted(found)):
        query = select(col(Standing.post_id), col(Standing.part_id), col(Standing.place)).where(
            col(Standing.post_id).in_(chunk),
            ~col(Standing.stale),
            col(Standing.part_id).is_not(None),
        )
        rows: Sequence[Any] = session.connection().execute(query).all()
        for post_id, part_id, place in rows:
            by_part.setdefault(part_id, []).append((place, found[post_id]))
    values = {}
    for part_id, own in by_part.items():
        places, stands = zip(*own, strict=True)
        values[part_id] = np.array(places, np.int64), np.array(stands, np.float64)
    return Compared(noted, stamp, values)


def put(session: Session, channel_id: int, found: Compared) -> bool:
    """Write how posts stand, in the caller's transaction, which holds the channel.

    Returns:
        False: columns were written since it was read, and nothing is written now: read it again.
    """
    if _stamp(session, channel_id) != found.stamp:
        return False
    changed = []
    for part in opened_parts(session, found.values, {USUAL}).values():
        places, stands = found.values[part.id]
        part.columns[USUAL][places] = stands
        if save_columns(session, part):
            changed.append(part.id)
    if changed:
        stamped(session, channel_id, changed)
    uncompared.forget(session, found.noted)
    return True


def refresh(session: Session, channel_id: int, noted: Noted) -> None:
    """Write how these posts and those around them stand; the caller's transaction holds the channel."""
    put(session, channel_id, compared(session, channel_id, noted))


def _stamp(session: Session, channel_id: int) -> int | None:
    query = select(col(StandingChannel.stamp)).where(col(StandingChannel.channel_id) == channel_id)
    return session.connection().execute(query).scalar()
