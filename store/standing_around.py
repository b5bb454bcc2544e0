"""Writing anew how the posts around those that changed stand at equal age."""

from collections.abc import Collection, Sequence
from typing import Any

from sqlalchemy import select
from sqlmodel import Session, col

from store import equal_age
from store.chunks import chunks
from store.columns import USUAL
from store.part_writing import opened_parts, save_columns, stamped
from store.tables import Standing


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
    changed = []
    for part in opened_parts(session, by_part, {USUAL}).values():
        own = by_part[part.id]
        part.columns[USUAL][[places[one][1] for one in own]] = [values[one] for one in own]
        if save_columns(session, part):
            changed.append(part.id)
    if changed:
        stamped(session, channel_id, changed)


def _neighbours(session: Session, channel_id: int, post_ids: Collection[int]) -> dict[int, tuple[int, int]]:
    """Posts around these that stand in columns: post → part and place."""
    found: dict[int, tuple[int, int]] = {}
    for chunk in chunks(sorted(equal_age.around(session, channel_id, post_ids).union(post_ids))):
        query = select(col(Standing.post_id), col(Standing.part_id), col(Standing.place)).where(
            col(Standing.post_id).in_(chunk),
            ~col(Standing.stale),
            col(Standing.part_id).is_not(None),
        )
        rows: Sequence[Any] = session.connection().execute(query).all()
        found.update((post_id, (part_id, place)) for post_id, part_id, place in rows)
    return found
