"""Posts that changed since their columns were written, in the order in which they are best written.

Columns of a part are written whole: posts of one part come together, and few parts at a time.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Final, NamedTuple

import numpy as np
from sqlalchemy import select
from sqlmodel import Session, col

from store import rows
from store.bulk import STALE
from store.chunks import chunks
from store.columns import FINGERPRINT, Numbers
from store.tables import Standing, StandingChannel

#: Posts that are put in order at once: of more, as after an upgrade, the first so many.
ROUND: Final = 50_000
#: No part; ids are larger.
_NONE: Final = -1


class Unwritten(NamedTuple):
    """A post whose columns are to be written, and which nobody else writes until the transaction ends."""

    post_id: int
    channel_id: int
    part_id: int | None
    place: int | None
    anew: bool
    looks: bytes | None


@dataclass(frozen=True, slots=True)
class Waiting:
    """Posts of channels whose standings are complete: by channel, within it by part, within it by id."""

    ids: Numbers
    #: Where another channel or part begins.
    _edges: Numbers

    def steps(self, size: Callable[[], int]) -> Iterator[Sequence[int]]:
        """The posts from first to last, some at a time, those of a part together where they fit.

        Args:
            size: about how many at a time; asked for each of them.
        """
        start = 0
        while start < len(self.ids):
            count = size()
            end = min(start + count, len(self.ids))
            if end < len(self.ids):
                edge = int(self._edges[np.searchsorted(self._edges, end, side="right") - 1])
                end = edge if edge > start + count // 2 else end
            yield self.ids[start:end].tolist()
            start = end


def waiting(session: Session, *, most: int = ROUND) -> Waiting:
    """Posts whose columns are to be written; fewer than ``most``: there are no others."""
    # As an expression: else SQLite takes the index by channel, and looks at every post.
    channel = col(Standing.channel_id) + 0
    query = (
        select(channel, col(Standing.part_id), col(Standing.post_id))
        .where(STALE, channel.in_(_complete(session)))
        .order_by(col(Standing.workspace_id), col(Standing.post_id))
        .limit(most)
    )
    found = [(one, part or _NONE, post) for one, part, post in session.connection().execute(query)]
    channels, parts, posts = np.array(found, np.int64).reshape(-1, 3).T
    order = np.lexsort((posts, parts, channels))
    channels, parts = channels[order], parts[order]
    is_edge = (np.diff(channels, prepend=_NONE) != 0) | (np.diff(parts, prepend=_NONE - 1) != 0)
    return Waiting(posts[order], np.flatnonzero(is_edge))


def taken(session: Session, post_ids: Sequence[int]) -> list[Unwritten]:
    """Those of the posts that still wait and that nobody else writes, for this transaction to write."""
    connection, complete = session.connection(), set(_complete(session))
    found: list[Unwritten] = []
    lock = " FOR UPDATE SKIP LOCKED" if rows.on_postgresql(connection) else ""
    for chunk in chunks(post_ids):
        where, values = rows.among(connection, "post_id", chunk)
        query = f"{_TAKEN}{where}{lock}"
        told: Any = rows.fetched(connection, query, values)
        found += [Unwritten(*row) for row in told if row[1] in complete]
    return found


_TAKEN: Final = "SELECT post_id, channel_id, part_id, place, anew, looks FROM standing WHERE stale AND "


def _complete(session: Session) -> Sequence[int]:
    """Channels whose standings are complete, and of this release."""
    query = select(col(StandingChannel.channel_id)).where(col(StandingChannel.layout) == FINGERPRINT)
    return session.connection().execute(query).scalars().all()
