"""Planning a channel anew: what would move under other rules or another posting schedule, and moving it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

from sqlmodel import Session

from domain.learned import LearnedWeek
from domain.placement import Placement
from domain.post import PlacedBy, PostState
from domain.rules import rules_from
from domain.schedule import PostingTime
from domain.week import neutral
from scheduler.exploring import HALF_DRAW, explored
from scheduler.learning import kept_week
from scheduler.posing import problem_of
from scheduler.slots import candidates, placement_of
from store import posts, standing
from store.tables import ChannelRow, Post

if TYPE_CHECKING:
    from analytics.assignment.board import Board
    from scheduler.ground import Field

#: Rule and version, as the log of choices names it.
PLANNED = "plan/1"
#: A post whose hour is nearer than this is not touched any more: a worker may be sending it.
HANDS_OFF = timedelta(minutes=2)
NO_SLOT = "No slot that the channel's rules allow is left for it: ease the rules, or place it by hand."


@dataclass(frozen=True, slots=True, kw_only=True)
class Move:
    """A post that a new plan puts elsewhere."""

    post: Post
    before: datetime
    #: None: no slot is left for it, so it is held as a draft.
    after: datetime | None
    #: Its naive wall time there, in the channel's zone.
    wall: datetime | None
    placement: Placement | None
    #: The most valuable slots that were free for it, and the chance that this one had.
    candidates: Sequence[datetime] = ()
    propensity: float = 1.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Replan:
    """What planning a channel anew comes to."""

    #: Soonest first, by the hour that they have now.
    moves: Sequence[Move]
    #: Posts that automation may move and that stay.
    kept: int


def replan(
    session: Session,
    channel: ChannelRow,
    *,
    rules: Mapping[str, Any] | None,
    times: Sequence[PostingTime],
    now: datetime,
    route_rules: Mapping[int, Mapping[str, Any] | None] | None = None,
) -> Replan:
    """The plan of a locked channel under these rules and weekly times; nothing is changed.

    Hand-placed and edited posts stay, and so does everything that is out or about to go out. Others move
    where the rules no longer allow them, or where those that move gain more than 2 % together; one whose
    slot is being tried only where the rules no longer allow it. Posts that move may try a slot in turn.

    Args:
        rules: as the channel keeps them (`domain.rules.texts`).
        times: of the posting schedule; passed over when the rules choose the best times.
        route_rules: of routes whose own rules shall change too, by number.
    """
    from analytics.assignment.board import Board
    from analytics.assignment.greedy import assign
    from analytics.assignment.problem import NOWHERE

    found = list(standing.movable(session, channel.id, after=now + HANDS_OFF))
    own = rules_from(rules)
    if not found or not (times or own.best_times):
        return Replan(moves=(), kept=len(found))
    problem, field = problem_of(
        session, channel, found, rules=rules, times=times, now=now, route_rules=route_rules
    )
    plan = assign(problem, seed=channel.id % 2**32)
    board = Board(problem)
    for number, slot in enumerate(plan.slots):
        if slot != NOWHERE:
            board.put(number, slot)
    week = kept_week(session, channel)
    moves = [
        _move(board, field, post, number, week=week, zone_name=channel.zone)
        for number, post in enumerate(found)
        if board.slots[number] == NOWHERE or field.slot(board.slots[number])[0] != post.planned_at
    ]
    moves = [move for move in moves if move.after != move.before]
    return Replan(moves=tuple(moves), kept=len(found) - len(moves))


def _move(
    board: "Board", field: "Field", post: Post, number: int, *, week: LearnedWeek | None, zone_name: str
) -> Move:
    """Where a post moves: to its slot of the plan, or to one that is tried in its place."""
    from analytics.assignment.reasons import reasons

    assert post.planned_at is not None
    best = board.slots[number]
    if best < 0:
        return Move(post=post, before=post.planned_at, after=None, wall=None, placement=None)
    board.take(number)
    slot, propensity = explored(board, field, week, best, number, seed=post.id)
    values = neutral(zone_name) if week is None else week.values()
    why = placement_of(reasons(board, number, slot), values)
    others = candidates(board, field, slot, number)
    board.put(number, slot)
    at, wall = field.slot(slot)
    return Move(
        post=post, before=post.planned_at, after=at, wall=wall, candidates=others, propensity=propensity,
        placement=replace(why, explored=slot != best),
    )  # fmt: skip


def carry_out(session: Session, channel: ChannelRow, plan: Replan, *, now: datetime) -> None:
    """Move the posts of a plan that was made in this transaction, and log why."""
    for move in plan.moves:
        move.post.slot_at = None
        move.post.claim += 1
        session.add(move.post)
    session.flush()  # the old slots are free before the new ones are taken
    for move in plan.moves:
        if move.after is None:
            move.post.state, move.post.reason, move.post.next_at = PostState.DRAFT, NO_SLOT, None
            continue
        assert move.wall is not None
        assert move.placement is not None
        posts.plan(
            move.post, at=move.after, wall=move.wall, zone=channel.zone,
            placed_by=PlacedBy(move.post.placed_by), slot_at=move.after,
        )  # fmt: skip
        posts.log_slot_choice(
            session, move.post, candidates=move.candidates or [move.after], propensity=move.propensity,
            rule=PLANNED if move.propensity == 1.0 else HALF_DRAW, now=now, why=move.placement.as_json(),
        )  # fmt: skip
    session.flush()
