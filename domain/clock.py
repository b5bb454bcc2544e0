"""The time: asked for at the top of the program, an argument everywhere below."""

from collections.abc import Callable
from datetime import UTC, datetime

#: Answers the current time, UTC.
Clock = Callable[[], datetime]


def system_clock() -> datetime:
    """The machine's clock, UTC."""
    return datetime.now(UTC)
