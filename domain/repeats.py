"""Requests of one address that come faster than a reader clicks; remembered in memory only, for seconds."""

from collections import deque
from datetime import datetime, timedelta
from typing import Final

#: The same link asked again by the same address and agent sooner than this: a second tap, or a program.
AGAIN: Final = timedelta(seconds=1)
#: More requests than this by one address and agent within this time: no reader is so fast.
MOST: Final = 10
WITHIN: Final = timedelta(seconds=10)
#: Addresses that are remembered at a time; the one that asked longest ago is forgotten first.
_REMEMBERED: Final = 20_000

_Asker = tuple[str, str]


class Repeats:
    """Who asked for what in the last seconds. For one thread."""

    def __init__(self) -> None:
        self._asked: dict[_Asker, deque[tuple[datetime, str]]] = {}

    def seen(self, address: str, agent: str, code: str, at: datetime) -> str | None:
        """Note a request; the reason in `domain.audience.REASONS` if it comes too fast, else None."""
        asker = (address, agent)
        before = self._asked.pop(asker, None) or deque(maxlen=MOST + 1)
        while before and at - before[0][0] >= WITHIN:
            before.popleft()
        again = any(known == code and at - then < AGAIN for then, known in before)
        before.append((at, code))
        self._asked[asker] = before  # at the end: asked last
        self._forget(at)
        if len(before) > MOST:
            return "too_fast"
        return "repeat" if again else None

    def _forget(self, now: datetime) -> None:
        """Forget two at most: one more than came, so that what is remembered shrinks by itself."""
        for _ in range(2):
            oldest = next(iter(self._asked))
            if len(self._asked) <= _REMEMBERED and now - self._asked[oldest][-1][0] < WITHIN:
                return
            del self._asked[oldest]

    def __len__(self) -> int:
        return len(self._asked)
