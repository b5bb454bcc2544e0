"""A post that was skipped while nobody knew whether it is on its platform, and is taken up again."""

from datetime import datetime

from sqlmodel import Session

from domain.post import PostState
from scheduler.context import Context
from scheduler.publishing import unknown
from store import posts
from store.tables import ChannelRow, Post

#: What it says then.
_STILL_UNKNOWN = "It was skipped before anybody knew whether it is on its platform."


def is_in_doubt(context: Context, channel: ChannelRow, post: Post) -> bool:
    """Whether a skipped post may be on its platform."""
    doubted = post.in_doubt or post.restored_at is not None
    return doubted and post.state == PostState.SKIPPED and not context.serves(channel.platform)


def doubt_again(
    context: Context, session: Session, post: Post, channel: ChannelRow, *, now: datetime
) -> None:
    """Make a locked post uncertain, to be looked for or left to a person, as its platform allows."""
    delivery = context.adapter(channel.platform).capabilities.delivery
    values = unknown(_STILL_UNKNOWN, delivery=delivery, now=now)
    posts.move(session, post, PostState.UNCERTAIN, reason=values["reason"], next_at=values["next_at"])
    post.looks, post.in_doubt = 0, True
