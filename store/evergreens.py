"""Questions and changes about evergreens and their cycles."""

from collections.abc import Sequence
from datetime import date, timedelta

from sqlalchemy import func
from sqlmodel import Session, col, select

from domain.content import Content, content_from
from domain.errors import NotFound
from domain.evergreen import Past, Rules, season, words_of
from domain.post import PostState
from store.tables import Evergreen, Post

#: A post that went out later than this after its hour counts from when it did.
_LATE = timedelta(minutes=15)
#: States in which nobody knows yet what becomes of a cycle.
PENDING = frozenset(
    {
        PostState.QUEUED,
        PostState.PUBLISHING,
        PostState.UNCERTAIN,
        PostState.DRAFT,
        PostState.AWAITING_APPROVAL,
    }
)


def get(session: Session, workspace_id: int, evergreen_id: int) -> Evergreen:
    """The evergreen. Raises `NotFound` when this workspace has none by that number."""
    return _one(session, workspace_id, evergreen_id, lock=False)


def lock(session: Session, workspace_id: int, evergreen_id: int) -> Evergreen:
    """As `get`, held against all others until this transaction ends."""
    return _one(session, workspace_id, evergreen_id, lock=True)


def _one(session: Session, workspace_id: int, evergreen_id: int, *, lock: bool) -> Evergreen:
    query = select(Evergreen).where(
        col(Evergreen.id) == evergreen_id, col(Evergreen.workspace_id) == workspace_id
    )
    if lock:
        query = query.with_for_update().execution_options(populate_existing=True)
    found = session.scalar(query)
    if found is None:
        raise NotFound(f"There is no evergreen {evergreen_id}. `tabuh evergreen list` shows those there are.")
    return found


def listed(session: Session, workspace_id: int) -> Sequence[Evergreen]:
    """All evergreens of a workspace, those that still run first, each by name."""
    query = (
        select(Evergreen)
        .where(col(Evergreen.workspace_id) == workspace_id)
        .order_by(col(Evergreen.ended_at).is_not(None), col(Evergreen.name), col(Evergreen.id))
    )
    return session.scalars(query).all()


def rules_of(row: Evergreen) -> Rules:
    """Its rules."""
    written = f"{row.season_from}..{row.season_to}" if row.season_from and row.season_to else ""
    return Rules(
        cooldown=timedelta(days=row.cooldown_days),
        max_cycles=row.max_cycles,
        season=season(written),
        last_day=date.fromisoformat(row.last_day) if row.last_day else None,
        fill=timedelta(days=row.fill_days),
    )


def variants_of(row: Evergreen) -> list[Content]:
    """Its texts."""
    return [content_from(variant) for variant in row.variants]


def cycles_of(session: Session, evergreen_id: int, *, limit: int = 100) -> Sequence[Post]:
    """The posts that it became, newest cycle first."""
    query = select(Post).where(col(Post.evergreen_id) == evergreen_id)
    return session.scalars(query.order_by(col(Post.evergreen_cycle).desc()).limit(limit)).all()


def past_of(session: Session, evergreen_id: int) -> Past:
    """What of its cycles counts for the next one."""
    counted = session.scalar(
        select(func.count()).where(
            col(Post.evergreen_id) == evergreen_id, col(Post.state) != PostState.SKIPPED
        )
    )
    hours = []
    words = ""
    for post in cycles_of(session, evergreen_id, limit=1_000):
        at = post.planned_at
        if post.published_at is not None and (at is None or post.published_at - at > _LATE):
            at = post.published_at
        if at is not None:
            hours.append(at)
        if not words and post.state not in (PostState.SKIPPED, PostState.FAILED):
            words = words_of(post.content["text"])
    return Past(counted or 0, max(hours, default=None), words)


def pending(session: Session, evergreen_id: int) -> Post | None:
    """Its newest cycle that is still under way; None: all have ended."""
    query = select(Post).where(col(Post.evergreen_id) == evergreen_id, col(Post.state).in_(PENDING))
    return session.scalars(query.order_by(col(Post.evergreen_cycle).desc())).first()


def counts(session: Session, workspace_id: int) -> dict[int, dict[str, int]]:
    """For each evergreen of a workspace: its cycles by state."""
    query = (
        select(col(Post.evergreen_id), col(Post.state), func.count())
        .where(col(Post.workspace_id) == workspace_id, col(Post.evergreen_id).is_not(None))
        .group_by(col(Post.evergreen_id), col(Post.state))
    )
    found: dict[int, dict[str, int]] = {}
    for number, state, times in session.connection().execute(query):
        assert number is not None
        found.setdefault(number, {})[state] = times
    return found
