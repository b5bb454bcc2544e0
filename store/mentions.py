"""Mentions that platforms list by themselves: whose turn it is to be asked, and what was found."""

from collections.abc import Sequence
from datetime import datetime
from hashlib import sha256

from sqlalchemy import update
from sqlmodel import Session, col, select

from store import brought
from store.channels import take_turn
from store.tables import Brand, ChannelRow, MentionDay, Workspace


def channels(session: Session) -> Sequence[tuple[ChannelRow, Brand]]:
    """All channels of workspaces with a brand of their own that may be asked, each with that brand."""
    query = (
        select(ChannelRow, Brand)
        .join(Workspace, col(Workspace.id) == col(ChannelRow.workspace_id))
        .join(Brand, col(Brand.workspace_id) == col(ChannelRow.workspace_id))
        .where(
            col(Brand.is_own).is_(True),
            col(ChannelRow.state) != "needs_reconnect",
            col(Workspace.simulated).is_(False),
        )
        .order_by(col(ChannelRow.id))
    )
    return [(channel, brand) for channel, brand in session.exec(query)]


def claim(session: Session, channel_id: int, *, before: datetime, now: datetime) -> bool:
    """Whether it is our turn to ask a channel for mentions: nobody did since ``before``."""
    asked = col(ChannelRow.mentions_at)
    return take_turn(session, channel_id, asked, before=before, now=now)


def read_until(session: Session, channel_id: int, *, since: datetime, until: datetime) -> None:
    """Note from when to when all mentions of a channel are known."""
    mine = update(ChannelRow).where(col(ChannelRow.id) == channel_id)
    session.connection().execute(mine.values(mentions_since=since, mentions_until=until))


def add(
    session: Session, channel: ChannelRow, brand: Brand, found: Sequence[tuple[datetime, str]], *,
    now: datetime,
) -> int:  # fmt: skip
    """Count mentions (when, and a mark of the post), each once, however often it is seen; how many were new.

    The caller's transaction has locked the workspace.
    """
    rows = {}
    for at, mark in found:
        key = sha256("\x1f".join(["mentioned", str(brand.id), mark]).encode()).hexdigest()
        rows[key] = {
            "key": key, "at": min(at, now), "brand_id": brand.id, "number": 1, "query": "",
            "source": source_of(channel), "file_id": None, "read_at": now,
        }  # fmt: skip
    known = _known(session, channel.workspace_id, list(rows))
    fresh = [row for key, row in rows.items() if key not in known]
    return brought.keep(session, MentionDay, channel.workspace_id, fresh).added


def _known(session: Session, workspace_id: int, keys: Sequence[str]) -> set[str]:
    found: set[str] = set()
    for start in range(0, len(keys), 5_000):
        query = select(col(MentionDay.key)).where(
            col(MentionDay.workspace_id) == workspace_id,
            col(MentionDay.is_current).is_(True),
            col(MentionDay.key).in_(keys[start : start + 5_000]),
        )
        found.update(session.scalars(query))
    return found


def source_of(channel: ChannelRow) -> str:
    """What a passport calls the notifications of a channel."""
    return f"{channel.platform}: {channel.name}"[:80]


def collected(session: Session, workspace_id: int) -> Sequence[ChannelRow]:
    """The channels whose mentions are read from their platforms, with since when."""
    query = select(ChannelRow).where(
        col(ChannelRow.workspace_id) == workspace_id, col(ChannelRow.mentions_since).is_not(None)
    )
    return session.scalars(query.order_by(col(ChannelRow.name))).all()
