"""Hours of an experiment's posts drawn by lot, so that no arm has the better ones by somebody's choice."""

import secrets
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlmodel import Session

from domain.errors import UsageError
from domain.experiment import State
from domain.post import PostState
from scheduler.context import Context
from store import experiments, posts
from store.changes import Actor, record
from store.engine import writing
from store.tables import Experiment, ExperimentPost, Post
from store.wake import wake_workers

#: A post that goes out sooner keeps its hour.
_SOON = timedelta(minutes=2)
_MOVABLE = frozenset({PostState.QUEUED, PostState.AWAITING_APPROVAL})


@dataclass(frozen=True, slots=True)
class _Hour:
    """Where a post stands in the queue."""

    planned_at: datetime
    planned_wall: str | None
    planned_zone: str | None
    placed_by: str
    slot_at: datetime | None

    @classmethod
    def of(cls, post: Post) -> "_Hour":
        assert post.planned_at is not None
        return cls(post.planned_at, post.planned_wall, post.planned_zone, post.placed_by, post.slot_at)


def draw_hours(context: Context, workspace_id: int, experiment_id: int, *, actor: Actor) -> int:
    """Draw which of its queued posts goes out at which of the hours that they have; how many were drawn.

    On each channel the next post of every arm forms a block, then the one after it, and so on: hours change
    hands within a block only, so that arms keep meeting at neighbouring hours and no hour is added or lost.

    Raises:
        UsageError: it does not run, or there are no two arms with queued posts on one channel.
        NotFound: there is no such experiment.
    """
    now = context.clock()
    with writing(context.engine) as session:
        row = experiments.lock(session, workspace_id, experiment_id)
        if row.state != State.RUNNING:
            raise UsageError(f"The experiment {row.name!r} is over: its result stays as it is.")
        blocks = list(_blocks(_queued(session, row, now=now)))
        if not blocks:
            raise UsageError(
                "There is nothing to draw yet: queue posts of at least two arms on the same channel, each "
                "with its hour."
            )
        for block in blocks:
            _draw(session, [post for _, post in block], actor, now=now)
            for own, _ in block:
                own.drawn_at = now
                session.add(own)
        drawn = sum(map(len, blocks))
        record(
            session, actor, "drew hours", subject="experiment", subject_id=row.id, workspace_id=workspace_id,
            now=now,
            after={"name": row.name, "posts": [str(post.id) for block in blocks for _, post in block]},
        )  # fmt: skip
        wake_workers(session)
        session.commit()
        return drawn


_Member = tuple[ExperimentPost, Post]


def _queued(session: Session, row: Experiment, *, now: datetime) -> list[_Member]:
    """Its posts whose hours may still change hands, held."""
    found = []
    for own in experiments.memberships(session, row.id):
        post = posts.lock(session, row.workspace_id, own.post_id)
        is_free = post.earliest_at is None and post.latest_at is None and post.payload is None
        if (
            post.state in _MOVABLE
            and post.planned_at is not None
            and post.planned_at > now + _SOON
            and is_free
        ):
            found.append((own, post))
    return found


def _blocks(members: Sequence[_Member]) -> Iterator[list[_Member]]:
    """On each channel the first post of every arm, then the second, as far as two arms have one."""
    queues: dict[int, dict[int, list[_Member]]] = {}
    for member in sorted(members, key=lambda one: (one[1].planned_at, one[1].id)):
        own, post = member
        queues.setdefault(post.channel_id, {}).setdefault(own.arm, []).append(member)
    for by_arm in queues.values():
        for place in range(max(map(len, by_arm.values()))):
            block = [own[place] for own in by_arm.values() if place < len(own)]
            if len(block) > 1:
                yield block


def _draw(session: Session, block: Sequence[Post], actor: Actor, *, now: datetime) -> None:
    hours = [_Hour.of(post) for post in block]
    secrets.SystemRandom().shuffle(hours)
    before = [posts.summary(post) for post in block]
    for post in block:  # a slot holds one post at a time
        post.slot_at = None
    session.flush()
    for post, hour, old in zip(block, hours, before, strict=True):
        post.planned_at, post.planned_wall, post.planned_zone = (
            hour.planned_at, hour.planned_wall, hour.planned_zone,
        )  # fmt: skip
        post.placed_by, post.slot_at = hour.placed_by, hour.slot_at
        post.claim += 1
        if post.state == PostState.QUEUED:
            post.next_at = hour.planned_at
        session.add(post)
        record(
            session, actor, "drew its hour", subject="post", subject_id=post.id,
            workspace_id=post.workspace_id, now=now, before=old, after=posts.summary(post),
        )  # fmt: skip
    session.flush()
