"""What the queue and home pages ask about posts: lists by hour, the coming days, and since when."""

from collections.abc import Callable, Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from sqlalchemy import ColumnElement, Function, ScalarSelect, bindparam, func, literal_column, or_
from sqlmodel import Session, col, select

from domain.post import PostState, Sender
from store.feeds import Health, health
from store.tables import Attempt, Change, ChannelRow, EntryRow, Feed, Person, Post, Route

#: States in which a post still has its hour before it.
COMING = (PostState.PUBLISHING, PostState.QUEUED, PostState.AWAITING_APPROVAL, PostState.DRAFT)


@dataclass(frozen=True, slots=True)
class Place:
    """Where a list goes on: the hour and the number of the last post that was shown."""

    at: datetime | None
    post_id: int


def by_hour(
    session: Session,
    workspace_id: int,
    *,
    states: Collection[PostState] = (),
    channel_id: int | None = None,
    campaign: str | None = None,
    before: datetime | None = None,
    latest_first: bool = False,
    unplanned_only: bool = False,
    after: Place | None = None,
    limit: int,
) -> list[Post]:
    """Posts by the hour that was meant, those without one last; no states given: all.

    ``before`` leaves out those whose hour is not earlier than it.
    """
    where = _within(workspace_id, states, channel_id)
    if campaign is not None:
        where.append(col(Post.campaign) == campaign)
    if before is not None:
        where.append(or_(col(Post.planned_at).is_(None), col(Post.planned_at) < before))
    found: list[Post] = []
    if not unplanned_only and (after is None or after.at is not None):
        found = _planned(session, where, latest_first=latest_first, after=after, limit=limit)
    if len(found) < limit:
        beyond = after.post_id if after and after.at is None else None
        found += _unplanned(
            session,
            where,
            latest_first=latest_first,
            beyond=beyond,
            few=bool(states) and set(states) <= set(COMING),
            limit=limit - len(found),
        )
    return found


def _within(
    workspace_id: int, states: Collection[PostState], channel_id: int | None
) -> list[ColumnElement[bool]]:
    # What was written on the platform itself was never in a queue.
    where = [col(Post.workspace_id) == workspace_id, col(Post.origin) == Sender.TABUH]
    if states:
        where.append(col(Post.state).in_(states))
    if channel_id is not None:
        where.append(col(Post.channel_id) == channel_id)
    return where


def _planned(
    session: Session,
    where: Sequence[ColumnElement[bool]],
    *,
    latest_first: bool,
    after: Place | None,
    limit: int,
) -> list[Post]:
    at, number = col(Post.planned_at), col(Post.id)
    query = select(Post).where(*where, at.is_not(None))
    if after is not None and after.at is not None:
        beyond = at < after.at if latest_first else at > after.at
        same = number < after.post_id if latest_first else number > after.post_id
        query = query.where(or_(beyond, (at == after.at) & same))
    order = (at.desc(), number.desc()) if latest_first else (at, number)
    return list(session.scalars(query.order_by(*order).limit(limit)))


def _unplanned(
    session: Session,
    where: Sequence[ColumnElement[bool]],
    *,
    latest_first: bool,
    beyond: int | None,
    few: bool,
    limit: int,
) -> list[Post]:
    number = col(Post.id)
    query = select(Post).where(*where, col(Post.planned_at).is_(None))
    if beyond is not None:
        query = query.where(number < beyond if latest_first else number > beyond)
    # The few that are yet to go out are found by their state and put in order; by the order of their ids,
    # which the database would rather use, all that ever went out would be passed by first.
    key = number + 0 if few else number
    return list(session.scalars(query.order_by(key.desc() if latest_first else key).limit(limit)))


def between(
    session: Session,
    workspace_id: int,
    start: datetime,
    end: datetime,
    *,
    channel_id: int | None = None,
    campaign: str | None = None,
    limit: int,
) -> list[Post]:
    """Posts of every state whose hour, or else the time they went out, is in [start, end), soonest first."""
    at = func.coalesce(col(Post.planned_at), col(Post.published_at))
    where = _within(workspace_id, (), channel_id)
    if campaign is not None:
        where.append(col(Post.campaign) == campaign)
    query = select(Post).where(*where, at >= start, at < end).order_by(at, col(Post.id)).limit(limit)
    return list(session.scalars(query))


def campaigns(session: Session, workspace_id: int) -> list[str]:
    """The names of all campaigns that posts of the workspace belong to."""
    query = (
        select(col(Post.campaign))
        .where(col(Post.workspace_id) == workspace_id, col(Post.campaign).is_not(None))
        .distinct()
        .order_by(col(Post.campaign))
    )
    return [name for name in session.scalars(query) if name is not None]


def coming(
    session: Session, channel_id: int, *, before: datetime, campaign: str | None = None, limit: int
) -> list[Post]:
    """A channel's posts whose hour is earlier than ``before`` and that have not gone out, soonest first."""
    of_campaign = [col(Post.campaign) == campaign] if campaign is not None else []
    query = (
        select(Post)
        .where(
            col(Post.channel_id) == channel_id,
            col(Post.state).in_(COMING),
            col(Post.planned_at) < before,
            *of_campaign,
        )
        .order_by(col(Post.planned_at), col(Post.id))
        .limit(limit)
    )
    return list(session.scalars(query))


