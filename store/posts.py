"""Questions and changes about posts."""

import secrets
from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any, Final

from sqlalchemy import bindparam, func
from sqlmodel import Session, col, select

from domain.content import Content, content_json
from domain.errors import NotFound
from domain.ids import new_id
from domain.labels import NO_LABELS, Labels
from domain.post import HOLDS_SLOT, WORKED, PlacedBy, PostState, Sender, check_persons_move
from store import alike
from store.tables import Attempt, ChannelRow, Post, SlotChoice

#: Values in one ``IN``.
_AT_A_TIME = 500


def new_post(
    session: Session,
    *,
    workspace_id: int,
    channel: ChannelRow,
    content: Content,
    state: PostState,
    story_id: int | None = None,
    route_id: int | None = None,
    entry_id: int | None = None,
    now: datetime,
    created_by: int | None = None,
    labels: Labels = NO_LABELS,
) -> Post:
    """Add a post without a time yet; its delivery key is fixed from here on.

    The key is made now and not before the first try, so that a restored backup sends the
    same key that was used after the backup was made.
    """
    post = made_post(
        workspace_id=workspace_id,
        channel=channel,
        content=content,
        state=state,
        story_id=story_id,
        route_id=route_id,
        entry_id=entry_id,
        now=now,
        created_by=created_by,
        labels=labels,
    )
    session.add(post)
    alike.remember(session, post)
    return post


def made_post(
    *,
    workspace_id: int,
    channel: ChannelRow,
    content: Content,
    state: PostState,
    story_id: int | None = None,
    route_id: int | None = None,
    entry_id: int | None = None,
    now: datetime,
    created_by: int | None = None,
    labels: Labels = NO_LABELS,
) -> Post:
    """As `new_post`, without adding it: for those who write many at once."""
    return Post(
        workspace_id=workspace_id,
        channel_id=channel.id,
        story_id=story_id or new_id(),
        route_id=route_id,
        entry_id=entry_id,
        state=state,
        content=content_json(content),
        delivery_key=secrets.token_hex(16),
        created_at=now,
        created_by=created_by,
        campaign=labels.campaign,
        tags=list(labels.tags) or None,
    )


def plan(
    post: Post,
    *,
    at: datetime,
    wall: datetime,
    zone: str,
    placed_by: PlacedBy,
    slot_at: datetime | None = None,
) -> None:
    """Give a post its hour: the instant, and the wall time in the zone that was meant.

    ``slot_at`` is the slot it takes, if it takes one. A queued post becomes due then.
    """
    post.planned_at = at
    post.planned_wall = wall.isoformat(timespec="seconds")
    post.planned_zone = zone
    post.placed_by = placed_by
    post.slot_at = slot_at
    post.next_at = at if post.state == PostState.QUEUED else None


def move(
    session: Session, post: Post, state: PostState, *, reason: str | None, next_at: datetime | None
) -> None:
    """Take a locked post to another state by a person's word.

    Raises the claim, so that a worker which has just claimed the row cannot write to it.

    Raises:
        IllegalMove: the states do not allow it.
    """
    check_persons_move(PostState(post.state), state)
    post.state = state
    post.reason = reason
    post.next_at = next_at
    post.claim += 1
    if state not in HOLDS_SLOT:
        post.slot_at = None
    session.add(post)


def lock(session: Session, workspace_id: int, post_id: int) -> Post:
    """The post, held against all others until this transaction ends.

    Raises:
        NotFound: no such post in this workspace.
    """
    query = (
        select(Post)
        .where(col(Post.id) == post_id, col(Post.workspace_id) == workspace_id)
        .with_for_update()
        .execution_options(populate_existing=True)
    )
    post = session.scalar(query)
    if post is None:
        raise NotFound(f"There is no post {post_id}. `tabuh post list` shows those there are.")
    return post


def get(session: Session, workspace_id: int, post_id: int) -> Post:
    """The post. Raises `NotFound` when this workspace has none by that number."""
    query = select(Post).where(col(Post.id) == post_id, col(Post.workspace_id) == workspace_id)
    post = session.scalar(query)
    if post is None:
        raise NotFound(f"There is no post {post_id}. `tabuh post list` shows those there are.")
    return post


def listed(
    session: Session,
    workspace_id: int,
    *,
    states: Sequence[PostState] = (),
    channel_id: int | None = None,
    limit: int = 50,
    offset: int = 0,
) -> Sequence[Post]:
    """Posts by planned time, soonest first, those without one last; no states given: all."""
    query = select(Post).where(col(Post.workspace_id) == workspace_id, col(Post.origin) == Sender.TABUH)
    if states:
        query = query.where(col(Post.state).in_(states))
    if channel_id is not None:
        query = query.where(col(Post.channel_id) == channel_id)
    unplanned_last = (col(Post.planned_at).is_(None), col(Post.planned_at), col(Post.id))
    return session.scalars(query.order_by(*unplanned_last).limit(limit).offset(offset)).all()


