"""The times of single reactions, asked for while a post is young: the hours at which an audience is there."""

from collections.abc import Iterable
from datetime import datetime, timedelta
from hashlib import blake2b
from typing import Final

from domain.errors import RateLimited, TabuhError
from domain.metrics import Metric
from publishers.base import Publisher, Reaction
from scheduler.context import Context
from store import budgets, reactions
from store.engine import reading, writing
from store.reactions import Dated
from store.tables import Post

#: Older posts earn next to nothing whose hour would be worth a call.
ASKED_UNTIL: Final = timedelta(days=2)
#: Looks at reactions that one channel may have in an hour: they must not eat what publishing needs.
LOOKS: Final = 60
WINDOW: Final = timedelta(hours=1)
#: How far a platform's clock may be off.
_SKEW: Final = timedelta(minutes=5)
_COUNTED: Final = frozenset({Metric.REACTIONS, Metric.REPLIES, Metric.SHARES})


def ask_when(context: Context, publisher: Publisher, post: Post, *, now: datetime) -> list[Dated]:
    """What the platform newly tells of when a young post's reactions came.

    The post's own numbers have just been read: should only this fail, nothing is lost but times.

    Raises:
        RateLimited: the platform asked us to wait.
    """
    if post.remote_id is None or post.published_at is None or now - post.published_at > ASKED_UNTIL + _SKEW:
        return []
    if type(publisher).reactions is Publisher.reactions:  # it dates none: no budget is spent
        return []
    with writing(context.engine) as session:
        key = f"reactions:{post.channel_id}"
        allowed = budgets.take(session, key, allowed=LOOKS, window=WINDOW, now=now)
        session.commit()
    if not allowed:
        return []
    with reading(context.engine) as session:
        since = reactions.last_of(session, post.id) or post.published_at
    try:
        found = publisher.reactions(post.remote_id, since - _SKEW)
    except RateLimited:
        raise
    except TabuhError:
        return []
    return list(_believed(found or (), post, now=now))


def _believed(found: Iterable[Reaction], post: Post, *, now: datetime) -> Iterable[Dated]:
    """Reactions that can be true, with the key that is kept in place of who they were from."""
    assert post.published_at is not None
    for one in found:
        if one.metric in _COUNTED and post.published_at - _SKEW <= one.at <= now + _SKEW:
            yield Dated(one.metric, max(one.at, post.published_at), _hashed(f"{one.metric} {one.key}", post))


def _hashed(told: str, post: Post) -> str:
    """Keyed by what only this post has: nobody can be followed from post to post."""
    return blake2b(told.encode(), digest_size=16, key=post.delivery_key.encode()[:64]).hexdigest()
