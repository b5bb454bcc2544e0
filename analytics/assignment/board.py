"""Which slots are free for whom while posts are placed and taken out again, kept up to date at each step."""

from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from analytics.assignment.calendar import Floats, Ints
from analytics.assignment.problem import NOWHERE, Limits, Piece, Problem

#: What one post more of a kind costs in a week that has enough of it, in average posts: so much that a week
#: later is better, and three weeks later is not.
MIX_COST = 0.35
#: A post is moved only where that is worth so much more than where it is.
STAY = 0.02
_TAKEN = -np.inf


class Board:
    """The state of one problem: `put` and `take` change it, `best` asks it."""

    def __init__(self, problem: Problem) -> None:
        self.problem = problem
        ground = problem.ground
        self._times = ground.times
        self._values = ground.values
        self._day_of = _Labels(ground.days)
        self._week_of = _Labels(ground.weeks)
        self._posts_of_day = self._day_of.counted(problem.blocks.days)
        self._posts_of_week = self._week_of.counted((problem.blocks.days + 3) // 7)
        self._rows = [_Row(limits, self, problem, number) for number, limits in enumerate(problem.limits)]
        self._kin = {kin: list(times) for kin, times in problem.blocks.kin.items()}
        self._mix = self._counted_mix()
        self._windows = [self._window(piece) for piece in problem.pieces]
        self.slots = [NOWHERE] * len(problem.pieces)
        #: For each piece the slot that it may not be taken out of; below NOWHERE: none.
        self.firm: Ints = np.array(
            [one.holds if one.firm and one.holds != NOWHERE else NOWHERE - 1 for one in problem.pieces],
            dtype=np.int64,
        )
        self._placed = np.zeros(len(self._times), dtype=np.bool_)
        self._blocked = np.isin(self._times, problem.blocks.times)

    def _counted_mix(self) -> Ints:
        mix = np.zeros((len(self.problem.mix), len(self._week_of)), dtype=np.int64)
        blocks = self.problem.blocks
        for kind in range(len(self.problem.mix)):
            mix[kind] = self._week_of.counted((blocks.days[blocks.kinds == kind] + 3) // 7)
        return mix

    def _window(self, piece: Piece) -> tuple[int, int]:
        low = 0 if piece.earliest is None else int(np.searchsorted(self._times, piece.earliest, side="left"))
        if piece.latest is None:
            return low, len(self._times)
        return low, int(np.searchsorted(self._times, piece.latest, side="left"))

    def window(self, number: int) -> tuple[int, int]:
        """The slots from and up to which a piece may go out by its own earliest and latest time."""
        return self._windows[number]

    def room(self, number: int) -> int:
        """How many slots there are for a piece now."""
        low, high = self._windows[number]
        return int(np.count_nonzero(self._rows[self.problem.pieces[number].limits].scores[low:high] > _TAKEN))

    def put(self, number: int, slot: int) -> None:
        """Place a piece; the slot must be free for it."""
        self._change(number, slot, +1)
        self.slots[number] = slot

    def take(self, number: int) -> None:
        """Take a piece out again."""
        self._change(number, self.slots[number], -1)
        self.slots[number] = NOWHERE

    def _change(self, number: int, slot: int, by: int) -> None:
        piece = self.problem.pieces[number]
        day, week = self._day_of.numbers[slot], self._week_of.numbers[slot]
        was_day, was_week = self._posts_of_day[day], self._posts_of_week[week]
        self._posts_of_day[day] += by
        self._posts_of_week[week] += by
        if piece.kind != NOWHERE and self.problem.mix:
            self._mix[piece.kind, week] += by
        self._placed[slot] = by > 0
        at = int(self._times[slot])
        for kin in piece.kin:
            times = self._kin.setdefault(kin, [])
            times.append(at) if by > 0 else times.remove(at)
        self._rows[piece.limits].own(slot, int(day), by)
        for row in self._rows:
            row.near(slot, by)
            if _turns(row.limits.cap_day, was_day, was_day + by):
                row.full(self._day_of.slots(day), by)
            if _turns(row.limits.cap_week, was_week, was_week + by):
                row.full(self._week_of.slots(week), by)

    def worths(self, number: int) -> tuple[int, Floats]:
        """What each slot of a piece's window would earn now, -inf where it may not go; and the first slot."""
        piece = self.problem.pieces[number]
        low, high = self._windows[number]
        row = self._rows[piece.limits]
        worths = row.scores[low:high] * piece.weight
        if row.limits.kin_gap:
            for at in (at for kin in piece.kin for at in self._kin.get(kin, ())):
                near = np.searchsorted(self._times, (at - row.limits.kin_gap + 1, at + row.limits.kin_gap))
                worths[max(int(near[0]) - low, 0) : max(int(near[1]) - low, 0)] = _TAKEN
        if piece.kind != NOWHERE and self.problem.mix:
            over = self._mix[piece.kind] >= self.problem.mix[piece.kind]
            worths = worths - MIX_COST * over[self._week_of.numbers[low:high]]
        if low <= piece.holds < high:
            worths[piece.holds - low] *= 1 + STAY
        return low, worths

    def best(self, number: int) -> tuple[int, float]:
        """The free slot that earns most for a piece, the earliest of equals; NOWHERE and 0: none."""
        low, worths = self.worths(number)
        if not len(worths):
            return NOWHERE, 0.0
        best = int(np.argmax(worths))
        earned = float(worths[best])
        return (NOWHERE, 0.0) if earned == _TAKEN else (low + best, earned)

    def allows(self, number: int, slot: int) -> bool:
        """Whether a piece may go out there now."""
        low, worths = self.worths(number)
        return low <= slot < low + len(worths) and bool(worths[slot - low] > _TAKEN)

    def mix_cost(self) -> float:
        """What the posts cost that are more of their kind than a week wants."""
        if not self.problem.mix:
            return 0.0
        over = self._mix - np.array(self.problem.mix, dtype=np.int64)[:, None]
        return MIX_COST * float(np.maximum(over, 0).sum())

    def crowding(self, number: int) -> "Crowding":
        """What stands in the way of a piece that is not on the board, in each slot of its window."""
        piece, (low, high) = self.problem.pieces[number], self._windows[number]
        limits, window = self._rows[piece.limits].limits, slice(*self._windows[number])
        kin = np.zeros(high - low, dtype=np.bool_)
        for at in (at for one in piece.kin for at in self._kin.get(one, ())):
            kin |= np.abs(self._times[window] - at) < limits.kin_gap
        days, weeks = self._day_of.numbers[window], self._week_of.numbers[window]
        none = np.zeros(high - low, dtype=np.bool_)
        return Crowding(
            shut=none.astype(np.int64) if limits.shut is None else limits.shut[window],
            near=self._rows[piece.limits].neighbours[window] > 0,
            own=self._rows[piece.limits].own_shut[window],
            kin=kin,
            day=none if limits.cap_day is None else self._posts_of_day[days] >= limits.cap_day,
            week=none if limits.cap_week is None else self._posts_of_week[weeks] >= limits.cap_week,
        )

    def taken(self) -> NDArray[np.bool_]:
        """For each slot, whether a post stands in it."""
        return self._blocked | self._placed


@dataclass(frozen=True, slots=True, eq=False)
class Crowding:
    """For each slot of a window: what stands in the way there."""

    #: The number that the limits give as their reason; 0: none.
    shut: Ints
    near: NDArray[np.bool_]
    #: Posts that obey the same limits are too near, or enough for the day.
    own: NDArray[np.bool_]
    kin: NDArray[np.bool_]
    day: NDArray[np.bool_]
    week: NDArray[np.bool_]


def _turns(cap: int | None, was: int, now: int) -> bool:
    """Whether a day or week with a cap becomes full by this, or gets room again."""
    return cap is not None and (was >= cap) != (now >= cap)


class _Labels:
    """The days or weeks of the slots, as numbers from 0."""

    def __init__(self, labels: Ints) -> None:
        self._known, self.numbers = _numbered(labels)

    def __len__(self) -> int:
        return len(self._known)

    def slots(self, number: int) -> Ints:
        """The slots of one day or week."""
        return self._lists[number]

    @cached_property
    def _lists(self) -> list[Ints]:
        # A clock that is put back over midnight makes a day's slots lie apart, so each has its own list.
        order = np.argsort(self.numbers, kind="stable")
        return np.split(order, np.searchsorted(self.numbers[order], np.arange(1, len(self._known))))

    def counted(self, labels: Ints) -> Ints:
        """How often each known label occurs here."""
        if not len(self._known):
            return np.zeros(0, dtype=np.int64)
        found = np.minimum(np.searchsorted(self._known, labels), len(self._known) - 1)
        return np.bincount(found[self._known[found] == labels], minlength=len(self._known)).astype(np.int64)


def _numbered(labels: Ints) -> tuple[Ints, Ints]:
    """The labels there are, ascending, and for each entry the number of its label."""
    steps = np.diff(labels)
    if (steps >= 0).all():  # nearly always, and faster
        numbers = np.concatenate([np.zeros(min(len(labels), 1), dtype=np.int64), np.cumsum(steps > 0)])
        return labels[np.flatnonzero(np.diff(labels, prepend=-(2**60)))], numbers
    known, found = np.unique(labels, return_inverse=True)
    return known, found.astype(np.int64)


class _Row:
    """How the slots stand for the posts that obey one set of limits."""

    def __init__(self, limits: Limits, board: Board, problem: Problem, number: int) -> None:
        self.limits = limits
        self._times = problem.ground.times
        size = len(self._times)
        self._reach = max(limits.gap, 1)  # a slot holds one post at most
        shut = limits.shut if limits.shut is not None else np.zeros(size, dtype=np.int64)
        self._base = np.where(shut == 0, problem.ground.values, _TAKEN)
        #: Posts that are too near to each slot.
        self.neighbours = self._around(problem.blocks.times, self._reach)
        self._shut = np.zeros(size, dtype=np.int64)
        if limits.cap_day is not None:
            self._shut += board._posts_of_day[board._day_of.numbers] >= limits.cap_day
        if limits.cap_week is not None:
            self._shut += board._posts_of_week[board._week_of.numbers] >= limits.cap_week
        self._days = board._day_of
        own = np.array(problem.blocks.own.get(number, ()), dtype=np.int64)
        self._own_near = self._around(own, limits.own_gap)
        of_own = problem.blocks.days[np.isin(problem.blocks.times, own)] if len(own) else own
        self._own_of_day = self._days.counted(of_own)
        #: The value of each slot that is free, -inf for the others.
        self.scores: Floats = np.where(self._free(slice(None)), self._base, _TAKEN)

    def _around(self, instants: Ints, reach: int) -> Ints:
        """How many of these instants lie nearer to each slot than ``reach``."""
        size = len(self._times)
        if not reach or not len(instants):
            return np.zeros(size, dtype=np.int64)
        low = np.searchsorted(self._times, instants - reach, side="right")
        high = np.searchsorted(self._times, instants + reach, side="left")
        steps = np.bincount(low, minlength=size + 1) - np.bincount(high, minlength=size + 1)
        return np.cumsum(steps[:size]).astype(np.int64)

    @property
    def own_shut(self) -> NDArray[np.bool_]:
        """For each slot, whether posts that obey the same limits stand in the way."""
        shut = self._own_near > 0
        if self.limits.own_cap_day is not None:
            shut |= (self._own_of_day >= self.limits.own_cap_day)[self._days.numbers]
        return shut

    def near(self, slot: int, by: int) -> None:
        """A post came to this slot (+1) or left it (-1)."""
        place = self._within(slot, self._reach)
        self.neighbours[place] += by
        self._look(place)

    def own(self, slot: int, day: int, by: int) -> None:
        """One of the posts that obey these limits came to this slot (+1) or left it (-1)."""
        if self.limits.own_gap:
            place = self._within(slot, self.limits.own_gap)
            self._own_near[place] += by
            self._look(place)
        if self.limits.own_cap_day is not None:
            was = int(self._own_of_day[day])
            self._own_of_day[day] += by
            if _turns(self.limits.own_cap_day, was, was + by):
                self._look(self._days.slots(day))

    def full(self, slots: Ints, by: int) -> None:
        """The day or week of these slots has become full (+1), or has room again (-1)."""
        self._shut[slots] += by
        self._look(slots)

    def _within(self, slot: int, reach: int) -> slice:
        at = self._times[slot]
        low = np.searchsorted(self._times, at - reach, side="right")
        return slice(int(low), int(np.searchsorted(self._times, at + reach, side="left")))

    def _free(self, place: slice | Ints) -> NDArray[np.bool_]:
        free = (self.neighbours[place] == 0) & (self._shut[place] == 0)
        if self.limits.own_gap:
            free &= self._own_near[place] == 0
        if self.limits.own_cap_day is not None:
            free &= self._own_of_day[self._days.numbers[place]] < self.limits.own_cap_day
        return np.asarray(free)

    def _look(self, place: slice | Ints) -> None:
        self.scores[place] = np.where(self._free(place), self._base[place], _TAKEN)
