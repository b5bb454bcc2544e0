"""Whether a channel's recommended slots have earned more than the others that automation tried."""

from datetime import datetime
from typing import TYPE_CHECKING

from sqlmodel import Session

from scheduler.learning import channel_results
from store import learning
from store.tables import ChannelRow

if TYPE_CHECKING:
    from analytics.slots.offpolicy import Earned


def earned_by_slots(session: Session, channel: ChannelRow, *, now: datetime) -> "Earned":
    """What the logged odds of automatic choices say, of posts that were measured."""
    import numpy as np

    from analytics.slots.offpolicy import earned

    chosen = learning.chosen_posts(session, channel.workspace_id, channel.id)
    results = channel_results(session, channel, now=now) if chosen else {}
    rows = [
        (choice.why["rank"] == 1, choice.propensity, results[post.id])
        for choice, post in chosen
        if post.id in results and choice.why is not None and "rank" in choice.why
    ]
    return earned(
        np.array([row[0] for row in rows], dtype=bool),
        np.array([row[1] for row in rows], dtype=np.float64),
        np.array([row[2] for row in rows], dtype=np.float64),
    )
