"""One wall-clock limit over a whole exchange, whatever its single waits allow.

httpx limits each read on its own, so a server that sends one byte every ten seconds is never cut off. The
limit set here is looked at before every wait of the guarded streams, headers and TLS included.
"""

import time
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import timedelta

import httpcore

_ends_at: ContextVar[float | None] = ContextVar("ends_at", default=None)


@contextmanager
def time_limit(limit: timedelta) -> Iterator[None]:
    """All waits of this thread inside the block end within ``limit``, counted from here.

    A limit inside another one can only shorten it.
    """
    ends_at = time.monotonic() + limit.total_seconds()
    outer = _ends_at.get()
    token = _ends_at.set(ends_at if outer is None else min(outer, ends_at))
    try:
        yield
    finally:
        _ends_at.reset(token)


def prolong(length: timedelta) -> None:
    """Waiting that was ours, not the server's, does not count."""
    ends_at = _ends_at.get()
    if ends_at is not None:
        _ends_at.set(ends_at + length.total_seconds())


def is_over() -> bool:
    """Whether the deadline of this thread's exchange has passed."""
    ends_at = _ends_at.get()
    return ends_at is not None and time.monotonic() >= ends_at


def clamp(timeout: float | None) -> float | None:
    """``timeout`` seconds, or less when the deadline comes first.

    Raises:
        httpcore.ReadTimeout: no time is left.
    """
    ends_at = _ends_at.get()
    if ends_at is None:
        return timeout
    left = ends_at - time.monotonic()
    if left <= 0:
        raise httpcore.ReadTimeout("the deadline of the exchange has passed")
    return left if timeout is None else min(timeout, left)
