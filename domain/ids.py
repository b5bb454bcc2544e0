"""Row ids: 63-bit whole numbers that sort by time and are never reused."""

import secrets
import threading
import time

#: 2024-01-01T00:00:00Z in milliseconds; 41 bits from here reach the year 2093.
EPOCH_MS = 1_704_067_200_000
_SEQUENCE_BITS = 22

_lock = threading.Lock()
_last = 0


def new_id() -> int:
    """An id greater than every id this process has made before.

    The upper 41 bits are milliseconds, the lower 22 start at a random number in each
    millisecond, so that two processes do not meet. JavaScript cannot hold such a number
    exactly: JSON that leaves the program writes ids as strings.
    """
    return new_ids(1)[0]


def new_ids(count: int) -> range:
    """So many ids at once, each greater than the one before and than every id of this process before."""
    global _last  # noqa: PLW0603 - the one counter of the process, behind the lock
    now = (time.time_ns() // 1_000_000 - EPOCH_MS) << _SEQUENCE_BITS
    with _lock:
        first = max(now | secrets.randbits(_SEQUENCE_BITS - 1), _last + 1)
        _last = first + count - 1
        return range(first, first + count)
