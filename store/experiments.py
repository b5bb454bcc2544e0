"""Experiments, the posts of their arms, and what must be known of those posts to judge them."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Select, func
from sqlalchemy import select as select_columns
from sqlmodel import Session, col, select

from domain.errors import NotFound
from domain.experiment import State
from domain.post import PostState
from store.chunks import chunks
from store.tables import ChannelRow, Experiment, ExperimentPost, Post, Reading


def get(session: Session, workspace_id: int, experiment_id: int) -> Experiment:
    """The experiment. Raises `NotFound` when this workspace has none by that number."""
    return _one(session, workspace_id, experiment_id, lock=False)


def lock(session: Session, workspace_id: int, experiment_id: int) -> Experiment:
    """As `get`, held against all others until this transaction ends."""
    return _one(session, workspace_id, experiment_id, lock=True)


def _one(session: Session, workspace_id: int, experiment_id: int, *, lock: bool) -> Experiment:
    query = select(Experiment).where(
        col(Experiment.id) == experiment_id, col(Experiment.workspace_id) == workspace_id
    )
    if lock:
        query = query.with_for_update().execution_options(populate_existing=True)
    found = session.scalar(query)
    if found is None:
        raise NotFound(
            f"There is no experiment {experiment_id}. `tabuh experiment list` shows those there are."
        )
    return found


def named(session: Session, workspace_id: int, name: str) -> Experiment:
    """The experiment by its name, or by its number. Raises `NotFound`."""
    query = select(Experiment).where(
        col(Experiment.name) == " ".join(name.split()), col(Experiment.workspace_id) == workspace_id
    )
    found = session.scalar(query)
    if found is None and name.isascii() and name.isdecimal() and len(name) < 19:
        return get(session, workspace_id, int(name))
    if found is None:
        raise NotFound(f"There is no experiment {name!r}. `tabuh experiment list` shows those there are.")
    return found


def listed(session: Session, workspace_id: int) -> Sequence[Experiment]:
    """All experiments of a workspace, those that run first, then the newest."""
    query = (
        select(Experiment)
        .where(col(Experiment.workspace_id) == workspace_id)
        .order_by(col(Experiment.state) != State.RUNNING, col(Experiment.id).desc())
    )
    return session.scalars(query).all()


def names(session: Session, workspace_id: int) -> dict[int, str]:
    """The names of all experiments by their numbers, those that run first, then the newest."""
    query = (
        select_columns(col(Experiment.id), col(Experiment.name))
        .where(col(Experiment.workspace_id) == workspace_id)
        .order_by(col(Experiment.state) != State.RUNNING, col(Experiment.id).desc())
    )
    return {number: name for number, name in session.connection().execute(query)}


def ended_between(
    session: Session, workspace_id: int, *, start: datetime, end: datetime
) -> Sequence[Experiment]:
    """Those that ended or were given up in [start, end), in that order."""
    query = (
        select(Experiment)
        .where(
            col(Experiment.workspace_id) == workspace_id,
            col(Experiment.ended_at) >= start,
            col(Experiment.ended_at) < end,
        )
        .order_by(col(Experiment.ended_at), col(Experiment.id))
    )
    return session.scalars(query).all()


@dataclass(frozen=True, slots=True)
class Member:
    """A post of an arm."""

    post_id: int
    arm: int
    added_at: datetime
    #: Its figures were known when it was added.
    known: bool
    #: Its hour was drawn by lot.
    drawn: bool
    channel_id: int
    channel: str
    platform: str
    zone: str
    state: PostState
    published_at: datetime | None
    planned_at: datetime | None
    deleted: bool
    text: str


def members(session: Session, workspace_id: int, experiment_id: int) -> list[Member]:
    """The posts of an experiment, by arm, those that went or go out first before the others."""
    query = (
        select(ExperimentPost, Post, ChannelRow)
        .join(Post, col(Post.id) == col(ExperimentPost.post_id))
        .join(ChannelRow, col(ChannelRow.id) == col(Post.channel_id))
        .where(col(ExperimentPost.experiment_id) == experiment_id, col(Post.workspace_id) == workspace_id)
    )
    found = [
        Member(
            post.id, own.arm, own.added_at, own.known, own.drawn_at is not None, channel.id, channel.name,
            channel.platform,
            channel.zone, PostState(post.state), post.published_at, post.planned_at,
            post.deleted_at is not None, str(post.content.get("text") or post.content.get("link") or ""),
        )
        for own, post, channel in session.exec(query)
    ]  # fmt: skip
    return sorted(found, key=_order)


def _order(one: Member) -> tuple[int, bool, float, int]:
    at = one.published_at or one.planned_at
    return one.arm, at is None, at.timestamp() if at else 0.0, one.post_id


def counts(session: Session, workspace_id: int) -> dict[int, dict[int, int]]:
    """How many posts each arm of each experiment has."""
    query = (
        select_columns(col(ExperimentPost.experiment_id), col(ExperimentPost.arm), func.count())
        .join(Experiment, col(Experiment.id) == col(ExperimentPost.experiment_id))
        .where(col(Experiment.workspace_id) == workspace_id)
        .group_by(col(ExperimentPost.experiment_id), col(ExperimentPost.arm))
    )
    found: dict[int, dict[int, int]] = {}
    for experiment_id, arm, number in session.connection().execute(query):
        found.setdefault(experiment_id, {})[arm] = int(number)
    return found


def size(session: Session, experiment_id: int) -> int:
    """How many posts an experiment has."""
    query = select_columns(func.count()).where(col(ExperimentPost.experiment_id) == experiment_id)
    return int(session.connection().execute(query).scalar_one())


@dataclass(frozen=True, slots=True)
class Belonging:
    """Which arm of which experiment a post belongs to."""

    experiment_id: int
    name: str
    state: State
    arm: int
    arm_name: str


def of_posts(session: Session, workspace_id: int, post_ids: Collection[int]) -> dict[int, Belonging]:
    """By post: where it belongs; those that belong nowhere are absent."""
    found: dict[int, Belonging] = {}
    for chunk in chunks(sorted(post_ids)):
        query = _belonging().where(
            col(ExperimentPost.post_id).in_(chunk),
            col(Experiment.workspace_id) == workspace_id,
        )
        found |= _belongings(session, query)
    return found


def _belonging() -> Select[Any]:
    return select_columns(
        col(ExperimentPost.post_id), col(ExperimentPost.arm), col(Experiment.id), col(Experiment.name),
        col(Experiment.state), col(Experiment.arms),
    ).join(Experiment, col(Experiment.id) == col(ExperimentPost.experiment_id))  # fmt: skip


def _belongings(session: Session, query: Select[Any]) -> dict[int, Belonging]:
    return {
        post_id: Belonging(number, name, State(state), arm, arms[arm - 1])
        for post_id, arm, number, name, state, arms in session.connection().execute(query)
    }


def membership(session: Session, post_id: int) -> ExperimentPost | None:
    """The arm that a post belongs to, held; None: to none."""
    query = select(ExperimentPost).where(col(ExperimentPost.post_id) == post_id).with_for_update()
    return session.scalar(query)


def memberships(session: Session, experiment_id: int) -> Sequence[ExperimentPost]:
    """The posts of an experiment with their arms, held."""
    query = (
        select(ExperimentPost)
        .where(col(ExperimentPost.experiment_id) == experiment_id)
        .order_by(col(ExperimentPost.post_id))
        .with_for_update()
    )
    return session.scalars(query).all()


def kin(session: Session, workspace_id: int, post_id: int, *, limit: int) -> dict[int, Belonging]:
    """A post and the newest others of its experiment, each with its arm; empty: it belongs to none."""
    own = select_columns(col(ExperimentPost.experiment_id)).where(col(ExperimentPost.post_id) == post_id)
    query = (
        _belonging()
        .where(
            col(ExperimentPost.experiment_id) == own.scalar_subquery(),
            col(Experiment.workspace_id) == workspace_id,
        )
        .order_by(col(ExperimentPost.post_id) != post_id, col(ExperimentPost.post_id).desc())
        .limit(limit + 1)
    )
    return _belongings(session, query)


def measured(session: Session, post_ids: Collection[int]) -> set[int]:
    """Those of these posts of which some figure is known."""
    found = set[int]()
    for chunk in chunks(sorted(post_ids)):
        query = select_columns(col(Reading.post_id)).where(col(Reading.post_id).in_(chunk)).distinct()
        found.update(session.connection().execute(query).scalars())
    return found


def recent_posts(
    session: Session, workspace_id: int, channel_ids: Collection[int], *, before: datetime, limit: int
) -> dict[int, tuple[int, datetime]]:
    """The last posts of each of these channels that went out before an instant: channel and when."""
    found: dict[int, tuple[int, datetime]] = {}
    for channel_id in sorted(channel_ids):
        query = (
            select_columns(col(Post.id), col(Post.published_at))
            .where(
                col(Post.workspace_id) == workspace_id,
                col(Post.channel_id) == channel_id,
                col(Post.published_at) < before,
            )
            .order_by(col(Post.published_at).desc())
            .limit(limit)
        )
        for post_id, at in session.connection().execute(query):
            if at is not None:
                found[post_id] = (channel_id, at)
    return found


def candidates(
    session: Session, workspace_id: int, channel_ids: Collection[int], *, before: datetime, limit: int
) -> list[tuple[Post, str]]:
    """Posts of these channels that belong to no experiment, each with its channel's name: those that are
    still to go out, then the last that went out."""
    taken = select_columns(col(ExperimentPost.post_id))
    coming = (
        select(Post)
        .where(
            col(Post.workspace_id) == workspace_id,
            col(Post.state).in_([PostState.DRAFT, PostState.AWAITING_APPROVAL, PostState.QUEUED]),
            col(Post.channel_id).in_(sorted(channel_ids)),
            col(Post.id).not_in(taken),
        )
        .order_by(col(Post.planned_at), col(Post.id))
        .limit(limit)
    )
    found = list(session.scalars(coming))
    last = recent_posts(session, workspace_id, channel_ids, before=before, limit=limit)
    newest = sorted(last, key=lambda one: last[one][1], reverse=True)[: 2 * limit]
    gone_out = select(Post).where(col(Post.id).in_(newest), col(Post.id).not_in(taken))
    out = sorted(session.scalars(gone_out), key=lambda post: last[post.id][1], reverse=True)
    found += out[: max(0, limit - len(found))] if len(found) < limit else []
    rows = select_columns(col(ChannelRow.id), col(ChannelRow.name)).where(
        col(ChannelRow.id).in_(sorted({post.channel_id for post in found}))
    )
    channel_of = {number: name for number, name in session.connection().execute(rows)}
    return [(post, channel_of[post.channel_id]) for post in found]
