"""Which visits belong to a scope."""

from collections.abc import Callable

from sqlalchemy import select
from sqlmodel import Session, col

from store.journeys import Touch
from store.site_figures import Of
from store.tables import EntryRow, Post


def touch_filter(session: Session, of: Of) -> Callable[[Touch], bool]:
    """Whether a visit is within a scope."""
    if of.feed_id is None:
        return lambda touch: (
            of.channel_id in (None, touch.channel_id)
            and of.route_id in (None, touch.route_id)
            and of.post_id in (None, touch.post_id)
        )
    query = (
        select(col(Post.id))
        .join(EntryRow, col(EntryRow.id) == col(Post.entry_id))
        .where(col(EntryRow.feed_id) == of.feed_id, col(Post.workspace_id) == of.workspace_id)
    )
    read = frozenset(session.connection().execute(query).scalars())
    return lambda touch: touch.post_id in read
