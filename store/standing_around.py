"""Writing anew how the posts around those that changed stand at equal age."""

from collections.abc import Collection, Sequence
from typing import Any, Final

import numpy as np
from sqlalchemy import select
from sqlmodel import Session, col

from store import equal_age
from store.columns import USUAL, decode, empty, encode
from store.part_writing import put_column, stamped
from store.tables import Standing, StandingColumn

#: Posts in one query: SQLite takes 32,766 values in a statement.
_AT_A_TIME: Final = 5_000


def refresh(session: Session, channel_id: int, post_ids: Collection[int]) -> None:
    """Write anew how these posts, whose columns are written, and the posts around them stand.

    Those that wait to be written anyway are left to that.
    """
    places = _neighbours(session, channel_id, post_ids)
    if not places:
        return
    ids = sorted(places)
    values = dict(zip(ids, equal_age.percentiles(session, channel_id, ids).tolist(), strict=True))
    by_part: dict[int, list[int]] = {}
    for post_id, (part_id, _) in places.items():
        by_part.setdefault(part_id, []).append(post_id)
    query = select(col(StandingColumn.part_id), col(StandingColumn.body)).where(
        col(StandingColumn.part_id).in_(by_part), col(StandingColumn.name) == USUAL
    )
    bodies = {part_id: bytes(body) for part_id, body in session.connection().execute(query)}
    for part_id, own in by_part.items():
        at = np.array([places[one][1] for one in own], np.int64)
        known = decode(bodies[part_id]) if part_id in bodies else empty(USUAL, 0)
        column = empty(USUAL, max(len(known), int(at.max()) + 1))
        column[: len(known)] = known
        column[at] = [values[one] for one in own]
        if (body := encode(column)) != bodies.get(part_id, b""):
            put_column(session, part_id, USUAL, body, is_new=part_id not in bodies)
            stamped(session, channel_id, part_id)


def _neighbours(session: Session, channel_id: int, post_ids: Collection[int]) -> dict[int, tuple[int, int]]:
    """Posts around these that stand in columns: post → part and place."""
    found: dict[int, tuple[int, int]] = {}
    ordered = sorted(equal_age.around(session, channel_id, post_ids).union(post_ids))
    for start in range(0, len(ordered), _AT_A_TIME):
        query = select(col(Standing.post_id), col(Standing.part_id), col(Standing.place)).where(
            col(Standing.post_id).in_(ordered[start : start + _AT_A_TIME]),
            ~col(Standing.stale),
            col(Standing.part_id).is_not(None),
        )
        rows: Sequence[Any] = session.connection().execute(query).all()
        found.update((post_id, (part_id, place)) for post_id, part_id, place in rows)
    return found
