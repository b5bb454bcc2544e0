"""How often one address may call; remembered in memory only, for seconds."""

from datetime import datetime
from typing import Final

#: Addresses that are remembered at a time; the one that called longest ago is forgotten first.
_REMEMBERED: Final = 20_000


class Callers:
    """A bucket of calls for each address, which fills again by itself. For one thread."""

    def __init__(self, *, burst: int, per_second: float) -> None:
        self._burst = float(burst)
        self._per_second = per_second
        self._left: dict[str, tuple[float, datetime]] = {}

    def may(self, address: str, at: datetime) -> bool:
        """Take one call; False: too many came."""
        left, then = self._left.pop(address, (self._burst, at))
        left = min(self._burst, left + max(0.0, (at - then).total_seconds()) * self._per_second)
        is_free = left >= 1
        self._left[address] = (left - 1 if is_free else left, at)  # at the end: called last
        if len(self._left) > _REMEMBERED:
            del self._left[next(iter(self._left))]
        return is_free
