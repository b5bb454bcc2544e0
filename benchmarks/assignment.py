"""How good plans are, how fast they are made, and how they compare with first in, first out.

    python -m benchmarks.assignment

Claimed: at least 99 % of the proved optimum on each of 20 seeded instances (scipy's `milp` proves it); 10,000
posts into 90 days within 2 s, over many channels or one; one more post into a queue of 10,000 within 20 ms.
Times are processor time of this process, and beside it the time that passed.
"""

import statistics
import time
from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import TypeVar
from zoneinfo import ZoneInfo

from analytics.assignment.board import Board
from analytics.assignment.calendar import calendar
from analytics.assignment.greedy import assign
from analytics.assignment.problem import NOWHERE, Block, Blocks, Piece, Plan, Problem
from analytics.assignment.reasons import reasons
from benchmarks.machine import describe
from tests.optimum import Size, instance, optimum

#: The sizes of reference instances, and how many of each are proved.
PROVED = (
    (Size(15, 14, 30, 3, 2.0), 8),
    (Size(12, 7, 30, 3, 2.0, 4.0), 8),
    (Size(30, 14, 60, 3, 2.0, 6.0), 4),
)
#: Channels, posts on each, their day's cap, gap in hours, and the grid in minutes; 90 days.
LARGE = ((100, 100, 3, 2.0, 15), (20, 500, 8, 1.0, 15), (1, 10_000, 130, 0.1, 5))

T = TypeVar("T")


def timed(work: Callable[[], T]) -> tuple[T, float, float]:
    """What the work gave, its processor seconds, and the seconds that passed."""
    started, spent = time.perf_counter(), time.process_time()
    found = work()
    return found, time.process_time() - spent, time.perf_counter() - started


def in_order(problem: Problem) -> Plan:
    """First in, first out: each post into the best slot that is left."""
    board = Board(problem)
    for number in range(len(problem.pieces)):
        slot, _ = board.best(number)
        if slot != NOWHERE:
            board.put(number, slot)
    values = problem.ground.values
    placed = [
        (piece, slot) for piece, slot in zip(problem.pieces, board.slots, strict=True) if slot != NOWHERE
    ]
    return Plan(tuple(board.slots), sum(piece.weight * float(values[slot]) for piece, slot in placed))


def against_optimum() -> None:
    """Share of the proved optimum: plans, heaviest first alone, and first in, first out."""
    print("\n20 instances with a proved optimum (share of it; * leaves a post unplaced)")
    shares, seed = [], 0
    for size, wanted in PROVED:
        found = 0
        while found < wanted:
            problem, seed = instance(seed, size), seed + 1
            best, _, proof = timed(lambda problem=problem: optimum(problem))  # type: ignore[misc]
            if best is None:
                continue
            found += 1
            plan, spent, _ = timed(lambda problem=problem: assign(problem))  # type: ignore[misc]
            plain, queued = assign(problem, steps=0), in_order(problem)
            shares.append(plan.value / best)
            told = " ".join(f"{_share(one, best):>7}" for one in (plan, plain, queued))
            print(
                f"  {size.posts:>3} posts {size.days:>2} d   {told}   {spent:5.2f} s   proof {proof:5.1f} s"
            )
    print(
        f"  columns: plan, heaviest first, FIFO. Least {min(shares):.4f}, mean {statistics.mean(shares):.4f}"
    )


def _share(plan: Plan, best: float) -> str:
    return f"{plan.value / best:.4f}{'*' if plan.unplaced else ''}"


def large() -> None:
    """10,000 posts into 90 days, beside first in, first out."""
    print("\n10,000 posts into 90 days (heaviest first; then with iterated greedy on one channel)")
    for count, posts, cap, gap, grid in LARGE:
        problems = [instance(seed, Size(posts, 90, grid, cap, gap)) for seed in range(count)]
        plans, spent, passed = timed(lambda problems=problems: [assign(one, steps=0) for one in problems])  # type: ignore[misc]
        queued = sum(in_order(one).value for one in problems)
        _, polished, _ = timed(lambda problems=problems: assign(problems[0]))  # type: ignore[misc]
        gain = sum(plan.value for plan in plans) / queued - 1
        print(
            f"  {count:>3} x {posts:>6}: {spent:5.2f} s ({passed:.2f} s passed), {gain:+.1%} over FIFO, "
            f"{sum(plan.unplaced for plan in plans)} unplaced; one polished {polished:.2f} s"
        )


def one_more(times: int = 21) -> None:
    """One more post, explained, into a queue of 10,000."""
    problem = instance(0, Size(10_000, 90, 5, 130, 0.1))
    ground, plan = problem.ground, assign(problem, steps=0)
    clock = calendar(ZoneInfo("Europe/Berlin"), int(ground.times[0]), int(ground.times[-1]))
    standing = [Block(at=int(ground.times[slot])) for slot in plan.slots if slot != NOWHERE]
    asked = replace(problem, pieces=[Piece(weight=1.3)], blocks=Blocks.of(standing, clock))

    def insert() -> int:
        board = Board(asked)
        slot, _ = board.best(0)
        reasons(board, 0, slot)
        return slot

    spent = [timed(insert)[1:] for _ in range(times)]
    print(f"\nOne more post into {len(standing):,}: {_middle([one for one, _ in spent])} ms median, "
          f"{_middle([one for _, one in spent])} ms passed")  # fmt: skip


def _middle(seconds: Sequence[float]) -> str:
    return f"{statistics.median(seconds) * 1e3:.1f}"


if __name__ == "__main__":
    print(describe())
    large()
    one_more()
    against_optimum()
