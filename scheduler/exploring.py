"""Now and then another slot than the best one, so that better ones are found; with the odds of each
choice.
"""

from typing import TYPE_CHECKING

from domain.learned import LearnedWeek
from domain.schedule import zone
from domain.week import HOURS

if TYPE_CHECKING:
    from analytics.assignment.board import Board
    from scheduler.ground import Field

#: Rule and version, as the log of choices names it.
HALF_DRAW = "half_draw/1"
#: With fewer posts behind a week nothing is tried: the best slot by the prior is as good as any.
ENOUGH_POSTS = 10
#: Slots among which the draw decides, the most valuable ones: one beyond them is never drawn best.
TRIED = 128
_HOUR = 3600


def explored(
    board: "Board", ground: "Field", week: LearnedWeek | None, best: int, number: int = 0, *, seed: int
) -> tuple[int, float]:
    """A slot for a piece of a board, drawn from half-strength Thompson odds, and its chance.

    The odds are counted from draws with a seed of the week, over the slots that come near to the best; the
    slot is then drawn from these odds, so that the chance that is logged is exactly the one it had. Without
    a learned week the best slot is certain.
    """
    if week is None or week.posts < ENOUGH_POSTS or not week.factors:
        return best, 1.0
    import numpy as np

    from analytics.assignment.calendar import calendar
    from analytics.slots.exploring import DRAWS, STRENGTH

    low, worths = board.worths(number)
    near = np.argpartition(-worths, TRIED - 1)[:TRIED] if len(worths) > TRIED else np.arange(len(worths))
    free = np.sort(near[worths[near] > -np.inf])
    if len(free) < 2:
        return best, 1.0
    instants = ground.ground.times[low + free]
    clock = calendar(zone(week.zone), int(instants[0]), int(instants[-1]))
    hours = (clock.walls(instants) / _HOUR + 3 * 24) % HOURS
    rng = np.random.default_rng([week.posts, int(instants[0]) % 2**32])
    normals = rng.standard_normal((DRAWS, len(week.factors)))
    curves = STRENGTH * normals @ np.array(week.factors)
    whole, part = hours.astype(np.int64), hours % 1
    drawn = curves[:, whole % HOURS] * (1 - part) + curves[:, (whole + 1) % HOURS] * part
    chosen = (worths[free] * np.exp(drawn)).argmax(axis=1)
    odds = np.bincount(chosen, minlength=len(free)) / DRAWS
    pick = int(np.random.default_rng(seed % 2**63).choice(len(free), p=odds))
    return low + int(free[pick]), float(odds[pick])
