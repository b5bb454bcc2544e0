"""Many posts into a channel's queue at once: each into the best slot that is left, heavy ones first."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta

from sqlmodel import Session

from domain.errors import UsageError
from domain.rules import rules_from
from domain.schedule import PostingTime, Slot
from scheduler.exploring import explored
from scheduler.learning import kept_week
from scheduler.posing import problem_of
from scheduler.slots import Chosen, candidates, none_left, offered_times, placement_of, values_of
from store.tables import ChannelRow, Post

#: So far every search looks at first; further while a post finds nothing, up to some ten years.
_FIRST, _FARTHEST = 28, 3700


def needs_choice(session: Session, channel: ChannelRow) -> bool:
    """Whether one free slot of a channel is better than another, besides being sooner."""
    rules = rules_from(channel.rules)
    return rules.best_times or bool(rules.mix) or kept_week(session, channel) is not None


def choose_slots(
    session: Session, channel: ChannelRow, wanting: Sequence[Post], *, now: datetime, besides: Sequence[Post]
) -> list[Chosen | UsageError]:
    """A slot for each post on a locked channel, as `scheduler.slots.choose_slot` gives one; nothing changes.

    Args:
        wanting: posts without a time, none of them stored.
        besides: posts with a time, none of them stored.

    Returns:
        In the order of ``wanting``; an error where no slot is left that the rules allow.

    Raises:
        UsageError: the channel has neither a posting schedule nor chooses its times itself.
    """
    times = offered_times(session, channel)
    days = _FIRST
    while True:
        found = _chosen(session, channel, wanting, now=now, besides=besides, times=times, days=days)
        late = [post for post, one in zip(wanting, found, strict=True) if isinstance(one, UsageError)]
        until = now + timedelta(days=days)
        if days >= _FARTHEST or all(post.latest_at is not None and post.latest_at < until for post in late):
            return found
        days *= 4


def _chosen(
    session: Session,
    channel: ChannelRow,
    wanting: Sequence[Post],
    *,
    now: datetime,
    besides: Sequence[Post],
    times: Sequence[PostingTime],
    days: int,
) -> list[Chosen | UsageError]:
    from analytics.assignment.board import Board
    from analytics.assignment.problem import NOWHERE
    from analytics.assignment.reasons import reasons

    week, values = kept_week(session, channel), values_of(session, channel)
    problem, field = problem_of(
        session, channel, wanting, rules=channel.rules, times=times, now=now, besides=besides, days=days
    )
    board = Board(problem)
    found: dict[int, Chosen | UsageError] = {}
    for number in sorted(range(len(wanting)), key=lambda one: -problem.pieces[one].weight):
        best, _ = board.best(number)
        if best == NOWHERE:
            found[number] = UsageError(none_left(channel, wanting[number]))
            continue
        slot, propensity = explored(board, field, week, best, number, seed=wanting[number].id)
        why = placement_of(reasons(board, number, slot), values)
        others = candidates(board, field, slot, number)
        board.put(number, slot)
        at, wall = field.slot(slot)
        found[number] = Chosen(
            slot=Slot(at=at, wall=wall),
            placement=replace(why, explored=slot != best),
            candidates=others,
            propensity=propensity,
        )
    return [found[number] for number in range(len(wanting))]
