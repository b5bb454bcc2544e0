"""Many values, as many at a time as one statement takes."""

from collections.abc import Iterator, Sequence
from typing import Final, TypeVar

T = TypeVar("T")
#: Values in a statement: SQLite takes 32,766, and those of its other conditions among them.
AT_A_TIME: Final = 5_000
#: Where each statement looks through much besides, and fewer of them are quicker.
MANY: Final = 25_000


def chunks(values: Sequence[T], size: int = AT_A_TIME) -> Iterator[Sequence[T]]:
    """The values in their order, at most ``size`` at a time; none: nothing."""
    for start in range(0, len(values), size):
        yield values[start : start + size]
