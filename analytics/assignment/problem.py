"""What an assignment is asked: the slots of a channel, what stands there already, the posts to place."""

from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np

from analytics.assignment.calendar import Calendar, Floats, Ints, weeks

#: A place in time that is no slot of the ground, or none at all.
NOWHERE = -1


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Ground:
    """The slots that may be taken, earliest first; all arrays have one entry for each."""

    #: Distinct instants, ascending, in seconds since 1970 (UTC).
    times: Ints
    #: What a post of weight 1 is worth there, above 0; 1 is an average hour, now.
    values: Floats
    #: Local days and weeks, counted from 1970.
    days: Ints
    weeks: Ints

    @classmethod
    def of(cls, times: Ints, values: Floats, clock: Calendar) -> "Ground":
        """The slots at these instants of a channel whose clock this is."""
        days = clock.days(times)
        return cls(times=times, values=values, days=days, weeks=weeks(days))


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Limits:
    """The rules that some of the posts obey, towards all posts of the channel."""

    #: Seconds that lie between two posts, at least.
    gap: int = 0
    #: Posts of a local day and of a local week (Monday to Sunday); None: any number.
    cap_day: int | None = None
    cap_week: int | None = None
    #: Seconds between two posts of one campaign or story, at least.
    kin_gap: int = 0
    #: Towards the posts that obey the same limits: how many a local day takes, and seconds between two.
    own_cap_day: int | None = None
    own_gap: int = 0
    #: For each slot: 0 where these posts may go out, else a number that says why not; None: 0 everywhere.
    shut: Ints | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Piece:
    """A post that wants a slot."""

    weight: float = 1.0
    #: Seconds since 1970: not before this, and before that; None: whenever.
    earliest: int | None = None
    latest: int | None = None
    #: What it is akin to: its story, its campaign.
    kin: tuple[int, ...] = ()
    #: Which of the problem's limits it obeys.
    limits: int = 0
    #: Its place in the problem's mix; NOWHERE: the mix does not count it.
    kind: int = NOWHERE
    #: The slot that it holds already; NOWHERE: none.
    holds: int = NOWHERE
    #: It keeps the slot that it holds as long as its limits allow it, whatever another one earns.
    firm: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Block:
    """A post that stays where it is: placed by hand, out already, or not to be moved now."""

    #: Seconds since 1970.
    at: int
    kin: tuple[int, ...] = ()
    kind: int = NOWHERE
    #: Which of the problem's limits it counts for as one of their own; NOWHERE: none.
    limits: int = NOWHERE


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Blocks:
    """All that stands already; the arrays have one entry for each post."""

    times: Ints = field(default_factory=lambda: np.empty(0, dtype=np.int64))
    days: Ints = field(default_factory=lambda: np.empty(0, dtype=np.int64))
    kinds: Ints = field(default_factory=lambda: np.empty(0, dtype=np.int64))
    #: Only those that are akin to others: their instants by what they are akin to.
    kin: dict[int, tuple[int, ...]] = field(default_factory=dict)
    #: Instants of those that count for limits as their own, by the number of the limits.
    own: dict[int, tuple[int, ...]] = field(default_factory=dict)

    @classmethod
    def of(cls, blocks: Sequence[Block], clock: Calendar) -> "Blocks":
        """These posts on the days of a clock."""
        times = np.array([block.at for block in blocks], dtype=np.int64)
        kin: dict[int, list[int]] = {}
        own: dict[int, list[int]] = {}
        for block in blocks:
            for one in block.kin:
                kin.setdefault(one, []).append(block.at)
            if block.limits != NOWHERE:
                own.setdefault(block.limits, []).append(block.at)
        kinds = np.array([block.kind for block in blocks], dtype=np.int64)
        return cls(
            times=times,
            days=clock.days(times),
            kinds=kinds,
            kin={one: tuple(instants) for one, instants in kin.items()},
            own={one: tuple(instants) for one, instants in own.items()},
        )


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Problem:
    """One channel: accounts do not influence each other, so each is solved by itself."""

    ground: Ground
    pieces: Sequence[Piece]
    limits: Sequence[Limits] = (Limits(),)
    blocks: Blocks = field(default_factory=Blocks)
    #: For each kind of content: how many of a week are wanted at most; a wish, not a rule.
    mix: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True)
class Plan:
    """The answer: for each piece the number of its slot, or NOWHERE; and what all of it is worth."""

    slots: tuple[int, ...]
    value: float

    @property
    def unplaced(self) -> int:
        """Posts for which no slot was left."""
        return sum(slot == NOWHERE for slot in self.slots)
