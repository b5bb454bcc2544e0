"""Why a post is where it is: what its slot is worth, its rank among the free ones, what stood in the way."""

from dataclasses import dataclass
from enum import IntEnum

import numpy as np

from analytics.assignment.board import Board
from analytics.assignment.calendar import Ints
from analytics.assignment.problem import NOWHERE


class Barrier(IntEnum):
    """What kept a post out of a slot; numbers below `NEAR` are the limits' own (`Limits.shut`)."""

    FREE = 0
    QUIET = 1
    BLACKOUT = 2
    HOLIDAY = 3
    #: The post's route goes slower than the channel.
    ROUTE = 4
    #: Another post stands in the slot itself.
    TAKEN = 10
    #: Another post stands too near.
    NEAR = 11
    #: A post of the same campaign or story stands too near.
    KIN = 12
    #: The day or the week has as many posts as it may have.
    DAY = 13
    WEEK = 14


@dataclass(frozen=True, slots=True)
class Reasons:
    """Why one post is where it is; slots are counted within its own earliest and latest time."""

    #: Against an average hour now, which is 1.
    value: float
    #: 1: no free slot is worth more.
    rank: int
    #: Slots that it could have had, its own included.
    free: int
    #: Of the slots that are worth more and were not to be had: how many, by what stood in the way.
    barred: dict[Barrier, int]
    #: The most valuable of them: its instant (seconds since 1970), its value, and what stood in the way.
    missed: tuple[int, float, Barrier] | None


def reasons(board: Board, number: int, slot: int) -> Reasons:
    """Why a piece that is not on the board goes into this slot, all others staying where they are."""
    low, high = board.window(number)
    times, values = board.problem.ground.times[low:high], board.problem.ground.values[low:high]
    barriers = _barriers(board, number)
    own = float(board.problem.ground.values[slot])
    better = values > own * (1 + 1e-9)
    free = barriers == Barrier.FREE
    barred = better & ~free
    kinds, counts = np.unique(barriers[barred], return_counts=True)
    missed = None
    if barred.any():
        best = int(np.argmax(np.where(barred, values, -np.inf)))
        missed = (int(times[best]), float(values[best]), Barrier(int(barriers[best])))
    return Reasons(
        value=own,
        rank=1 + int(np.count_nonzero(better & free)),
        free=int(np.count_nonzero(free)),
        barred={Barrier(int(kind)): int(count) for kind, count in zip(kinds, counts, strict=True)},
        missed=missed,
    )


def reasons_of_all(board: Board) -> list[Reasons | None]:
    """Why each piece stands where it does, all others staying; None for those without a slot."""
    found: list[Reasons | None] = []
    for number, slot in enumerate(board.slots):
        if slot == NOWHERE:
            found.append(None)
            continue
        board.take(number)
        found.append(reasons(board, number, slot))
        board.put(number, slot)
    return found


def _barriers(board: Board, number: int) -> Ints:
    """What stands in the way in each slot of a piece's window; of several, the first of `Barrier`."""
    crowding = board.crowding(number)
    taken = board.taken()[slice(*board.window(number))]
    return np.select(
        [crowding.shut > 0, taken, crowding.near, crowding.kin, crowding.day, crowding.week, crowding.own],
        [
            crowding.shut,
            Barrier.TAKEN,
            Barrier.NEAR,
            Barrier.KIN,
            Barrier.DAY,
            Barrier.WEEK,
            Barrier.ROUTE,
        ],
        default=Barrier.FREE,
    )
