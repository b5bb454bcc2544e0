"""Seeded instances of slot assignment, and the optimum that `scipy.optimize.milp` proves for them."""

from dataclasses import dataclass
from zoneinfo import ZoneInfo

import numpy as np
from scipy.optimize import Bounds, LinearConstraint, milp
from scipy.sparse import coo_array

from analytics.assignment.calendar import DAY, calendar
from analytics.assignment.problem import Ground, Limits, Piece, Problem

#: Monday, 2 March 2026, 00:00 UTC.
START = 1_772_409_600
#: What a post without a slot costs.
_UNPLACED = 1e3


@dataclass(frozen=True, slots=True)
class Size:
    """How large an instance is."""

    posts: int
    days: int
    #: Minutes between two starts of the grid.
    grid: int
    cap_day: int
    gap_hours: float
    kin_gap_hours: float = 0.0


def instance(seed: int, size: Size, *, zone: str = "Europe/Berlin") -> Problem:
    """A channel with a bumpy week, posts of log-normal weight, half of them with a window of their own."""
    rng = np.random.default_rng(seed)
    step = size.grid * 60
    times = np.arange(START, START + size.days * DAY, step, dtype=np.int64)
    clock = calendar(ZoneInfo(zone), int(times[0]), int(times[-1]))
    hour = (clock.walls(times) / 3600) % 24
    curve = sum(
        height * np.exp(width * (np.cos(2 * np.pi * (hour - top) / 24) - 1))
        for top, width, height in ((8.5, 4, 0.6), (12.5, 6, 0.9), (19.5, 3, 1.1))
    )
    values = (0.5 + curve) * np.exp(0.25 * rng.standard_normal(len(times)))
    pieces = []
    for _ in range(size.posts):
        earliest = latest = None
        if rng.random() < 0.5:
            begin = rng.uniform(0, 0.8 * size.days)
            length = rng.uniform(1, max(2.0, size.days / 2))
            earliest, latest = START + int(begin * DAY), START + int((begin + length) * DAY)
        pieces.append(
            Piece(
                weight=float(rng.lognormal(0, 0.4)),
                earliest=earliest,
                latest=latest,
                kin=(int(rng.integers(3)),) if size.kin_gap_hours else (),
            )
        )
    limits = Limits(
        gap=int(size.gap_hours * 3600), cap_day=size.cap_day, kin_gap=int(size.kin_gap_hours * 3600)
    )
    return Problem(ground=Ground.of(times, values / values.mean(), clock), pieces=pieces, limits=(limits,))


def optimum(problem: Problem, *, seconds: float = 60.0) -> float | None:
    """The highest value of any plan that places all posts; None: it could not be proved in time."""
    [limits] = problem.limits
    times, pieces = problem.ground.times, problem.pieces
    where = [
        (number, slot)
        for number, piece in enumerate(pieces)
        for slot in range(len(times))
        if (piece.earliest is None or times[slot] >= piece.earliest)
        and (piece.latest is None or times[slot] < piece.latest)
    ]
    columns: dict[int, list[int]] = {}
    for column, (_, slot) in enumerate(where):
        columns.setdefault(slot, []).append(column)
    rows = _Rows()
    for number in range(len(pieces)):
        rows.add([column for column, (one, _) in enumerate(where) if one == number], 1)
    for first in range(len(times)):  # any posts that start within one gap: at most one
        past = int(np.searchsorted(times, times[first] + max(limits.gap, 1)))
        rows.add([column for slot in range(first, past) for column in columns.get(slot, ())], 1)
    for kin in {kin for piece in pieces for kin in piece.kin} if limits.kin_gap else ():
        for first in range(len(times)):
            past = int(np.searchsorted(times, times[first] + limits.kin_gap))
            near = (column for slot in range(first, past) for column in columns.get(slot, ()))
            rows.add([column for column in near if kin in pieces[where[column][0]].kin], 1)
    for day in np.unique(problem.ground.days):
        of_day = [
            c for slot in np.flatnonzero(problem.ground.days == day) for c in columns.get(int(slot), ())
        ]
        rows.add(of_day, limits.cap_day if limits.cap_day is not None else len(pieces))
    gains = [pieces[number].weight * float(problem.ground.values[slot]) + _UNPLACED for number, slot in where]
    found = milp(
        -np.array(gains),
        constraints=rows.constraint(len(where)),
        integrality=np.ones(len(where)),
        bounds=Bounds(0, 1),
        options={"time_limit": seconds, "mip_rel_gap": 1e-6},
    )
    if found.status != 0:
        return None
    placed = round(float(found.x.sum()))
    return -float(found.fun) - _UNPLACED * placed if placed == len(pieces) else None


class _Rows:
    def __init__(self) -> None:
        self._rows: list[int] = []
        self._columns: list[int] = []
        self._most: list[int] = []

    def add(self, columns: list[int], most: int) -> None:
        """At most so many of these."""
        if len(columns) <= most:
            return
        self._rows += [len(self._most)] * len(columns)
        self._columns += columns
        self._most.append(most)

    def constraint(self, width: int) -> LinearConstraint:
        shape = (len(self._most), width)
        matrix = coo_array((np.ones(len(self._rows)), (self._rows, self._columns)), shape=shape)
        return LinearConstraint(matrix, -np.inf, np.array(self._most))
