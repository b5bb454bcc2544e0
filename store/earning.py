"""What became of a feed's or a route's entries: how many led to posts, and where the others stopped."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ColumnElement, and_, func, select
from sqlmodel import Session, col

from domain.post import PostState
from store.tables import EntryRow, Feed, Ledger, Post


@dataclass(frozen=True, slots=True)
class Led:
    """Entries that were first seen in a stretch of time, and what they led to; once for each route."""

    entries: int
    #: Pairs of an entry and a route that decided on it.
    decisions: int
    posts: int
    published: int
    #: Why no post was made, by fate.
    fates: Mapping[str, int]
    #: Posts that are not out, by state.
    states: Mapping[str, int]


def led_to(
    session: Session, workspace_id: int, *, feed_id: int | None, route_id: int | None, start: datetime,
    end: datetime,
) -> Led:  # fmt: skip
    """What the entries of a feed led to that were first seen in [start, end), or those a route decided on."""
    seen: list[ColumnElement[bool]] = [
        col(Feed.workspace_id) == workspace_id,
        col(EntryRow.first_seen_at) >= start,
        col(EntryRow.first_seen_at) < end,
    ]
    if feed_id is not None:
        seen.append(col(EntryRow.feed_id) == feed_id)
    entries = select(func.count()).select_from(EntryRow).join(Feed, col(Feed.id) == col(EntryRow.feed_id))
    decided = [*seen]
    if route_id is not None:
        decided.append(col(Ledger.route_id) == route_id)
        entries = entries.join(
            Ledger, and_(col(Ledger.entry_id) == col(EntryRow.id), col(Ledger.route_id) == route_id)
        )
    query = (
        select(col(Ledger.fate), col(Post.state), func.count())
        .select_from(EntryRow)
        .join(Feed, col(Feed.id) == col(EntryRow.feed_id))
        .join(Ledger, col(Ledger.entry_id) == col(EntryRow.id))
        .outerjoin(Post, col(Post.id) == col(Ledger.post_id))
        .where(*decided)
        .group_by(col(Ledger.fate), col(Post.state))
    )
    fates: dict[str, int] = {}
    states: dict[str, int] = {}
    for fate, state, number in session.connection().execute(query):
        into = fates if fate is not None else states
        into[str(fate or state)] = number
    published = states.pop(PostState.PUBLISHED, 0)
    posts = published + sum(states.values())
    return Led(
        entries=int(session.connection().execute(entries.where(*seen)).scalar() or 0),
        decisions=posts + sum(fates.values()),
        posts=posts,
        published=published,
        fates=fates,
        states=states,
    )
