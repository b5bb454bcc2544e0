"""One more post into a channel's queue: the best free slot that the rules allow, and why it is that one."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

from sqlmodel import Session

from domain.errors import UsageError
from domain.placement import Missed, Placement
from domain.post import PlacedBy
from domain.rules import Rules, kind_of, rules_from, within
from domain.schedule import PostingTime, Slot
from domain.week import WeekValues, neutral
from scheduler.exploring import HALF_DRAW, explored
from scheduler.learning import kept_week, week_values
from store import channels, posts, routes, standing
from store.tables import ChannelRow, Post

if TYPE_CHECKING:  # numpy is loaded when the first slot is sought
    from analytics.assignment.board import Board
    from analytics.assignment.problem import Blocks, Limits, Piece
    from analytics.assignment.reasons import Reasons
    from scheduler.ground import Field

#: Rule and version, as the log of choices names it.
NEXT_FREE = "best_free/1"
#: So far every search looks; further while it finds nothing, up to some ten years.
_DAYS_AHEAD = 28
_FARTHEST = 3700
#: Slots that the log of a choice keeps, besides the chosen one.
_CANDIDATES = 20
#: What stood before now counts for distances and for the caps of this week.
LOOK_BACK = timedelta(days=8)


#: Whether a post may stand at an instant.
Allowed = Callable[[datetime], bool]


@dataclass(frozen=True, slots=True, kw_only=True)
class Chosen:
    """A slot, why it is this one, and what else could have been taken."""

    slot: Slot
    placement: Placement
    #: The most valuable free slots, soonest first.
    candidates: Sequence[datetime]
    #: Chance that this slot had of being chosen.
    propensity: float = 1.0


def place_in_next_slot(
    session: Session,
    post: Post,
    channel: ChannelRow,
    *,
    now: datetime,
    placed_by: PlacedBy = PlacedBy.AUTOMATION,
    allowed: Allowed | None = None,
) -> None:
    """Put a post into the best slot that is free for it, and log the choice with its reasons.

    Holds the channel until the transaction ends, so that two posts cannot choose one slot.

    Args:
        allowed: the slots that its route leaves open; None: all.

    Raises:
        UsageError: the channel has no posting schedule, or no slot that the rules allow is free.
    """
    channel = channels.lock(session, channel.id)
    chosen = choose_slot(session, post, channel, now=now, allowed=allowed)
    at = chosen.slot.at
    posts.plan(post, at=at, wall=chosen.slot.wall, zone=channel.zone, placed_by=placed_by, slot_at=at)
    session.add(post)
    session.flush()
    posts.log_slot_choice(
        session, post, candidates=chosen.candidates, propensity=chosen.propensity,
        rule=NEXT_FREE if chosen.propensity == 1.0 else HALF_DRAW, now=now,
        why=chosen.placement.as_json(),
    )  # fmt: skip


def choose_slot(
    session: Session,
    post: Post,
    channel: ChannelRow,
    *,
    now: datetime,
    allowed: Allowed | None = None,
    besides: Sequence[datetime] = (),
) -> Chosen:
    """The slot that a post would get now; nothing is changed.

    Args:
        allowed: the slots that its route leaves open; None: all.
        besides: where posts stand that are only imagined.

    Raises:
        UsageError: as `place_in_next_slot`.
    """
    from analytics.assignment.board import Board
    from analytics.assignment.problem import NOWHERE, Problem
    from analytics.assignment.reasons import reasons
    from scheduler.ground import field, limits

    times = offered_times(session, channel)
    rules, week = rules_for(session, post, channel), kept_week(session, channel)
    values = neutral(channel.zone) if week is None else week.values()
    stands = _Standing.read(session, post, rules, now=now).with_imagined(besides)
    days = stands.days_ahead(rules, times, now=now)
    while True:
        ground = field(times, values, zone_name=channel.zone, now=now, days=days)
        problem = Problem(
            ground=ground.ground,
            pieces=[piece_of(post, rules)],
            limits=(_left_open(limits(rules, ground), ground, allowed),),
            blocks=stands.blocks(ground),
            mix=mix_of(rules, times),
        )
        board = Board(problem)
        slot, _ = board.best(0)
        if slot != NOWHERE:
            best = slot
            slot, propensity = explored(board, ground, week, best, seed=post.id)
            why = reasons(board, 0, slot)
            at, wall = ground.slot(slot)
            return Chosen(
                slot=Slot(at=at, wall=wall),
                placement=replace(placement_of(why, values), explored=slot != best),
                candidates=candidates(board, ground, slot),
                propensity=propensity,
            )
        if days >= _FARTHEST or _is_past(post, now + timedelta(days=days)):
            raise UsageError(none_left(channel, post))
        days *= 4


def _left_open(limits: "Limits", field: "Field", allowed: Allowed | None) -> "Limits":
    """The limits with the slots shut that a route does not want."""
    if allowed is None:
        return limits
    import numpy as np

    from analytics.assignment.reasons import Barrier

    shut = np.zeros(len(field.ground.times), dtype=np.int64) if limits.shut is None else limits.shut.copy()
    for number in range(len(shut)):
        if not shut[number] and not allowed(field.slot(number)[0]):
            shut[number] = Barrier.ROUTE
    return replace(limits, shut=shut)


def next_free(session: Session, channel: ChannelRow, *, now: datetime) -> datetime | None:
    """The slot that a post without wishes would get now; None: none, or it depends on what is tried out."""
    if kept_week(session, channel) is not None:
        return None
    nobody = Post(
        workspace_id=channel.workspace_id, channel_id=channel.id, story_id=0, state="draft",
        content={"text": ""}, delivery_key="", created_at=now,
    )  # fmt: skip
    try:
        return choose_slot(session, nobody, channel, now=now).slot.at
    except UsageError:
        return None


def offered_times(session: Session, channel: ChannelRow) -> tuple[PostingTime, ...]:
    """The weekly times of a channel; empty where it chooses its best times itself.

    Raises:
        UsageError: it has neither.
    """
    if rules_from(channel.rules).best_times:
        return ()
    times = channels.schedule(session, channel.id)
    if not times:
        raise UsageError(
            f"Channel {channel.name!r} has no posting schedule. Give it one with "
            f"`tabuh channel schedule {channel.name!r} 'mon-fri 09:00,12:30'`, or name a time for the post."
        )
    return times


def has_slots(session: Session, channel: ChannelRow) -> bool:
    """Whether automation can find slots on a channel: by a posting schedule, or by its own choice."""
    return rules_from(channel.rules).best_times or bool(channels.schedule(session, channel.id))


def rules_for(session: Session, post: Post, channel: ChannelRow) -> Rules:
    """The rules that a post obeys: its channel's, with what its route overrides."""
    if post.route_id is None:
        return within(rules_from(channel.rules), channel.budget_day)
    route = routes.get(session, post.workspace_id, post.route_id)
    return within(rules_from(channel.rules, route.rules), channel.budget_day)


