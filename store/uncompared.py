"""Posts whose columns are written, and that were not compared with those around them yet.

They are noted in the transaction that writes their columns, and forgotten in the one that writes how they
stand: whoever dies in between leaves them to the next.
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from sqlalchemy import delete, select
from sqlmodel import Session, col

from domain.ids import new_id
from store.columns import Numbers
from store.tables import StandingUncompared


@dataclass(frozen=True, slots=True)
class Noted:
    """Some posts of one channel that wait to be compared."""

    #: The rows that note them.
    rows: Sequence[int]
    #: Their ids, each once, in order.
    post_ids: Numbers


def note(session: Session, channel_id: int, post_ids: Collection[int]) -> None:
    """Have these posts of a channel compared with those around them."""
    if post_ids:
        posts = np.array(sorted(post_ids), "<i8").tobytes()
        session.add(StandingUncompared(id=new_id(), channel_id=channel_id, posts=posts))
        session.flush()


def channels(session: Session) -> list[int]:
    """Channels of which posts wait."""
    query = select(col(StandingUncompared.channel_id)).distinct().order_by(col(StandingUncompared.channel_id))
    return list(session.connection().execute(query).scalars())


def of_channel(session: Session, channel_id: int, *, limit: int) -> Noted:
    """Posts of a channel that wait, those first that have waited longest.

    Args:
        limit: so many posts, and those that were noted with the last of them.
    """
    query = (
        select(col(StandingUncompared.id), col(StandingUncompared.posts))
        .where(col(StandingUncompared.channel_id) == channel_id)
        .order_by(col(StandingUncompared.id))
    )
    rows: list[int] = []
    posts: list[Any] = [np.empty(0, np.int64)]
    for row_id, body in session.connection().execute(query):
        rows.append(row_id)
        posts.append(np.frombuffer(body, "<i8"))
        if sum(len(one) for one in posts) >= limit:
            break
    return Noted(rows, np.unique(np.concatenate(posts)).astype(np.int64))


def forget(session: Session, noted: Noted) -> None:
    """These posts are compared."""
    mine = col(StandingUncompared.id).in_(noted.rows)
    session.connection().execute(delete(StandingUncompared).where(mine))
