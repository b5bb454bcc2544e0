"""What stands on a channel already, as planning sees it: instants in seconds since 1970, and nothing more."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import BigInteger, ColumnElement, cast, extract, func
from sqlalchemy import select as select_columns
from sqlalchemy.orm import Mapped
from sqlmodel import Session, col, or_, select

from domain.post import HOLDS_SLOT, PlacedBy, PostState, Sender
from store.tables import Post

#: States of posts that stand where they are planned; what is out stands where it went out.
_STANDING = HOLDS_SLOT - {PostState.PUBLISHED}
_At = Mapped[datetime | None]
#: Planning knows only what went out from here.
_SENT = col(Post.origin) == Sender.TABUH
#: Of these, what lies in the past will not go out at its hour.
_STRANDED = (PostState.DRAFT, PostState.FAILED)


def instants(
    session: Session, channel_id: int, *, since: datetime, now: datetime, without: Collection[int] = ()
) -> list[int]:
    """When the channel's posts stand or went out since then, in no order; some posts left out."""
    found: list[int] = []
    for at, where in _parts(channel_id, since=since, now=now):
        query = select(epoch(session, at)).where(*where)
        if without:
            query = query.where(col(Post.id).not_in(without))
        found += session.connection().execute(query).scalars().all()
    return found


def contents(
    session: Session,
    channel_id: int,
    *,
    since: datetime,
    until: datetime,
    now: datetime,
    without: Collection[int] = (),
) -> list[tuple[int, dict[str, Any]]]:
    """As `instants`, each with the post's content, up to ``until``."""
    found: list[tuple[int, dict[str, Any]]] = []
    for at, where in _parts(channel_id, since=since, now=now):
        query = select(epoch(session, at), col(Post.content)).where(*where, at < until)
        if without:
            query = query.where(col(Post.id).not_in(without))
        found += [(when, content) for when, content in session.connection().execute(query)]
    return found


def kin_instants(
    session: Session, post: Post, *, since: datetime, now: datetime, without: Collection[int] = ()
) -> list[int]:
    """When other posts of the same channel stand that belong to the same story or campaign."""
    found: list[int] = []
    for at, where in _parts(post.channel_id, since=since, now=now):
        query = select(epoch(session, at)).where(*where, _akin(post), col(Post.id) != post.id)
        if without:
            query = query.where(col(Post.id).not_in(without))
        found += session.connection().execute(query).scalars().all()
    return found


def campaign_instants(
    session: Session, channel_id: int, campaign: str, *, since: datetime, now: datetime
) -> list[int]:
    """When posts of a campaign stand on the channel or went out since then."""
    found: list[int] = []
    for at, where in _parts(channel_id, since=since, now=now):
        query = select(epoch(session, at)).where(*where, col(Post.campaign) == campaign)
        found += session.connection().execute(query).scalars().all()
    return found


@dataclass(frozen=True, slots=True)
class Stands:
    """A post that stands on a channel, as planning needs it."""

    #: Seconds since 1970.
    at: int
    story_id: int
    campaign: str | None
    content: dict[str, Any]
    route_id: int | None


def all_of(
    session: Session, channel_id: int, *, since: datetime, now: datetime, without: Collection[int]
) -> list[Stands]:
    """Each of the channel's posts but these."""
    found: list[Stands] = []
    left_out = frozenset(without)
    for at, where in _parts(channel_id, since=since, now=now):
        query = select_columns(
            col(Post.id), epoch(session, at), col(Post.story_id), col(Post.campaign), col(Post.content),
            col(Post.route_id),
        ).where(*where)  # fmt: skip
        for number, *rest in session.connection().execute(query):
            if number not in left_out:
                found.append(Stands(*rest))
    return found


def _akin(post: Post) -> ColumnElement[bool]:
    akin = [col(Post.story_id) == post.story_id]
    if post.campaign is not None:
        akin.append(col(Post.campaign) == post.campaign)
    return or_(*akin)


def _parts(channel_id: int, *, since: datetime, now: datetime) -> list[tuple[_At, list[ColumnElement[bool]]]]:
    """The two ways to stand: planned, and out; each with its instant and its conditions."""
    planned, out = col(Post.planned_at), col(Post.published_at)
    on_channel = col(Post.channel_id) == channel_id
    alive = or_(planned > now, col(Post.state).not_in(_STRANDED))
    return [
        (planned, [on_channel, planned >= since, col(Post.state).in_(_STANDING), alive]),
        (out, [on_channel, out >= since, col(Post.state) == PostState.PUBLISHED, _SENT]),
    ]


def epoch(session: Session, at: _At) -> ColumnElement[int]:
    """Whole seconds since 1970, counted by the database: no row becomes a Python date."""
    if session.get_bind().dialect.name == "sqlite":
        return func.unixepoch(at, type_=BigInteger)
    return cast(func.floor(extract("epoch", at)), BigInteger)


def beside(
    session: Session, channel_id: int, at: datetime, *, within: timedelta, without: Sequence[int] = ()
) -> Post | None:
    """The post of a channel that is planned nearest to an instant, nearer than ``within``; None: no such."""
    return _nearest(session, _planned_near(channel_id, at, within=within, without=without), at)


def akin_beside(session: Session, post: Post, at: datetime, *, within: timedelta) -> Post | None:
    """As `beside`, among the posts of the same story or campaign."""
    near = _planned_near(post.channel_id, at, within=within, without=(post.id,))
    return _nearest(session, [*near, _akin(post)], at)


def _planned_near(
    channel_id: int, at: datetime, *, within: timedelta, without: Sequence[int]
) -> list[ColumnElement[bool]]:
    return [
        col(Post.channel_id) == channel_id,
        col(Post.planned_at) > at - within,
        col(Post.planned_at) < at + within,
        col(Post.state).in_(HOLDS_SLOT),
        col(Post.id).not_in(without),
    ]


def _nearest(session: Session, where: Sequence[ColumnElement[bool]], at: datetime) -> Post | None:
    found = session.scalars(select(Post).where(*where).order_by(col(Post.planned_at)).limit(200)).all()
    return min(found, key=lambda post: abs((post.planned_at or at) - at), default=None)


def movable(session: Session, channel_id: int, *, after: datetime) -> Sequence[Post]:
    """Posts that automation placed later than ``after`` and may place anew, soonest first, locked.

    None that a person has placed or edited, none that was ever tried, none that goes out without a slot as
    its route says, and no cycle of an evergreen, which has rules of its own.
    """
    query = (
        select(Post)
        .where(
            col(Post.channel_id) == channel_id,
            col(Post.planned_at) > after,
            col(Post.state).in_((PostState.QUEUED, PostState.AWAITING_APPROVAL)),
            col(Post.placed_by) == PlacedBy.AUTOMATION,
            col(Post.slot_at).is_not(None),
            col(Post.edited_at).is_(None),
            col(Post.evergreen_id).is_(None),
            col(Post.tries) == 0,
            col(Post.in_doubt).is_(False),
        )
        .order_by(col(Post.planned_at), col(Post.id))
        .with_for_update()
        .execution_options(populate_existing=True)
    )
    return session.scalars(query).all()
