"""Large bodies take turns, so that however many connections are open, they never fill the memory together.

Small ones, which are nearly all, never wait. Whoever waits does so in the middle of the download, and that
time does not count towards its deadline.
"""

import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import timedelta
from typing import Final

from net.deadline import prolong

#: Longest wait for a turn, in seconds.
_LONGEST: Final = 60.0


class NoRoom(Exception):
    """Other large bodies were being read all the time."""


class Room:
    """How many bodies may be larger than some sizes at the same time."""

    def __init__(self, *steps: tuple[int, int], longest: float = _LONGEST) -> None:
        """``steps``: pairs of a size in bytes and how many may be larger, the smallest size first."""
        self._steps = [(size, threading.BoundedSemaphore(number)) for size, number in steps]
        self._longest = longest

    @contextmanager
    def entered(self) -> Iterator[None]:
        """What is read by this thread inside the block counts until its end."""
        held: list[threading.BoundedSemaphore] = []
        token = _visit.set((self, held))
        try:
            yield
        finally:
            _visit.reset(token)
            for turn in reversed(held):
                turn.release()

    def take(self, size: int, held: list[threading.BoundedSemaphore]) -> None:
        """Wait for each turn that a body of this size needs, always in the same order."""
        while len(held) < len(self._steps) and size > self._steps[len(held)][0]:
            turn = self._steps[len(held)][1]
            if not turn.acquire(blocking=False):
                began = time.monotonic()
                if not turn.acquire(timeout=self._longest):
                    raise NoRoom
                prolong(timedelta(seconds=time.monotonic() - began))
            held.append(turn)


_visit: ContextVar[tuple[Room, list[threading.BoundedSemaphore]] | None] = ContextVar("visit", default=None)
#: For all that a program reads: together no more than 60 MB and what it takes to make sense of them.
ROOM: Final = Room((512 * 2**10, 4), (4 * 2**20, 1))


def grown(size: int) -> None:
    """A body that is being read has so many bytes by now; waits where that needs a turn.

    Raises:
        NoRoom: none came.
    """
    visit = _visit.get()
    if visit is not None:
        room, held = visit
        room.take(size, held)
