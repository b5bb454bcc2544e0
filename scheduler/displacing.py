"""A post of higher priority takes the slot of a lighter one that automation placed, where that pays."""

from collections.abc import Sequence
from datetime import datetime
from typing import TYPE_CHECKING

from sqlmodel import Session

from domain.week import WeekValues
from scheduler.posing import problem_of
from scheduler.replanning import HANDS_OFF, Move, Replan, carry_out
from scheduler.slots import placement_of, values_of
from store import channels, standing
from store.tables import ChannelRow, Post

if TYPE_CHECKING:
    from analytics.assignment.board import Board
    from analytics.assignment.problem import Piece
    from scheduler.ground import Field

#: Slots that are tried, those that promise most first.
_TRIED = 8


def make_room(session: Session, post: Post, channel: ChannelRow, *, now: datetime) -> None:
    """Let a post of raised priority that was just placed take a lighter one's slot, where that pays."""
    if post.priority <= 0:
        return
    plan = displacement(session, channel, post, now=now)
    if plan is not None:
        carry_out(session, channel, plan, now=now)


def displacement(session: Session, channel: ChannelRow, post: Post, *, now: datetime) -> Replan | None:
    """The two moves by which a post that was just placed takes a lighter one's slot; None: it keeps its own.

    The lighter one goes into the best slot that is then left. Both together must gain more than 2 % of what
    the lighter one had.
    """
    from analytics.assignment.board import Board

    rest = standing.movable(session, channel.id, after=now + HANDS_OFF)
    lighter = [one for one in rest if one.priority < post.priority and one.id != post.id]
    if not lighter or post.planned_at is None:
        return None
    found = [post, *lighter]
    problem, field = problem_of(
        session, channel, found, rules=channel.rules, times=channels.schedule(session, channel.id), now=now
    )
    board = Board(problem)
    for number, piece in enumerate(problem.pieces):
        if piece.holds >= 0 and board.allows(number, piece.holds):
            board.put(number, piece.holds)
    if board.slots[0] < 0:
        return None
    best = _best_swap(board, problem.pieces)
    if best is None:
        return None
    number, mine, theirs = best
    return _moves(board, field, found, values_of(session, channel), number, mine=mine, theirs=theirs)


def _best_swap(board: "Board", pieces: "Sequence[Piece]") -> tuple[int, int, int] | None:
    """The lighter post whose slot is worth most to the heavy one: its number, its slot, and its next one."""
    from analytics.assignment.board import STAY

    values, own = board.problem.ground.values, board.slots[0]
    weight = pieces[0].weight

    def promise(number: int) -> float:
        gained = float(values[board.slots[number]] - values[own])
        return (weight - pieces[number].weight) * gained

    placed = [number for number in range(1, len(pieces)) if board.slots[number] >= 0]
    found, most = None, 0.0
    for number in sorted(placed, key=promise, reverse=True)[:_TRIED]:
        slot, light = board.slots[number], pieces[number].weight
        board.take(number)
        board.take(0)
        if board.allows(0, slot):
            board.put(0, slot)
            other, _ = board.best(number)
            board.take(0)
            if other >= 0:
                lost = light * float(values[slot] - values[other])
                gain = weight * float(values[slot] - values[own]) - lost
                if gain > max(most, STAY * light * float(values[slot])):
                    found, most = (number, slot, other), gain
        board.put(0, own)
        board.put(number, slot)
    return found


def _moves(
    board: "Board",
    field: "Field",
    found: Sequence[Post],
    values: WeekValues,
    number: int,
    *,
    mine: int,
    theirs: int,
) -> Replan:
    from analytics.assignment.reasons import reasons

    moves = []
    board.take(number)
    board.take(0)
    for which, slot in ((0, mine), (number, theirs)):
        why = reasons(board, which, slot)
        board.put(which, slot)
        at, wall = field.slot(slot)
        before = found[which].planned_at
        assert before is not None
        moves.append(
            Move(post=found[which], before=before, after=at, wall=wall, placement=placement_of(why, values))
        )
    return Replan(moves=tuple(moves), kept=0)
