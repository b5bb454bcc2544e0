"""Readers of a channel who want no more: each by the link in what we sent them, without signing in."""

from domain.content import DeliveryClass
from domain.errors import NotFound, TabuhError
from publishers.base import BaseCredentials
from scheduler.context import Context
from store import channels
from store.changes import Actor, record
from store.engine import reading, writing
from store.tables import ChannelRow

READER = Actor("reader")
_NOBODY = "This link names no reader, or one who has left already."


def reader_of(context: Context, channel_id: int, token: str) -> ChannelRow:
    """The channel that a reader's link would leave; changes nothing.

    Raises:
        NotFound: it names nobody, or somebody who has left.
    """
    with reading(context.engine) as session:
        row = channels.by_id(session, channel_id)
    if row is None or _without(context, row, token) is None:
        raise NotFound(_NOBODY)
    return row


def leave(context: Context, channel_id: int, token: str) -> None:
    """Send this reader nothing more. Who has left already is no error."""
    now = context.clock()
    with writing(context.engine) as session:
        if channels.by_id(session, channel_id) is None:
            return
        row = channels.lock(session, channel_id)
        left = _without(context, row, token)
        if left is None:
            return
        row.credentials = context.seal.close(row.id, left.sealable())
        session.add(row)
        record(
            session,
            READER,
            "lost a reader, who left",
            subject="channel",
            subject_id=row.id,
            workspace_id=row.workspace_id,
            now=now,
        )
        session.commit()


def _without(context: Context, row: ChannelRow, token: str) -> BaseCredentials | None:
    """The channel's credentials without the reader; None: the token names nobody there."""
    try:
        if context.adapter(row.platform).capabilities.delivery is DeliveryClass.LOCAL:
            return None
        return context.publisher(row).without_reader(token)
    except TabuhError:  # its platform or its key is gone: nobody can be named
        return None