def counts_by_state(
    session: Session,
    workspace_id: int,
    *,
    states: Iterable[PostState] = PostState,
    most: int | None = None,
) -> dict[PostState, int]:
    """How many posts the workspace has in each of these states; states without posts are 0.

    Args:
        most: count no further than one beyond this, so that a million posts take no longer than some
            thousands; None: count all.
    """
    found = {}
    for state in states:
        rows = select(col(Post.id)).where(col(Post.workspace_id) == workspace_id, col(Post.state) == state)
        if state is PostState.PUBLISHED:
            rows = rows.where(col(Post.origin) == Sender.TABUH)
        if most is not None:
            rows = rows.limit(most + 1)
        found[state] = session.scalar(select(func.count()).select_from(rows.subquery())) or 0
    return found


def times_of_route(session: Session, route_id: int, *, since: datetime, now: datetime) -> list[datetime]:
    """When a route's posts went out or will (UTC), from ``since`` on; skipped and failed ones do not count.

    A post that is late goes out now.
    """
    went = func.coalesce(col(Post.published_at), col(Post.planned_at))
    query = select(col(Post.state), col(Post.published_at), col(Post.planned_at)).where(
        col(Post.route_id) == route_id,
        col(Post.state).not_in((PostState.SKIPPED, PostState.FAILED)),
        (went >= since) | col(Post.state).in_(WORKED),
    )
    times = []
    for state, published, planned in session.connection().execute(query):
        if published is not None:
            times.append(published)
        elif planned is not None:
            times.append(max(planned, now) if state in WORKED else planned)
    return times


#: States of posts that wait to go out or to be released; those that are being sent are not among them.
_UNSENT = (PostState.DRAFT, PostState.AWAITING_APPROVAL, PostState.QUEUED)


def unsent_count(session: Session, route_id: int) -> int:
    """How many posts of a route wait to go out or to be released."""
    unsent = (col(Post.route_id) == route_id, col(Post.state).in_(_UNSENT))
    return session.scalars(select(func.count()).select_from(Post).where(*unsent)).one()


def unsent_of_route(session: Session, route_id: int) -> list[Post]:
    """These posts, locked."""
    query = (
        select(Post)
        .where(col(Post.route_id) == route_id, col(Post.state).in_(_UNSENT))
        .order_by(col(Post.id))
        .with_for_update()
        .execution_options(populate_existing=True)
    )
    return list(session.scalars(query))


def taken_slots(
    session: Session, channel_id: int, *, after: datetime, without_route: int | None = None
) -> frozenset[datetime]:
    """The slots of a channel later than ``after`` that hold a post; but those of one route's, if given."""
    query = select(col(Post.slot_at)).where(col(Post.channel_id) == channel_id, col(Post.slot_at) > after)
    if without_route is not None:
        query = query.where(col(Post.route_id).is_(None) | (col(Post.route_id) != without_route))
    return frozenset(at for at in session.scalars(query) if at is not None)


_ATTEMPTS: Final = (
    select(Attempt).where(col(Attempt.post_id) == bindparam("post_id")).order_by(col(Attempt.id))
)


def attempts_of(session: Session, post_id: int) -> Sequence[Attempt]:
    """Every publish call of a post, oldest first."""
    return session.scalars(_ATTEMPTS, {"post_id": post_id}).all()


def log_slot_choice(
    session: Session,
    post: Post,
    *,
    candidates: Sequence[datetime],
    propensity: float,
    rule: str,
    now: datetime,
    why: dict[str, Any] | None = None,
) -> None:
    """Remember an automatic choice of a slot, the odds it had, and why (`domain.placement`)."""
    assert post.slot_at is not None
    session.add(
        SlotChoice(
            workspace_id=post.workspace_id,
            post_id=post.id,
            channel_id=post.channel_id,
            at=now,
            chosen_at=post.slot_at,
            candidates=[at.isoformat() for at in candidates],
            propensity=propensity,
            rule=rule,
            why=why,
        )
    )


def explored_among(session: Session, rows: Sequence[Post]) -> frozenset[int]:
    """Which of these posts stand in a slot that was tried in place of the best one."""
    held = {post.id: post.slot_at for post in rows}
    found = set()
    for start in range(0, len(rows), _AT_A_TIME):
        query = select(SlotChoice).where(
            col(SlotChoice.post_id).in_([post.id for post in rows[start : start + _AT_A_TIME]]),
            col(SlotChoice.propensity) < 1,
        )
        for choice in session.scalars(query):
            if choice.chosen_at == held[choice.post_id] and (choice.why or {}).get("explored"):
                found.add(choice.post_id)
    return frozenset(found)


def slot_choice_of(session: Session, post: Post) -> SlotChoice | None:
    """The choice by which automation put a post where it is now; None where a person or nobody did."""
    if post.slot_at is None:
        return None
    query = (
        select(SlotChoice)
        .where(col(SlotChoice.post_id) == post.id, col(SlotChoice.chosen_at) == post.slot_at)
        .order_by(col(SlotChoice.at).desc(), col(SlotChoice.id).desc())
        .limit(1)
    )
    return session.scalar(query)


def summary(post: Post) -> dict[str, Any]:
    """The parts of a post that a change record keeps."""
    return {
        "state": post.state,
        "planned_at": post.planned_at.isoformat() if post.planned_at else None,
        "text": post.content["text"],
    }
