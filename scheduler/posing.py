"""Posts of a channel as planning takes them: their slots, the rules that each obeys, and all that stands."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from hashlib import blake2b
from typing import TYPE_CHECKING, Any

from sqlmodel import Session

from domain.rules import Rules, rules_from, within
from domain.schedule import PostingTime
from domain.spread import Pace
from scheduler.rules import Rules as RouteRules
from scheduler.slots import LOOK_BACK, kind_number, mix_of, piece_of, values_of
from store import posts, routes, standing
from store.tables import ChannelRow, Post

if TYPE_CHECKING:
    from analytics.assignment.problem import Blocks, Limits, Piece, Problem
    from scheduler.ground import Field

#: A plan looks so much further than its last post.
_BEYOND = 28
_FARTHEST = 3700

#: What some posts obey: the rules, and the pace of the route that goes slower; its number sets it apart.
Obeyed = tuple[Rules, Pace | None, int | None]


def problem_of(
    session: Session,
    channel: ChannelRow,
    found: Sequence[Post],
    *,
    rules: Mapping[str, Any] | None,
    times: Sequence[PostingTime],
    now: datetime,
    route_rules: Mapping[int, Mapping[str, Any] | None] | None = None,
    besides: Sequence[Post] = (),
    days: int = 0,
) -> "tuple[Problem, Field]":
    """These posts of a channel as planning takes them, with the slots; all others are blocks.

    Args:
        rules: as the channel keeps them (`domain.rules.texts`).
        times: of the posting schedule; passed over when the rules choose the best times.
        route_rules: of routes whose own rules shall change too, by number.
        besides: posts that stand and are not stored yet.
        days: how far to look at least.
    """
    from analytics.assignment.problem import Problem
    from scheduler.ground import daily, field, limits

    own = within(rules_from(rules), channel.budget_day)
    obeyed = _obeyed(session, channel, found, rules, route_rules or {})
    offered = () if own.best_times else times
    last = max((post.planned_at for post in found if post.planned_at is not None), default=now)
    widest = max(LOOK_BACK, *(max(one.gap, one.kin_gap, _gap(pace)) for one, pace, _ in obeyed.values()))
    stand = standing.all_of(
        session, channel.id, since=now - widest, now=now, without=[post.id for post in found]
    )
    coming = len(found) + sum(one.at > now.timestamp() for one in stand)
    needed = max(days, (last - now).days, int(1.1 * coming / daily(own, offered)))
    ground = field(
        offered, values_of(session, channel), zone_name=channel.zone, now=now,
        days=min(needed + _BEYOND, _FARTHEST),
    )  # fmt: skip
    distinct = list(dict.fromkeys(obeyed.values()))
    asked = [_paced(limits(one, ground), pace) for one, pace, _ in distinct]
    classes = {route_id: distinct.index(one) for route_id, one in obeyed.items()}
    firm = posts.explored_among(session, found)
    pieces = [
        piece_of(
            post, own, kin=_kin(post.story_id, post.campaign), which=classes[post.route_id],
            holds=_held(post, ground), firm=post.id in firm,
        )
        for post in found
    ]  # fmt: skip
    paced = {route: which for route, which in classes.items() if distinct[which][1] is not None}
    blocks = _blocks([*stand, *map(_as_standing, besides)], own, paced, ground)
    problem = Problem(
        ground=ground.ground,
        pieces=_with_kin(pieces, asked),
        limits=asked,
        blocks=blocks,
        mix=mix_of(own, offered),
    )
    return problem, ground


def _obeyed(
    session: Session,
    channel: ChannelRow,
    found: Sequence[Post],
    rules: Mapping[str, Any] | None,
    changed: Mapping[int, Mapping[str, Any] | None],
) -> dict[int | None, Obeyed]:
    """What the posts of each route obey; under None those of posts without one."""
    by_route: dict[int | None, Obeyed] = {None: (within(rules_from(rules), channel.budget_day), None, None)}
    for route_id in {post.route_id for post in found if post.route_id is not None}:
        route = routes.get(session, channel.workspace_id, route_id)
        pace = RouteRules.of(route).pace
        is_slow = pace.per_day is not None or pace.gap_minutes
        overrides = changed.get(route_id, route.rules)
        by_route[route_id] = (
            within(rules_from(rules, overrides), channel.budget_day),
            pace if is_slow else None,
            route_id if is_slow else None,
        )
    return by_route


def _gap(pace: Pace | None) -> timedelta:
    return timedelta(minutes=pace.gap_minutes if pace is not None else 0)


def _paced(limits: "Limits", pace: Pace | None) -> "Limits":
    """The limits with what the route asks of its own posts."""
    if pace is None:
        return limits
    return replace(limits, own_cap_day=pace.per_day, own_gap=pace.gap_minutes * 60)


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

    if post.planned_at is None:
        return -1
    at, times = int(post.planned_at.timestamp()), field.ground.times
    slot = int(np.searchsorted(times, at))
    return slot if slot < len(times) and times[slot] == at else -1


def _as_standing(post: Post) -> standing.Stands:
    assert post.planned_at is not None
    return standing.Stands(
        int(post.planned_at.timestamp()), post.story_id, post.campaign, post.content, post.route_id
    )


def _blocks(
    rest: Sequence[standing.Stands], own: Rules, paced: Mapping[int | None, int], field: "Field"
) -> "Blocks":
    """What stands on the channel besides the posts that are planned."""
    from analytics.assignment.problem import NOWHERE, Block, Blocks

    blocks: list[Block] = [
        Block(
            at=one.at,
            kin=_kin(one.story_id, one.campaign),
            kind=kind_number(own, one.content),
            limits=paced.get(one.route_id, NOWHERE),
        )
        for one in rest
    ]
    return Blocks.of(blocks, field.clock)