@dataclass(frozen=True, slots=True)
class Promise:
    """What goes out on one channel by itself."""

    #: Within the time that was asked for.
    posts: int
    first_at: datetime
    #: The hour of the last queued post, however far ahead: until then the queue lasts.
    last_at: datetime


def promises(session: Session, workspace_id: int, *, before: datetime) -> dict[int, Promise]:
    """For each working channel with a queue: its queued posts whose hour is earlier than ``before``.

    Three looks into one index for each channel, so that a million posts take no longer than a thousand.
    """
    coming = select(func.count()).where(*_queued(), col(Post.planned_at) < before)
    query = select(col(ChannelRow.id), coming.scalar_subquery(), _end(func.min), _end(func.max)).where(
        col(ChannelRow.workspace_id) == workspace_id, col(ChannelRow.state) == "active"
    )
    rows = session.connection().execute(query)
    return {channel_id: Promise(number, first, last) for channel_id, number, first, last in rows if first}


def next_hours(session: Session, workspace_id: int) -> dict[int, datetime]:
    """For each channel with a queue: the hour of its next post."""
    query = select(col(ChannelRow.id), _end(func.min)).where(col(ChannelRow.workspace_id) == workspace_id)
    return {channel_id: at for channel_id, at in session.connection().execute(query) if at is not None}


def _queued() -> tuple[ColumnElement[bool], ...]:
    """A channel's queued posts that have an hour, as the partial index holds them."""
    return (
        col(Post.channel_id) == col(ChannelRow.id),
        col(Post.state) == literal_column(f"'{PostState.QUEUED}'"),
        col(Post.planned_at).is_not(None),
    )


def _end(which: Callable[..., Function[Any]]) -> ScalarSelect[Any]:
    """The first or last hour of a channel's queue."""
    return select(which(col(Post.planned_at))).where(*_queued()).scalar_subquery()


def feeds_by_health(session: Session, workspace_id: int) -> dict[Health, list[Feed]]:
    """The feeds of a workspace by how they do, each list by title."""
    mine = (col(Feed.workspace_id) == workspace_id, col(Feed.removed_at).is_(None))
    query = select(Feed).where(*mine).order_by(col(Feed.title), col(Feed.id))
    found: dict[Health, list[Feed]] = {one: [] for one in Health}
    for feed in session.scalars(query):
        found[health(feed)].append(feed)
    return found


def since(session: Session, found: Iterable[Post]) -> dict[int, datetime]:
    """For each of these posts: since when it has been in its state, as far as was written down."""
    posts = list(found)
    known = {post.id: post.published_at or post.created_at for post in posts}
    for post_id, at in (*_changed(session, known), *_attempted(session, known)):
        known[post_id] = max(known[post_id], at)
    return {post.id: post.published_at or known[post.id] for post in posts}


def _changed(session: Session, post_ids: Collection[int]) -> list[tuple[int, datetime]]:
    """The changes that took a post to another state."""
    query = select(Change).where(col(Change.subject) == "post", col(Change.subject_id).in_(list(post_ids)))
    return [
        (change.subject_id, change.at)
        for change in session.scalars(query)
        if (change.before or {}).get("state") != (change.after or {}).get("state")
    ]


def _attempted(session: Session, post_ids: Collection[int]) -> list[tuple[int, datetime]]:
    query = select(Attempt).where(col(Attempt.post_id).in_(list(post_ids)))
    return [(one.post_id, one.finished_at or one.started_at) for one in session.scalars(query)]


@dataclass(frozen=True, slots=True)
class Origin:
    """Where a post that automation made comes from."""

    route: Route
    feed: Feed
    entry: EntryRow


_ORIGIN: Final = (
    select(Route, Feed, EntryRow)
    .select_from(EntryRow)
    .join(Feed, col(Feed.id) == col(EntryRow.feed_id))
    .join(Route, col(Route.id) == bindparam("route_id"))
    .where(col(EntryRow.id) == bindparam("entry_id"))
)


def origin(session: Session, post: Post) -> Origin | None:
    """The entry of a post, its feed, and the route that made it; None: a person wrote it."""
    if post.route_id is None or post.entry_id is None:
        return None
    found = session.execute(_ORIGIN, {"route_id": post.route_id, "entry_id": post.entry_id}).first()
    return Origin(*found) if found else None


def names_of(session: Session, changes: Iterable[Change]) -> dict[int, str]:
    """The names of the people who made these changes, by number."""
    wanted = {change.person_id for change in changes if change.person_id is not None}
    if not wanted:
        return {}
    query = select(col(Person.id), col(Person.name)).where(col(Person.id).in_(wanted))
    return dict(session.exec(query).all())


def queued_before(session: Session, channel: ChannelRow, *, before: datetime) -> Sequence[Post]:
    """The queued posts of a channel whose hour comes before then, soonest first."""
    query = (
        select(Post)
        .where(
            col(Post.channel_id) == channel.id,
            col(Post.state) == PostState.QUEUED,
            col(Post.planned_at) < before,
        )
        .order_by(col(Post.planned_at), col(Post.id))
    )
    return session.scalars(query).all()