def values_of(session: Session, channel: ChannelRow) -> WeekValues:
    """What the hours of the week are worth to a channel."""
    return week_values(session, channel)


def piece_of(
    post: Post,
    rules: Rules,
    *,
    kin: tuple[int, ...] = (0,),
    which: int = 0,
    holds: int = -1,
    firm: bool = False,
) -> "Piece":
    """A post as planning takes it."""
    from analytics.assignment.problem import Piece

    return Piece(
        weight=2.0**post.priority,
        earliest=None if post.earliest_at is None else int(post.earliest_at.timestamp()),
        latest=None if post.latest_at is None else int(post.latest_at.timestamp()) + 1,
        kin=kin,
        limits=which,
        kind=kind_number(rules, post.content),
        holds=holds,
        firm=firm,
    )


def kind_number(rules: Rules, content: dict[str, object]) -> int:
    """The place of a content's kind in the mix of the rules; -1: the mix does not name it."""
    kinds = [kind for kind, _ in rules.mix]
    kind = kind_of(content)
    return kinds.index(kind) if kind in kinds else -1


def mix_of(rules: Rules, times: Sequence[PostingTime]) -> tuple[int, ...]:
    """How many posts of each named kind a week wants at most."""
    if not rules.mix:
        return ()
    from scheduler.ground import daily

    week = max(1.0, 7 * min(daily(rules, times), 10.0))
    return tuple(-int(-week * share // 100) for _, share in rules.mix)


@dataclass(frozen=True, slots=True)
class _Standing:
    """What stands on the channel besides one post."""

    instants: Sequence[int]
    kin: Sequence[int]
    kinds: Sequence[tuple[int, int]]

    @classmethod
    def read(cls, session: Session, post: Post, rules: Rules, *, now: datetime) -> "_Standing":
        since = now - max(LOOK_BACK, rules.gap)
        mine = (post.id,)
        kin: Sequence[int] = ()
        if rules.kin_gap:
            kin = standing.kin_instants(session, post, since=now - rules.kin_gap, now=now, without=mine)
        kinds: Sequence[tuple[int, int]] = ()
        if rules.mix:
            until = now + timedelta(days=8 * 7)
            found = standing.contents(
                session, post.channel_id, since=since, until=until, now=now, without=mine
            )
            kinds = [(at, kind_number(rules, content)) for at, content in found]
        instants = standing.instants(session, post.channel_id, since=since, now=now, without=mine)
        return cls(instants, kin, kinds)

    def with_imagined(self, besides: Sequence[datetime]) -> "_Standing":
        """Some more posts, of no kind and no story."""
        more = [int(at.timestamp()) for at in besides]
        return replace(self, instants=[*self.instants, *more]) if more else self

    def days_ahead(self, rules: Rules, times: Sequence[PostingTime], *, now: datetime) -> int:
        """How far to look at first: past all that the posts before could fill."""
        from scheduler.ground import daily

        start = now.timestamp()
        coming = sum(at > start for at in self.instants)
        return min(_DAYS_AHEAD + int(1.1 * coming / daily(rules, times)), _FARTHEST)

    def blocks(self, field: "Field") -> "Blocks":
        import numpy as np

        from analytics.assignment.problem import Blocks

        times = np.array(self.instants, dtype=np.int64)
        kinds = np.full(len(times), -1, dtype=np.int64)
        if self.kinds:
            known = dict(self.kinds)
            kinds = np.array([known.get(int(at), -1) for at in times], dtype=np.int64)
        kin = {0: tuple(self.kin)} if self.kin else {}
        return Blocks(times=times, days=field.clock.days(times), kinds=kinds, kin=kin)


def placement_of(why: "Reasons", values: WeekValues) -> Placement:
    """What planning says of a slot, as it is kept."""
    missed = None
    if why.missed is not None:
        at, value, barrier = why.missed
        missed = Missed(at=datetime.fromtimestamp(at, UTC), value=value, barrier=barrier.name.lower())
    return Placement(
        value=why.value,
        rank=why.rank,
        free=why.free,
        barred={barrier.name.lower(): count for barrier, count in why.barred.items()},
        missed=missed,
        learned_from=values.posts,
    )


def candidates(board: "Board", field: "Field", chosen: int, number: int = 0) -> list[datetime]:
    """The chosen slot and the most valuable of the other free ones, soonest first."""
    import numpy as np

    low, worths = board.worths(number)
    most = min(_CANDIDATES, len(worths))
    if not most:
        return [field.slot(chosen)[0]]
    order = np.argpartition(-worths, most - 1)[:most]
    free = {low + int(place) for place in order if worths[place] > -np.inf} | {chosen}
    return [field.slot(slot)[0] for slot in sorted(free)]


def _is_past(post: Post, at: datetime) -> bool:
    return post.latest_at is not None and post.latest_at < at


def none_left(channel: ChannelRow, post: Post) -> str:
    """That a post finds no slot, and what to do."""
    if post.latest_at is not None:
        return (
            f"Channel {channel.name!r} has no free slot before the latest time of this post. Move that time, "
            "or place the post by hand."
        )
    return (
        f"Channel {channel.name!r} has no free slot left that its rules allow. Add times to its posting "
        "schedule, or ease its rules."
    )
