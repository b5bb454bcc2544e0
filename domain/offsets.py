"""The offsets of a time zone as stretches of instants, for what a database works out by itself."""

from datetime import UTC, datetime, timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo

_STEP = timedelta(days=7)


@lru_cache(maxsize=256)
def offsets(zone: str, start: datetime, end: datetime) -> tuple[tuple[int, int], ...]:
    """(first second since 1970 of a stretch, seconds east of UTC), oldest first.

    The first stretch begins at ``start``, and one change of the clocks within a week is found to the second;
    zones that change theirs twice within a week are not known to exist.
    """
    where = ZoneInfo(zone)
    found = [(int(start.timestamp()), _offset(start, where))]
    at = start
    while at < end:
        later = min(at + _STEP, end)
        if _offset(later, where) != found[-1][1]:
            first = _change(at, later, where)
            found.append((int(first.timestamp()), _offset(first, where)))
            at = first
        else:
            at = later
    return tuple(found)


def _change(before: datetime, after: datetime, where: ZoneInfo) -> datetime:
    """The first second with the offset that ``after`` has."""
    old = _offset(before, where)
    low, high = int(before.timestamp()), int(after.timestamp())
    while high - low > 1:
        middle = (low + high) // 2
        if _offset(datetime.fromtimestamp(middle, UTC), where) == old:
            low = middle
        else:
            high = middle
    return datetime.fromtimestamp(high, UTC)


def _offset(at: datetime, where: ZoneInfo) -> int:
    offset = at.astimezone(where).utcoffset()
    assert offset is not None
    return int(offset.total_seconds())
