"""A channel's slots over the simulated year, and how automation chose among them."""

from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import islice, takewhile
from random import Random
from zoneinfo import ZoneInfo

from domain.schedule import PostingTime, Slot, slots
from scheduler.demo.year import AHEAD, DAY, Year
from scheduler.slots import NEXT_FREE

#: From the middle of the year on, a part of the choices is left to chance, so that hours can be compared.
EXPLORE = "explore/1"
#: How many free slots it chooses from, and how often it does not take the first.
_CANDIDATES, _ASTRAY = 3, 0.4


@dataclass(frozen=True, slots=True)
class Choice:
    """One slot that was taken, the free ones it was chosen from, and the chance that it had."""

    slot: Slot
    at: datetime
    candidates: tuple[datetime, ...]
    propensity: float
    rule: str


class SlotBook:
    """The slots of one channel; each is taken once, and those of the day after the year stay free.

    Whoever looks at the demonstration on that day finds nothing overdue in the queue.
    """

    def __init__(self, year: Year, times: Sequence[PostingTime], zone_name: str) -> None:
        last, today = year.end + 3 * AHEAD, (year.end, year.end + DAY)
        coming = slots(times, ZoneInfo(zone_name), after=year.start)
        self._slots = [
            slot
            for slot in takewhile(lambda slot: slot.at < last, coming)
            if not today[0] <= slot.at < today[1]
        ]
        self._times = [slot.at for slot in self._slots]
        self._taken: set[datetime] = set()
        self._explores_from = year.start + (year.end - year.start) / 2

    def take(self, rng: Random, *, now: datetime) -> Choice:
        """Take a free slot after ``now``."""
        explores = now >= self._explores_from
        free = self._free(now, _CANDIDATES if explores else 1)
        if explores and len(free) == _CANDIDATES:
            by_chance = _ASTRAY / _CANDIDATES
            chosen = rng.choice(free) if rng.random() < _ASTRAY else free[0]
            chance = by_chance + (1 - _ASTRAY if chosen is free[0] else 0)
            rule = EXPLORE
        else:
            chosen, chance, rule = free[0], 1.0, NEXT_FREE
            free = free[:1]
        self._taken.add(chosen.at)
        return Choice(chosen, now, tuple(slot.at for slot in free), round(chance, 6), rule)

    def give_back(self, slot: Slot) -> None:
        """The post that held it was taken out of the queue."""
        self._taken.discard(slot.at)

    def _free(self, now: datetime, number: int) -> list[Slot]:
        coming = islice(self._slots, bisect_right(self._times, now), None)
        return list(islice((slot for slot in coming if slot.at not in self._taken), number))
