"""Planning a channel anew: what would move under other rules or another posting schedule, and moving it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from hashlib import blake2b
from typing import TYPE_CHECKING, Any

from sqlmodel import Session

from domain.placement import Placement
from domain.post import PlacedBy, PostState
from domain.rules import Rules, rules_from, within
from domain.schedule import PostingTime
from scheduler.slots import LOOK_BACK, kind_number, mix_of, piece_of, placement_of, values_of
from store import posts, routes, standing
from store.tables import ChannelRow, Post

if TYPE_CHECKING:
    from analytics.assignment.problem import Blocks, Limits, Piece, Problem
    from scheduler.ground import Field

#: Rule and version, as the log of choices names it.
PLANNED = "plan/1"
#: A post whose hour is nearer than this is not touched any more: a worker may be sending it.
HANDS_OFF = timedelta(minutes=2)
#: A plan looks so much further than its last post.
_BEYOND = 28
_FARTHEST = 3700
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
    where the rules no longer allow them, or where those that move gain more than 2 % together.

    Args:
        rules: as the channel keeps them (`domain.rules.texts`).
        times: of the posting schedule; passed over when the rules choose the best times.
        route_rules: of routes whose own rules shall change too, by number.
    """
    from analytics.assignment.board import Board
    from analytics.assignment.greedy import assign
    from analytics.assignment.problem import NOWHERE
    from analytics.assignment.reasons import reasons

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
    values = values_of(session, channel)
    moves = []
    for number, (post, slot) in enumerate(zip(found, plan.slots, strict=True)):
        assert post.planned_at is not None
        if slot == NOWHERE:
            moves.append(Move(post=post, before=post.planned_at, after=None, wall=None, placement=None))
            continue
        at, wall = field.slot(slot)
        if at != post.planned_at:
            board.take(number)
            why = placement_of(reasons(board, number, slot), values)
            board.put(number, slot)
            moves.append(Move(post=post, before=post.planned_at, after=at, wall=wall, placement=why))
    return Replan(moves=tuple(moves), kept=len(found) - len(moves))


def _rules_by_route(
    session: Session,
    channel: ChannelRow,
    found: Sequence[Post],
    rules: Mapping[str, Any] | None,
    changed: Mapping[int, Mapping[str, Any] | None],
) -> dict[int | None, Rules]:
    """The rules that the posts of each route obey; under None those of posts without one."""
    most = channel.budget_day
    by_route: dict[int | None, Rules] = {None: within(rules_from(rules), most)}
    for route_id in {post.route_id for post in found if post.route_id is not None}:
        overrides = changed.get(route_id, routes.get(session, channel.workspace_id, route_id).rules)
        by_route[route_id] = within(rules_from(rules, overrides), most)
    return by_route


def problem_of(
    session: Session,
    channel: ChannelRow,
    found: Sequence[Post],
    *,
    rules: Mapping[str, Any] | None,
    times: Sequence[PostingTime],
    now: datetime,
    route_rules: Mapping[int, Mapping[str, Any] | None] | None = None,
) -> "tuple[Problem, Field]":
    """These posts of a channel as planning takes them, with the slots; all others are blocks.

    The arguments are those of `replan`.
    """
    own = within(rules_from(rules), channel.budget_day)
    by_route = _rules_by_route(session, channel, found, rules, route_rules or {})
    from analytics.assignment.problem import Problem
    from scheduler.ground import daily, field, limits

    offered = () if own.best_times else times
    last = max(post.planned_at for post in found if post.planned_at is not None)
    needed = max((last - now).days, int(1.1 * len(found) / daily(own, offered)))
    ground = field(
        offered,
        values_of(session, channel),
        zone_name=channel.zone,
        now=now,
        days=min(needed + _BEYOND, _FARTHEST),
    )
    distinct = list(dict.fromkeys(by_route.values()))
    asked: list[Limits] = [limits(rules, ground) for rules in distinct]
    classes = {route_id: distinct.index(rules) for route_id, rules in by_route.items()}
    pieces = [
        piece_of(
            post,
            own,
            kin=_kin(post.story_id, post.campaign),
            which=classes[post.route_id],
            holds=_held(post, ground),
        )
        for post in found
    ]
    widest = max(LOOK_BACK, *(max(rules.gap, rules.kin_gap) for rules in distinct))
    return (
        Problem(
            ground=ground.ground,
            pieces=_with_kin(pieces, asked),
            limits=asked,
            blocks=_blocks(session, channel, found, own, ground, now=now, since=now - widest),
            mix=mix_of(own, offered),
        ),
        ground,
    )  # fmt: skip


def _kin(story: int, campaign: str | None) -> tuple[int, ...]:
    """What a post is akin to, as planning counts it: its story and its campaign."""
    if campaign is None:
        return (story,)
    return story, -int.from_bytes(blake2b(campaign.encode(), digest_size=7).digest(), "big")


def _with_kin(pieces: "Sequence[Piece]", asked: "Sequence[Limits]") -> "Sequence[Piece]":
    """Without distances between kin, nobody is akin: planning is faster so."""
    if any(limits.kin_gap for limits in asked):
        return pieces
    return [replace(piece, kin=()) for piece in pieces]


def _held(post: Post, field: "Field") -> int:
    """The slot that a post holds already; -1: it stands in none of these."""
    import numpy as np

    assert post.planned_at is not None
    at, times = int(post.planned_at.timestamp()), field.ground.times
    slot = int(np.searchsorted(times, at))
    return slot if slot < len(times) and times[slot] == at else -1


def _blocks(
    session: Session,
    channel: ChannelRow,
    found: Sequence[Post],
    own: Rules,
    field: "Field",
    *,
    now: datetime,
    since: datetime,
) -> "Blocks":
    """What stands on the channel besides the posts that are planned."""
    from analytics.assignment.problem import Block, Blocks

    rest = standing.kin_of_all(session, channel.id, since=since, now=now, without=[post.id for post in found])
    blocks = [
        Block(at=at, kin=_kin(story, campaign), kind=kind_number(own, content))
        for at, story, campaign, content in rest
    ]
    return Blocks.of(blocks, field.clock)


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
            session, move.post, candidates=[move.after], propensity=1.0, rule=PLANNED, now=now,
            why=move.placement.as_json(),
        )  # fmt: skip
    session.flush()
