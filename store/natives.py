"""Posts that were written on the platform itself: stored as published posts that only measuring knows.

They have no attempt, no ledger row, no key of a text and no slot: nothing queues, repeats or counts them.
"""

import secrets
from collections.abc import Collection, Iterable, Sequence
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import delete, func, insert, or_, select
from sqlmodel import Session, col

from domain.content import Content, NativePost, content_json
from domain.ids import new_id
from domain.metrics import CHECKPOINTS
from domain.post import PlacedBy, PostState, Sender
from store import standings
from store.channels import take_turn
from store.tables import (
    Attempt,
    ChannelRow,
    DatedReaction,
    ExperimentPost,
    Measurement,
    Post,
    Reading,
    Workspace,
)

#: How far a platform's clock may be off.
_SKEW = timedelta(minutes=5)


def claim(session: Session, channel_id: int, *, before: datetime, now: datetime) -> bool:
    """Whether it is our turn to ask a channel for native posts: nobody did since ``before``."""
    asked = col(ChannelRow.native_at)
    return take_turn(session, channel_id, asked, before=before, now=now)


def channels(session: Session) -> Sequence[ChannelRow]:
    """All channels that may be asked: neither switched off by a person nor disconnected nor simulated."""
    chosen = col(ChannelRow.native_posts)
    wanted = or_(chosen.is_(None), chosen.is_(True))
    query = (
        select(ChannelRow)
        .join(Workspace, col(Workspace.id) == col(ChannelRow.workspace_id))
        .where(wanted, col(ChannelRow.state) != "needs_reconnect", col(Workspace.simulated).is_(False))
    )
    return session.scalars(query.order_by(col(ChannelRow.id))).all()


def unsettled_since(session: Session, channel_id: int) -> datetime | None:
    """From when on a post that is seen there may be one of ours whose call has not ended yet; None: none is.

    Such a call has an attempt row; after a restored backup there is only the hour at which it was due.
    """
    began = func.coalesce(func.min(col(Attempt.started_at)), func.min(col(Post.planned_at)))
    query = (
        select(began)
        .select_from(Post)
        .outerjoin(Attempt, col(Attempt.post_id) == col(Post.id))
        .where(
            col(Post.channel_id) == channel_id,
            or_(
                col(Post.state).in_((PostState.PUBLISHING, PostState.UNCERTAIN)),
                col(Post.in_doubt),
            ),
        )
        .group_by(col(Post.id))
    )
    found = [at for at in session.connection().execute(query).scalars() if at is not None]
    return min(found) - _SKEW if found else None


def known(session: Session, channel_id: int, remote_ids: Collection[str], urls: Collection[str]) -> set[str]:
    """Those of these ids and addresses that the channel has a row of, or once sent.

    Of a post that a person found there, only the address is known.
    """
    ids = list(remote_ids)
    own = col(Post.channel_id) == channel_id
    rows = select(col(Post.remote_id)).where(own, col(Post.remote_id).in_(ids))
    found = select(col(Post.remote_url)).where(
        own, col(Post.remote_id).is_(None), col(Post.remote_url).in_(list(urls))
    )
    sent = (
        select(col(Attempt.remote_id))
        .join(Post, col(Post.id) == col(Attempt.post_id))
        .where(col(Post.channel_id) == channel_id, col(Attempt.remote_id).in_(ids))
    )
    connection = session.connection()
    return {
        one for query in (rows, found, sent) for one in connection.execute(query).scalars() if one is not None
    }


def add(session: Session, channel: ChannelRow, natives: Iterable[NativePost], *, now: datetime) -> int:
    """Add posts of which the channel has no row yet, each with its measurement; how many were added."""
    posts: list[dict[str, Any]] = []
    measurements: list[dict[str, Any]] = []
    for one in natives:
        post_id = new_id()
        posts.append(
            {
                "id": post_id,
                "workspace_id": channel.workspace_id,
                "channel_id": channel.id,
                "story_id": new_id(),
                "origin": Sender.NATIVE,
                "state": PostState.PUBLISHED,
                "content": content_json(Content(one.text, one.link)),
                "placed_by": PlacedBy.PERSON,
                "delivery_key": secrets.token_hex(16),
                "remote_id": one.id,
                "remote_url": one.url,
                "published_at": one.published_at,
                "created_at": now,
                "tries": 0,
                "in_doubt": False,
                "looks": 0,
                "claim": 0,
            }
        )
        measurements.append(
            {
                "id": new_id(),
                "workspace_id": channel.workspace_id,
                "post_id": post_id,
                "channel_id": channel.id,
                "published_at": one.published_at,
                "next_at": max(now, one.published_at + CHECKPOINTS[0]),
                "claim": 0,
                "failures": 0,
            }
        )
    if posts:
        session.connection().execute(insert(Post), posts)
        session.connection().execute(insert(Measurement), measurements)
        standings.published(session, [post["id"] for post in posts])
    return len(posts)


def give_way(session: Session, channel_ids: Collection[int], remote_ids: Collection[str | None]) -> None:
    """Forget natives that turn out to be posts of ours whose answer was lost; the post itself is measured."""
    from store import packing

    ids = [one for one in remote_ids if one is not None]
    query = select(col(Post.id), col(Post.channel_id)).where(
        col(Post.channel_id).in_(sorted(channel_ids)),
        col(Post.remote_id).in_(ids),
        col(Post.origin) == Sender.NATIVE,
    )
    found = session.connection().execute(query).all() if ids else []
    if not found:
        return
    gone = [post_id for post_id, _ in found]
    connection = session.connection()
    # Columns and sums hold them still: those of their channels are made anew.
    for channel_id in sorted({channel_id for _, channel_id in found}):
        packing.forget(session, channel_id)
    for table in (Reading, DatedReaction, Measurement, ExperimentPost):
        connection.execute(delete(table).where(col(table.post_id).in_(gone)))
    connection.execute(delete(Post).where(col(Post.id).in_(gone)))
